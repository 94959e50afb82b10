# SPDX-License-Identifier: Apache-2.0
"""A language that nobody speaks: each sentence in brackets, accented, and 40 % longer.

Text that is not in brackets was forgotten by whoever wrote the page, and what does not fit now
will not fit in other languages. The code is what browsers and systems call such a language.
"""

import re

LANGUAGE = "en-XA"
_ACCENTED = str.maketrans("aceginosuyACEGINOSUY", "áçéğíñóšúýÁÇÉĞÍÑÓŠÚÝ")
# What is filled in, marked up or named must come through as it is.
_KEPT = re.compile(r"(\$?\{[^}]*\}|<[^>]*>|&[a-z#0-9]+;|`[^`]*`)")
_LONGER = 0.4


def translate(text: str) -> str:
    """Make a sentence look foreign and stay readable; a sentence made so stays as it is."""
    if not text.strip() or text.startswith("⟦"):
        return text
    parts = _KEPT.split(text)
    accented = [part.translate(_ACCENTED) if n % 2 == 0 else part for n, part in enumerate(parts)]
    longer = "~" * max(1, round(_LONGER * sum(len(part) for part in parts[::2])))
    words = [longer[start : start + 7] for start in range(0, len(longer), 7)]
    return f"⟦{''.join(accented)} {' '.join(words)}⟧"
