# SPDX-License-Identifier: Apache-2.0
"""A text that must not be shown: it prints as nothing until somebody asks for it by name."""


class Secret:
    """A password or key; `reveal()` is the only way to its text.

    It is no `str` on purpose: formatting, joining or logging it shows "(secret)".
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself, for the one place that needs it."""
        return self._text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(("Secret", self._text))

    def __str__(self) -> str:
        return "(secret)"

    def __repr__(self) -> str:
        return ""


def reveal(text: "str | Secret") -> str:
    """Return the text of either a plain text or a secret."""
    return text.reveal() if isinstance(text, Secret) else text
