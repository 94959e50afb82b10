# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: S608
# Statements are made from words of this folder.
"""The pages that are measured: where each app has them, and which rows they must show."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote_plus
from uuid import UUID

import psycopg2.extensions

from bench.grid import words
from poser.errors import PoserError
from web.grid.edges import write_edge
from web.grid.keyset import Edge

ROWS = 100
DEEP_PAGE = 5_000
DEEP_PAGES_TRIED = 8
OURS = "/products"
DJANGO = "/admin/shop/product/"
DJANGO_SOLD = "is_discontinued__exact=0"
"""Our grid hides what is no longer sold; Django is asked to."""

_SOLD = "NOT is_discontinued"
_OUR_ROW = re.compile(rf"{OURS}/([0-9a-f-]{{36}})[\"?]")
_DJANGO_ROW = re.compile(rf"{DJANGO}([0-9a-f-]{{36}})/change/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One address in each app and the ids of the products that it must show, in order."""

    ours: str
    django: str
    shows: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One kind of page, tried with several samples in turn; `bar` is how many times Django's."""

    name: str
    what: str
    bar: float | None
    samples: Sequence[Sample]

    def paths(self, side: str) -> list[str]:
        """Return the addresses of all samples in one app."""
        return [sample.ours if side == "poser" else sample.django for sample in self.samples]


def pages(cursor: psycopg2.extensions.cursor) -> list[Page]:
    """Choose the samples, asking the database which rows they must show."""
    cursor.execute(f"SELECT count(*) FROM products WHERE {_SOLD}")
    (count,) = cursor.fetchone() or (0,)
    deepest = max(2, min(DEEP_PAGE, count // ROWS - DEEP_PAGES_TRIED))
    deep = [_deep(cursor, deepest + number) for number in range(DEEP_PAGES_TRIED)]
    return [
        Page(name="first page", what="page 1", bar=20, samples=[_first(cursor)]),
        Page(name="deep page", what=f"page {deepest:,} and next", bar=100, samples=deep),
        Page(
            name="one word",
            what=f"contains {words.FREQUENT[0]} and the like: {_hits(cursor, words.FREQUENT[0])}",
            bar=25,
            samples=[_search(cursor, word) for word in words.FREQUENT],
        ),
        Page(
            name="two words",
            what=f"contains {words.RARE_PAIR}: {_hits(cursor, words.RARE_PAIR)}",
            bar=25,
            samples=[_search(cursor, words.RARE_PAIR)],
        ),
    ]


def _first(cursor: psycopg2.extensions.cursor) -> Sample:
    return Sample(
        ours=f"{OURS}?rows={ROWS}", django=f"{DJANGO}?{DJANGO_SOLD}", shows=_ids(cursor, _SOLD, 0)
    )


def _deep(cursor: psycopg2.extensions.cursor, page: int) -> Sample:
    before = ROWS * (page - 1)
    cursor.execute(
        f"SELECT description, id FROM products WHERE {_SOLD}"
        " ORDER BY description, id OFFSET %s LIMIT 1",
        [before - 1],
    )
    description, key = cursor.fetchone() or ("", "")
    edge = write_edge(Edge(value=description, key=UUID(key)))
    return Sample(
        ours=f"{OURS}?rows={ROWS}&after={edge}",
        django=f"{DJANGO}?{DJANGO_SOLD}&p={page}",
        shows=_ids(cursor, _SOLD, before),
    )


def _search(cursor: psycopg2.extensions.cursor, text: str) -> Sample:
    return Sample(
        ours=f"{OURS}?rows={ROWS}&q={quote_plus(text)}",
        django=f"{DJANGO}?{DJANGO_SOLD}&q={quote_plus(text)}",
        shows=_ids(cursor, _condition(text), 0),
    )


def _condition(text: str) -> str:
    return " AND ".join([_SOLD, *(f"search LIKE '%{word}%'" for word in text.split())])


def _hits(cursor: psycopg2.extensions.cursor, text: str) -> str:
    cursor.execute(f"SELECT count(*) FROM products WHERE {_condition(text)}")
    return f"{(cursor.fetchone() or (0,))[0]:,} hits"


def _ids(cursor: psycopg2.extensions.cursor, condition: str, offset: int) -> tuple[UUID, ...]:
    cursor.execute(
        f"SELECT id FROM products WHERE {condition} ORDER BY description, id"
        f" OFFSET {offset} LIMIT {ROWS}"
    )
    return tuple(UUID(key) for (key,) in cursor.fetchall())


def check(side: str, path: str, sample: Sample, body: str) -> None:
    """Raise PoserError unless a page shows exactly the rows it must, in their order."""
    pattern = _OUR_ROW if side == "poser" else _DJANGO_ROW
    shown = tuple(dict.fromkeys(UUID(key) for key in pattern.findall(body)))
    if shown != sample.shows:
        raise PoserError(
            f"{side} shows other rows than it must at {path}: {len(shown)} rows, "
            f"{len(set(shown) & set(sample.shows))} of the {len(sample.shows)} that it must",
            hint="the two apps would not do the same work: nothing is measured",
        )


def scan_paths(cursor: psycopg2.extensions.cursor, count: int) -> list[str]:
    """Return addresses as the find box makes them of scanned barcodes, spread over the table."""
    cursor.execute(
        "SELECT gtin FROM products WHERE gtin IS NOT NULL ORDER BY md5(id::text) LIMIT %s", [count]
    )
    return [f"/find?q={gtin}" for (gtin,) in cursor.fetchall()]
