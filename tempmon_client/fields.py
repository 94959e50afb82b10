# SPDX-License-Identifier: Apache-2.0
"""Reads the fields of a JSON object that came from elsewhere, and says exactly what is wrong."""

from collections.abc import Iterator
from typing import Any

LONGEST = 10_000


class WireError(ValueError):
    """What came cannot be read; nothing of it was taken."""


class Fields:
    """The fields of one object; `place` is where it stands in the whole, for messages."""

    def __init__(self, value: object, place: str = "") -> None:
        if not isinstance(value, dict):
            raise WireError(f"{place or 'the whole'}: an object was expected")
        self._value: dict[str, Any] = value
        self._place = place

    def path(self, name: str) -> str:
        """Return where a field stands."""
        return f"{self._place}.{name}" if self._place else name

    def has(self, name: str) -> bool:
        """Tell whether there is a field of this name that says something."""
        return self._value.get(name) is not None

    def names(self, most: int) -> list[str]:
        """Return the names of all fields."""
        if len(self._value) > most:
            raise WireError(f"{self._place}: {len(self._value)} are more than {most}")
        return list(self._value)

    def value(self, name: str) -> object:
        """Return whatever a field holds; raises WireError where it is missing."""
        if name not in self._value:
            raise WireError(f"{self.path(name)}: it is missing")
        return self._value[name]

    def whole(self, name: str, least: int = 0, most: int = 2**31) -> int:
        """Return a whole number between two others."""
        found = self.value(name)
        if type(found) is not int or not least <= found <= most:
            raise WireError(
                f"{self.path(name)}: a whole number from {least} to {most} was expected"
            )
        return found

    def whole_or_none(self, name: str, least: int, most: int) -> int | None:
        """Return a whole number between two others, or None where it says null."""
        return None if self.value(name) is None else self.whole(name, least, most)

    def truth(self, name: str) -> bool:
        """Return true or false."""
        found = self.value(name)
        if not isinstance(found, bool):
            raise WireError(f"{self.path(name)}: true or false was expected")
        return found

    def text(self, name: str, *, most: int = LONGEST) -> str:
        """Return a text of at most so many characters."""
        return self._text(self.path(name), self.value(name), most)

    def listed(self, name: str, *, most: int) -> list[object]:
        """Return a list of at most so many things."""
        found = self.value(name)
        if not isinstance(found, list) or len(found) > most:
            raise WireError(f"{self.path(name)}: a list of at most {most} was expected")
        return found

    def texts(self, name: str, *, most: int) -> list[str]:
        """Return a list of texts."""
        listed = enumerate(self.listed(name, most=most))
        return [self._text(f"{self.path(name)}[{place}]", one, 200) for place, one in listed]

    def inner(self, name: str) -> "Fields":
        """Return the fields of an object inside this one."""
        return Fields(self.value(name), self.path(name))

    def objects(self, name: str, *, most: int) -> Iterator["Fields"]:
        """Return the fields of each object of a list."""
        for place, one in enumerate(self.listed(name, most=most)):
            yield Fields(one, f"{self.path(name)}[{place}]")

    def _text(self, path: str, found: object, most: int) -> str:
        if not isinstance(found, str) or len(found) > most or "\0" in found:
            raise WireError(f"{path}: a text of at most {most} characters was expected")
        return found
