# SPDX-License-Identifier: Apache-2.0
"""Records that cannot become rows, found before anything is written, each with its reason.

The rules are the database's own, taken from its catalog, and so are the sentences. Most are
held against all candidates in one statement; nothing here looks at one row at a time.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from poser.db.wording import one, plain
from poser.errors import ImportFailed
from poser.importing.after import after, candidates
from poser.importing.becoming import Forbidden
from poser.importing.difference import UNFOUND, difference_of, found
from poser.importing.parts import Part, Shape, escaped, quoted, shape_of
from poser.importing.result import Kind, ModelResult
from poser.importing.staging import Refused, stage_of

_CHECKS = text("""
SELECT conname AS name, pg_get_expr(conbin, conrelid) AS rule,
    coalesce(obj_description(oid, 'pg_constraint'), '') AS says,
    ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = conrelid
        AND attnum = ANY (conkey) ORDER BY attnum) AS columns
FROM pg_constraint WHERE conrelid = to_regclass(:table) AND contype = 'c' AND convalidated
ORDER BY conname
""")
_KEYS = text("""
SELECT i.indexrelid::regclass::text AS name,
    ARRAY(SELECT pg_get_indexdef(i.indexrelid, k, true)
        FROM generate_series(1, i.indnkeyatts) AS k ORDER BY k) AS columns,
    coalesce(pg_get_expr(i.indpred, i.indrelid), 'true') AS predicate
FROM pg_index i WHERE i.indrelid = to_regclass(:table) AND i.indisunique AND i.indisvalid
ORDER BY i.indisprimary DESC, name
""")
_REFERENCES = text("""
SELECT c.conname AS name, p.relname AS parent, child.relname AS child,
    ARRAY(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY AS k (number, n)
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number ORDER BY n)
        AS columns,
    ARRAY(SELECT a.attname::text FROM unnest(c.confkey) WITH ORDINALITY AS k (number, n)
        JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.number ORDER BY n)
        AS keys, c.confdeltype IN ('a', 'r') AS holds
FROM pg_constraint c JOIN pg_class p ON p.oid = c.confrelid
JOIN pg_class child ON child.oid = c.conrelid
WHERE c.contype = 'f' AND c.conparentid = 0
    AND (c.conrelid = to_regclass(:table) OR c.confrelid = to_regclass(:table))
