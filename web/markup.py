# SPDX-License-Identifier: Apache-2.0
"""HTML that Python writes where a template would take too long: rows of a grid, the menu."""


class Markup:
    """HTML that was made here, with everything of others in it escaped; templates keep it."""

    __slots__ = ("_html",)

    def __init__(self, html: str) -> None:
        self._html = html

    def __html__(self) -> str:
        """Give the HTML, as Chameleon asks for it."""
        return self._html

    def __bool__(self) -> bool:
        """Tell whether there is any."""
        return bool(self._html)
