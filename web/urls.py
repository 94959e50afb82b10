# SPDX-License-Identifier: Apache-2.0
"""Addresses: which may stand in a page, and which a person may be sent on to."""

import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote_plus

_CONTROL = re.compile(r"[\x00-\x20\x7f-\x9f\\]")
_ABROAD = re.compile(r"(?:https?://[^/]|mailto:)", re.IGNORECASE)
NOWHERE = "#"


def is_local(url: str) -> bool:
    """Tell if `url` is a path on this very site, whatever a browser makes of odd signs."""
    return url.startswith("/") and not url.startswith("//") and not _CONTROL.search(url)


def safe_url(url: str | None) -> str | None:
    """Pass on an address that is safe in `href`, `src` or `action`; others lead nowhere.

    Local paths, queries and fragments, http, https and mailto are safe; `javascript:` and
    everything else is not. None stays None, which leaves the attribute out.
    """
    if url is None or is_local(url):
        return url
    if _CONTROL.search(url):
        return NOWHERE
    return url if url[:1] in {"?", "#"} or _ABROAD.match(url) else NOWHERE


def next_path(wanted: str | None) -> str:
    """Where to go after signing in: `wanted` if it is a page of this site, else home."""
    return wanted if wanted and is_local(wanted) else "/"


def with_query(path: str, pairs: Iterable[tuple[str, str]]) -> str:
    """Write a path with those of the pairs that have a value."""
    query = "&".join([_pair(name, value) for name, value in pairs if value])
    return f"{path}?{query}" if query else path


# A grid has dozens of addresses, which differ in one pair each.
@lru_cache(maxsize=512)
def _pair(name: str, value: str) -> str:
    return f"{quote_plus(name)}={quote_plus(value)}"
