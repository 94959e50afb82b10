# SPDX-License-Identifier: Apache-2.0
"""A target that is no database of this node is compared as two sorted streams."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Self

import pytest
from sqlalchemy import Engine, text

from poser.importing.asked import Asked, OnLimit
from poser.importing.importer import Importer
from poser.importing.result import RunResult, RunStatus
from poser.importing.running import run
from poser.importing.source import Bad
from poser.importing.target import Target, Values
from tests.support.importers import Vendors, counts, only, rows, vendors
from tests.support.importing import Handler, Lists, Record

pytestmark = pytest.mark.postgresql

NAMES = ("number", "name", "terms", "discount_percent")
LEFT = "SELECT relname FROM pg_class WHERE relnamespace = 'importing'::regnamespace"


@dataclass(kw_only=True)
class Elsewhere(Target):
    """Rows in memory, which are as before when something goes wrong."""

    name: str = "elsewhere"
    live: dict[str, Values] = field(default_factory=dict)
    breaks: bool = False
    order: list[str] = field(default_factory=list)
    _before: dict[str, Values] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self._before = dict(self.live)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_error: object) -> None:
        if kind is not None:
            self.live = self._before

    def rows(self, importer: Importer) -> Iterator[Values]:  # noqa: ARG002 - there is one
        return iter([self.live[key] for key in self.order or sorted(self.live)])

    def create(self, importer: Importer, rows: Sequence[Values]) -> None:  # noqa: ARG002
        self.live |= {str(one[0]): one for one in rows}
        if self.breaks:
            raise OSError("the line broke")

    def update(
        self,
        importer: Importer,  # noqa: ARG002
        rows: Sequence[tuple[Values, Mapping[str, object]]],
    ) -> None:
        for (key,), changed in rows:
            row = dict(zip(NAMES, self.live[str(key)], strict=True)) | changed
            self.live[str(key)] = tuple(row[name] for name in NAMES)

    def delete(self, importer: Importer, keys: Sequence[Values]) -> None:  # noqa: ARG002
        for (key,) in keys:
            del self.live[str(key)]


class There(Handler):
    """A handler that writes to a target of the test."""

    def __init__(self, target: Target, records: Sequence[Record | Bad]) -> None:
        super().__init__(Lists(records={"vendors": records}), Vendors)
        self._target = target

    def target(self, asked: Asked) -> Target:  # noqa: ARG002
        return self._target


def sent(
    engine: Engine, target: Target, records: Sequence[Record | Bad], asked: Asked | None = None
) -> RunResult:
    """Run an import into a target."""
    return run(There(target, records), asked or Asked(), {"poser": engine})


def filled() -> Elsewhere:
    """Make a target with three vendors: one is the same, one differs, one is not in the source."""
    return Elsewhere(
        live={
            "10": ("10", "Same", "", Decimal("2.50000")),
            "2": ("2", "Old", "30 days", None),
            "é": ("é", "Gone", "", None),
        }
    )


RECORDS: list[Record] = [
    {"number": "2", "name": "New", "terms": "30 days", "discount_percent": ""},
    {"number": "Z", "name": "Created", "terms": "", "discount_percent": "1"},
    {"number": "10", "name": "Same", "terms": "", "discount_percent": "2.5"},
]
ALL = Asked(deletes=True, max_delete_share=Decimal(100))


def test_rows_are_created_updated_and_deleted(poser_db: Engine) -> None:
    target = filled()
    done = sent(poser_db, target, RECORDS, ALL)
    assert done.why == ""
    assert counts(done) == {"created": 1, "updated": 1, "deleted": 1, "unchanged": 1}
    assert target.live == {
        "10": ("10", "Same", "", Decimal("2.50000")),
        "2": ("2", "New", "30 days", None),
        "Z": ("Z", "Created", "", Decimal("1.00000")),
    }
    assert counts(sent(poser_db, target, RECORDS, ALL)) == {"unchanged": 3}
    assert rows(poser_db, LEFT) == []


def test_changes_that_nobody_expected_there_are_mailed(poser_db: Engine) -> None:
    sent(poser_db, filled(), RECORDS, replace(ALL, warnings=True))
    mails = "SELECT key, data->>'changes', data->>'is_written' FROM emails"
    assert rows(poser_db, mails) == [("import_changes", "3", "true")]


def test_every_change_is_kept_with_the_run(poser_db: Engine) -> None:
    done = sent(poser_db, filled(), RECORDS, ALL)
    kept = rows(poser_db, "SELECT kind, key, old, new FROM import_changes ORDER BY kind")
    assert kept[1] == (
        "delete", "é",
        {"number": "é", "name": "Gone", "terms": "", "discount_percent": None}, {},
    )  # fmt: skip
    assert kept[2] == ("update", "2", {"name": "Old"}, {"name": "New"})
    assert [one.kind for one in only(done).differences] == ["create", "update", "delete"]


def test_a_dry_run_and_a_limit_write_nothing(poser_db: Engine) -> None:
    target = filled()
    before = dict(target.live)
    dry = sent(poser_db, target, RECORDS, Asked(dry_run=True))
    assert (dry.status, counts(dry)) == (
        RunStatus.DRY, {"created": 1, "updated": 1, "unchanged": 1},
    )  # fmt: skip
    stopped = sent(poser_db, target, RECORDS, Asked(max_changes=1))
    assert stopped.status is RunStatus.STOPPED
    share = sent(poser_db, target, RECORDS, Asked(deletes=True))
    assert "1 of 3 vendors would be deleted" in share.why
    empty = sent(poser_db, target, [])
    assert "no Vendor at all" in empty.why
    assert target.live == before
    cut = sent(poser_db, target, RECORDS, Asked(max_creates=0, on_limit=OnLimit.CUT))
    assert counts(cut) == {"updated": 1, "unchanged": 1, "skipped": 1}
    assert "Z" not in target.live


def test_an_error_while_writing_undoes_everything(poser_db: Engine) -> None:
    target = filled()
    target.breaks = True
    before = dict(target.live)
    with pytest.raises(OSError, match="the line broke"):
        sent(poser_db, target, RECORDS)
    assert target.live == before
    assert rows(poser_db, "SELECT status, why FROM import_runs") == [
        ("failed", "OSError: the line broke")
    ]
    assert rows(poser_db, LEFT) == []


def test_a_target_that_is_not_sorted_is_refused(poser_db: Engine) -> None:
    target = filled()
    target.order = ["2", "10", "é"]
    done = sent(poser_db, target, RECORDS)
    assert done.status is RunStatus.FAILED
    assert "the rows of the target are not sorted by number" in done.why


def test_refused_and_double_records_change_nothing_there(poser_db: Engine) -> None:
    target = filled()
    records = [
        {**RECORDS[0], "discount_percent": "much"},
        RECORDS[2],
        {**RECORDS[2], "name": "Again"},
        {"number": "é", "name": "Gone", "terms": "", "discount_percent": "much"},
    ]
    done = sent(poser_db, target, records, ALL)
    assert counts(done) == {"unchanged": 1, "refused": 3, "duplicates": 1}
    assert target.live == filled().live


def test_many_rows_are_merged(poser_db: Engine) -> None:
    target = Elsewhere()
    many = vendors(*(f"Vendor {n}" for n in range(5_000)), terms="", discount_percent="")
    assert counts(sent(poser_db, target, many)) == {"created": 5_000}
    assert counts(sent(poser_db, target, many)) == {"unchanged": 5_000}
    with poser_db.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM vendors")).scalar_one() == 0
