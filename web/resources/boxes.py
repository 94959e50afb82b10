# SPDX-License-Identifier: Apache-2.0
"""One field of a form as its template takes it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.dialects.postgresql import DATERANGE

from web.forms import Upload
from web.grid.filters import Option
from web.language import _
from web.resources.choosing import Match
from web.resources.fields import Field, Input
from web.resources.typed import BETWEEN

_KINDS = {
    Input.LONG_TEXT: "area",
    Input.JSON: "area",
    Input.LIST: "area",
    Input.FLAG: "flag",
    Input.CHOICE: "choice",
    Input.SPAN: "span",
    Input.REFERENCE: "reference",
    Input.FILE: "file",
}
_TYPES = {Input.DATE: "date", Input.TIME: "datetime-local"}
_NUMBERS = {Input.WHOLE: "numeric", Input.DECIMAL: "decimal", Input.MONEY: "decimal"}
_WIDE = frozenset({Input.LONG_TEXT, Input.JSON, Input.LIST, Input.SPAN})
_YES_OR_NO = (Option("yes", "yes"), Option("no", "no"))


@dataclass(slots=True, kw_only=True)
class Box:
    """One field of a form as it stands.

    `text` is the value as it is typed, `was` what it was when the page was made, and `shown`
    how the chosen record is called. `matches` are records to choose from. `theirs` is how
    somebody else's value reads, and `by` says who wrote it when. `upload` is a new file.
    """

    field: Field
    text: str = ""
    was: str = ""
    shown: str = ""
    problem: str = ""
    matches: Sequence[Match] = ()
    choose_path: str = ""
    theirs: str | None = None
    by: str = ""
    upload: Upload | None = None

    @property
    def is_changed(self) -> bool:
        """Tell whether what was typed differs from what the page held."""
        return self.upload is not None or self.text != self.was

    @property
    def label(self) -> str:
        """What the field is called."""
        return _(self.field.label)

    @property
    def help(self) -> str:
        """What the field means."""
        return _(self.field.help) if self.field.help else ""

    @property
    def unit(self) -> str:
        """What its numbers count, where the label does not say so."""
        return "" if self.field.label.endswith("percent") else self.field.unit

    @property
    def kind(self) -> str:
        """Which part of the template shows it."""
        if self.field.input is Input.FLAG and self.field.takes_none:
            return "choice"
        return _KINDS.get(self.field.input, "input")

    @property
    def type(self) -> str:
        """The type of its input."""
        if self.field.input is Input.SPAN:
            is_days = self.field.column is not None and isinstance(
                self.field.column.type, DATERANGE
            )
            return "date" if is_days else "datetime-local"
        return _TYPES.get(self.field.input, "text")

    @property
    def step(self) -> str | None:
        """Times are exact to the second."""
        return "1" if self.type == "datetime-local" else None

    @property
    def inputmode(self) -> str | None:
        """Which keys a phone shows."""
        return _NUMBERS.get(self.field.input)

    @property
    def maxlength(self) -> str | None:
        """How many characters fit."""
        return str(self.field.longest) if self.field.input is Input.TEXT else None

    @property
    def dir(self) -> str | None:
        """Texts run the way of their own letters."""
        return "auto" if self.field.input is Input.TEXT else None

    @property
    def rows(self) -> int:
        """How high the box of a long text is."""
        return min(max(self.text.count("\n") + 2, 3), 16)

    @property
    def ends(self) -> tuple[str, str]:
        """The two ends of a span."""
        first, _slash, last = self.text.partition(BETWEEN)
        return first, last

    @property
    def options(self) -> list[Option]:
        """The words of a choice; nothing can be chosen where there may be nothing."""
        words = self.field.options or _YES_OR_NO
        found = [Option(word.value, _(word.label)) for word in words]
        if self.text not in {word.value for word in words} or not self.field.is_required:
            found.insert(0, Option("", ""))
        return found

    @property
    def css(self) -> str:
        """The classes of its place in the form."""
        return " ".join(
            word
            for word, is_so in (
                ("box", True),
                ("wide", self.field.input in _WIDE),
                ("wrong", bool(self.problem)),
                ("stale", self.theirs is not None),
                ("number", self.field.input in _NUMBERS),
            )
            if is_so
        )

    @property
    def described(self) -> str | None:
        """What a screen reader says of it beside its label."""
        name = self.field.name
        parts = [f"p-{name}"] if self.problem else []
        return " ".join([*parts, *([f"h-{name}"] if self.field.help else [])]) or None
