# SPDX-License-Identifier: Apache-2.0
"""Answers a mistyped word with the nearest known ones."""

import difflib
from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str], *, what: str = "known") -> str:
    """Return a hint: the nearest words of `known`, or all of them when none is near."""
    words = sorted(set(known))
    if not words:
        return f"{what}: none"
    near = difflib.get_close_matches(word, words, n=3, cutoff=0.6)
    if near:
        return "did you mean " + " or ".join(repr(each) for each in near) + "?"
    return f"{what}: " + ", ".join(words)
