# SPDX-License-Identifier: Apache-2.0
"""The environment in which psql finds a database of ours, and who we are.

*Source:* PostgreSQL manual, 34.15 (environment variables), 34.1.2 (`options`).
"""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from poser.errors import ConfigError

if TYPE_CHECKING:
    from poser.db.authors import Author

_VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "service": "PGSERVICE",
    "passfile": "PGPASSFILE",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
}
"""What may stand behind the question mark of an address."""


def environment(
    url: str, around: Mapping[str, str], *, author: "Author | None" = None
) -> dict[str, str]:
    """Return an environment for psql: `around`, with the address `url` in it.

    Without an `author` PostgreSQL refuses changes; with one they are kept under that name.
    Raises ConfigError for an address that psql could not follow.
    """
    from sqlalchemy.engine import make_url  # noqa: PLC0415 - slow

    address = make_url(url)
    parts = {
        "PGHOST": address.host,
        "PGPORT": str(address.port or "") or None,
        "PGUSER": address.username,
        "PGPASSWORD": str(address.password) if address.password else None,
        "PGDATABASE": address.database,
    }
    for key, value in address.query.items():
        if key not in _VARIABLES or not isinstance(value, str):
            raise ConfigError(
                f"psql cannot be told {key!r}, which stands in the address of the database",
                hint=f"it can be told {', '.join(sorted(_VARIABLES))}",
            )
        parts[_VARIABLES[key]] = value
    made = {name: text for name, text in around.items() if not name.startswith("PG")}
    made |= {"PGAPPNAME": "poser sql", "PGCONNECT_TIMEOUT": "5", "PGOPTIONS": _options(author)}
    made |= {name: text for name, text in parts.items() if text}
    if not os.access(made.get("HOME", ""), os.W_OK):
        made["PSQL_HISTORY"] = os.devnull  # it would complain at its end
    return made


def _options(author: "Author | None") -> str:
    """Write settings of the session: read only, or who makes the changes."""
    settings = {"timezone": "UTC"}
    if author is None:
        settings["default_transaction_read_only"] = "on"
    else:
        settings["poser.source"] = author.source
        settings["poser.user_name"] = author.user_name
        settings["poser.via"] = author.via
    return " ".join(f"-c {name}={_escaped(text)}" for name, text in settings.items())


def _escaped(text: str) -> str:
    """Write a value so that the server reads it as one word."""
    return text.replace("\\", "\\\\").replace(" ", "\\ ")
