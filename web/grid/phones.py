# SPDX-License-Identifier: Apache-2.0
"""Who has a telephone number: found by its digits, however it is written or was stored.

People leave out the country and the area, and write a zero in front of the area or not. So
the shorter of two numbers must be the end of the longer one, from seven digits on.
"""

import re

from sqlalchemy import Column, ColumnElement, Table, func, or_, select, union_all

from poser.model import Phone
from web.grid.subject import Expression
from web.permissions import Permission
from web.visits import Visitor

LEAST_DIGITS = 7
SEE_PHONES = Permission("phones.view", "See phone numbers")
_NUMBER = re.compile(r"\+?[\d\s()./-]{7,30}", re.ASCII)
_PHONES: Table = Phone.metadata.tables[Phone.__tablename__]


def or_by_phone(
    key: Expression, named: list[ColumnElement[bool]], text: str, visitor: Visitor
) -> list[ColumnElement[bool]]:
    """Let rows be found by `named`, or by a phone number of theirs if `text` looks like one.

    `key` is the id of the rows. Nobody learns by searching whose a number is who may not see it.
    """
    assert isinstance(key, Column), key  # noqa: S101 - an id is no computed value
    owner = next((column for column in _PHONES.c if column.references(key)), None)
    number = _is_called(text)
    if owner is None or number is None or not visitor.may(SEE_PHONES):
        return named
    # Two looks into two indexes; an OR over two tables would read both from end to end.
    either = union_all(
        select(key).where(*named).correlate(None),
        select(owner).where(number, owner.is_not(None)).correlate(None),
    )
    return [key.in_(either)]


def _is_called(text: str) -> ColumnElement[bool] | None:
    """Compare numbers with a typed one from their ends; None for what is no number."""
    if not _NUMBER.fullmatch(text.strip()):
        return None
    digits = re.sub(r"\D", "", text).lstrip("0")
    if len(digits) < LEAST_DIGITS:
        return None
    ends = [digits[at:] for at in range(len(digits) - LEAST_DIGITS + 1)]
    return or_(
        func.reverse(_PHONES.c.digits).like(digits[::-1] + "%"),
        _PHONES.c.digits.in_([*ends, *(f"0{end}" for end in ends)]),
    )
