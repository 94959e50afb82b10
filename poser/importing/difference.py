# SPDX-License-Identifier: Apache-2.0
"""What a source has otherwise than the database: one statement for each model.

The difference is a temporary table of numbers: which staged row becomes or changes which row.
Ids of new rows are given out here, so that the children of a row that is about to be created
find it. See docs/decisions/0018-a-run-is-its-history.md.
"""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from poser.errors import ImportFailed
from poser.importing.becoming import Forbidden, Query, columns_as, near, otherwise, with_generated
from poser.importing.parts import Column, Part, Shape, escaped, quoted, shape_of
from poser.importing.result import Kind, ModelResult
from poser.importing.staging import stage_of

LETTERS = {Kind.CREATE: "c", Kind.UPDATE: "u", Kind.DELETE: "d"}
"""How a kind of change is written in the table of differences."""
UNFOUND = "x"
"""Stands for a record with a value that no row has."""

# As uuid7() makes it, which may not be called here: PostgreSQL works on this with several
# processes, and a function of SQL statements ends that with an error.
_NOW = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
_NEW_ID = (
    "encode(overlay(uuid_send(gen_random_uuid()) PLACING int8send((_us / 1000 << 16)"
    " | (7 << 12) | (_us % 1000 * 4096 / 1000)) FROM 1 FOR 8), 'hex')::uuid"
)


def difference_of(part: Part) -> str:
    """Name the temporary table with the differences of a part."""
    return quoted(f"{part.stage}_difference")


def found(column: Column) -> str:
    """Name the column of the difference that has the id which a reference found."""
    return quoted(f"found_{column.name}")


def compare(
    session: Session, part: Part, parts: Sequence[Part], forbidden: Forbidden | None = None
) -> None:
    """Make the difference of a part; those of its parents are there already.

    What is forbidden is looked at on the way: `is_forbidden` tells whether there is any.
    """
    sql = _Sql(part, parts, shape_of(session, part.table), forbidden)
    session.execute(text(f"DROP TABLE IF EXISTS {difference_of(part)}, {_matches_of(part)}"))
    if sql.own:
        session.execute(text(sql.matches()))
    session.execute(text(sql.changes()))
    if part.deletes:
        session.execute(text(sql.deletions()))
    session.execute(text(f"ANALYZE {difference_of(part)}"))


def is_forbidden(session: Session, part: Part) -> bool:
    """Tell whether a rule over one row forbids any of the differences of a part."""
    some = f"SELECT EXISTS (SELECT FROM {difference_of(part)} WHERE is_forbidden)"  # noqa: S608 - quoted
    return bool(session.execute(text(some)).scalar_one())


def drop_differences(session: Session, parts: Sequence[Part]) -> None:
    """Drop the differences of a run."""
    for part in parts:
        session.execute(text(f"DROP TABLE IF EXISTS {difference_of(part)}, {_matches_of(part)}"))


def _matches_of(part: Part) -> str:
    return quoted(f"{part.stage}_matches")


def counts(session: Session, part: Part) -> dict[Kind, int]:
    """Count the changes of each kind."""
    rows = session.execute(text(f"SELECT kind, count(*) FROM {difference_of(part)} GROUP BY kind"))  # noqa: S608 - quoted
    known = {row[0]: row[1] for row in rows}
    return {kind: known.get(letter, 0) for kind, letter in LETTERS.items()}


def count_into(result: ModelResult, session: Session, part: Part) -> None:
    """Write down how many rows differ in which way, and how many do not."""
    found = counts(session, part)
    result.created, result.updated = found[Kind.CREATE], found[Kind.UPDATE]
    result.deleted = found[Kind.DELETE]
    known = result.created + result.updated + result.refused + result.skipped
    result.unchanged = max(result.read - known, 0)


def value(column: Column) -> str:
    """Write the value that a record brings, where `s` is its staged row, `d` its difference."""
    return f"d.{found(column)}" if column.find_table else f"s.{quoted(column.name)}"


