# SPDX-License-Identifier: Apache-2.0
"""Whether every database of the node answers and takes changes."""

from sqlalchemy import text

from poser.databases import DATABASES
from poser.doctor.check import Check, Finding, ok, wrong
from poser.doctor.subject import Subject
from poser.errors import Unavailable

_ASK = text(
    "SELECT current_setting('server_version'), pg_is_in_recovery(),"
    " current_setting('default_transaction_read_only')"
)


def _look(subject: Subject) -> Finding:
    versions = set()
    for name in DATABASES:
        try:
            with subject.connected(name) as connection:
                version, is_copy, read_only = connection.execute(_ASK).one()
        except Unavailable as error:
            return wrong(error.message, hint=error.hint)
        if is_copy or read_only == "on":
            return wrong(
                f"database {name!r} answers, and takes no changes",
                hint="is it a standby, or was it set to read only?",
            )
        versions.add(version.split()[0])
    return ok(f"{', '.join(DATABASES)} answer (PostgreSQL {', '.join(sorted(versions))})")


CHECK = Check(
    name="databases",
    means="Without its databases a node does nothing.",
    mend="systemctl status postgresql@17-main; journalctl -u postgresql@17-main",
    look=_look,
)
