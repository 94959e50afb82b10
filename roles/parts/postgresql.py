# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL 17: reached by its socket, over TCP only from the machine itself and with TLS."""

from poser.databases import DATABASES
from poser.machine.resource import Resource
from poser.machine.resources.directory import Directory
from poser.machine.resources.packages import Packages
from poser.machine.resources.postgresql import PgCluster, PgDatabase, PgHba, PgRole, PgSettings
from poser.machine.resources.service import Service
from poser.machine.resources.unit import Unit
from poser.machine.resources.users import User
from roles.files import shipped
from roles.parts import tls
from roles.values import Host, Part

VERSION = "17"
OWNER = "poser_owner"
"""Owns the databases and changes their schemas; the programs of a node connect as poser."""
EXTENSIONS = ("btree_gist", "hstore", "pg_trgm")

SETTINGS = (
    ("listen_addresses", "localhost"),
    # Settings are declared here and nowhere else.
    ("allow_alter_system", "off"),
    ("password_encryption", "scram-sha-256"),
    ("ssl", "on"),
    ("ssl_cert_file", tls.CERTIFICATE),
    ("ssl_key_file", tls.KEY),
    ("ssl_min_protocol_version", "TLSv1.3"),
    # Memory: a quarter for PostgreSQL's own cache, what the system caches counted for plans.
    ("shared_buffers", "memory/4 max 2048MB"),
    ("effective_cache_size", "memory/2"),
    ("maintenance_work_mem", "memory/16 max 512MB"),
    ("work_mem", "memory/256 max 32MB"),
    ("max_connections", "60"),
    ("wal_compression", "zstd"),
    ("random_page_cost", "1.1"),
    ("jit", "off"),
    ("timezone", "UTC"),
    ("log_timezone", "UTC"),
    ("log_min_duration_statement", "1s"),
    # What a statement was given may be secret: it stays out of the log.
    ("log_parameter_max_length", "0"),
    ("log_parameter_max_length_on_error", "0"),
    ("log_lock_waits", "on"),
    ("idle_in_transaction_session_timeout", "10min"),
)

# Debian's unit starts a server that stopped no more. A disk that was full has room again some day.
COMES_BACK = """\
[Unit]
StartLimitIntervalSec=0

[Service]
Restart=on-failure
RestartSec=5s
"""

_OURS = ",".join(DATABASES)
HBA = (
    "local   all  postgres                peer",
    f"local   {_OURS}  poser,poser_owner  peer",
    f"hostssl {_OURS}  poser  127.0.0.1/32  scram-sha-256",
    f"hostssl {_OURS}  poser  ::1/128       scram-sha-256",
    "local   all  all                     reject",
    "host    all  all         all         reject",
)


def postgresql(host: Host) -> Part:
    """Return the cluster 17/main with the databases of a node, and the roles that use them."""
    del host  # every node has the same database server
    return Part(
        name="postgresql",
        what=__doc__ or "",
        prepares=_before_the_cluster(),
        resources=(
            Packages(names=(f"postgresql-{VERSION}",)),
            Unit(name="postgresql@.service.d/poser.conf", content=COMES_BACK),
            PgCluster(version=VERSION),
            PgSettings(version=VERSION, values=SETTINGS),
            PgHba(version=VERSION, lines=HBA),
            Service(unit="postgresql.service", reload_on=(tls.CERTIFICATE, tls.KEY)),
            User(name=OWNER, groups=("poser",)),
            PgRole(name=OWNER),
            PgRole(name="poser"),
            *(PgDatabase(name=name, owner=OWNER, extensions=EXTENSIONS) for name in DATABASES),
        ),
        promises=("the database refuses connections from outside the machine",),
    )


def _before_the_cluster() -> tuple[Resource, ...]:
    """Say how the package makes its cluster: UTF-8 and checksums, whatever the locale is."""
    return (
        Directory(path="/etc/postgresql-common"),
        Directory(path="/etc/postgresql-common/createcluster.d"),
        shipped("/etc/postgresql-common/createcluster.d/poser.conf"),
    )
