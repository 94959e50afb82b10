# SPDX-License-Identifier: Apache-2.0
"""A row that the database refused, said so that people can put it right.

The rules are the database's, and so are the sentences: a constraint's comment says what it
wants, with names of columns in braces where their values go, `{valid.from}` and `{valid.to}`
for the ends of a range and `{other.from}` for those of the row that is in the way. What has
no sentence gets one by its kind. A reference is shown by the name of what it refers to.
"""

from collections.abc import Mapping
from contextlib import suppress

import psycopg2
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from poser.db.sentences import Rule, rule
from poser.db.violations import Said, Violation, said
from poser.db.wording import filled, one, plain
from poser.errors import PoserError

_DATA = "22"


class Refused(PoserError, ValueError):  # noqa: N818 - says what happened, as the sentence would
    """The database refused a row, because a rule forbids it; nothing of it was written.

    `table`, `constraint` and `fields` name what refused it, for forms that show the message
    beside a field; `values` are those that it is about, as text.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        table: str = "",
        constraint: str = "",
        values: Mapping[str, str] | None = None,
        fields: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, hint=hint)
        self.table = table
        self.constraint = constraint
        self.fields = fields
        self.values = dict(values or {})


def refused(error: Exception, connection: Connection | None = None) -> Refused | None:
    """Say why the database refused a row; None for an error of another kind.

    `connection` is to the same database, in no failed transaction: rules and names are
    looked up by it, and nothing is written. Without one the words are plainer.
    """
    cause = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(cause, psycopg2.Error):
        return None
    told = said(cause)
    if told is None:
        return _unfit(cause)
    known = Rule()
    if connection is not None:
        with suppress(SQLAlchemyError):  # the refusal is told all the same
            known = rule(connection, told)
    fields = known.columns or tuple(told.keys) or ((told.column,) if told.column else ())
    message, hint = _Words(told, known, fields).sentence()
    return Refused(
        message,
        hint=hint,
        table=told.table,
        constraint=told.constraint,
        values={name: known.values[name] for name in fields if known.values.get(name)},
        fields=fields,
    )


class _Words:
    """The words for one refusal."""

    def __init__(self, told: Said, known: Rule, fields: tuple[str, ...]) -> None:
        self._told = told
        self._known = known
        self._fields = fields
        self._shown = {**told.keys, **known.values, **known.names}

    def sentence(self) -> tuple[str, str]:
        """Give the message and the hint."""
        told, thing = self._told, one(self._told.table)
        if self._known.says:
            said_of = {**self._shown, **self._named()}
            words = filled(self._known.says, said_of, told.others, self._fields)
            return f"{thing}: {words}", self._which()
        if told.kind is Violation.NOT_NULL:
            return f"{thing}: {plain(told.column)} must be given", self._which()
        if told.kind is Violation.UNIQUE:
            hint = "change that one, or give this one another"
            return f"{thing}: there is one already with {self._pairs()}", hint
        if told.kind is Violation.FOREIGN_KEY:
            return self._reference()
        if told.kind is Violation.OTHER:
            return f"{plain(told.table)}: {told.words}".removeprefix(": "), told.hint
        return f"{thing}: {self._pairs()} is not allowed ({told.constraint})", self._which()

    def _reference(self) -> tuple[str, str]:
        """Say that what is referred to is missing, or is still needed."""
        told, target = self._told, one(self._known.target)
        if set(told.keys) == set(self._fields):
            return f"{one(told.table)}: there is no {target} with {self._pairs()}", self._which()
        gone = self._known.gone or " ".join(told.keys.values())
        return (
            f"{target} {gone} cannot be deleted: it is still used by {plain(told.table)}",
            "archive it instead, or change those first",
        )

    def _named(self) -> dict[str, str]:
        """Name what the row refers to: "product Milk", or "this product"."""
        return {
            name: f"{one(target)} {self._known.names[name]}"
            if self._known.names.get(name)
            else f"this {one(target)}"
            for name, target in self._known.targets.items()
            if self._known.values.get(name)
        }

    def _pairs(self) -> str:
        return " and ".join(
            f"{plain(name)} {self._shown.get(name) or 'nothing'}" for name in self._fields
        )

    def _which(self) -> str:
        """Say which row it is, by what people know it by."""
        known_by = [
            f"{plain(name)} {self._shown[name]}"
            for name in self._known.known_by
            if self._shown.get(name) and name not in self._fields
        ]
        return f"it is the one with {', '.join(known_by)}" if known_by else ""


def _unfit(cause: psycopg2.Error) -> Refused | None:
    """Say that a value does not fit its type, such as a number that is too large."""
    if not (cause.pgcode or "").startswith(_DATA):
        return None
    told = cause.diag
    return Refused(
        f"a value cannot be kept: {told.message_primary or cause}",
        hint=told.message_detail or told.message_hint or "",
        table=told.table_name or "",
    )
