# SPDX-License-Identifier: Apache-2.0
"""A record's form: what its boxes hold, what was typed into them, and what is wrong with that.

Each box comes with what it held when the page was made, so that only what the person changed
is written, and nothing that somebody else changed meanwhile is written over.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Session

from poser.importing.kinds import FieldProblem
from web.forms import Upload
from web.language import _
from web.resources.boxes import Box
from web.resources.choosing import called_so, choose, named
from web.resources.fields import Field, Input
from web.resources.reading import Record
from web.resources.resource import Resource
from web.resources.typed import BETWEEN, normal, read_typed, typed
from web.resources.writing import Wish, is_editable
from web.visits import Visit

MOST_FILE_BYTES = 20 << 20
_NOTHING_TYPED = frozenset({"", BETWEEN})


class Form:
    """All boxes of a form for one visitor, by name of their field."""

    def __init__(self, here: Visit, resource: Resource) -> None:
        self._here = here
        self._resource = resource
        self._stored: Record = {}
        self.boxes: dict[str, Box] = {}
        self.problem = ""
        for name, each in resource.form.items():
            if is_editable(resource, each, here.visitor) and self._may_choose(each):
                self.boxes[name] = Box(field=each, choose_path=self._choose_path(each))

    def fill(self, record: Record) -> None:
        """Put the values of a record into the boxes."""
        for name, box in self.boxes.items():
            box.text = box.was = typed(box.field, record[name], self._here.site.zone)
            box.shown = str(record.get(f"{name}.called") or "")

    def hold(self, record: Record) -> None:
        """Remember the record that is changed: what it refers to may be named, seen or not."""
        self._stored = record

    def propose(self, given: Mapping[str, str]) -> None:
        """Put what the table would fill in, and what the address says, into a new form."""
        for name, box in self.boxes.items():
            box.text = box.was = _default(box.field, self._here)
            if given.get(name):
                box.text = normal(box.field, given[name], self._here.site.zone)
                self._call(box)

    def take(self, sent: Mapping[str, str], files: Mapping[str, Upload]) -> None:
        """Take what was sent; boxes that the page did not have stay as they are."""
        for name, box in self.boxes.items():
            if f"was.{name}" not in sent:
                continue
            box.was = sent[f"was.{name}"].replace("\r\n", "\n")
            if sent.get(f"keep.{name}") == "theirs":
                box.text = box.was
                self._call(box)
                continue
            self._take(box, sent)
            box.upload = files.get(name)

    def look(self, name: str) -> None:
        """List what a reference could be, by what was typed into its box."""
        box = self.boxes.get(name)
        if box is not None and box.field.input is Input.REFERENCE:
            target, session = self._target(box.field)
            box.matches = choose(session, target, self._here.visitor, box.shown)
            if not box.matches:
                box.problem = _("Nothing matches this.")

    def wishes(self, *, is_new: bool = False) -> list[Wish]:
        """Give the changes that were typed, and say beside each box what cannot be read.

        For a new record that is everything but what the table fills in by itself.
        """
        found = []
        for box in self.boxes.values():
            if box.problem or not (is_new or box.is_changed):
                continue
            if is_new and box.upload is None and _is_left_to_table(box):
                continue
            try:
                value = self._value(box)
            except FieldProblem as problem:
                box.problem = _say(box.field, problem)
                continue
            found.append(Wish(field=box.field, value=value, was=None if is_new else box.was))
        return found

    @property
    def has_problems(self) -> bool:
        """Tell whether anything has to be put right."""
        return bool(self.problem) or any(box.problem for box in self.boxes.values())

    def blame(self, message: str, names: Iterable[str]) -> None:
        """Say beside the right boxes why nothing was written, or above all of them."""
        at = [self.boxes[name] for name in names if name in self.boxes]
        if not at:
            self.problem = message
        for box in at:
            box.problem = message

    def _take(self, box: Box, sent: Mapping[str, str]) -> None:
        name, zone = box.field.name, self._here.site.zone
        match box.field.input:
            case Input.REFERENCE:
                self._take_reference(box, sent)
            case Input.FLAG if not box.field.takes_none:
                box.text = "yes" if name in sent else "no"
            case Input.SPAN:
                first, last = sent.get(f"{name}.from", ""), sent.get(f"{name}.to", "")
                both = f"{first}{BETWEEN}{last}"
                box.text = normal(box.field, both, zone) if both != BETWEEN else ""
                box.text = box.text if box.text or both == BETWEEN else both
            case Input.FILE:
                box.text = box.was
            case _:
                box.text = normal(box.field, sent.get(name, ""), zone)

    def _take_reference(self, box: Box, sent: Mapping[str, str]) -> None:
        """Find what was chosen; a text that was typed names one record, or asks which."""
        name = box.field.name
        box.shown = sent.get(name, "").strip()
        picked = sent.get(f"pick.{name}") or ""
        box.text = picked or sent.get(f"id.{name}", "")
        if not picked and not box.shown:
            box.text = ""
            return
        target, session = self._target(box.field)
        known = self._name(box)
        if picked:
            box.shown = known
        if known == box.shown and known:
            return
        box.text = ""
        exact = named(session, target, self._here.visitor, box.shown)
        if len(exact) == 1:
            box.text, box.shown = exact[0]
            return
        box.matches = exact or choose(session, target, self._here.visitor, box.shown)
        box.problem = (
            _("Several match this: choose one.") if box.matches else _("Nothing matches this.")
        )

    def _value(self, box: Box) -> object:
        if box.upload is not None:
            return _content(box.field, box.upload)
        if box.field.input is Input.FILE and not box.text:
            raise FieldProblem(box.field.name, "", "is needed")
        value = read_typed(box.field, box.text, self._here.site.zone)
        if box.field.input is Input.REFERENCE and isinstance(value, UUID):
            self._check_reach(box, value)
        return value

    def _check_reach(self, box: Box, key: UUID) -> None:
        """See that a chosen record is one that this visitor may see."""
        target, session = self._target(box.field)
        table = target.table
        conditions = target.conditions_for(self._here.visitor)
        if conditions:
            found = session.connection().execute(
                table.select().with_only_columns(table.c.id).where(table.c.id == key, *conditions)
            )
            if found.first() is None:
                raise FieldProblem(box.field.name, "", "is not one that you may choose")

    def _call(self, box: Box) -> None:
        if box.field.input is Input.REFERENCE:
            box.shown = self._name(box)

    def _name(self, box: Box) -> str:
        """Say how what a box refers to is called: ids come from whoever sends the form.

        Only what this visitor may see is named, and what the record refers to anyhow.
        """
        if not _is_id(box.text):
            return ""
        key, name = UUID(box.text), box.field.name
        if self._stored.get(name) == key:
            return str(self._stored.get(f"{name}.called") or "")
        target, session = self._target(box.field)
        return called_so(session, target, key, self._here.visitor)

    def _target(self, each: Field) -> tuple[Resource, Session]:
        target = self._here.site.resources[each.refers_to]
        return target, self._here.read(target.database)

    def _may_choose(self, each: Field) -> bool:
        """Tell whether a visitor can choose what a field refers to: those may see it."""
        if each.input is not Input.REFERENCE:
            return True
        target = self._here.site.resources.get(each.refers_to)
        return target is not None and self._here.visitor.may(target.grid.permission)

    def _choose_path(self, each: Field) -> str:
        target = self._here.site.resources.get(each.refers_to)
        return f"{target.path}/choose" if target is not None else ""


def _is_left_to_table(box: Box) -> bool:
    return box.field.has_default and box.text in _NOTHING_TYPED


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _content(each: Field, upload: Upload) -> bytes:
    if upload.size > MOST_FILE_BYTES:
        raise FieldProblem(each.name, "", f"has more than {MOST_FILE_BYTES >> 20} MiB")
    return upload.content()


def _say(each: Field, problem: FieldProblem) -> str:
    """Write the reason as a sentence about the field."""
    return f"{_(each.label)}: {_(problem.reason)}."


def _default(each: Field, here: Visit) -> str:
    """Write what the table fills in by itself, where the model says it in so many words."""
    column = each.column
    if column is None or column.default is None or isinstance(column.type, LargeBinary):
        return ""
    value: Any = getattr(column.default, "arg", None)
    is_plain = column.default.is_scalar and isinstance(value, str | int | bool)
    return typed(each, value, here.site.zone) if is_plain else ""
