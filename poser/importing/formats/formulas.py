# SPDX-License-Identifier: Apache-2.0
"""Texts that a spreadsheet would calculate, made harmless in exports and whole again here.

A text such as `=HYPERLINK(...)` runs when the file is opened. An apostrophe before it makes it
text. One is also put before a text that has apostrophes before such a sign already, so that
taking one off gives back exactly what there was.
*Source:* OWASP, CSV Injection.
"""

import re

_SIGNS = "=+\\-@\t\r"
_WOULD_RUN = re.compile(f"'*[{_SIGNS}]")
_MARKED = re.compile(f"'+[{_SIGNS}]")


def with_apostrophe(text: str) -> str:
    """Make a text harmless."""
    return f"'{text}" if _WOULD_RUN.match(text) else text


def without_apostrophe(text: str) -> str:
    """Take off the apostrophe that `with_apostrophe` put."""
    return text[1:] if _MARKED.match(text) else text


def may_be_marked(text: str) -> bool:
    """Tell whether there is such an apostrophe anywhere in a text, quickly."""
    return "'" in text and _MARKED.search(text) is not None
