# SPDX-License-Identifier: Apache-2.0
"""Conditions that people put together: COLUMN.VERB=VALUE in the address, with one level of OR.

Conditions without a group must all hold. Of those with the same group, written as
`or1.COLUMN.VERB=VALUE`, at least one must hold; the groups must all hold, too.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, or_

from web.grid.days import SPANS
from web.grid.filters import LONGEST_TEXT, BadQuery
from web.grid.matching import MOST_LISTED, ends, matches, pieces
from web.grid.reader import Reader
from web.grid.subject import Column
from web.grid.verbs import Family, Takes, Verb, family_of, verbs_of
from web.language import _

GROUPS = 3
MOST_CONDITIONS = 30
_LONGEST_LIST = 4_000
_NAME = re.compile(rf"(?:or([1-{GROUPS}])\.)?([a-z][a-z0-9_]*)\.([a-z_]+)")
YES = "1"
"""What stands for a value where a verb takes none."""


class Condition(NamedTuple):
    """One condition of the address; group 0 is that of those that must all hold."""

    column: Column
    verb: Verb
    value: str
    group: int = 0

    @property
    def name(self) -> str:
        """How it is called in an address."""
        plain = f"{self.column.name}.{self.verb.name}"
        return f"or{self.group}.{plain}" if self.group else plain

    def words(self) -> str:
        """Say it as people do, such as "Terms contains net"."""
        parts = {"label": _(self.column.label), "verb": _(self.verb.says)}
        if self.verb.takes is Takes.NOTHING:
            return _("{label} {verb}").format(**parts)
        return _("{label} {verb} {value}").format(**parts, value=self._shown())

    def _shown(self) -> str:
        if self.verb.takes is Takes.SPAN:
            return _(SPANS.get(self.value, self.value.replace("_", " ")))
        if self.verb.takes is Takes.TWO:
            first, last = ends(self.value)
            return _("{first} and {last}").format(first=first or "…", last=last or "…")
        if self.verb.takes is Takes.MANY:
            return ", ".join(self._worded(piece) for piece in pieces(self.value))
        return self._worded(self.value)

    def _worded(self, value: str) -> str:
        if family_of(self.column) is Family.FLAG:
            return _("yes") if value == "yes" else _("no")
        return next((_(o.label) for o in self.column.options if o.value == value), value)


def read_conditions(
    given: Iterable[tuple[str, str]], offered: Mapping[str, Column], title: str
) -> tuple[Condition, ...]:
    """Read the conditions of an address; what is no condition is passed over.

    Raises BadQuery for a column or verb that is not offered and for values too long.
    """
    found = []
    for name, value in given:
        if value.strip() and (match := _NAME.fullmatch(name)):
            group, column, verb = match.groups()
            found.append(_condition(offered, title, (column, verb), value.strip(), group))
    if len(found) > MOST_CONDITIONS:
        raise BadQuery(
            _("{count} filters at once are too many").format(count=len(found)),
            hint=_("Use at most {count}.").format(count=MOST_CONDITIONS),
        )
    return tuple(found)


def _condition(
    offered: Mapping[str, Column], title: str, named: tuple[str, str], value: str, group: str | None
) -> Condition:
    column = offered.get(named[0])
    if column is None:
        raise BadQuery(
            _("{title} cannot be filtered by {name}").format(
                title=_(title), name=repr(named[0][:LONGEST_TEXT])
            ),
            hint=_("They can be filtered by: {names}.").format(names=", ".join(offered)),
        )
    verbs = verbs_of(column)
    if named[1] not in verbs:
        raise BadQuery(
            _("{label} has no filter {name}").format(
                label=_(column.label), name=repr(named[1][:LONGEST_TEXT])
            ),
            hint=_("It has: {names}.").format(names=", ".join(verbs)),
        )
    found = Condition(column, verbs[named[1]], value, int(group or 0))
    _check_length(found)
    return found


def _check_length(condition: Condition) -> None:
    is_list = condition.verb.takes is Takes.MANY
    longest = _LONGEST_LIST if is_list else LONGEST_TEXT
    if len(condition.value) > longest or "\0" in condition.value:
        raise BadQuery(
            _("{label}: the text is too long").format(label=_(condition.column.label)),
            hint=_("Use at most {count} characters.").format(count=longest),
        )
    if is_list and not 0 < len(pieces(condition.value)) <= MOST_LISTED:
        raise BadQuery(
            _("{label}: the list is empty or too long").format(label=_(condition.column.label)),
            hint=_("Use at most {count} values, a comma between.").format(count=MOST_LISTED),
        )


def sql_of(conditions: Sequence[Condition], reader: Reader) -> list[ColumnElement[bool]]:
    """Make SQL of conditions; raises BadQuery for a value that makes no sense."""
    made = [(c.group, matches(c.column, c.verb, c.value, reader)) for c in conditions]
    found = [sql for group, sql in made if not group]
    for wanted in range(1, GROUPS + 1):
        either = [sql for group, sql in made if group == wanted]
        if either:
            found.append(or_(*either))
    return found