ORDER BY c.conname
""")
_BAD = "importing_bad"
_PLACE = re.compile(r"\{(\w+)(?:\.(from|to))?\}")


@dataclass(slots=True, kw_only=True)
class Rules:
    """Holds the parts of a run against the rules of their tables."""

    session: Session
    parts: Sequence[Part]
    refused: Refused

    def duplicates(self, part: Part, result: ModelResult) -> None:
        """Keep records aside whose key an earlier record has; the first of them is used."""
        if self._all_differ(part):
            return
        keys = ", ".join(f"s.{quoted(name)}" for name in part.key)
        # Arrays, because nothing equals nothing in them, and they can be hashed.
        same = " AND ".join(
            f"ARRAY[s.{quoted(name)}] = ARRAY[twice.{quoted(name)}]" for name in part.key
        )
        stage = stage_of(part)
        known = _shown(part, "s.")
        bad = (
            f"SELECT s._n AS n, s._place AS place, {_literal(', '.join(part.key))} AS field,"  # noqa: S608 - quoted
            f" {known} AS value, 'has the same ' || {_literal(_words(part.key))} || ' as ' ||"
            f" CASE WHEN first._place ~ '^\\d+$' THEN 'line ' ELSE '' END || first._place AS reason"
            f" FROM (SELECT {keys}, min(s._n) AS n FROM {stage} AS s WHERE s._n > 0"
            f" GROUP BY {keys} HAVING count(*) > 1) AS twice"
            f" JOIN {stage} AS s ON {same} AND s._n > twice.n"
            f" JOIN {stage} AS first ON first._n = twice.n"
        )
        before = result.refused
        if self._keep(
            part,
            result,
            bad,
            f"DELETE FROM {stage} AS s USING {_BAD} AS b WHERE s._n = b.n",  # noqa: S608 - quoted
        ):
            result.duplicates += result.refused - before

    def _all_differ(self, part: Part) -> bool:
        """Tell whether no two records have one key, by a number for each, which sorts fast.

        Two keys with one number are rare, and only say that a closer look is needed.
        """
        keys = ", ".join(quoted(name) for name in part.key)
        return bool(
            self.session.execute(
                text(
                    f"SELECT count(*) = count(DISTINCT hash_record_extended(ROW({keys}), 0))"  # noqa: S608 - quoted
                    f" FROM {stage_of(part)} WHERE _n > 0"
                )
            ).scalar_one()
        )

    def keys_are_unique(self, part: Part) -> None:
        """Raise ImportFailed when a record could be any of several rows with one key."""
        keys = ", ".join(quoted(name) for name in part.key)
        wanted = [f"{quoted(part.key[0])} IS NOT NULL"] if len(part.key) == 1 else []
        wanted += [f"({escaped(part.scope)})"] if part.scope else []
        where = f"WHERE {' AND '.join(wanted)}" if wanted else ""
        given = set(part.key)
        for key in self.session.execute(_KEYS, {"table": quoted(part.table)}):
            if key.predicate == "true" and {name.strip('"') for name in key.columns} <= given:
                return
        known = " || ', ' || ".join(
            f"coalesce({quoted(name)}\\:\\:text, 'nothing')" for name in part.key
        )
        twice = self.session.execute(
            text(
                f"SELECT {known} AS said, count(*) FROM {quoted(part.table)} AS t {where}"  # noqa: S608 - quoted
                f" GROUP BY {keys} HAVING count(*) > 1 ORDER BY 1 LIMIT 1"
            )
        ).one_or_none()
        if twice is not None:
            raise ImportFailed(
                f"{twice[1]} rows of {part.table} have {_words(part.key)} {twice[0]}:"
                " a record could be any of them",
                hint="--key names fields that tell them apart",
            )

    def unfound(self, part: Part, result: ModelResult) -> None:
        """Keep records aside with a value that no row has, such as a department's number."""
        for column in (find for find in part.finds if not find.is_copy):
            by, table, field = quoted(column.find_by), column.find_table, plain(column.find_by)
            several = _literal(f"several {plain(table)} have this {field}")
            none = _literal(f"there is no {one(table)} with this {field}")
            bad = (
                f"SELECT d.n, s._place AS place, {_literal(column.name)} AS field,"  # noqa: S608 - quoted
                f" s.{quoted(column.name)}::text AS value,"
                f" CASE WHEN EXISTS (SELECT FROM {quoted(table)} AS o"
                f" WHERE o.{by} = s.{quoted(column.name)})"
                f" THEN {several} ELSE {none} END"
                f" AS reason FROM {difference_of(part)} AS d"
                f" JOIN {stage_of(part)} AS s ON s._n = d.n"
                f" WHERE d.kind = '{UNFOUND}' AND d.{found(column)} IS NULL"
                f" AND s.{quoted(column.name)} IS NOT NULL"
            )
            self._keep(part, result, bad)

    def checks(self, part: Part, result: ModelResult) -> None:
        """Keep records aside that break a rule over one row."""
        shape = shape_of(self.session, part.table)
        rules = checks_of(self.session, part, shape)
        if not rules:
            return
        for kind in (Kind.CREATE, Kind.UPDATE):
            broken = breaking(rules, candidates(part, shape, (kind,)))
            bad = (
                "SELECT b._n AS n, s._place AS place, b._field AS field, b._value AS value,"  # noqa: S608 - quoted
                f" b._reason AS reason FROM ({broken}) AS b JOIN {stage_of(part)} AS s"
                " ON s._n = b._n"
            )
            self._keep(part, result, bad)

    def keys(self, part: Part, result: ModelResult) -> int:
        """Keep records aside that would be another row with what only one may have."""
        shape = shape_of(self.session, part.table)
        kept = 0
        for key in self.session.execute(_KEYS, {"table": quoted(part.table)}).all():
            columns = ", ".join(map(escaped, key.columns))
            given = " AND ".join(f"({escaped(one)}) IS NOT NULL" for one in key.columns)
            words = " and ".join(plain(one) for one in key.columns)
            said = " || ', ' || ".join(f"({escaped(one)})\\:\\:text" for one in key.columns)
            bad = (
                f"SELECT c._n AS n, s._place AS place, {_literal(', '.join(key.columns))} AS field,"  # noqa: S608 - quoted; expressions of the catalog
                f" c.said AS value, CASE WHEN c.lives THEN"
                f" {_literal(f'another {one(part.table)} has this {words} already')} ELSE"
                f" {_literal(f'another record has this {words}, too')} END AS reason"
                f" FROM (SELECT _n, {said} AS said, bool_or(_n IS NULL) OVER same AS lives,"
                f" row_number() OVER (PARTITION BY {columns}"
                f" ORDER BY _n IS NOT NULL, _kind = 'u' DESC, _n) AS nth"
                f" FROM ({after(part, shape)}) AS a WHERE ({escaped(key.predicate)}) AND {given}"
                f" WINDOW same AS (PARTITION BY {columns})) AS c"
                f" JOIN {stage_of(part)} AS s ON s._n = c._n WHERE c.nth > 1"
            )
            kept += self._keep(part, result, bad)
        return kept

    def references(self, part: Part, result: ModelResult) -> int:
        """Keep changes aside that would leave a reference to a row that is not there."""
        kept = 0
        for key in self.session.execute(_REFERENCES, {"table": quoted(part.table)}).all():
            given = {column.name for column in part.columns}
            if key.child == part.table and given & set(key.columns):
                kept += self._keep(part, result, self._orphans(part, key))
            if key.parent == part.table and part.deletes and key.holds:
                kept += self._keep(part, result, self._needed(part, key))
        return kept

    def _orphans(self, part: Part, key: Any) -> str:  # noqa: ANN401 - a row of the catalog
        shape = shape_of(self.session, part.table)
        rows = candidates(part, shape, (Kind.CREATE, Kind.UPDATE))
        given = " AND ".join(f"c.{quoted(name)} IS NOT NULL" for name in key.columns)
        return (
            f"SELECT c._n AS n, s._place AS place, {_literal(', '.join(key.columns))} AS field,"  # noqa: S608 - quoted
            f" {_values(key.columns)} AS value,"
            f" {_literal(f'there is no such {one(key.parent)}')} AS reason FROM ({rows}) AS c"
            f" JOIN {stage_of(part)} AS s ON s._n = c._n WHERE {given} AND NOT EXISTS"
            f" (SELECT FROM ({self._all(key.parent)}) AS p"
            f" WHERE {_same('p', key.keys, 'c', key.columns)})"
        )

    def _needed(self, part: Part, key: Any) -> str:  # noqa: ANN401 - a row of the catalog
        return (
            f"SELECT d.n, 'row ' || {_shown(part, 't.')} AS place, '' AS field, '' AS value,"  # noqa: S608 - quoted
            f" {_literal(f'cannot be deleted: it is still used by {plain(key.child)}')} AS reason"
            f" FROM {difference_of(part)} AS d JOIN {quoted(part.table)} AS t ON t.id = d.row_id"
            f" WHERE d.kind = 'd' AND EXISTS (SELECT FROM ({self._all(key.child)}) AS c"
            f" WHERE {_same('t', key.keys, 'c', key.columns)})"
        )

    def _all(self, table: str) -> str:
        """Write a query of a table as the run would leave it."""
        part = next((part for part in self.parts if part.table == table), None)
        if part is None:
            return f"SELECT * FROM {quoted(table)}"  # noqa: S608 - quoted
        return after(part, shape_of(self.session, table))

    def _keep(self, part: Part, result: ModelResult, bad: str, remove: str = "") -> int:
        """Keep the records aside that a query finds, and take them out of the difference."""
        session = self.session
        session.execute(text(f"DROP TABLE IF EXISTS {_BAD}"))
        session.execute(
            text(
                f"CREATE TEMPORARY TABLE {_BAD} AS"  # noqa: S608 - quoted
                f" SELECT DISTINCT ON (n) n, place, field, value, reason FROM ({bad}) AS bad"
                " ORDER BY n"
            )
        )
        kept = self.refused.keep_table(result, _BAD)
        if kept:
            session.execute(
                text(
                    remove
                    or f"DELETE FROM {difference_of(part)} AS d USING {_BAD} AS b WHERE d.n = b.n"  # noqa: S608 - quoted
                )
            )
        return kept


