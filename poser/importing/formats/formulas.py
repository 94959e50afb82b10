# SPDX-License-Identifier: Apache-2.0
"""Texts that a spreadsheet would calculate, made harmless in files and whole again here.

A text such as `=HYPERLINK(...)` runs when the file is opened. An apostrophe before it makes it
text. Where a spreadsheet takes a semicolon, a tabulator or a new line for the end of a cell,
what stands behind one begins a cell, and is treated alike. An apostrophe is also put where
there are apostrophes before such a sign already, so that taking one off gives back exactly
what there was. *Source:* OWASP, CSV Injection.
"""

import re

_BEGINS = r"(\A|[;\t\r\n])"  # of a text, or of a cell
_WOULD_RUN = re.compile(_BEGINS + r"(?='*[=+\-@\t\r\n＝＋－＠])")  # noqa: RUF001 - wide ones run too
_MARKED = re.compile(_BEGINS + r"'(?='*[=+\-@\t\r\n＝＋－＠])")  # noqa: RUF001 - as above
_ANYWHERE = re.compile(r"'[=+\-@\t\r\n＝＋－＠]")  # noqa: RUF001 - as above


def with_apostrophe(text: str) -> str:
    """Make a text harmless."""
    return _WOULD_RUN.sub(r"\1'", text) if _WOULD_RUN.search(text) else text


def without_apostrophe(text: str) -> str:
    """Take off the apostrophes that `with_apostrophe` put."""
    return _MARKED.sub(r"\1", text) if _MARKED.search(text) else text


def may_be_marked(text: str) -> bool:
    """Tell whether there is such an apostrophe anywhere in lines of a file, quickly."""
    return "'" in text and _ANYWHERE.search(text) is not None
