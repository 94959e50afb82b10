# SPDX-License-Identifier: Apache-2.0
"""The words behind `poser import KEY`: what they may be, and what is asked for by them.

The command line reads them from a terminal, a schedule from the settings. The options that every
handler takes are declared here once and named as `Asked` has them. An option that is not typed
says nothing: what holds then is declared in `Asked` alone.
"""

import dataclasses
import inspect
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import click

from poser.errors import PoserError
from poser.importing.asked import Asked, OnLimit

if TYPE_CHECKING:
    from poser.importing.found import Found
    from poser.importing.handler import Option

_HOLDS = {one.name: one.default for one in dataclasses.fields(Asked)}


class Names(click.ParamType[tuple[str, ...]]):
    """Names with commas between."""

    name = "FIELD,..."

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Split the names; an empty one is a slip of the finger."""
        if isinstance(value, tuple):
            return value
        names = tuple(one.strip() for one in str(value).split(","))
        if not all(names):
            self.fail(f"{value!r} has an empty name; write them like number,name", param, ctx)
        return names


class Amount(click.ParamType[Decimal]):
    """A number that is not below zero, kept exactly."""

    name = "NUMBER"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Decimal:
        """Read a number."""
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            number = Decimal(-1)
        if not number.is_finite() or number < 0:
            self.fail(f"{value!r} is no number from 0 up", param, ctx)
        return number


class Day(click.ParamType[date]):
    """A day, written like 2026-11-22."""

    name = "DAY"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> date:
        """Read a day."""
        if isinstance(value, date):
            return value
        try:
            return datetime.strptime(str(value), "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            self.fail(f"{value!r} is no day; write it like 2026-11-22", param, ctx)


def _option(flag: str, name: str, help_: str, **more: Any) -> click.Option:  # noqa: ANN401 - click's own
    """Declare one option; its help says what holds when it is not typed."""
    holds = _HOLDS[name]
    if "%s" in help_:
        help_ %= holds
    more.setdefault("default", None)
    return click.Option([*flag.split(), name], help=help_, **more)


_COUNT = click.IntRange(min=0)

OPTIONS: tuple[click.Option, ...] = (
    _option("--from", "where", "Where the records are.", metavar="PLACE"),
    _option("--key", "key", "Fields by which a record is the same as a row.", type=Names()),
    _option("--fields", "fields", "Compare and write only these fields.", type=Names()),
    _option("--without", "without", "Leave these fields as they are.", type=Names()),
    _option(
        "--fuzzy",
        "fuzzy",
        "Fields that count as equal while their numbers, or their times in seconds, differ"
        " by no more than --fuzz.",
        type=Names(),
    ),
    _option("--fuzz", "fuzz", "How much fuzzy fields may differ by.  [default: %s]", type=Amount()),
    _option("--create/--no-create", "creates", "Whether rows that are missing are made."),
    _option("--update/--no-update", "updates", "Whether rows that differ are changed."),
    _option(
        "--delete/--no-delete",
        "deletes",
        "Whether rows that the source has no more are deleted; no, unless the importer says so.",
    ),
    _option("--max-creates", "max_creates", "Most rows to make, of each model.", type=_COUNT),
    _option("--max-updates", "max_updates", "Most rows to change, of each model.", type=_COUNT),
    _option("--max-deletes", "max_deletes", "Most rows to delete, of each model.", type=_COUNT),
    _option("--max-changes", "max_changes", "Most changes in all.", type=_COUNT),
    _option(
        "--on-limit",
        "on_limit",
        "At a limit: stop before anything is written, or cut: do as many as may be.  [default: %s]",
        type=click.Choice([one.value for one in OnLimit]),
    ),
    _option(
        "--max-delete-share",
        "max_delete_share",
        "Stop if more than this share of a model's rows would be deleted, percent.  [default: %s]",
        type=Amount(),
        metavar="PERCENT",
    ),
    _option(
        "--allow-empty",
        "allow_empty",
        "Insist on a source without any record: what it lacks is deleted where deleting is on.",
        is_flag=True,
        default=False,
    ),
    _option("--since", "since", "Only records of this day and later.", type=Day()),
    _option("--until", "until", "Only records of this day and earlier.", type=Day()),
    _option(
        "--batch-size",
        "batch_size",
        "Commit after so many changes; 0 is everything or nothing.  [default: %s]",
        type=_COUNT,
    ),
    _option(
        "--dry-run", "dry_run", "Look only: say what would change.", is_flag=True, default=False
    ),
    _option(
        "--warnings",
        "warnings",
        "No changes are expected: if there are any, mail them.",
        is_flag=True,
        default=False,
    ),
    _option(
        "--mail-to",
        "recipients",
        "Who gets the mail of --warnings instead of those in the settings; may be repeated.",
        multiple=True,
        metavar="ADDRESS",
        default=(),
    ),
    _option(
        "--make-batch",
        "make_batch",
        "Change nothing: make a batch of the changes, for a person to review.",
        is_flag=True,
        default=False,
    ),
    _option(
        "--strict",
        "strict",
        "Stop at the first record that cannot be used, with nothing written.",
        is_flag=True,
        default=False,
    ),
    _option(
        "--max-diffs",
        "max_diffs",
        "Most changes of each kind and model that are shown and mailed.  [default: %s]",
        type=_COUNT,
    ),
    _option("--as-user", "user", "User of this node who is kept as the author.", metavar="NAME"),
    _option("--comment -m", "comment", "Why; kept with the changes.", metavar="TEXT"),
)
"""What people can ask of a run."""

YEAR = click.Option(
    ["--year"], type=click.IntRange(1, 9999), help="Only records of this year.", metavar="YEAR"
)

MODELS = click.Argument(["models"], nargs=-1, metavar="[MODEL]...")
TO = click.Option(
    ["--to", "where"], required=True, metavar="PLACE", help="Where to write; what is there goes."
)
_WRITES = {"fields": "Write only these fields.", "without": "Leave these fields out."}
SHOWING = (
    click.Option(["--json", "as_json"], is_flag=True, help="Write what came of it as JSON."),
    click.Option(["--quiet"], is_flag=True, help="Write nothing unless something is wrong."),
)


def described(
    found: "Found", shared: Sequence[click.Parameter]
) -> tuple[str, Sequence[click.Parameter]]:
    """Give the help of a handler, and parameters: `shared` and the handler's own."""
    handler = found.load()
    taken = [flag for one in shared for flag in (*one.opts, *one.secondary_opts)]
    try:
        own = [own_option(option, taken) for option in handler.options]
    except ValueError as error:
        raise PoserError(f"{found.place}: {error}", hint="give it another name") from None
    models = ", ".join(one.model.__name__ for one in handler.importers)
    parts = (
        inspect.cleandoc(handler.__doc__ or ""),
        f"PLACE: {handler.where}.",
        f"Models, in their order: {models}." if models else "",
    )
    return "\n\n".join(part for part in parts if part), (*shared, *own)


