# SPDX-License-Identifier: Apache-2.0
"""What is typed behind `poser import KEY` is what a run is asked to do."""

import dataclasses
from datetime import date
from decimal import Decimal
from typing import Any

import click
import pytest

from poser.importing.asked import Asked, OnLimit
from poser.importing.handler import Option
from poser.importing.words import OPTIONS, YEAR, asked_from, own_option

ZONE = Option(name="time-zone", help="Zone of times.", default="UTC")
NOT_TYPED = {"models", "options", "command", "schedule"}


def typed(line: str, *own: Option) -> Asked:
    """Read a line as click would."""
    taken = [flag for one in OPTIONS for flag in one.opts]
    models = click.Argument(["models"], nargs=-1)
    params = [models, *OPTIONS, YEAR, *(own_option(one, taken) for one in own)]
    context = click.Command("key", params=params).make_context("key", line.split())
    return asked_from(context.params, own)


def test_without_options_it_is_what_asked_says_itself() -> None:
    assert typed("") == Asked()


def test_every_word_of_asked_has_one_option() -> None:
    names = [one.name for one in OPTIONS]
    assert len(names) == len(set(names))
    assert set(names) == {one.name for one in dataclasses.fields(Asked)} - NOT_TYPED


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Product Vendor", {"models": ("Product", "Vendor")}),
        ("--from /x.csv", {"where": "/x.csv"}),
        ("--key number,name", {"key": ("number", "name")}),
        ("--fields a,b", {"fields": ("a", "b")}),
        ("--without a,b", {"without": ("a", "b")}),
        ("--fuzzy price --fuzz 0.005", {"fuzzy": ("price",), "fuzz": Decimal("0.005")}),
        ("--no-create --delete", {"creates": False, "deletes": True}),
        ("--no-update", {"updates": False}),
        ("--max-creates 1 --max-updates 2", {"max_creates": 1, "max_updates": 2}),
        ("--max-deletes 0 --max-changes 9", {"max_deletes": 0, "max_changes": 9}),
        ("--on-limit cut", {"on_limit": OnLimit.CUT}),
        ("--max-delete-share 12.5", {"max_delete_share": Decimal("12.5")}),
        ("--allow-empty", {"allow_empty": True}),
        ("--since 2026-01-31", {"since": date(2026, 1, 31)}),
        ("--year 2025", {"since": date(2025, 1, 1), "until": date(2025, 12, 31)}),
        ("--batch-size 500", {"batch_size": 500}),
        ("--dry-run", {"dry_run": True}),
        ("--warnings --mail-to a@b.example --mail-to role:Buyers",
         {"warnings": True, "recipients": ("a@b.example", "role:Buyers")}),
        ("--make-batch", {"make_batch": True}),
        ("--strict", {"strict": True}),
        ("--max-diffs 3", {"max_diffs": 3}),
        ("--as-user anna -m why", {"user": "anna", "comment": "why"}),
    ],
)  # fmt: skip
def test_an_option_says_one_thing(line: str, said: dict[str, Any]) -> None:
    assert typed(line) == dataclasses.replace(Asked(), **said)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("--key a,,b", "has an empty name"),
        ("--fuzz much", "is no number from 0 up"),
        ("--fuzz NaN", "is no number from 0 up"),
        ("--max-delete-share -1", "is no number from 0 up"),
        ("--max-creates -1", "is not in the range"),
        ("--since 31.12.2026", "write it like 2026-11-22"),
        ("--since 2026-02-01 --until 2026-01-01", "is after --until"),
        ("--year 2026 --since 2026-01-01", "say one or the other"),
        ("--fields a --without b", "say one or the other"),
        ("--dry-run --make-batch", "say one or the other"),
        ("--mail-to a@b.example", "belongs to --warnings"),
        ("--on-limit maybe", "is not one of"),
    ],
)
def test_what_makes_no_sense_is_wrong_usage(line: str, words: str) -> None:
    with pytest.raises(click.UsageError, match=words):
        typed(line)


def test_a_handlers_own_option_comes_with_its_default() -> None:
    assert typed("", ZONE).option("time-zone") == "UTC"
    assert typed("--time-zone Europe/Berlin", ZONE).option("time-zone") == "Europe/Berlin"


def test_a_handlers_own_flag_has_no_word_behind_it() -> None:
    trim = Option(name="trim", help="Take blanks off.", is_flag=True)
    assert typed("--trim Product", trim).option("trim") == "yes"
    assert typed("", trim).option("trim") == ""


def test_a_handler_cannot_take_a_word_of_all() -> None:
    with pytest.raises(ValueError, match="--from is one of every import"):
        typed("", Option(name="from", help="Mine."))


def test_every_option_says_what_it_is_for() -> None:
    for one in (*OPTIONS, YEAR):
        assert (one.help or "")[0].isupper()
        assert "%s" not in (one.help or "")
