# SPDX-License-Identifier: Apache-2.0
"""Subjects: format strings that people may write, because they can run nothing.

`{name}` stands for a value; there are no attributes, no indexes and no conversions, so
that whoever may write a subject can neither look into objects nor use up the memory.
"""

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from string import Formatter

from poser.errors import PoserError

LONGEST = 200


class BadSubject(PoserError, ValueError):  # noqa: N818 - reads as what it is
    """A subject is no format string, or has a name that the email type does not know."""


def check_subject(subject: str, names: Collection[str]) -> None:
    """Raise BadSubject for a subject that could not be filled in from values with `names`."""
    if not subject.strip():
        raise BadSubject("a subject may not be empty")
    if any(not char.isprintable() for char in subject):
        raise BadSubject(f"subject {subject!r} is not one line of text")
    for name in _names(subject):
        if name not in names:
            near = get_close_matches(name, sorted(names), n=1)
            raise BadSubject(
                f"subject {subject!r} has {{{name}}}, which mails of this type do not know",
                hint=f"did you mean {{{near[0]}}}?" if near else f"there are: {_listed(names)}",
            )


def filled_in(subject: str, values: Mapping[str, object]) -> str:
    """Fill a checked subject in: one line, however many the values have, and not too long."""
    parts = []
    for literal, name, _, _ in Formatter().parse(subject):
        parts.append(literal)
        if name is not None:
            value = values[name]
            parts.append("" if value is None else str(value)[: 2 * LONGEST])
    line = " ".join("".join(c if c.isprintable() else " " for c in "".join(parts)).split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def _names(subject: str) -> list[str]:
    names = []
    try:
        parts = list(Formatter().parse(subject))
    except ValueError as error:
        raise BadSubject(
            f"subject {subject!r} is no format string: {error}",
            hint="a brace that stands for itself is written twice: {{ or }}",
        ) from None
    for _, name, spec, conversion in parts:
        if name is None:
            continue
        if not name.isidentifier() or spec or conversion:
            raise BadSubject(
                f"subject {subject!r} has more than a name in braces", hint="write {name} only"
            )
        names.append(name)
    return names


def _listed(names: Collection[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names)) or "none"
