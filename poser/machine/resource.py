# SPDX-License-Identifier: Apache-2.0
"""A resource is one small thing that a machine should have; this is what all of them answer.

To add a kind, put a module with a class that inherits from `Resource` into `resources/`: it is
found by listing that folder.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from importlib import import_module

from poser.errors import WireError
from poser.machine.secret import Secret, reveal
from poser.machine.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from poser.machine.facts import Changes, Facts, Query
    from poser.machine.system import System

__all__ = ["Drift", "Resource", "Secret", "decode", "encode", "kinds", "reveal"]


class Drift(Value):
    """What is wrong with a resource: a reason in words and, where there is text, a diff."""

    reason: str
    diff: str = ""


class Resource(Value, ABC):
    """One thing a machine should have: what to look at, what is wrong, how to mend it.

    Looking and judging are apart: `wrong` and `predict` see facts only and touch nothing.
    """

    # Whether mending may change things that no prediction knows (a package brings files, a
    # program writes tables): what comes after is looked at anew.
    disturbs = False

    @property
    @abstractmethod
    def key(self) -> str:
        """The name of this resource in plans and errors, such as "file /etc/hosts"."""

    @abstractmethod
    def queries(self) -> tuple[Query, ...]:
        """Return what must be looked up to judge this resource."""

    @abstractmethod
    def wrong(self, facts: Facts) -> Drift | None:
        """Return what is wrong given what was seen, or None. Pure."""

    @abstractmethod
    def predict(self, facts: Facts) -> Changes:
        """Return the facts that mending will change, as they will then be. Pure."""

    @abstractmethod
    def mend(self, system: System, facts: Facts) -> None:
        """Make it right. Safe to repeat, and to be killed in: the next run heals the rest."""

    def guards(self) -> tuple[str, ...]:
        """Return the paths to put back unless the change is confirmed over a new connection."""
        return ()


def kinds() -> dict[str, type[Resource]]:
    """Return every kind of resource by its class name, found by listing `resources/`."""
    package = f"{__package__}.resources"
    folder = os.path.join(os.path.dirname(__file__), "resources")
    names = sorted(name[:-3] for name in os.listdir(folder) if name.endswith(".py"))
    found: dict[str, type[Resource]] = {}
    for name in names:
        module = import_module(f"{package}.{name}")
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, Resource) and value is not Resource:
                found[value.__name__] = value
    return found


def encode(resources: Iterable[Resource]) -> list[dict[str, Any]]:
    """Return the resources as JSON values; `decode` turns them back. Secrets are in it."""
    return [_encode(resource) for resource in resources]


def _encode(resource: Resource) -> dict[str, Any]:
    coded: dict[str, Any] = {"kind": type(resource).__name__}
    return coded | {name: _plain(value) for name, value in resource.given.items()}


def _plain(value: Any) -> Any:  # noqa: ANN401 - any field of any resource
    if isinstance(value, Secret):
        return {"secret": value.reveal()}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value


def decode(coded: Sequence[Mapping[str, Any]]) -> list[Resource]:
    """Return the resources that `encode` wrote; WireError names what does not fit."""
    known = kinds()
    return [_decode(one, known) for one in coded]


def _decode(coded: Mapping[str, Any], known: Mapping[str, type[Resource]]) -> Resource:
    values = {name: _rich(value) for name, value in coded.items() if name != "kind"}
    name = coded.get("kind", "")
    if name not in known:
        raise WireError(
            f"there is no resource of the kind {name!r}",
            hint=f"the kinds are {', '.join(sorted(known))}",
        )
    try:
        return known[name](**values)
    except TypeError as error:
        raise WireError(f"a resource of the kind {name} does not fit: {error}") from error


def _rich(value: Any) -> Any:  # noqa: ANN401 - any field of any resource
    if isinstance(value, dict):
        return Secret(value["secret"])
    if isinstance(value, list):
        return tuple(_rich(one) for one in value)
    return value
