# SPDX-License-Identifier: Apache-2.0
"""Words that all models share: references, rules with their sentences, scales of numbers.

A rule that the database enforces carries a sentence for people as its comment. Names of
columns in braces stand for their values; `poser.db.refused` fills them in when the
database refuses a row, so what a clerk reads is written here, beside the rule.
"""

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Numeric, TextClause, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import MappedColumn, mapped_column

PRICE = Numeric(12, 3)
"""What a customer pays for one thing, in a currency: three places, as for fuel or loose goods."""

COST = Numeric(12, 5)
"""What one thing costs the retailer: five places, because a case is divided."""

AMOUNT = Numeric(14, 3)
"""A sum of money: three places, as the currencies with the smallest coins have."""

QUANTITY = Numeric(14, 4)
"""A number of units or a weight."""

PERCENT = Numeric(8, 5)
"""Percent, such as 8.25."""

NOBODY = "'00000000-0000-0000-0000-000000000000'::uuid"
"""Stands for "no row" where an exclusion compares references: NULL would equal nothing."""


MINE_ALONE: dict[str, bool] = {"history": False, "capture": False}
"""The `info` of a table whose rows need no versions and never leave this node."""

RIGHTS: dict[str, bool] = {"rights": True}
"""The `info` of a table that gives rights or proves who somebody is (poser.db.limited)."""


COSTS: dict[str, str] = {"see": "costs.view", "change": "costs.edit"}
"""The `info` of a column that says what goods cost: the permissions to see and to change it."""

SEEN_WITH_COSTS: dict[str, str] = {"see": COSTS["see"]}
"""The `info` of a column that is computed from what goods cost."""


def check(name: str, rule: str, sentence: str) -> CheckConstraint:
    """Make a rule over one row; `name` is that of its main column."""
    made = CheckConstraint(rule, name=name)
    made.comment = sentence
    return made


def one_of(column: str, words: type[StrEnum], *, what: str = "") -> CheckConstraint:
    """Let a column hold the words of an enum only; forms offer them as a list."""
    listed = ", ".join(f"'{word}'" for word in words)
    sentence = f"{what or column.capitalize()} is {', '.join(words)}; not {{{column}}}."
    made = check(column, f"{column} IN ({listed})", sentence)
    made.info["one_of"] = (column, words)
    return made


def filled(column: str) -> CheckConstraint:
    """Refuse an empty text, and blanks around it: two rows would only look the same."""
    sentence = f"The {column.replace('_', ' ')} may not be empty or have blanks around it."
    return check(column, f"{column} <> '' AND {column} = btrim({column})", sentence)


def is_currency(column: str = "currency") -> CheckConstraint:
    """Let a column hold an ISO 4217 code, or nothing for the retailer's own currency."""
    return check(
        column,
        f"{column} ~ '^([A-Z]{{3}})?$'",
        f"A currency is three capital letters of ISO 4217, such as USD; not {{{column}}}.",
    )


def is_country(column: str) -> CheckConstraint:
    """Let a column hold an ISO 3166-1 alpha-2 code, or nothing."""
    return check(
        column,
        f"{column} ~ '^([A-Z]{{2}})?$'",
        f"A country is two capital letters of ISO 3166, such as US or DE; not {{{column}}}.",
    )


def has_check_digit(number: str) -> str:
    """Write in SQL that the last of up to 14 digits is the check digit of the others.

    *Source:* GS1 General Specifications 7.9: with weights 1 and 3 in turn from the right,
    the sum of all digits is a multiple of ten.
    """
    threes, ones = (
        " + ".join(f"{number} / {10**place} % 10" for place in range(first, 14, 2))
        for first in (1, 0)
    )
    return f"(3 * ({threes}) + {ones}) % 10 = 0"


def unique(*columns: str) -> UniqueConstraint:
    """Allow each value once; at the end of a transaction that asks for it, so values can swap."""
    return UniqueConstraint(*columns, deferrable=True, initially="IMMEDIATE")


def no_overlap(
    name: str, *same: str | TextClause, sentence: str, during: str = "valid"
) -> ExcludeConstraint:
    """Refuse two rows of which all of `same` are equal while their ranges overlap."""
    made = ExcludeConstraint(
        *((column, "=") for column in same),
        (during, "&&"),
        name=name,
        using="gist",
        deferrable=True,
        initially="IMMEDIATE",
    )
    made.comment = sentence
    return made


def reference(
    target: str, comment: str, *, ondelete: str | None = None, index: bool = True
) -> MappedColumn[Any]:
    """Refer to another table's row; `index` is off where a wider index begins with it."""
    key = ForeignKey(target, ondelete=ondelete, deferrable=True, initially="IMMEDIATE")
    return mapped_column(key, index=index, comment=comment)


def flag(comment: str, *, default: bool = False) -> MappedColumn[Any]:
    """Say yes or no; `default` where a writer says nothing."""
    return mapped_column(
        server_default=text(str(default).lower()), default=default, comment=comment
    )


def words(comment: str, *, default: str = "") -> MappedColumn[Any]:
    """Hold text that may be empty."""
    return mapped_column(server_default=default, default=default, comment=comment)
