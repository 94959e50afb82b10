# SPDX-License-Identifier: Apache-2.0
"""Honest counts: exact while that is cheap, else what the planner of PostgreSQL expects.

Counting a million rows takes longer than showing fifty of them, so a grid says "about
1,000,000". Estimates are kept for half a minute, so that turning pages costs nothing.
"""

import time
from collections.abc import Hashable
from dataclasses import dataclass
from decimal import Decimal
from threading import Lock
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, func, literal, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from web.formats import about, count
from web.grid.subject import Expression
from web.language import _

EXACT_UP_TO = 5_000
KEPT_S = 30.0
_MOST_KEPT = 500
_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's own gap


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many rows there are: exactly, at least, or about; with their sum when exact."""

    number: int
    is_exact: bool
    is_floor: bool = False
    total: Decimal | None = None

    def __str__(self) -> str:
        if self.is_exact:
            return count(self.number)
        if not self.is_floor:
            return about(self.number)
        return _("more than {count}").format(count=count(self.number))


class Counts:
    """Counts rows, and remembers estimates for a little while."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Any, ...], tuple[float, Count]] = {}
        self._lock = Lock()

    def count(
        self,
        session: Session,
        table: FromClause,
        conditions: tuple[ColumnElement[bool], ...],
        total: Expression | None = None,
        *,
        asked: tuple[Hashable, ...] = (),
    ) -> Count:
        """Count the rows of `table` under `conditions`, and sum `total` when exact.

        `asked` stands for the conditions where somebody can say them in short: writing them
        out as SQL takes longer than to look an estimate up.
        """
        kept = self._recall(asked) if asked else None
        if kept is not None:
            return kept
        rows = select(literal(1)).select_from(table).where(*conditions)
        compiled = rows.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
        key = asked or (compiled.string, *sorted((k, str(v)) for k, v in compiled.params.items()))
        kept = self._recall(key)
        if kept is not None:
            return kept
        estimate = _estimate(session, compiled)
        if estimate > EXACT_UP_TO:
            found = Count(number=estimate, is_exact=False)
            self._keep(key, found)
            return found
        return _exact(session, rows, total)

    def _recall(self, key: tuple[Any, ...]) -> Count | None:
        with self._lock:
            at, found = self._kept.get(key, (0.0, None))
        return found if found is not None and time.monotonic() - at < KEPT_S else None

    def _keep(self, key: tuple[Any, ...], found: Count) -> None:
        with self._lock:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[key] = (time.monotonic(), found)


def _estimate(session: Session, compiled: Any) -> int:  # noqa: ANN401 - SQLAlchemy's Compiled
    """Ask the planner how many rows it expects; takes a millisecond whatever the table."""
    explain = session.connection().exec_driver_sql(
        "EXPLAIN (FORMAT JSON) " + compiled.string, compiled.params
    )
    plan: dict[str, Any] = explain.scalar_one()[0]["Plan"]
    return int(plan["Plan Rows"])


def _exact(session: Session, rows: Select[Any], total: Expression | None) -> Count:
    """Count up to a limit; one row beyond it means "more than"."""
    some = rows if total is None else rows.add_columns(total.label("amount"))
    part = some.limit(EXACT_UP_TO + 1).subquery()
    amount = func.sum(part.c.amount) if total is not None else literal(None)
    number, summed = (
        session.connection().execute(select(func.count(), amount).select_from(part)).one()
    )
    if number > EXACT_UP_TO:
        return Count(number=EXACT_UP_TO, is_exact=False, is_floor=True)
    return Count(number=number, is_exact=True, total=summed)
