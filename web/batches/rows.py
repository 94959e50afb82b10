# SPDX-License-Identifier: Apache-2.0
"""The rows of a batch as its page shows them: by tabs, page by page, with what changes."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from poser.batch.batch_type import BatchType, Severity
from poser.model.batches import Batch, BatchRow, RowOutcome
from web.batches.words import OUTCOMES, row_said
from web.formats import count
from web.language import _
from web.refusals import translated
from web.resources.kept_fields import (
    KeptRow,
    ShownField,
    as_kept,
    known_fields,
    may_see_rows,
    shown_fields,
)
from web.urls import with_query
from web.visits import Visit

PAGE = 50
ALL, PROBLEMS, REMOVED = "all", "problems", "out"
_BAD = (RowOutcome.STALE, RowOutcome.REFUSED)


class ShownRow(NamedTuple):
    """One row of a batch."""

    number: int
    label: str
    model: str
    place: str
    word: str
    css: str
    outcome: str
    outcome_css: str
    reason: str
    fields: list[ShownField]
    is_removed: bool
    edits: int

    @property
    def has_fields(self) -> bool:
        """Tell whether there is anything in it to be changed."""
        return any(field.new is not None for field in self.fields)


class Tab(NamedTuple):
    """One list of rows; `is_on` marks the one that is shown."""

    text: str
    path: str
    is_on: bool


class Counts(NamedTuple):
    """How many rows there are: by status, with problems, and taken out."""

    by_status: Mapping[str, int]
    problems: int
    removed: int

    @property
    def rows(self) -> int:
        """Those that are not taken out."""
        return sum(self.by_status.values())


def counts_of(session: Session, type_: BatchType | None, batch: Batch) -> Counts:
    """Count the rows of a batch by one statement."""
    found = session.execute(
        select(BatchRow.status, BatchRow.outcome, BatchRow.is_removed, func.count())
        .where(BatchRow.batch_id == batch.id)
        .group_by(BatchRow.status, BatchRow.outcome, BatchRow.is_removed)
        .order_by(func.min(BatchRow.number))
    ).all()
    wrong = problem_statuses(type_)
    by_status: dict[str, int] = {}
    problems = removed = 0
    for status, outcome, is_removed, number in found:
        if is_removed:
            removed += number
            continue
        by_status[status] = by_status.get(status, 0) + number
        problems += number if status in wrong or outcome in _BAD else 0
    return Counts(by_status, problems, removed)


def problem_statuses(type_: BatchType | None) -> set[str]:
    """Name the statuses that somebody should look at."""
    return {one.key for one in (type_.statuses if type_ else ()) if one.severity != Severity.FINE}


def tabs_of(base: str, type_: BatchType | None, counts: Counts, chosen: str) -> list[Tab]:
    """List the tabs: all, one for each status, problems, and what was taken out."""
    found = [(ALL, _("All"), counts.rows)]
    if len(counts.by_status) > 1 or type_ is None:
        found += [
            (status, row_said(type_, status)[0] or _("rows"), number)
            for status, number in counts.by_status.items()
        ]
    found.append((PROBLEMS, _("Problems"), counts.problems))
    if counts.removed:
        found.append((REMOVED, _("Taken out"), counts.removed))
    return [
        Tab(f"{text} {count(number)}", with_query(base, [("show", name)]), name == chosen)
        for name, text, number in found
    ]


def page_of(
    session: Session, type_: BatchType | None, batch: Batch, show: str, after: int
) -> Sequence[BatchRow]:
    """Read a page of the rows of one tab, behind a number."""
    wanted = select(BatchRow).where(BatchRow.batch_id == batch.id, BatchRow.number > after)
    wanted = wanted.where(BatchRow.is_removed.is_(show == REMOVED))
    condition = _condition(type_, show)
    if condition is not None:
        wanted = wanted.where(condition)
    return session.scalars(wanted.order_by(BatchRow.number).limit(PAGE)).all()


def _condition(type_: BatchType | None, show: str) -> ColumnElement[bool] | None:
    if show in {ALL, REMOVED}:
        return None
    if show == PROBLEMS:
        wrong = problem_statuses(type_)
        return or_(BatchRow.status.in_(wrong), BatchRow.outcome.in_(_BAD))
    return BatchRow.status == show


def shown_rows(
    here: Visit, type_: BatchType | None, batch: Batch, rows: Sequence[BatchRow]
) -> list[ShownRow]:
    """Give rows as the page shows them."""
    tables = tables_of(batch)
    kept = [KeptRow(tables.get(row.model, ""), _side(row.old), _side(row.data)) for row in rows]
    labels = {one.name: one.label for one in (type_.fields if type_ else ()) if one.label}
    found = zip(rows, shown_fields(here, kept), strict=True)
    shown = [_shown(type_, row, [_named(one, labels) for one in fields]) for row, fields in found]
    return [
        one if may_see_rows(here, each.table) else one._replace(label=str(one.number), reason="")
        for one, each in zip(shown, kept, strict=True)
    ]


def tables_of(batch: Batch) -> dict[str, str]:
    """Say in which table the records of each model are, where the batch came from an import."""
    return {part["model"]: part["table"] for part in batch.params.get("parts", ())}


def _side(side: Mapping[str, Any]) -> dict[str, str | None]:
    return {name: as_kept(value) for name, value in side.items()}


def _named(one: ShownField, labels: Mapping[str, str]) -> ShownField:
    return one._replace(label=_(labels[one.name])) if one.name in labels else one


def _shown(type_: BatchType | None, row: BatchRow, fields: list[ShownField]) -> ShownRow:
    word, css = row_said(type_, row.status)
    outcome, outcome_css = OUTCOMES[RowOutcome(row.outcome)]
    return ShownRow(
        number=row.number,
        label=row.label or row.entry or str(row.number),
        model=row.model,
        place=row.entry,
        word=word,
        css=css,
        outcome=_(outcome) if outcome else "",
        outcome_css=outcome_css,
        reason=translated(row.reason or row.status_text),
        fields=fields,
        is_removed=row.is_removed,
        edits=row.edits,
    )


def editable_names(here: Visit, batch: Batch, row: BatchRow) -> dict[str, str]:
    """Give the fields of a row that this visitor may change, by name, with their labels."""
    table = tables_of(batch).get(row.model, "")
    resource = here.site.resources.get(table)
    return {
        name: _(field.label)
        for name, field in known_fields(here, table, list(row.data)).items()
        if resource is None or resource.may_change(here.visitor, name)
    }


def text_of(value: Any) -> str:  # noqa: ANN401 - of any field of any type
    """Write a value of a row as people type it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
