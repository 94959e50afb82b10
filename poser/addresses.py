# SPDX-License-Identifier: Apache-2.0
"""Addresses as they may be shown and kept: without the passwords that are in some."""

import re

_PASSWORD = re.compile(r"(://[^\s:/@]*):[^\s/]*@")


def without_passwords(text: str) -> str:
    """Put *** for each password in the addresses of a text: scheme://user:***@host."""
    return _PASSWORD.sub(r"\1:***@", text)
