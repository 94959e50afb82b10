# SPDX-License-Identifier: Apache-2.0
"""Importing what extensions have in their folders; every failure names the extension.

Light: the command line imports an extension's commands with it.
"""

from collections.abc import Sequence
from importlib import import_module
from types import ModuleType

from poser.errors import PoserError
from poser.extensions.packages import Extension


def load(extensions: Sequence[Extension], kind: str) -> list[ModuleType]:
    """Import all modules of one kind ("model"; later "importing", "pages"), in their order.

    Raises PoserError that names the extension, the module and the cause.
    """
    return [imported(one, name) for one in extensions for name in one.modules(kind)]


def load_one(extension: Extension, name: str) -> ModuleType | None:
    """Import a module that an extension may have, such as `permissions`; None if it has none."""
    has = (extension.folder / f"{name}.py").exists() or (extension.folder / name).is_dir()
    return imported(extension, f"{extension.package}.{name}") if has else None


def imported(extension: Extension, name: str) -> ModuleType:
    """Import one module of an extension by its full name."""
    try:
        return import_module(name)
    except PoserError:
        raise
    except Exception as error:
        words = " ".join(str(error).split())
        raise PoserError(
            f"extension {extension}: {name} cannot be imported: {type(error).__name__}: {words}",
            hint=f"mend it, or take {extension} out of [poser] extensions",
        ) from error
