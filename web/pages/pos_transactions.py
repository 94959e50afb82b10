# SPDX-License-Identifier: Apache-2.0
"""POS transactions: what the tills did, by day, store, terminal, receipt or cashier."""

from sqlalchemy import or_

from poser.trainwreck.model import PosTransaction, TransactionKind
from web.grid.filters import Choice, Days, Option, Text
from web.grid.routes import menu_item, subject_routes
from web.grid.subject import Column, Kind, Order, Subject, Total
from web.language import _
from web.menu import Area
from web.permissions import Route
from web.records.pos_transaction import KINDS, PosTransactionPage
from web.resources.scope import of_numbers
from web.rights import SEE_POS_TRANSACTIONS
from web.site import Site

# The bare table, without the object mapper: a grid reads rows, and many of them.
_T = PosTransaction.__table__.c

POS_TRANSACTIONS = Subject(
    path="/pos-transactions",
    title="POS transactions",
    one="POS transaction",
    many="POS transactions",
    icon="pos-transactions",
    empty="Sales come in with the logs of your tills.",
    is_imported=True,
    permission=SEE_POS_TRANSACTIONS,
    database="trainwreck",
    table=PosTransaction.__table__,
    key=_T.id,
    order="ended_at",
    scopes=lambda visitor: of_numbers(_T.store_number, visitor),
    columns=(
        Column(
            name="ended_at",
            label="Time",
            value=_T.ended_at,
            kind=Kind.TIME,
            order=Order(by=_T.ended_at, best_first=True),
        ),
        Column(
            name="receipt_number",
            label="Receipt",
            value=_T.receipt_number,
            links=True,
            css="lead-cell",
        ),
        Column(name="is_void", label="Void", value=_T.is_void, kind=Kind.FLAG),
        Column(name="store_number", label="Store", value=_T.store_number),
        Column(name="terminal", label="Terminal", value=_T.terminal),
        Column(name="cashier_name", label="Cashier", value=_T.cashier_name),
        Column(
            name="kind",
            label="Kind",
            value=_T.kind,
            write=lambda kind: _(KINDS.get(kind, kind)),
        ),
        Column(
            name="line_count",
            label="Lines",
            value=_T.line_count,
            kind=Kind.QUANTITY,
            css="wide-only",
        ),
        Column(
            name="total",
            label="Total",
            value=_T.total,
            kind=Kind.MONEY,
            order=Order(by=_T.total, best_first=True),
            css="side-cell",
        ),
    ),
    filters=(
        Days(name="date", label="Business date", column=_T.business_date),
        Text(name="store", label="Store", match=lambda number: _T.store_number == number),
        Text(
            name="terminal",
            label="Terminal",
            match=lambda number: _T.terminal == number,
        ),
        Text(
            name="receipt",
            label="Receipt",
            match=lambda number: _T.receipt_number == number,
        ),
        Text(
            name="cashier",
            label="Cashier",
            match=lambda words: or_(
                _T.cashier_number == words,
                _T.cashier_name.icontains(words, autoescape=True),
            ),
        ),
        Choice(
            name="kind",
            label="Kind",
            column=_T.kind,
            options=lambda session: [Option(kind, _(KINDS[kind])) for kind in TransactionKind],  # noqa: ARG005
        ),
    ),
    total=Total(column="total", label="Total", value=_T.total),
)

MENU = (menu_item(POS_TRANSACTIONS, rank=10, area=Area.SALES),)


def routes(site: Site) -> list[Route]:  # noqa: ARG001 - needs nothing of it
    """List the grid, its CSV, and each POS transaction's page."""
    return subject_routes(POS_TRANSACTIONS, PosTransactionPage())