class _Sql:
    """The statements that compare one part with its table."""

    def __init__(
        self, part: Part, parts: Sequence[Part], shape: Shape, forbidden: Forbidden | None
    ) -> None:
        self._part = part
        self._parts = parts
        self._shape = shape
        self._forbidden = forbidden
        self._aliases = {column.name: f"f{n}" for n, column in enumerate(part.finds)}
        # A row may refer to another of the same model: its ids must be known first.
        self.own = [column for column in part.finds if column.find_table == part.table]

    def matches(self) -> str:
        """Tell for every record which row it is, or will be."""
        part = self._part
        if any(column.name in part.key for column in self.own):
            raise ImportFailed(
                f"the key of {part.model} refers to {part.model} itself",
                hint="--key names others",
            )
        return (
            f"CREATE TEMPORARY TABLE {_matches_of(part)} AS"  # noqa: S608 - quoted
            f" SELECT n, kind, coalesce(row_id, {_NEW_ID}) AS row_id FROM (SELECT s._n AS n,"
            f" CASE WHEN t.id IS NULL THEN '{LETTERS[Kind.CREATE]}'::\"char\""
            f" ELSE '{LETTERS[Kind.UPDATE]}' END AS kind, {self._id()} AS row_id, {_NOW} AS _us"
            f" FROM {stage_of(part)} AS s {self._joins(only=part.key)}"
            f" LEFT JOIN {quoted(part.table)} AS t ON {self._same()}{self._scope()}"
            " WHERE s._n > 0) AS r"
        )

    def changes(self) -> str:
        """Tell for every record that differs what it does to which row."""
        part = self._part
        names = "".join(f", {found(column)}" for column in part.finds)
        ids = "".join(
            f", {self._aliases[column.name]}.id AS {found(column)}" for column in part.finds
        )
        rows = f"LEFT JOIN {quoted(part.table)} AS t ON {self._same()}{self._scope()}"
        if self.own:
            rows = (
                f"JOIN {_matches_of(part)} AS m ON m.n = s._n"
                f" LEFT JOIN {quoted(part.table)} AS t ON t.id = m.row_id"
            )
        kind, unfound = f"CASE WHEN t.id IS NULL THEN '{LETTERS[Kind.CREATE]}'", self._unfound()
        if unfound:
            kind = f"CASE WHEN {unfound} THEN '{UNFOUND}' WHEN t.id IS NULL THEN"
            kind += f" '{LETTERS[Kind.CREATE]}'"
        differs = " OR ".join(["t.id IS NULL", *filter(None, [unfound, self._differs()])])
        row_id = "m.row_id" if self.own else self._id()
        # Clocks are asked only for rows that need a new id.
        now = f"CASE WHEN {row_id} IS NULL THEN {_NOW} END"
        made = (
            f"SELECT s._n AS _n, ({kind} ELSE '{LETTERS[Kind.UPDATE]}' END)::\"char\" AS _kind,"  # noqa: S608 - quoted
            f" {row_id} AS _row_id, {now} AS _us{ids}{self._becomes(row_id)}"
            f" FROM {stage_of(part)} AS s {self._joins()} {rows}"
            f" WHERE s._n > 0 AND ({differs})"
        )
        generated = self._forbidden.generated if self._forbidden else ()
        rows = with_generated(made, generated, self._shape)
        return (
            f"CREATE TEMPORARY TABLE {difference_of(part)} AS"  # noqa: S608 - quoted
            f" SELECT _n AS n, _kind AS kind, coalesce(_row_id, {_NEW_ID}) AS row_id{names},"
            f" {self._is_forbidden()} AS is_forbidden FROM ({rows}) AS r"
        )

    def _becomes(self, row_id: str) -> str:
        """Write the columns that rules are about, as they would be."""
        if self._forbidden is None:
            return ""
        query = Query(value=self._value, is_new="t.id IS NULL", id=row_id)
        return f", {columns_as(self._part, self._forbidden.columns, self._shape, query)}"

    def _is_forbidden(self) -> str:
        """Say whether a rule forbids a row; one that will not be written breaks none."""
        part = self._part
        kinds = ((Kind.CREATE, part.creates), (Kind.UPDATE, part.updates))
        letters = ", ".join(f"'{LETTERS[kind]}'" for kind, is_written in kinds if is_written)
        if self._forbidden is None or not letters:
            return "false"
        return f"CASE WHEN _kind IN ({letters}) THEN {self._forbidden.condition} ELSE false END"

    def deletions(self) -> str:
        """Find the rows that no record has; of a refused one the key is enough.

        They get numbers, too, below those of records.
        """
        part = self._part
        joins = self._joins(only=part.key)
        scope = f" AND ({escaped(part.scope)})" if part.scope else ""
        return (
            f"INSERT INTO {difference_of(part)} (n, kind, row_id)"  # noqa: S608 - quoted
            f" SELECT -row_number() OVER (), '{LETTERS[Kind.DELETE]}', t.id"
            f" FROM {quoted(part.table)} AS t"
            f" WHERE NOT EXISTS (SELECT FROM {stage_of(part)} AS s {joins} WHERE {self._same()})"
            f"{scope}"
        )

    def _joins(self, only: Sequence[str] | None = None) -> str:
        columns = [one for one in self._part.finds if only is None or one.name in only]
        return " ".join(
            f"LEFT JOIN ({finder(column, self._parts, own=column in self.own)})"
            f" AS {self._aliases[column.name]}"
            f" ON {self._aliases[column.name]}.by = s.{quoted(column.name)}"
            for column in columns
        )

    def _id(self) -> str:
        has_id = any(column.name == "id" for column in self._part.columns)
        return "coalesce(t.id, s.id)" if has_id else "t.id"

    def _value(self, column: Column) -> str:
        if column.find_table:
            return f"{self._aliases[column.name]}.id"
        return f"s.{quoted(column.name)}"

    def _same(self) -> str:
        """Say when a record and a row are the same; PostgreSQL must be able to hash it."""
        return " AND ".join(map(self._same_in, map(self._part.column, self._part.key)))

    def _same_in(self, column: Column) -> str:
        theirs, mine = f"t.{quoted(column.name)}", self._value(column)
        if column.is_nullable and len(self._part.key) > 1:
            # Nothing equals nothing here, as with a cost for all stores; arrays compare so.
            return f"ARRAY[{theirs}] = ARRAY[{mine}]"
        return f"{theirs} = {mine}"

    def _scope(self) -> str:
        """Leave rows out that are none of this importer's business: unknown means new."""
        scope = self._part.scope
        if not scope:
            return ""
        table = quoted(self._part.table)
        rows = f"SELECT id FROM {table} AS t WHERE {escaped(scope)}"  # noqa: S608 - quoted
        return f" AND t.id IN ({rows})"

    def _unfound(self) -> str:
        return " OR ".join(
            f"(s.{quoted(column.name)} IS NOT NULL AND {self._value(column)} IS NULL)"
            for column in self._part.finds
            if not column.is_copy
        )

    def _differs(self) -> str:
        exact = [column for column in self._part.compared if not column.fuzzy]
        fuzzy = [column for column in self._part.compared if column.fuzzy]
        theirs = ", ".join(f"t.{quoted(column.name)}" for column in exact)
        mine = ", ".join(map(self._compared, exact))
        rows = [f"ROW({theirs}) IS DISTINCT FROM ROW({mine})"] if exact else []
        return " OR ".join([*rows, *(f"NOT ({near(column, self._part)})" for column in fuzzy)])

    def _compared(self, column: Column) -> str:
        """Write the value to compare; one that the database makes is whatever it is."""
        if column.is_nullable:
            return self._value(column)
        return f"coalesce({self._value(column)}, {otherwise(column)})"


