# SPDX-License-Identifier: Apache-2.0
"""Which types of email there are: found by listing packages, so that nothing keeps a list.

A package of Poser, or an extension, may have a module `emails.py`; every EmailType in it is
one. The templates of its types lie in the folder `templates/` beside it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from types import ModuleType

import poser
from poser.errors import PoserError
from poser.extensions.modules import load_one
from poser.extensions.packages import Extension
from poser.mail.types import EmailType

MODULE = "emails"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A type of email, the module that has it, and the folder of its templates."""

    type: EmailType
    module: str
    folder: Path


def email_types(extensions: Sequence[Extension]) -> Mapping[str, Found]:
    """Find every type by its key, in the order of the keys.

    Raises PoserError for a key that two have, and for one of an extension that is not named
    after it.
    """
    found: dict[str, Found] = {}
    for one in (*_own(), *_of(extensions)):
        other = found.setdefault(one.type.key, one)
        if other is not one:
            raise PoserError(
                f"{other.module} and {one.module} both have the email type {one.type.key}",
                hint="rename it in one of them",
            )
    return dict(sorted(found.items()))


def find_type(types: Mapping[str, Found], key: str) -> Found:
    """Return one type. Raises PoserError for a key that is none."""
    try:
        return types[key]
    except KeyError:
        near = get_close_matches(key, types, n=1)
        raise PoserError(
            f"there is no email type {key!r}",
            hint=f"did you mean {near[0]}?" if near else "poser mail list --all shows them",
        ) from None


def _own() -> Iterator[Found]:
    for folder in poser.__path__:
        for path in sorted(Path(folder).glob(f"*/{MODULE}.py")):
            yield from _in(import_module(f"poser.{path.parent.name}.{MODULE}"))


def _of(extensions: Sequence[Extension]) -> Iterator[Found]:
    for extension in extensions:
        module = load_one(extension, MODULE)
        for one in _in(module) if module else ():
            if not one.type.key.startswith(f"{extension.name}_"):
                raise PoserError(
                    f"extension {extension}: its email type {one.type.key} is not named after it",
                    hint=f"call it {extension.name}_{one.type.key}",
                )
            yield one


def _in(module: ModuleType) -> Iterator[Found]:
    folder = Path(module.__file__ or "").parent / "templates"
    for value in vars(module).values():
        if isinstance(value, EmailType):
            yield Found(type=value, module=module.__name__, folder=folder)
