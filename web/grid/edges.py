# SPDX-License-Identifier: Apache-2.0
"""Places in a list as short words for addresses."""

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from web.grid.filters import BadQuery
from web.grid.keyset import Edge
from web.grid.subject import Order
from web.language import _


def write_edge(edge: Edge) -> str:
    """Write a place as a short word for an address."""
    values = [_plain(value) for value in (edge.value, *edge.more)]
    packed = json.dumps([*values, edge.key.hex], separators=(",", ":"))
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def read_edge(orders: Sequence[Order], word: str) -> Edge | None:
    """Read a place in an order by so many columns; raises BadQuery for a broken word."""
    if not word:
        return None
    try:
        packed = base64.urlsafe_b64decode(word + "=" * (-len(word) % 4))
        *plain, key = json.loads(packed)
        first, *more = [_value(o, p) for o, p in zip(orders, plain, strict=True)]
        return Edge(value=first, more=tuple(more), key=UUID(hex=key))
    except (ValueError, TypeError, AttributeError, ArithmeticError, binascii.Error) as error:
        raise BadQuery(
            _("This link into the list is broken"), hint=_("Start again at the first page.")
        ) from error


def _plain(value: object) -> object:
    if value is None or isinstance(value, int | str):
        return value
    return value.isoformat() if isinstance(value, datetime | date) else str(value)


def _value(order: Order, plain: Any) -> object:  # noqa: ANN401 - straight from JSON
    if plain is None and order.nullable:
        return None
    kind = order.by.type.python_type
    if kind in (datetime, date):
        return kind.fromisoformat(plain)
    if kind is UUID:
        return UUID(plain)
    if kind is Decimal:
        number = Decimal(str(plain))
        if not number.is_finite():
            raise ValueError(plain)
        return number
    if not isinstance(plain, kind) or (isinstance(plain, str) and "\0" in plain):
        raise ValueError(plain)
    if isinstance(plain, int) and not -(2**63) <= plain < 2**63:
        raise ValueError(plain)
    return plain