def described_import(found: "Found") -> tuple[str, Sequence[click.Parameter]]:
    """Give the help of an import handler, and all that may stand behind its key."""
    return described(found, (MODELS, *OPTIONS, YEAR, *SHOWING))


def asked_by_words(found: "Found", words: Sequence[str], *, schedule: str) -> Asked:
    """Say what words behind `poser import KEY` ask for. Raises PoserError for words that are none.

    `schedule` is the name by which the settings have them.
    """
    command = click.Command(found.key, params=list(described_import(found)[1]))
    try:
        with command.make_context(found.key, list(words)) as context:
            line = f"import {found.key}, named {schedule} by the settings"
            return asked_from(context.params, found.load().options, command=line, schedule=schedule)
    except click.ClickException as error:
        raise PoserError(f"import {schedule}: {error.format_message()}") from error


def described_export(found: "Found") -> tuple[str, Sequence[click.Parameter]]:
    """Give the help of an export handler, and all that may stand behind its key."""
    fields = [
        click.Option([*one.opts, str(one.name)], type=one.type, help=_WRITES[str(one.name)])
        for one in OPTIONS
        if one.name in _WRITES
    ]
    return described(found, (MODELS, TO, *fields, *SHOWING))


def exported_by_words(found: "Found", words: Sequence[str], *, name: str) -> Asked:
    """Say what words behind `poser export KEY` ask for, which the settings have by a name.

    Raises PoserError for words that are none.
    """
    command = click.Command(found.key, params=list(described_export(found)[1]))
    try:
        with command.make_context(found.key, list(words)) as context:
            return asked_from(context.params, found.load().options, command=f"export {found.key}")
    except click.ClickException as error:
        raise PoserError(f"export {name}: {error.format_message()}") from error


def own_option(option: "Option", taken: Sequence[str]) -> click.Option:
    """Make an option that only one handler takes. Raises ValueError for a word that is taken."""
    flag = f"--{option.name}"
    if flag in taken:
        raise ValueError(f"the option {flag} is one of every import")
    if option.is_flag:
        return click.Option([flag, _own(option.name)], help=option.help, flag_value="yes")
    help_ = f"{option.help}  [default: {option.default}]" if option.default else option.help
    return click.Option([flag, _own(option.name)], help=help_, metavar="TEXT")


def asked_from(
    typed: Mapping[str, Any],
    options: Sequence["Option"],
    *,
    command: str = "",
    schedule: str = "",
) -> Asked:
    """Say what a run is asked to do, from what was typed by the names of the options."""
    year = typed.get("year")
    if year and (typed.get("since") or typed.get("until")):
        raise click.UsageError("--year and --since or --until: say one or the other")
    said = {name: typed[name] for name in _HOLDS if typed.get(name) is not None}
    if year:
        said |= {"since": date(year, 1, 1), "until": date(year, 12, 31)}
    if "on_limit" in said:
        said["on_limit"] = OnLimit(said["on_limit"])
    own = {one.name: typed.get(_own(one.name)) for one in options}
    said["options"] = tuple(
        (one.name, one.default if own[one.name] is None else own[one.name]) for one in options
    )
    asked = Asked(**(said | {"command": command, "schedule": schedule}))
    _fit(asked)
    return asked


def _fit(asked: Asked) -> None:
    """Refuse what says two things at once."""
    if asked.fields and asked.without:
        raise click.UsageError("--fields and --without: say one or the other")
    if asked.since and asked.until and asked.since > asked.until:
        raise click.UsageError(f"--since {asked.since} is after --until {asked.until}")
    if asked.dry_run and asked.make_batch:
        raise click.UsageError("--dry-run and --make-batch: say one or the other")
    if asked.recipients and not asked.warnings:
        raise click.UsageError("--mail-to belongs to --warnings")


def _own(name: str) -> str:
    return f"own_{name.replace('-', '_')}"
