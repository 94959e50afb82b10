# SPDX-License-Identifier: Apache-2.0
"""Whether the databases are at this release's revisions, and as tidy as ours are."""

from poser.databases import DATABASES
from poser.db import migrations
from poser.db.checking import untidy
from poser.db.migrations import State
from poser.doctor.check import Check, Finding, ok, wrong
from poser.doctor.subject import Subject


def _look(subject: Subject) -> Finding:
    found, current = [], []
    for name in DATABASES:
        for one in migrations.status(
            name, subject.node.url(name), subject.node.extensions
        ).branches:
            where = name if one.name == name else f"{name}/{one.name}"
            if one.state not in {State.CURRENT, State.LEFT}:
                is_at = f"is {one.state} at {one.current or 'nothing'}"
                found.append(f"{where} {is_at}, this release needs {one.head}")
            elif one.state is State.CURRENT:
                current.append(f"{where} {one.current}")
    if found:
        return wrong(found[0], details=found[1:], hint="sudo poser db upgrade")
    for name in DATABASES:
        with subject.connected(name) as connection:
            found += [f"{name}: {one}" for one in untidy(connection)]
    if found:
        return wrong(
            f"{len(found)} things in the databases are not as revisions leave them",
            details=found,
            hint="who changed the schema by hand? sudo poser db check compares all of it",
        )
    return ok(", ".join(current))


CHECK = Check(
    name="schema",
    means="Programs refuse to start on a schema that is older than they are.",
    mend="sudo poser db upgrade; sudo poser db check compares every column with the models.",
    look=_look,
)
