# SPDX-License-Identifier: Apache-2.0
"""Frozen values with keyword-only fields, cheap enough for a program that starts on every run.

They are declared and type-checked like frozen, keyword-only dataclasses, but are made without
`dataclasses`, whose import and code generation took 27 ms of the 100 ms of an unchanged run.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn, Self, dataclass_transform
else:

    def dataclass_transform(**_):  # noqa: ANN003, ANN201, D103 - for checkers only
        return lambda cls: cls


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Value:
    """Something that is its fields: two values with the same fields are the same.

    Fields are the annotated names of the class, with an optional default. Raises TypeError for
    a field that is missing or not declared, and AttributeError on every change.
    """

    fields_: tuple[str, ...] = ()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        own = tuple(name for name in cls.__annotations__ if name not in cls.fields_)
        cls.fields_ = cls.fields_ + own

    def __init__(self, **values: Any) -> None:  # noqa: ANN401 - each class declares its own
        cls = type(self)
        for name in values:
            if name not in cls.fields_:
                raise TypeError(f"{cls.__name__} has no field {name!r}")
        for name in cls.fields_:
            # A default is the attribute of the class, which shows through.
            if name not in values and not hasattr(cls, name):
                raise TypeError(f"{cls.__name__} needs the field {name!r}")
        self.__dict__.update(values)
        self.validate()

    def validate(self) -> None:
        """Raise an error when the fields do not make sense together; for classes that can tell."""

    def replace(self, **changes: Any) -> Self:  # noqa: ANN401 - each class declares its own
        """Return the same value but for some fields."""
        return type(self)(**{name: getattr(self, name) for name in self.fields_} | changes)

    @property
    def given(self) -> dict[str, Any]:
        """The fields that differ from their defaults."""
        cls, nothing = type(self), object()
        every = {name: getattr(self, name) for name in self.fields_}
        return {n: value for n, value in every.items() if value != getattr(cls, n, nothing)}

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is frozen: {name} cannot be set")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is frozen: {name} cannot be deleted")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self._values() == other._values()

    def __hash__(self) -> int:
        return hash((type(self), self._values()))

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.fields_)
        return f"{type(self).__name__}({shown})"

    def _values(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in self.fields_)
