# SPDX-License-Identifier: Apache-2.0
"""Where this node's databases are."""

from poser.config import Config, Setting
from poser.databases import DATABASES
from poser.errors import ConfigError

DB_URL = Setting(
    "db.url",
    str,
    doc="Address of the poser database, such as postgresql+psycopg2:///poser?host=/run/postgresql",
    secret=True,
    file_only=True,
)
TRAINWRECK_URL = Setting(
    "trainwreck.url",
    str,
    doc="Address of the database of POS transactions, as db.url but ending in trainwreck.",
    secret=True,
    file_only=True,
)

TEMPMON_URL = Setting(
    "tempmon.url",
    str,
    doc="Address of the database of temperatures, as db.url but ending in tempmon.",
    secret=True,
    file_only=True,
)

URLS = dict(zip(DATABASES, (DB_URL, TRAINWRECK_URL, TEMPMON_URL), strict=True))
"""The databases of a node, and the setting that says where each is."""


def url(config: Config, database: str) -> str:
    """Say where a database is. Raises ConfigError for a name that is none of `URLS`."""
    try:
        return URLS[database](config)
    except KeyError:
        raise ConfigError(
            f"there is no database {database!r}", hint=f"one of {', '.join(URLS)}"
        ) from None
