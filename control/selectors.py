# SPDX-License-Identifier: Apache-2.0
"""Which machines: role=store,site=north, host=store-1, all."""

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from control.nearest import did_you_mean
from poser.errors import ConfigError

ALL = "all"
KINDS = ("role", "host", "site")
EXAMPLES = "role=store, host=store-1, site=north, all; commas combine: role=store,site=north"


class Selectable(Protocol):
    """What a selector looks at."""

    @property
    def name(self) -> str:
        """The name of the machine."""

    @property
    def role(self) -> str:
        """Its role."""

    @property
    def site(self) -> str:
        """Its site, or ""."""


AnyMachine = TypeVar("AnyMachine", bound=Selectable)


class NoSuchMachine(ConfigError):  # noqa: N818 - says what happened, as the sentence would
    """The words on the command line name no machine of the inventory."""


def is_selector(token: str) -> bool:
    """Tell whether a word of the command line is meant as a selector."""
    return token == ALL or ("=" in token and not token.startswith("-"))


def select(machines: Sequence[AnyMachine], selector: str, *, file: str) -> tuple[AnyMachine, ...]:
    """Return the machines that fit `selector`, in their own order; never none.

    Commas combine: values of the same kind are alternatives (host=a,host=b), different kinds must
    all fit (role=store,site=north). Raises NoSuchMachine for a kind or a value that no machine has,
    naming the nearest ones, and when no machine fits everything. `file` is for the messages.
    """
    wanted = _parse(selector)
    for kind, values in wanted.items():
        _check(kind, values, machines, file)
    found = tuple(
        machine
        for machine in machines
        if all(_value(machine, kind) in values for kind, values in wanted.items())
    )
    if not found:
        raise NoSuchMachine(
            f"no machine of {file} fits {selector!r} as a whole",
            hint=f"different kinds must all fit; fab status shows every machine. As in: {EXAMPLES}",
        )
    return found


def _parse(selector: str) -> dict[str, list[str]]:
    wanted: dict[str, list[str]] = {}
    for term in selector.split(","):
        kind, equals, value = term.strip().partition("=")
        if term.strip() == ALL:
            if selector.strip() != ALL:
                raise NoSuchMachine(f"'all' cannot be combined ({selector!r})", hint=EXAMPLES)
            return {}
        if not equals:
            hint = f"did you mean host={kind} or role={kind}?" if kind else f"as in: {EXAMPLES}"
            raise NoSuchMachine(f"{term!r} does not say which machines", hint=hint)
        if kind not in KINDS:
            hint = did_you_mean(kind, KINDS, what="machines are selected by")
            raise NoSuchMachine(f"machines cannot be selected by {kind!r}", hint=hint)
        wanted.setdefault(kind, []).append(value)
    return wanted


def _check(kind: str, values: Iterable[str], machines: Sequence[Selectable], file: str) -> None:
    known = sorted({_value(machine, kind) for machine in machines} - {""})
    for value in values:
        if value not in known:
            hint = did_you_mean(value, known, what=f"{file} has")
            raise NoSuchMachine(f"no machine of {file} has {kind}={value}", hint=hint)


def _value(machine: Selectable, kind: str) -> str:
    return {"host": machine.name, "role": machine.role, "site": machine.site}[kind]
