# SPDX-License-Identifier: Apache-2.0
"""A type of batch for tests: brands to create, and people who work on batches."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from poser.batch.batch_type import BatchType, Executed, NewRow, RowField, RowStatus, Watch
from poser.db import transaction
from poser.db.authors import Author, Source, authored
from poser.errors import PoserError
from poser.model import Batch, BatchRow, Brand, RowOutcome

Made = Callable[..., int]


class NewBrands(BatchType):
    """Brands to create."""

    key = "new-brands"
    fields = (
        RowField("name", str, "Name"),
        RowField("rank", Decimal),
        RowField("source", str, is_fixed=True),
    )
    statuses = (RowStatus("new", "will be created"), RowStatus("there", "is there already"))
    approval_from = 100
    fails = ""
    forbids = ""

    def populate(self, _session: Session, batch: Batch) -> Iterable[NewRow]:
        for name in batch.params["names"]:
            if name == self.fails:
                raise PoserError(f"cannot read {name}")
            yield NewRow(data={"name": name}, label=name, status="new", entry=name)

    def refresh(self, session: Session, _batch: Batch, row: BatchRow) -> None:
        known = session.scalar(select(Brand.id).where(Brand.name == row.data["name"]))
        row.label, row.status = row.data["name"], "there" if known else "new"

    def needs_approval(self, _session: Session, batch: Batch) -> bool:
        return batch.row_count >= self.approval_from

    def why_not(self, _session: Session, _batch: Batch) -> str:
        return self.forbids

    def execute(self, session: Session, batch: Batch, watch: Watch) -> Executed:
        rows = session.scalars(
            select(BatchRow)
            .where(BatchRow.batch_id == batch.id, BatchRow.is_removed.is_(False))
            .order_by(BatchRow.number)
        ).all()
        for done, row in enumerate(rows, start=1):
            if row.data["name"] == self.fails:
                raise PoserError(f"cannot make {self.fails}")
            session.add(Brand(name=row.data["name"]))
            row.outcome = RowOutcome.DONE
            session.flush()
            watch(done, len(rows))
        return Executed(counts={"created": len(rows)}, notes=("well done",))


@contextmanager
def acting(name: str) -> Iterator[None]:
    """Do something as a person of this name."""
    with authored(Author(source=Source.COMMAND, user_name=name, via="a test")):
        yield


def names_of_brands(engine: Engine) -> list[str]:
    """List the brands that there are."""
    with transaction(engine, read_only=True) as session:
        return list(session.scalars(select(Brand.name).order_by(Brand.name)))


def status_of(engine: Engine, number: int) -> str:
    """Say how far a batch is."""
    with transaction(engine, read_only=True) as session:
        return session.scalars(select(Batch.status).where(Batch.number == number)).one()
