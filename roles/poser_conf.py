# SPDX-License-Identifier: Apache-2.0
"""The settings file of a node, /etc/poser/poser.conf: what the role says, then the inventory."""

from collections.abc import Mapping

from poser.databases import DATABASES
from roles.settings import for_poser_conf
from roles.values import Host

PATH = "/etc/poser/poser.conf"
SOCKET_FOLDER = "/run/postgresql"


def poser_conf(host: Host, settings: Mapping[str, str]) -> str:
    """Return the text of the file; `settings` are the role's own, keyed "section.key".

    The inventory's settings win over the role's. No value is taken for a stand-in such as %(here)s.
    """
    merged = {
        "poser.node": host.name,
        "poser.role": host.role,
        "poser.release": host.release.id,
        **_extensions(host),
        **{_section(name): _url(name) for name in DATABASES},
        **settings,
        **for_poser_conf(host.settings),
    }
    sections: dict[str, list[str]] = {}
    for name, text in merged.items():
        section, _, key = name.partition(".")
        sections.setdefault(section, []).append(f"{key} = {_value(text)}")
    body = "\n\n".join("\n".join((f"[{name}]", *lines)) for name, lines in sections.items())
    return f"# Made by Poser from the inventory; changes made here are undone.\n{body}\n"


def _value(text: str) -> str:
    """Write a value; further lines of it are indented, and none is taken for a stand-in."""
    lines = (line.strip() for line in text.replace("%(", "%%(").splitlines())
    return "\n    ".join(line for line in lines if line)


def _extensions(host: Host) -> dict[str, str]:
    named = ", ".join(host.release.extensions)
    return {"poser.extensions": named} if named else {}


def _section(database: str) -> str:
    return "db.url" if database == "poser" else f"{database}.url"


def _url(database: str) -> str:
    return f"postgresql+psycopg2:///{database}?host={SOCKET_FOLDER}"
