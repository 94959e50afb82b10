# SPDX-License-Identifier: Apache-2.0
"""What brings all rows to another system: an export, or an import that writes there."""

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import Engine

from poser.datasync.pushing.lines import PUSH, Push
from poser.db.base import Model
from poser.errors import ConfigError, PoserError
from poser.extensions.packages import Extension
from poser.importing.exporting import export
from poser.importing.found import EXPORT, IMPORT, Found, found
from poser.importing.result import RunStatus
from poser.importing.running import run
from poser.importing.watching import Watch
from poser.importing.words import asked_by_words, exported_by_words

Bring = Callable[[Mapping[str, Engine], Watch], None]
"""Brings the rows that these databases have; raises PoserError when it cannot."""


def bringing(push: Push, extensions: Sequence[Extension]) -> Bring:
    """Find what a line names. Raises PoserError for words that are none."""
    word, key, *words = (*push.words, "")
    if word not in {"export", "import"}:
        raise _wrong(push, f"{word!r} brings nothing", "say export or import, as behind poser")
    handlers = found(extensions, EXPORT if word == "export" else IMPORT)
    if key not in handlers:
        raise _wrong(push, f"there is no {word} handler {key!r}", f"there is {', '.join(handlers)}")
    if unknown := sorted(set(push.tables) - set(Model.metadata.tables)):
        raise _wrong(push, f"there is no table {', '.join(unknown)}", "docs/schema.md lists them")
    given = words[:-1]
    return (_exporting if word == "export" else _importing)(push, handlers[key], given)


def _exporting(push: Push, handler: Found, words: Sequence[str]) -> Bring:
    asked = exported_by_words(handler, words, name=push.name)

    def bring(engines: Mapping[str, Engine], watch: Watch) -> None:
        export(handler.load()(), asked, engines["poser"], watch)

    return bring


def _importing(push: Push, handler: Found, words: Sequence[str]) -> Bring:
    asked = asked_by_words(handler, words, schedule="")
    if asked.dry_run or asked.make_batch:
        raise _wrong(push, "such a run brings nothing", "leave --dry-run and --make-batch out")

    def bring(engines: Mapping[str, Engine], watch: Watch) -> None:
        result = run(handler.load()(), asked, engines, watch)
        if result.status is not RunStatus.DONE:
            raise PoserError(result.why or f"the run is {result.status}", hint=result.hint)

    return bring


def _wrong(push: Push, what: str, hint: str) -> ConfigError:
    return ConfigError(f"{PUSH.name}: {push.name}: {what}", hint=hint)
