# SPDX-License-Identifier: Apache-2.0
"""What Fabric's command line cannot do by itself, and how errors are shown.

Fabric gives each verb one word for the machines it is about (`role=store`), and knows no optional
word. So the words are rewritten before Fabric reads them: `lab up` becomes `lab.up`, a verb that
can do without its word gets `all`, and what follows `--` is kept for `fab ssh`.
"""

import functools
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NoReturn, ParamSpec, TypeAlias

from fabric import task as fabric_task  # type: ignore[import-untyped]  # Fabric ships no types
from fabric.main import program  # type: ignore[import-untyped]  # same
from invoke.collection import Collection
from invoke.exceptions import Exit

from control.fleet import ExitCode
from control.nearest import did_you_mean
from control.paint import Ink, paint
from control.selectors import ALL, EXAMPLES, NoSuchMachine, is_selector
from poser.errors import PoserError

if TYPE_CHECKING:
    from invoke.tasks import Task

Arguments = ParamSpec("Arguments")
Verb: TypeAlias = "Task[Callable[..., None]]"

WHERE_HELP = "which machines: role=ROLE, host=NAME, site=SITE, all; commas combine"
DEBUG = "POSER_DEBUG"
INTERRUPTED = "\ninterrupted; run it again: it goes on from where it was"
FOLDERS = ("certificates", "lab")
"""Verbs of two words: `fab lab up` is Fabric's `fab lab.up`."""

_NEEDING: set[Verb] = set()
"""The verbs that must be told which machines they are about."""


def verb(
    *, needs_where: bool = False, **options: object
) -> Callable[[Callable[Arguments, None]], Verb]:
    """Make a function a verb of `fab`: its word for the machines is the parameter `where`.

    Without `needs_where`, the verb is about all machines when the word is missing. A PoserError
    ends `fab` with its message and hint, without a traceback.
    """

    def made(function: Callable[Arguments, None]) -> Verb:
        @functools.wraps(function)
        def shielded(*args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
            try:
                function(*args, **kwargs)
            except PoserError as error:
                stop(error)
            except KeyboardInterrupt:
                raise Exit(INTERRUPTED, ExitCode.INTERRUPTED) from None

        found: Verb = fabric_task(shielded, positional=["where"], **options)
        if needs_where:
            _NEEDING.add(found)
        return found

    return made


def stop(error: PoserError) -> NoReturn:
    """End `fab` with an error; its exit code says whether the command line was wrong."""
    complain(error)
    code = ExitCode.USAGE if isinstance(error, NoSuchMachine) else ExitCode.FAILED
    raise Exit(code=code) from None


def end(code: ExitCode) -> None:
    """End `fab` with an exit code, unless all is well and more verbs may follow."""
    if code is not ExitCode.WELL:
        raise Exit(code=code)


def complain(error: PoserError) -> None:
    """Print an error on standard error; with POSER_DEBUG=1, first where it was raised."""
    if os.environ.get(DEBUG):
        traceback.print_exception(error)
    print(shown(error), file=sys.stderr, flush=True)  # noqa: T201


def shown(error: PoserError) -> str:
    """Return an error as people see it: what is wrong, a command's own words, what to do."""
    lines = [f"{paint('error:', Ink.RED, sys.stderr)} {error.message}"]
    lines += [f"  | {line}" for line in getattr(error, "output", "").splitlines()]
    if error.hint:
        lines.append(f"{paint('hint:', Ink.CYAN, sys.stderr)} {error.hint}")
    return "\n".join(lines)


def rewrite(words: Sequence[str], verbs: Iterable[str], needing: Iterable[str]) -> list[str]:
    """Return the words of the command line as Fabric can read them.

    `verbs` are all verbs, `needing` those that cannot do without a selector. Raises PoserError
    for a selector that is missing or is one too many, with an example.
    """
    known, needing = set(verbs), set(needing)
    joined = _join_folders(list(words), known)
    bounds = [*(at for at, word in enumerate(joined) if word in known), len(joined)]
    rewritten = joined[: bounds[0]]
    _refuse_unknown(rewritten, known)
    for start, end in pairwise(bounds):
        rewritten += _one_verb(joined[start], joined[start + 1 : end], needing)
    return rewritten


def verbs(*plain: Verb, **folders: Sequence[Verb]) -> Collection:
    """Return the verbs as Fabric wants them, and rewrite the words of the command line for them.

    To be called at the end of the fabfile: Fabric has then read its own options, and reads the
    verbs next.
    """
    found = Collection(*plain)
    for name, tasks in folders.items():
        found.add_collection(Collection(name, *tasks))
    needing = [name for name in found.task_names if found[name] in _NEEDING]
    _adapt(list(found.task_names), needing)
    return found


def _adapt(known: Sequence[str], needing: Sequence[str]) -> None:
    """Rewrite what the running `fab` has not read yet; nothing when something else loads us."""
    core = getattr(program, "core", None)
    if core is None:
        return
    try:
        core.unparsed[:] = rewrite(core.unparsed, known, needing)
    except PoserError as error:
        raise Exit(shown(error), ExitCode.USAGE) from None
    if core.unparsed[:1] == ["ssh"]:
        core.remainder = ""  # Fabric would run it itself, on machines that only -H could name


def after_dashes() -> tuple[str, ...]:
    """Return the words after `--`, as they were given."""
    words = sys.argv[1:]
    return tuple(words[words.index("--") + 1 :]) if "--" in words else ()


def _join_folders(words: list[str], known: set[str]) -> list[str]:
    """Join `lab up` to `lab.up`; a `lab` alone shows its state."""
    joined: list[str] = []
    at = 0
    while at < len(words):
        word = words[at]
        if word in FOLDERS:
            after = words[at + 1] if at + 1 < len(words) else ""
            if f"{word}.{after}" in known:
                at += 1
                word = f"{word}.{after}"
            elif after and not after.startswith("-") and not is_selector(after):
                verbs = [each.partition(".")[2] for each in known if each.startswith(f"{word}.")]
                hint = did_you_mean(after, verbs, what=f"fab {word} can")
                raise PoserError(f"there is no `fab {word} {after}`", hint=hint)
            else:
                word = f"{word}.status"
        joined.append(word)
        at += 1
    return joined


def _refuse_unknown(words: Sequence[str], known: set[str]) -> None:
    """Raise PoserError when the command line begins with a verb that does not exist."""
    if words and not words[0].startswith("-"):
        hint = did_you_mean(words[0], known, what="there are")
        raise PoserError(f"there is no `fab {words[0]}`", hint=hint)


def _one_verb(name: str, words: Sequence[str], needing: set[str]) -> list[str]:
    """Return a verb with its words and exactly one selector."""
    spoken = name.replace(".", " ")
    selectors = [word for word in words if is_selector(word)]
    if len(selectors) > 1:
        raise PoserError(
            f"`fab {spoken}` takes one word for the machines, not {' '.join(selectors)}",
            hint=f"combine them with commas: fab {spoken} {','.join(selectors)}",
        )
    if selectors or {"-h", "--help"} & set(words):
        return [name, *words]
    stray = next((word for word in words if not word.startswith("-")), "")
    if name in needing:
        said = f": {stray!r} is no selector" if stray else ""
        hint = f"did you mean host={stray} or role={stray}?" if stray else f"as in: {EXAMPLES}"
        raise PoserError(f"`fab {spoken}` must be told which machines{said}", hint=hint)
    return [name, ALL, *words]