def finder(column: Column, parts: Sequence[Part], *, own: bool = False) -> str:
    """Write a query of the rows that a reference may mean: `by` and `id`, each `by` once.

    Rows that the same run creates are among them. What several rows have finds none. Of a
    copy `id` is what is copied.
    """
    by, table, take = quoted(column.find_by), quoted(column.find_table), quoted(column.find_take)
    parent = next((one for one in parts if one.table == column.find_table), None)
    names = {one.name for one in parent.columns if not one.find_table} if parent else set()
    live = f"SELECT {take} AS id, {by} AS by FROM {table}"  # noqa: S608 - quoted
    if parent is not None and column.find_by in names:
        new = _matches_of(parent) if own else difference_of(parent)
        is_changed = column.find_by not in parent.key or column.find_take in names
        changed = f", '{LETTERS[Kind.UPDATE]}'" if is_changed else ""
        taken = f"s.{take}" if column.find_take in names else f"t.{take}"
        live = (
            f"SELECT t.{take} AS id, t.{by} AS by FROM {table} AS t WHERE NOT EXISTS (SELECT FROM"  # noqa: S608 - quoted
            f" {new} AS d WHERE d.row_id = t.id AND d.kind IN ('{LETTERS[Kind.DELETE]}'{changed}))"
            f" UNION ALL SELECT {taken if column.is_copy else 'd.row_id'}, s.{by} FROM {new} AS d"
            f" JOIN {stage_of(parent)} AS s ON s._n = d.n"
            f" LEFT JOIN {table} AS t ON t.id = d.row_id"
            f" WHERE d.kind IN ('{LETTERS[Kind.CREATE]}'{changed})"
        )
    elif column.find_is_unique:
        return live
    return (
        f"SELECT (array_agg(id))[1] AS id, by FROM ({live}) AS one"  # noqa: S608 - quoted
        " WHERE by IS NOT NULL GROUP BY by HAVING count(*) = 1"
    )
