# SPDX-License-Identifier: Apache-2.0
"""Importing POS logs, file by file, into both databases.

A file is one transaction in each database. The `poser` database commits first, then
`trainwreck`; if the machine dies in between, a second run finds the products there and
adds the POS transactions. A file that breaks off gives all that is whole before the
break; a file that is no POSLog, or dangerous, gives nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from poser.errors import ImportFailed
from poser.importing.opening import CutOff, Limits, Opened, opened
from poser.importing.poslog import keep_transactions, rejects
from poser.importing.poslog.databases import Databases, analyze, both, fold
from poser.importing.poslog.fields import FieldError
from poser.importing.poslog.keep_products import Products
from poser.importing.poslog.keep_transactions import Outcome
from poser.importing.poslog.reading import read_transaction
from poser.importing.poslog.records import Transaction
from poser.importing.poslog.rejects import Reject
from poser.importing.poslog.xml import Element, transactions

BATCH = 200
_REFUSED = {
    Outcome.DIFFERS: "differs from what is stored under this id; --replace takes this one",
    Outcome.ARCHIVED: "differs from what the archive has under this id; bring its month back:"
    " sudo poser db archive trainwreck --attach {month}",
}
_MADE = text("SELECT history_transaction()")
SHOWN_REJECTS = 1000  # of one file in the summary; all are kept in the database


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to import: what the log is called, and what to do about doubtful things."""

    system: str = "poslog"
    zone: tzinfo = UTC
    replace: bool = False
    dry_run: bool = False
    limits: Limits = field(default_factory=Limits)


@dataclass(slots=True, kw_only=True)
class FileResult:
    """What became of one file."""

    name: str
    counts: Counter[str] = field(default_factory=Counter)
    rejects: list[Reject] = field(default_factory=list)
    error: ImportFailed | None = None
    transaction_id: UUID | None = None  # of the history, in the database of products

    @property
    def has_changes(self) -> bool:
        """Tell whether anything was written, or would have been."""
        kinds = ("created", "replaced", "stores", "departments", "products", "codes", "prices")
        return any(self.counts[kind] for kind in kinds)

    def to_json(self) -> dict[str, Any]:
        """Give the result for programs."""
        return {
            "file": self.name,
            "error": self.error.message if self.error else None,
            "transactions": {
                kind: self.counts[kind] for kind in ("created", "unchanged", "replaced", "refused")
            },
            "lines": self.counts["lines"],
            **{
                kind: {"created": self.counts[kind]}
                for kind in ("stores", "departments", "products", "codes", "prices")
            },
            "refused_items": self.counts["refused_items"],
            "rejects": [reject.to_json() for reject in self.rejects],
        }


def import_file(
    name: str, into: Databases, options: Options, watch: Callable[[Opened], None]
) -> FileResult:
    """Import one log (a path, or `-`); calls `watch` now and then with the open file.

    The result carries the error of a file that could not be read to its end, or that a
    database refused. Raises Unavailable if a database does not answer or another import
    is running; then nothing of this file is kept.
    """
    result = FileResult(name=name)
    try:
        with opened(name, options.limits) as file:
            elements = _UntilCutOff(transactions(file.pieces(), file.name))
            with both(into, system=options.system, dry_run=options.dry_run) as (goods, sales):
                run = _Run(goods, sales, options, result, file.name)
                for batch in elements.batches():
                    run.keep(batch)
                    watch(file)
                run.finish()
                if not options.dry_run:
                    result.transaction_id = goods.execute(_MADE).scalar_one()
        if not options.dry_run:
            analyze(into, result.counts)
            if result.counts["created"] or result.counts["replaced"]:
                fold(into.trainwreck)
        result.error = elements.cut_off and _explained(elements.cut_off, result)
    except ImportFailed as error:
        result = FileResult(name=name, error=error)
    return result


class _UntilCutOff:
    """The elements of a log in batches, up to where it breaks off; the error is kept."""

    def __init__(self, elements: Iterable[Element]) -> None:
        self._elements = elements
        self.cut_off: CutOff | None = None

    def batches(self) -> Iterator[list[Element]]:
        """Give the elements in batches; the last may be short."""
        batch: list[Element] = []
        try:
            for element in self._elements:
                batch.append(element)
                if len(batch) == BATCH:
                    yield batch
                    batch = []
        except CutOff as error:
            self.cut_off = error
        if batch:
            yield batch


class _Run:
    """One file on its way into both databases."""

    def __init__(
        self, goods: Session, sales: Session, options: Options, result: FileResult, source: str
    ) -> None:
        self._sales = sales
        self._options = options
        self._result = result
        self._source = source
        self._products = Products(goods)

    def keep(self, elements: Sequence[Element]) -> None:
        """Read and write one batch."""
        refused: list[Reject] = []
        read = [pair for pair in (self._read(e, refused) for e in elements) if pair]
        batch = [transaction for _element, transaction in read]
        kept = keep_transactions.keep(
            self._sales, self._options.system, batch, replace=self._options.replace
        )
        used: list[Transaction] = []
        written: list[str] = []
        for (element, transaction), (outcome, date) in zip(read, kept, strict=True):
            entry = transaction.header.system_id
            if outcome in _REFUSED:
                reason = _REFUSED[outcome].format(month=f"{date:%Y-%m}")
                refused.append(rejects.of_difference(element, self._source, entry, reason))
                continue
            used.append(transaction)
            self._count(transaction, outcome)
            if outcome is not Outcome.UNCHANGED:
                written.append(entry)
        self._result.counts["refused"] += len(refused)
        items = [
            rejects.of_item(element, problem, self._source, transaction.header.system_id)
            for (element, transaction), (outcome, _date) in zip(read, kept, strict=True)
            for problem in transaction.item_problems
            if outcome not in _REFUSED
        ]
        self._result.counts["refused_items"] += len(items)
        self._products.stage(used)
        rejects.forget(self._sales, self._options.system, written)
        self._refuse([*refused, *items])

    def finish(self) -> None:
        """Make products and prices of everything that was staged."""
        self._result.counts.update(self._products.keep())

    def _read(self, element: Element, refused: list[Reject]) -> tuple[Element, Transaction] | None:
        options = self._options
        try:
            return element, read_transaction(element, system=options.system, zone=options.zone)
        except FieldError as error:
            refused.append(rejects.of_entry(element, error, self._source))
            return None

    def _count(self, transaction: Transaction, outcome: Outcome) -> None:
        self._result.counts[outcome.value] += 1
        if outcome is not Outcome.UNCHANGED:
            self._result.counts["lines"] += len(transaction.lines)

    def _refuse(self, refused: Sequence[Reject]) -> None:
        rejects.keep(self._sales, self._options.system, refused)
        room = SHOWN_REJECTS - len(self._result.rejects)
        self._result.rejects += refused[: max(room, 0)]


def _explained(cut_off: CutOff, result: FileResult) -> CutOff:
    counts = result.counts
    whole = counts["created"] + counts["unchanged"] + counts["replaced"]
    return CutOff(
        f"{cut_off.message}; the {whole} POS transactions before that are in",
        hint="get the whole file and import it again: what is in is not imported twice",
    )
