# SPDX-License-Identifier: Apache-2.0
"""What the find box can do at once, as its menu does: colors, density of rows, signing out.

Each is a form that is sent, never a link: a link must change nothing.
"""

from typing import NamedTuple

from web.language import _, mark


class Button(NamedTuple):
    """One form: where it is sent, the one field that it sends, and its icon."""

    text: str
    path: str
    icon: str
    name: str = ""
    value: str = ""


_COLORS = {"auto": mark("As the device"), "light": mark("Light"), "dark": mark("Dark")}
_ROWS = {"comfortable": mark("Comfortable rows"), "dense": mark("Dense rows")}


def buttons_named(asked: str) -> list[Button]:
    """List those whose names have these words; "theme" finds the colors in every language."""
    colors = [
        Button(
            f"{_('Colors')}: {_(said)}", "/preferences", icon="sun-moon", name="theme", value=value
        )
        for value, said in _COLORS.items()
    ]
    rows = [
        Button(_(said), "/preferences", icon="rows", name="density", value=value)
        for value, said in _ROWS.items()
    ]
    words = asked.casefold().split()
    return [
        each
        for each in (*colors, *rows, Button(_("Sign out"), "/sign-out", icon="leave"))
        if all(word in f"{each.text} {each.name} {each.value}".casefold() for word in words)
    ]
