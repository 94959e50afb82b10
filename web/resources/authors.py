# SPDX-License-Identifier: Apache-2.0
"""Who made a change, and by which way, in words for people."""

from poser.history.values import Made
from web.language import _, mark

_WAYS = {
    "web": mark("on a page"),
    "command": mark("by a command"),
    "import": mark("by an import"),
    "sync": mark("from another node"),
    "sql": mark("in the database itself"),
    "": mark("long ago"),
}


def maker(made: Made) -> str:
    """Name who made a change."""
    name = made.user_name or _("nobody known")
    return _("{name} on {node}").format(name=name, node=made.origin) if made.origin else name


def way(made: Made) -> str:
    """Say how a change came about, such as "by a command: poser import csv"."""
    said = _(_WAYS.get(made.source, made.source))
    via = made.via if made.source != "web" else made.address
    return f"{said}: {via}" if via else said
