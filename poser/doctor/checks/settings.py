# SPDX-License-Identifier: Apache-2.0
"""Whether every setting is right, in files, in the environment and in the database."""

from poser.config import problems
from poser.config.declared import declaration
from poser.config.view import wrong_row
from poser.doctor.check import Check, Finding, not_known, ok, warning, wrong
from poser.doctor.subject import Subject
from poser.errors import ConfigError, Unavailable


def _look(subject: Subject) -> Finding:
    try:
        config = subject.node.config
    except ConfigError as error:
        return wrong(error.message, hint=error.hint)
    if found := problems(config):
        rest = [one.message for one in found[1:]]
        return wrong(found[0].message, details=rest, hint=found[0].hint)
    files = ", ".join(str(path) for path in config.paths)
    try:
        rows = _wrong_rows(subject)
    except Unavailable as error:
        return not_known(f"{files}: all right; those of the database: {error}", hint=error.hint)
    if rows:
        return warning(
            f"{len(rows)} of the settings in the database count for nothing, being wrong",
            details=[one.message for one in rows],
            hint="poser config check",
        )
    return ok(f"{files} and the rows of the database are right")


def _wrong_rows(subject: Subject) -> list[ConfigError]:
    from poser.settings.rows import read_rows  # noqa: PLC0415 - slow

    extensions = subject.node.config.extensions
    with subject.connected("poser") as connection:
        rows = read_rows(connection)
    found = (wrong_row(row, declaration(row.name, extensions)) for row in rows)
    return [one for one in found if one]


CHECK = Check(
    name="settings",
    means="Programs start with what the files say; a wrong row is passed over.",
    mend="poser config check names the file and the line; poser config explain NAME the origin.",
    look=_look,
)
