# SPDX-License-Identifier: Apache-2.0
"""What the bench imports: products with nine fields, and vendors with six, always the same."""

import csv
from collections.abc import Iterator
from pathlib import Path

FIELDS = (
    "item_number",
    "gtin",
    "description",
    "size",
    "ingredients",
    "origin_country",
    "case_size",
    "is_organic",
    "notes",
)
COLUMNS = ", ".join(FIELDS)
VENDOR_FIELDS = (
    "number",
    "name",
    "abbreviation",
    "account_number",
    "terms",
    "discount_percent",
)
_COUNTRIES = ("US", "DE", "FR", "IT", "CA", "")


def write_csv(path: Path, rows: int, *, changed_every: int = 0) -> None:
    """Write the products as a file of another system; each so many-eth is another one."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(FIELDS)
        writer.writerows(products(rows, changed_every=changed_every))


def write_vendors(path: Path, rows: int, *, terms: str) -> None:
    """Write vendors; other `terms` make each of them another one."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(VENDOR_FIELDS)
        writer.writerows(
            (f"V{n:06}", f"Vendor number {n}", f"V{n}", f"A-{n % 1000}", terms, f"{n % 10}.5")
            for n in range(rows)
        )


def write_copy(path: Path, rows: int) -> None:
    """Write the same products as COPY reads them: normalized, nothing left to do."""
    with path.open("w", encoding="utf-8", newline="") as file:
        for row in products(rows):
            file.write("\t".join(row) + "\n")


def products(rows: int, *, changed_every: int = 0) -> Iterator[tuple[str, ...]]:
    """Make products, the same on every call."""
    for n in range(rows):
        changed = " (new)" if changed_every and n % changed_every == 0 else ""
        yield (
            f"N{n:07}",
            _gtin(n),
            f"Organic thing number {n} with a flavor{changed}",
            f"{n % 20 + 1} oz",
            f"Water, oats {n % 1000}, salt, sugar",
            _COUNTRIES[n % len(_COUNTRIES)],
            f"{n % 24 + 1}.5",
            "true" if n % 2 else "false",
            "" if n % 3 else f"Seen by the buyer in week {n % 52}",
        )


def _gtin(n: int) -> str:
    """Make a number of 13 digits with its check digit. *Source:* GS1 General Specifications 7.9."""
    digits = f"40{n:010}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"
