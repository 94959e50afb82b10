# SPDX-License-Identifier: Apache-2.0
"""Runs the importer beside a raw COPY of the same rows, each in a database of its own."""

import json
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from sqlalchemy import create_engine

from bench.importing import rows
from bench.measure.cluster import Cluster
from bench.measure.machine import Loads
from bench.measure.processes import cpu_s
from poser.db import transaction
from poser.db.migrations import upgrade
from poser.errors import PoserError
from poser.history.switching import switch

CHECKOUT = Path(__file__).parents[2]
OWNER, APPLICATION = "poser_owner", "poser"
TABLES = ("products", "vendors")
CREATE, UNCHANGED, CHANGED = "all created", "nothing changed", "1 % changed"
UPDATE, DELETE = "all updated", "all but one deleted"
PER_RECORD = (CREATE, UNCHANGED, UPDATE, DELETE)


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds by the clock, and of the processors: the importer's and PostgreSQL's together.

    What else runs on the computer stretches the first, and hardly the second.
    """

    clock: float
    cpu: float


@dataclass(slots=True, kw_only=True)
class Figures:
    """What each thing took, round by round; memory in MiB by number of rows."""

    rows: int
    vendor_rows: int
    copy: list[Took] = field(default_factory=list)
    off: dict[str, list[Took]] = field(default_factory=dict)
    on: dict[str, list[Took]] = field(default_factory=dict)
    steps: dict[str, dict[str, float]] = field(default_factory=dict)
    peak_mib: dict[int, float] = field(default_factory=dict)
    vendors: dict[str, list[Took]] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Bench:
    """The server, and the files that are imported."""

    cluster: Cluster
    folder: Path
    figures: Figures
    loads: Loads

    def measure(self, rounds: int, many: int) -> None:
        """Measure everything; `many` rows are only read and compared, for the memory."""
        figures = self.figures
        self._prepare()
        products, changed, copied = (self.folder / name for name in ("all", "changed", "copy"))
        rows.write_csv(products, figures.rows)
        rows.write_csv(changed, figures.rows, changed_every=100)
        rows.write_copy(copied, figures.rows)
        for number in range(rounds):
            turns = [partial(self._copy, copied), partial(self._create, products, changed)]
            for turn in turns if number % 2 == 0 else reversed(turns):
                turn()
            self._recorded(products, changed)
            self._vendors()
            self.loads.note()
        if many:
            rows.write_csv(products, many)
            self._fresh("off")
            self._run("off", products, "Product", {"unchanged": 0}, "--dry-run", peak_of=many)

    def _prepare(self) -> None:
        """Make databases with our schema: one keeps no changes of these tables, one does."""
        cluster = self.cluster
        cluster.execute(*(f"CREATE ROLE {role} LOGIN" for role in (OWNER, APPLICATION)))
        for name, kept in (("template_off", False), ("template_on", True)):
            cluster.execute(f"CREATE DATABASE {name} OWNER {OWNER}")
            upgrade("poser", cluster.url(name).replace("postgres@", f"{OWNER}@"))
            engine = create_engine(cluster.url(name))
            with transaction(engine) as session:
                switch(session, TABLES, history=kept, capture=kept)
            engine.dispose()

    def _copy(self, file: Path) -> None:
        """Copy rows that need nothing into the same table with the same indexes."""
        self._fresh("off")
        with closing(self.cluster.connect("shop_off")) as bare, bare.cursor() as cursor:
            used, mine = cpu_s(self.cluster.pid), time.process_time()
            began = time.perf_counter()
            with file.open(encoding="utf-8") as text:
                cursor.copy_expert(f"COPY products ({rows.COLUMNS}) FROM STDIN", text)
            clock = time.perf_counter() - began
            cpu = cpu_s(self.cluster.pid) - used + time.process_time() - mine
        self.figures.copy.append(Took(clock, cpu))
        _say(f"raw COPY: {clock:.1f} s, {cpu:.1f} s of CPU")

    def _create(self, products: Path, changed: Path) -> None:
        many, off = self.figures.rows, self.figures.off
        self._fresh("off")
        took = self._run("off", products, "Product", {"created": many}, what=CREATE, peak_of=many)
        off.setdefault(CREATE, []).append(took)
        self.cluster.execute("VACUUM ANALYZE products", database="shop_off")
        took = self._run("off", products, "Product", {"unchanged": many}, what=UNCHANGED)
        off.setdefault(UNCHANGED, []).append(took)
        took = self._run("off", changed, "Product", {"updated": -(-many // 100)}, what=CHANGED)
        off.setdefault(CHANGED, []).append(took)

    def _recorded(self, products: Path, changed: Path) -> None:
        """Do the same where history and capture keep every change."""
        many, on = self.figures.rows, self.figures.on
        self._fresh("on")
        took = self._run("on", products, "Product", {"created": many})
        on.setdefault(CREATE, []).append(took)
        self.cluster.execute("VACUUM ANALYZE products", database="shop_on")
        took = self._run("on", products, "Product", {"unchanged": many})
        on.setdefault(UNCHANGED, []).append(took)
        took = self._run("on", changed, "Product", {"updated": -(-many // 100)})
        on.setdefault(CHANGED, []).append(took)

    def _vendors(self) -> None:
        """Import rows of six fields, as the peer's were measured."""
        many = self.figures.vendor_rows
        first, other, one = (self.folder / name for name in ("vendors", "others", "one"))
        rows.write_vendors(first, many, terms="30 days")
        rows.write_vendors(other, many, terms="60 days")
        rows.write_vendors(one, 1, terms="60 days")
        self._fresh("off")
        for what, file, expected in (
            (CREATE, first, {"created": many}),
            (UNCHANGED, first, {"unchanged": many}),
            (UPDATE, other, {"updated": many}),
            (DELETE, one, {"deleted": many - 1}),
        ):
            flags = ("--deletes",) if what == DELETE else ()
            took = self._run("off", file, "Vendor", expected, *flags)
            self.figures.vendors.setdefault(what, []).append(took)
            if what == CREATE:
                self.cluster.execute("VACUUM ANALYZE vendors", database="shop_off")

    def _fresh(self, name: str) -> None:
        self.cluster.execute(
            f"DROP DATABASE IF EXISTS shop_{name}",
            f"CREATE DATABASE shop_{name} TEMPLATE template_{name}",
        )
        self.cluster.execute("CHECKPOINT")

    def _run(
        self,
        database: str,
        file: Path,
        model: str,
        expected: dict[str, int],
        *flags: str,
        what: str = "",
        peak_of: int = 0,
    ) -> Took:
        """Run the importer in a process of its own; what it did must be what is expected."""
        used = cpu_s(self.cluster.pid)
        url = self.cluster.url(f"shop_{database}").replace("postgres@", f"{APPLICATION}@")
        done = subprocess.run(
            [sys.executable, "-m", "bench.importing.ours", url, str(file), model, *flags],
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise PoserError(f"the importer failed: {done.stderr.strip()[-500:]}")
        told = json.loads(done.stdout)
        if any(told[name] != count for name, count in expected.items()) or told["refused"]:
            raise PoserError(f"the importer did {told}, and not {expected}")
        if what:
            self.figures.steps[what] = told["steps"]
        if peak_of:
            self.figures.peak_mib[peak_of] = max(
                told["peak_mib"], self.figures.peak_mib.get(peak_of, 0.0)
            )
        took = Took(told["seconds"], cpu_s(self.cluster.pid) - used + told["cpu_s"])
        _say(f"{database}, {model}, {expected}: {took.clock:.1f} s, {took.cpu:.1f} s of CPU")
        return took


def _say(words: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {words}", file=sys.stderr, flush=True)