def forbidden(session: Session, part: Part) -> Forbidden | None:
    """Say what the rules over one row forbid, so that comparing can look at it."""
    shape = shape_of(session, part.table)
    rules = checks_of(session, part, shape)
    if not rules:
        return None
    needed = {name for rule in rules for name in rule.columns}
    generated = needed & set(shape.generated)
    needed |= {
        name for one in generated for name in shape.types if _is_in(name, shape.generated[one])
    }
    return Forbidden(
        condition=" OR ".join(f"({escaped(rule.rule)}) IS FALSE" for rule in rules),
        columns=tuple(sorted(needed - set(shape.generated))),
        generated=tuple(sorted(generated)),
    )


def checks_of(session: Session, part: Part, shape: Shape) -> list[Any]:
    """Give the rules over one row that a part could break by what it writes."""
    written = {column.name for column in part.columns}
    written |= {
        name
        for name, expression in shape.generated.items()
        if any(_is_in(one, expression) for one in written)
    }
    found = session.execute(_CHECKS, {"table": quoted(part.table)})
    return [rule for rule in found if written & set(rule.columns)]


def breaking(rules: Sequence[Any], rows: str) -> str:
    """Write a query of those of some rows that break a rule: `_field`, `_value` and `_reason`."""
    broken = " ".join(
        f"WHEN ({escaped(rule.rule)}) IS FALSE THEN {n}" for n, rule in enumerate(rules)
    )
    reasons = " ".join(f"WHEN {n} THEN {_sentence(rule)}" for n, rule in enumerate(rules))
    names = " ".join(
        f"WHEN {n} THEN {_literal(', '.join(rule.columns))}" for n, rule in enumerate(rules)
    )
    values = " ".join(f"WHEN {n} THEN {_values(rule.columns)}" for n, rule in enumerate(rules))
    return (
        f"SELECT *, CASE _broken {names} END AS _field, CASE _broken {values} END AS _value,"  # noqa: S608 - of the catalog, quoted
        f" CASE _broken {reasons} END AS _reason"
        f" FROM (SELECT *, CASE {broken} END AS _broken FROM ({rows}) AS c) AS c"
        " WHERE _broken IS NOT NULL"
    )


