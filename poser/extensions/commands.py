# SPDX-License-Identifier: Apache-2.0
"""The words that extensions add behind `poser`, found in their folders `cli/commands`."""

from collections.abc import Collection, Mapping, Sequence

from poser.errors import PoserError
from poser.extensions.packages import Extension

FOLDER = "cli.commands"


def commands(
    extensions: Sequence[Extension], own: Collection[str]
) -> Mapping[str, tuple[Extension, str]]:
    """Return the module of each word, with its extension; imports none of them.

    `own` are the words of Poser itself. Raises PoserError for a word that two have.
    """
    found: dict[str, tuple[Extension, str]] = {}
    for extension in extensions:
        for module in extension.modules(FOLDER):
            word = typed(module)
            if word in own or word in found:
                other = str(found[word][0]) if word in found else "Poser itself"
                raise PoserError(
                    f"extension {extension}: the command `poser {word}` is one of {other} already",
                    hint=f"rename {module}; its file name is the word",
                )
            found[word] = (extension, module)
    return found


def typed(module: str) -> str:
    """Return the word that people type for a module."""
    return module.rpartition(".")[2].rstrip("_").replace("_", "-")
