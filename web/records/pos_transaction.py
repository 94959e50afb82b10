# SPDX-License-Identifier: Apache-2.0
"""The page of one POS transaction, read like its receipt."""

from uuid import UUID

import falcon
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from poser.trainwreck.model import PosTransaction, TransactionKind
from web.formats import money
from web.language import _, mark
from web.receipts import item_lines, offers, sums, tender
from web.resources.scope import of_numbers
from web.rights import SEE_PRODUCTS
from web.showing import show
from web.urls import with_query
from web.visits import Visitor, visit

PLACE = "/pos-transactions"
KINDS = {
    TransactionKind.SALE: mark("Sale"),
    TransactionKind.CONTROL: mark("Till"),
    TransactionKind.TENDER_CONTROL: mark("Cash drawer"),
    TransactionKind.INVENTORY_CONTROL: mark("Stock"),
    TransactionKind.OTHER: mark("Other"),
}


class PosTransactionPage:
    """Falcon resource: one POS transaction."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, key: UUID) -> None:
        """Show the receipt, or say that there is none with this id."""
        here = visit(req)
        here.place = PLACE
        found = _find(here.read("trainwreck"), key, here.visitor)
        if found is None:
            raise falcon.HTTPNotFound
        linked = here.visitor.may(SEE_PRODUCTS)
        show(
            req,
            resp,
            "pos_transaction.pt",
            title=_("Receipt {number}").format(number=found.receipt_number),
            found=found,
            kind=_(KINDS.get(TransactionKind(found.kind), found.kind)),
            started=here.moment(found.started_at),
            ended=here.moment(found.ended_at),
            day_path=_day_path(found),
            tags=_tags(found),
            lines=item_lines(found, linked=linked),
            offers=offers(found),
            sums=sums(found),
            total=money(found.total),
            tenders=[tender(each) for each in found.tenders],
        )


def _find(session: Session, key: UUID, visitor: Visitor) -> PosTransaction | None:
    """Read a POS transaction with all its parts: one statement for each kind of part."""
    return session.scalars(
        select(PosTransaction)
        .where(
            PosTransaction.id == key,
            *of_numbers(PosTransaction.__table__.c.store_number, visitor),
        )
        .options(
            selectinload(PosTransaction.lines),
            selectinload(PosTransaction.discounts),
            selectinload(PosTransaction.taxes),
            selectinload(PosTransaction.tenders),
        )
    ).one_or_none()


def _day_path(found: PosTransaction) -> str:
    """Give the address of all POS transactions of the same store and business date."""
    day = found.business_date.isoformat()
    return with_query(PLACE, [("date.from", day), ("date.to", day), ("store", found.store_number)])


def _tags(found: PosTransaction) -> list[tuple[str, str]]:
    """Say what is out of the ordinary about it."""
    said = (
        (found.is_void, _("void"), "bad"),
        (found.is_suspended, _("suspended"), "warm"),
        (found.is_training, _("training, not a real sale"), "warm"),
        (bool(found.resumes), _("resumed"), ""),
    )
    return [(text, css) for holds, text, css in said if holds]
