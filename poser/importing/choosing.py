# SPDX-License-Identifier: Apache-2.0
"""Which importers a run uses, with which fields and which key."""

from collections.abc import Sequence
from difflib import get_close_matches

from poser.db.limited import LACKS, asked_by
from poser.errors import ImportFailed
from poser.importing.asked import Asked
from poser.importing.handler import ImportHandler
from poser.importing.importer import Importer
from poser.importing.source import Source


def chosen(handler: ImportHandler, asked: Asked, source: Source) -> list[Importer]:
    """Return the importers of a run, parents first, as it is asked.

    Raises ImportFailed for a model or field that there is not, and for a key that is none.
    """
    return limited(handler.chosen(asked, source), asked)


def limited(known: Sequence[Importer], asked: Asked) -> list[Importer]:
    """Return those of the importers that are asked for, with the fields that are asked for.

    Raises ImportFailed for a model or field that there is not, for a key that is none, and for
    fields that whoever asked may not change.
    """
    importers = _of_models(known, asked.models)
    fields = {field.name for one in importers for field in one.fields}
    for name in (*asked.fields, *asked.without, *asked.fuzzy, *asked.key):
        if name not in fields:
            models = ", ".join(one.name for one in importers)
            raise ImportFailed(f"no field {name!r} in {models}", hint=_near(name, fields))
    found = [_limited(one, asked) for one in importers]
    if not asked.dry_run and not asked.make_batch:
        for one in found:
            _require_permissions(one)
    return found


def _of_models(known: Sequence[Importer], models: Sequence[str]) -> list[Importer]:
    by_name = {one.name.lower(): one for one in known}
    for name in models:
        if name.lower() not in by_name:
            raise ImportFailed(
                f"no importer of {name!r}", hint=_near(name, {one.name for one in known})
            )
    wanted = {name.lower() for name in models}
    return [one for one in known if not wanted or one.name.lower() in wanted]


def _limited(importer: Importer, asked: Asked) -> Importer:
    """Take the fields that are asked for; those of the key are always among them."""
    names = {field.name for field in importer.fields}
    key = tuple(asked.key) if asked.key and names >= set(asked.key) else tuple(importer.key)
    if not key or not names >= set(key):
        raise ImportFailed(
            f"{importer.name} has no key" if not key else f"{importer.name} lacks its key's fields",
            hint="--key names the fields by which a record is the same as a row",
        )
    wanted = set(asked.fields) or names
    fields = tuple(
        field
        for field in importer.fields
        if field.name in key or (field.name in wanted and field.name not in asked.without)
    )
    if key == tuple(importer.key) and fields == tuple(importer.fields):
        return importer
    return type(importer)(key=key, fields=fields)


def _require_permissions(importer: Importer) -> None:
    """Raise ImportFailed for fields that whoever asked for the run may not change.

    PostgreSQL would refuse the first row of them; here nothing has been read yet. A run that
    only looks, or makes a batch, changes nothing: who executes the batch is asked.
    """
    needed = asked_by(importer.model.__table__)
    for field in importer.fields:
        if needed.get(field.name) in LACKS.get():
            raise ImportFailed(
                f"you may not change {field.name} of {importer.name}: the permission"
                f" {needed[field.name]} is not yours",
                hint="leave the column out, or make a batch that somebody else executes",
            )


def _near(name: str, known: set[str]) -> str:
    near = get_close_matches(name, sorted(known), n=1)
    return f"did you mean {near[0]!r}?" if near else f"there is: {', '.join(sorted(known))}"
