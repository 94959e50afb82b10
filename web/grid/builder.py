# SPDX-License-Identifier: Apache-2.0
"""The forms by which people put a view together: one more filter, other columns, another order.

They are plain forms of the grid's own address. What they send (`f`, `v`, `x`, `col`, ...) is
turned into the lasting form of the address and sent there, so that every address people
see, keep or share says the same in the same words.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from web.grid.conditions import GROUPS, YES
from web.grid.days import SPANS
from web.grid.filters import Option
from web.grid.headings import direction
from web.grid.verbs import Family, Takes, family_of, verbs_of
from web.grid.view import MOST_STEPS, Given, View
from web.language import _
from web.urls import with_query

_FORM_NAMES = ("f", "v", "x", "y", "g")
_INPUTS = {
    Family.NUMBER: "number",
    Family.DATE: "date",
    Family.TIME: "date",
    Family.SPAN: "date",
}


class Builder(NamedTuple):
    """The form for one more filter, as far as it is filled in.

    `input` says how the value is asked for: none, text, list, number, date, choice or two.
    """

    column: str
    columns: Sequence[Option]
    verb: str
    verbs: Sequence[Option]
    input: str
    kind: str
    options: Sequence[Option]
    groups: Sequence[Option]


def new_address(view: View, given: Given) -> str | None:
    """Give the lasting address of what a form asks for; None if no form was sent or half of it."""
    if "col" in given or "reset" in given:
        chosen = [] if "reset" in given else _listed(given, "col")
        return view.link_with({"cols": ",".join(dict.fromkeys(chosen))})
    if "s" in given:
        steps = [word for word in _listed(given, "s") if word][:MOST_STEPS]
        return view.link_with({"sort": ",".join(dict.fromkeys(steps))})
    return _with_filter(view, {name: _single(given, name) for name in _FORM_NAMES})


def _with_filter(view: View, asked: Mapping[str, str]) -> str | None:
    column = view.offered.get(asked["f"])
    verb = verbs_of(column).get(asked["v"]) if column else None
    if verb is None:
        return None
    value = asked["x"]
    if verb.takes is Takes.NOTHING:
        value = YES
    elif verb.takes is Takes.TWO and (asked["x"] or asked["y"]):
        value = f"{asked['x']}..{asked['y']}"
    if not value:
        return None
    name = f"{asked['f']}.{asked['v']}"
    if asked["g"] in {str(group) for group in range(1, GROUPS + 1)}:
        name = f"or{asked['g']}.{name}"
    pairs = view.pairs()
    if (name, value) in pairs:
        return view.link_with({})
    return _with(view, name, value)


def _with(view: View, name: str, value: str) -> str:
    pairs = view.pairs()
    pairs.insert([each for each, _value in pairs].index("sort"), (name, value))
    return with_query(view.subject.path, pairs)


def builder(view: View, given: Given) -> Builder:
    """Describe the form for one more filter, with what was chosen so far."""
    asked = {name: _single(given, name) for name in _FORM_NAMES}
    column = view.offered.get(asked["f"])
    verbs = verbs_of(column) if column else {}
    verb = verbs.get(asked["v"]) or next(iter(verbs.values()), None)
    input_, options = "text", list[Option]()
    if column is not None and verb is not None:
        input_, options = _asks(column.options, family_of(column), verb.takes)
    kind = _INPUTS.get(family_of(column), "text") if column else "text"
    return Builder(
        column=column.name if column else "",
        columns=sorted(
            (Option(name, _(each.label)) for name, each in view.offered.items()),
            key=lambda option: option.label.lower(),
        ),
        verb=verb.name if verb else "",
        verbs=[Option(each.name, _(each.says)) for each in verbs.values()],
        input=input_,
        kind="text" if kind == "number" else kind,
        options=options,
        groups=_groups(view),
    )


def _asks(choices: Sequence[Option], family: Family, takes: Takes) -> tuple[str, list[Option]]:
    """Say how the value of a verb is asked for, and among what."""
    plain = {Takes.NOTHING: "none", Takes.TWO: "two", Takes.MANY: "list"}
    if takes in plain:
        return plain[takes], []
    if takes is Takes.SPAN:
        offered = [Option(name, words) for name, words in SPANS.items()]
    elif family is Family.FLAG:
        offered = [Option("yes", "yes"), Option("no", "no")]
    elif family is Family.CHOICE:
        offered = list(choices)
    else:
        return "one", []
    return "choice", [Option(option.value, _(option.label)) for option in offered]


def _groups(view: View) -> list[Option]:
    """Offer what the new filter is joined to: all others, or one group of which any will do."""
    used = sorted({one.group for one in view.where if one.group})
    found = [Option("", _("and"))]
    found += [Option(str(g), _("or, in group {letter}").format(letter=letter(g))) for g in used]
    fresh = next((g for g in range(1, GROUPS + 1) if g not in used), None)
    if fresh is not None:
        found.append(
            Option(str(fresh), _("in a new group {letter}, of which any will do").format(
                letter=letter(fresh)
            ))
        )  # fmt: skip
    return found


def letter(group: int) -> str:
    """Name a group: A, B, C."""
    return chr(ord("A") + group - 1)


class Chosen(NamedTuple):
    """One column in the form that chooses columns."""

    name: str
    label: str
    is_shown: bool


def column_choice(view: View) -> list[Chosen]:
    """List the columns that can be shown: those that are, in their order, then the others."""
    shown = [column.name for column in view.columns]
    rest = sorted(
        (name for name in view.offered if name not in shown),
        key=lambda name: _(view.offered[name].label).lower(),
    )
    return [Chosen(n, _(view.offered[n].label), n in shown) for n in (*shown, *rest)]


class Ordering(NamedTuple):
    """One list in the form that orders by several columns."""

    value: str
    options: Sequence[Option]


def orderings(view: View) -> list[Ordering]:
    """Give a list for each column of the order, and one more to go on with."""
    options = [Option("", "–")]  # noqa: RUF001 - nothing chosen
    for name, column in view.offered.items():
        if column.order is not None:
            for down in (column.order.best_first, not column.order.best_first):
                words = f"{_(column.label)}, {direction(column, downward=down)}"
                options.append(Option(("-" if down else "") + name, words))
    chosen = [("-" if step.descending else "") + step.name for step in view.steps]
    return [Ordering(value, options) for value in [*chosen, ""][:MOST_STEPS]]


def _listed(given: Given, name: str) -> list[str]:
    value = given.get(name, [])
    return [value] if isinstance(value, str) else list(value)


def _single(given: Given, name: str) -> str:
    return next(reversed(_listed(given, name)), "").strip()
