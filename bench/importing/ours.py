# SPDX-License-Identifier: Apache-2.0
"""One run of our importer in a process of its own, so that its memory is nobody else's."""

import argparse
import json
import resource
import sys
import time
from decimal import Decimal

from bench.importing.rows import FIELDS, VENDOR_FIELDS
from poser.db import engine
from poser.importing.asked import Asked
from poser.importing.fields import Field
from poser.importing.formats.csv_files import CsvSource
from poser.importing.handler import ImportHandler
from poser.importing.importer import Importer
from poser.importing.running import run
from poser.importing.source import Source
from poser.importing.watching import Progress
from poser.model import Product, Vendor


class Products(Importer):
    """The products of another system."""

    model = Product
    key = ("item_number",)
    fields = tuple(Field(name) for name in FIELDS)


class Vendors(Importer):
    """The vendors of another system."""

    model = Vendor
    key = ("number",)
    fields = tuple(Field(name) for name in VENDOR_FIELDS)


class Bench(ImportHandler):
    """A file of products, or of vendors."""

    key = "bench"
    importers = (Products, Vendors)

    def source(self, asked: Asked) -> Source:
        """Read the CSV file."""
        return CsvSource(asked.where)


def main() -> int:
    """Run it and print what it took as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("file")
    parser.add_argument("model", choices=("Product", "Vendor"))
    parser.add_argument("--deletes", action="store_true")
    parser.add_argument("--dry-run", action="store_true")
    typed = parser.parse_args()
    asked = Asked(
        models=(typed.model,),
        where=typed.file,
        deletes=typed.deletes,
        dry_run=typed.dry_run,
        max_delete_share=Decimal(100),
        max_diffs=0,
    )
    steps: list[tuple[str, float]] = []

    def watch(progress: Progress) -> None:
        if not steps or steps[-1][0] != progress.step:
            steps.append((progress.step, time.perf_counter()))

    database = engine(typed.url, pool_size=1, statement_timeout_ms=0, idle_timeout_ms=0)
    began, used = time.perf_counter(), time.process_time()
    result = run(Bench(), asked, {"poser": database}, watch)
    ended = time.perf_counter()
    if result.why:
        print(result.why, file=sys.stderr)
        return 1
    ends = [at for _step, at in steps[1:]] + [ended]
    (counts,) = result.models
    told = {
        "seconds": ended - began,
        "cpu_s": time.process_time() - used,
        "steps": {step: end - at for (step, at), end in zip(steps, ends, strict=True)},
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "created": counts.created,
        "updated": counts.updated,
        "deleted": counts.deleted,
        "unchanged": counts.unchanged,
        "refused": counts.refused,
    }
    json.dump(told, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