def _is_in(column: str, expression: str) -> bool:
    return re.search(rf"\b{re.escape(column)}\b", expression) is not None


def _same(one: str, names: Sequence[str], other: str, others: Sequence[str]) -> str:
    return " AND ".join(
        f"{one}.{quoted(mine)} = {other}.{quoted(theirs)}"
        for mine, theirs in zip(names, others, strict=True)
    )


def _shown(part: Part, of: str) -> str:
    """Write the key of a row or record as people read it."""
    return " || ', ' || ".join(
        f"coalesce({of}{quoted(name)}::text, 'nothing')" for name in part.key
    )


def _values(names: Sequence[str]) -> str:
    return " || ', ' || ".join(f"coalesce(c.{quoted(name)}::text, 'nothing')" for name in names)


def _words(names: Sequence[str]) -> str:
    return " and ".join(plain(name) for name in names)


def _sentence(rule: Any) -> str:  # noqa: ANN401 - a row of the catalog
    """Write the sentence of a rule in SQL, with values where it names their columns."""
    if not rule.says:
        return _literal(f"is not allowed ({rule.name})")
    parts, end = [], 0
    for place in _PLACE.finditer(rule.says):
        parts.append(_literal(rule.says[end : place.start()]))
        name = f"c.{quoted(place[1])}"
        told = {"from": f"lower({name})", "to": f"upper({name})"}.get(place[2] or "", name)
        parts.append(f"coalesce(nullif({told}::text, ''), 'nothing')")
        end = place.end()
    return " || ".join([*parts, _literal(rule.says[end:])])


def _literal(words: str) -> str:
    return "'" + words.replace("'", "''").replace(":", r"\:") + "'"
