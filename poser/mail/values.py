# SPDX-License-Identifier: Apache-2.0
"""The values of a mail as the outbox keeps them: JSON, in which times stay times."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from uuid import UUID

_TIME = "$time"


def kept(values: Mapping[str, object]) -> dict[str, object]:
    """Turn values into what JSON has. Raises ValueError for what has no place there.

    Texts, numbers, yes and no, times with their zone, days, and lists and mappings of
    these; amounts, ids and days become texts, as templates would show them.
    """
    return {name: _kept(value, name) for name, value in values.items()}


def given(stored: Mapping[str, object]) -> dict[str, object]:
    """Turn what the outbox kept into values for a template."""
    return {name: _given(value) for name, value in stored.items()}


def _kept(value: object, name: str) -> object:
    match value:
        case Mapping():
            return {storable(str(key)): _kept(one, f"{name}.{key}") for key, one in value.items()}
        case list() | tuple():
            return [_kept(one, name) for one in value]
        case Enum():
            return _one(value.value, name)
        case _:
            return _one(value, name)


def _one(value: object, name: str) -> object:
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return storable(value)
        case datetime():
            if value.tzinfo is None:
                raise ValueError(f"{name}: {value} does not say in which zone")
            return {_TIME: value.isoformat()}
        case Decimal() | UUID() | date():
            return str(value)
        case _:
            raise ValueError(f"{name}: a mail cannot keep a {type(value).__name__}")


def _given(value: object) -> object:
    if isinstance(value, dict):
        if set(value) == {_TIME}:
            return datetime.fromisoformat(value[_TIME])
        return {key: _given(one) for key, one in value.items()}
    return [_given(one) for one in value] if isinstance(value, list) else value


def storable(words: str) -> str:
    """Replace what PostgreSQL has no place for in a text."""
    return words.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
