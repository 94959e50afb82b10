# SPDX-License-Identifier: Apache-2.0
"""Writes the state of a machine as JSON: what a tool is there to bring about, and no more.

It is read from standard input by python3 on the machine. Numbers of users and times are left
out, as they differ between machines that are the same; so is what each tool keeps for itself.
"""

import grp
import hashlib
import json
import os
import pwd
import re
import stat
import subprocess

FOLDERS = ("/etc", "/root/.ssh", "/usr/local", "/opt/poser", "/var/lib/poser")
# made at random or at a time: the same on no two machines
RANDOM = (
    "/etc/ssl/certs/ssl-cert-snakeoil.pem",
    "/etc/ssl/private/ssl-cert-snakeoil.key",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/aliases.db",
    "/etc/ld.so.cache",
    "/etc/.pwd.lock",
    "/etc/machine-id",
    "/etc/mtab",
    "/etc/subuid",
    "/etc/subgid",
    "/etc/postgresql/17/main/pg_ident.conf",
)
ACCOUNTS = ("passwd", "group", "shadow", "gshadow")
COMPILED = ("__pycache__", ".pyc")


def main() -> None:
    """Look at everything and print it."""
    state = {
        "packages": packages(),
        "files": dict(sorted(files())),
        "users": users(),
        "groups": {each.gr_name: sorted(each.gr_mem) for each in grp.getgrall()},
        "services": services(),
        "ports": ports(),
        # who called lately is kept in sets of the firewall, and is no part of its rules
        "firewall": re.sub(r"\s*elements = \{[^}]*\}", "", said("nft", "-s", "list", "ruleset")),
        "databases": databases(),
    }
    print(json.dumps(state))


def said(*command: str, user: str | None = None) -> str:
    """Return what a command prints; nothing when it is not there."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, user=user, cwd="/")  # noqa: PLW1510
    except FileNotFoundError:
        return ""
    return done.stdout


def packages() -> dict[str, str]:
    """Return version and state of every Debian package."""
    lines = said("dpkg-query", "-W", "-f", "${Package}\t${Version} ${db:Status-Abbrev}\n")
    return dict(line.split("\t") for line in lines.splitlines())


def files() -> "list[tuple[str, str]]":
    """Return kind, mode, owner and content of every file in the folders that count."""
    found = []
    for folder in FOLDERS:
        for place, folders, names in os.walk(folder):
            folders[:] = [name for name in folders if name not in COMPILED]
            for name in (*folders, *names):
                path = os.path.join(place, name)  # noqa: PTH118
                if not is_left_out(path):
                    found.append((path, described(path)))
    return found


def is_left_out(path: str) -> bool:
    """Tell whether a file is random, a copy of the list of accounts, or made by Python."""
    account = path.removeprefix("/etc/").rstrip("-") in ACCOUNTS
    return path in RANDOM or account or path.endswith(COMPILED)


def described(path: str) -> str:
    """Say what is at a path in one line."""
    seen = os.lstat(path)
    kind = stat.S_IFMT(seen.st_mode)
    if kind == stat.S_IFLNK:
        return "link to " + os.readlink(path)  # noqa: PTH115
    text = f"{stat.filemode(seen.st_mode)} {owner(seen.st_uid)}:{group(seen.st_gid)}"
    if kind != stat.S_IFREG:
        return text
    with open(path, "rb") as file:  # noqa: PTH123
        return f"{text} {hashlib.sha256(file.read()).hexdigest()[:16]}"


def owner(number: int) -> str:
    """Return the name of a user."""
    return pwd.getpwuid(number).pw_name


def group(number: int) -> str:
    """Return the name of a group."""
    return grp.getgrgid(number).gr_name


def users() -> dict[str, str]:
    """Return home, shell and group of every user."""
    return {
        each.pw_name: f"{each.pw_dir} {each.pw_shell} {group(each.pw_gid)}"
        for each in pwd.getpwall()
    }


def services() -> dict[str, str]:
    """Return whether each service and timer is enabled, and whether it runs."""
    enabled = said("systemctl", "list-unit-files", "--no-legend", "--type=service,timer")
    found = {line.split()[0]: line.split()[1] for line in enabled.splitlines()}
    running = said("systemctl", "list-units", "--no-legend", "--plain", "--type=service,timer")
    for line in running.splitlines():
        unit, _, active, how, *_ = line.split()
        # sessions of a login and jobs come and go
        if not unit.startswith(("user@", "user-runtime", "run-", "session", "sshd@", "ssh@")):
            found[unit] = f"{found.get(unit, '')} {active} {how}"
    jobs = ("apt-daily", "dpkg-db", "systemd-tmpfiles-clean", "fstrim", "e2scrub", "logrotate")
    return {unit: how for unit, how in sorted(found.items()) if not unit.startswith(jobs)}


def ports() -> list[str]:
    """Return what listens, with the name of the program."""
    lines = said("ss", "-H", "-l", "-n", "-t", "-u").splitlines()
    return sorted({" ".join([line.split()[0], line.split()[4]]) for line in lines})


def databases() -> dict[str, str]:
    """Return roles, databases, settings, access rules and schemas of PostgreSQL."""
    questions = {
        "roles": "select rolname, rolcanlogin, rolcreatedb, rolsuper from pg_roles order by 1",
        "databases": "select datname, pg_get_userbyid(datdba), encoding"
        " from pg_database order by 1",
        "settings": "select name, setting from pg_settings where source <> 'default'"
        " and name not in ('application_name', 'client_encoding') order by 1",
        "access": "select type, database, user_name, address, auth_method from pg_hba_file_rules",
    }
    in_each = {
        "extensions": "select extname from pg_extension order by 1",
        "tables": "select table_schema, table_name, column_name, data_type"
        " from information_schema.columns"
        " where table_schema not in ('pg_catalog', 'information_schema') order by 1, 2, 3",
        "schema": "select version_num from alembic_version order by 1",
        "users": "select name from users order by 1",
    }
    found = {name: asked("postgres", query) for name, query in questions.items()}
    for database in ("poser", "trainwreck"):
        for name, query in in_each.items():
            found[f"{name} of {database}"] = asked(database, query)
    return found


def asked(database: str, query: str) -> str:
    """Return what PostgreSQL answers."""
    return said("psql", "-X", "-A", "-t", "-d", database, "-c", query, user="postgres")


main()
