# SPDX-License-Identifier: Apache-2.0
"""JSON from the web as a source, page by page.

What an importer calls its rows is the path behind the address. A page is a list of objects, or
an object with the list in it; `Paging` says how the next one is found.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from poser.errors import ImportFailed
from poser.importing.formats.documents import (
    AnyDocument,
    at,
    decoded,
    first_of,
    learned_names,
    rows_of,
)
from poser.importing.formats.fetching import Fetch, Page, origin
from poser.importing.importer import Importer
from poser.importing.source import Bad, Reached, Rows, Source

_NEXT = re.compile(r'<([^>]*)>\s*;[^,]*\brel="?next\b', re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """How pages are made: `records` names the list in a page, "" if the page is the list.

    `following` names the value that leads on: the address of the next page, or what the query
    `parameter` takes. With a `parameter` alone it takes numbers from `first` in `step`s, until
    a page is empty. With neither the header `Link` of each answer leads on.
    """

    records: str = ""
    following: str = ""
    parameter: str = ""
    first: int = 1
    step: int = 1


class WebSource(Source):
    """A service by its address, such as https://shop.example/api/."""

    def __init__(
        self,
        address: str,
        paging: Paging | None = None,
        fetch: Callable[[str], Page] | None = None,
    ) -> None:
        self.name = address
        self._paging = paging or Paging()
        self._fetch = fetch or Fetch()
        self._reached = Reached()
        self._begun: dict[str, _Begun] = {}

    def rows(self, importer: Importer) -> Rows:
        """Read the pages of an importer."""
        begun = self._begin(importer)
        self._begun.clear()
        return rows_of(begun.first, begun.rest, importer)

    def names_of(self, importer: Importer) -> tuple[str, ...]:
        """Give the names of the values that the first records have."""
        return learned_names(self._begin(importer).first, importer)

    def reached(self) -> Reached:
        """Say how many records have come."""
        return self._reached

    def _begin(self, importer: Importer) -> "_Begun":
        """Get the first pages of an importer, once though they are looked at before."""
        base = self.name if self.name.endswith("/") else f"{self.name}/"
        address = urljoin(base, importer.source) if importer.source else self.name
        if address not in self._begun:
            rest = self._records(address)
            self._begun[address] = _Begun(first_of(rest), rest)
        return self._begun[address]

    def _records(self, address: str) -> Iterator[AnyDocument]:
        for number, (url, document) in enumerate(self._pages(address), start=1):
            for index, record in enumerate(self._listed(url, document), start=1):
                place = f"page {number}, record {index}"
                self._reached.done += 1
                if isinstance(record, dict):
                    yield place, record
                else:
                    yield Bad(place, "is no JSON object, such as {...}", value=str(record)[:80])

    def _pages(self, address: str) -> Iterator[tuple[str, object]]:
        """Get page after page; none twice."""
        paging, seen = self._paging, set[str]()
        numbers = paging.parameter and not paging.following
        count, before = 0, b""
        url = _with(address, paging.parameter, paging.first) if numbers else address
        while url:
            if url in seen:
                raise ImportFailed(
                    f"{url}: the service leads to this page twice",
                    hint="look at how it says which page is the next",
                )
            seen.add(url)
            page = self._fetch(url)
            document = self._read(url, page)
            if numbers and not self._listed(url, document):
                return
            if numbers and page.content == before:
                raise ImportFailed(
                    f"{url}: the service gives the same page again",
                    hint=f"it may not know the parameter {paging.parameter!r}",
                )
            yield url, document
            count, before = count + 1, page.content
            if numbers:
                url = _with(address, paging.parameter, paging.first + count * paging.step)
            else:
                url = self._following(url, _Answer(page, document))

    def _following(self, url: str, answer: "_Answer") -> str:
        """Give the address of the next page, "" after the last."""
        paging = self._paging
        if paging.following:
            document = answer.document
            found = at(document, paging.following) if isinstance(document, dict) else None
            if not found:
                return ""
            if paging.parameter:
                return _with(url, paging.parameter, found)
            following = urljoin(url, str(found))
        else:
            link = _NEXT.search(", ".join(answer.page.headers.get_all("Link", [])))
            if link is None:
                return ""
            following = urljoin(url, link[1])
        if origin(following) != origin(url):
            raise ImportFailed(
                f"{url}: the next page is on another host: {following}",
                hint="a service leads to pages of its own only",
            )
        return following

    def _read(self, url: str, page: Page) -> object:
        try:
            return decoded(page.content.decode("utf-8-sig"))
        except ValueError as error:  # bytes that are no UTF-8, too
            raise ImportFailed(
                f"{url}: {error}", hint="check the address: a page for people is no JSON"
            ) from error

    def _listed(self, url: str, document: object) -> list[object]:
        """Find the list of records in a page."""
        name = self._paging.records
        found = at(document, name) if name and isinstance(document, dict) else document
        if isinstance(found, list):
            return found
        if isinstance(document, dict):
            lists = [key for key, value in document.items() if isinstance(value, list)]
            hint = f"--records names it; the page has {', '.join(lists) or 'none'}"
        else:
            hint = "--records names the list in a page"
        raise ImportFailed(f"{url}: the page has no list of records", hint=hint)


class _Begun(NamedTuple):
    """The first records of an address, and what gives the others."""

    first: list[AnyDocument]
    rest: Iterator[AnyDocument]


class _Answer(NamedTuple):
    """A page, and what was read of it."""

    page: Page
    document: object


def _with(address: str, parameter: str, value: object) -> str:
    """Put a parameter into the query of an address."""
    parts = urlsplit(address)
    query = [(name, each) for name, each in parse_qsl(parts.query, keep_blank_values=True)]
    query = [(name, each) for name, each in query if name != parameter]
    return urlunsplit(parts._replace(query=urlencode([*query, (parameter, str(value))])))
