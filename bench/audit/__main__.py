# SPDX-License-Identifier: Apache-2.0
"""Looks at the pages that people see most with Lighthouse, as a phone and as a desktop."""

import argparse
import json
import sys
import tempfile
import time
from contextlib import ExitStack, closing
from pathlib import Path

from bench.audit.lighthouse import CATEGORIES, FORMS, scores
from bench.grid.kept import kept_database
from bench.grid.seed import DATABASE
from bench.grid.sides import Side, start_poser
from bench.measure import machine
from bench.measure.cluster import Cluster
from bench.measure.figures import median
from bench.measure.machine import Loads
from bench.measure.table import table
from bench.measure.telling import Report, tell

BAR = 0.95
Seen = dict[tuple[str, str], list[dict[str, float]]]


def main() -> int:
    """Run the bench; exit code 1 when it could not be run, 3 when a bar was missed."""
    parser = argparse.ArgumentParser(prog="bench/lighthouse", description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000, help="products (default 20,000)")
    parser.add_argument("--runs", type=int, default=3, help="runs of each page (default 3)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    asked = parser.parse_args()
    if asked.rows < 20_000 or asked.runs < 1:
        parser.error("at least 20,000 rows and 1 run are needed")
    return tell(lambda: _run(asked), as_json=asked.json)


def _run(asked: argparse.Namespace) -> Report:
    here, loads, seen = machine.look(), Loads(), Seen()
    with ExitStack() as stack:
        cluster = stack.enter_context(kept_database(asked.rows, _say))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="poser-bench-")))
        poser = start_poser(cluster, folder)
        stack.callback(poser.stop)
        nobody, somebody = _headers(folder, poser)
        for _ in range(asked.runs):
            for name, path in _pages(cluster).items():
                for form in FORMS:
                    _say(f"{name}, {form}")
                    headers = nobody if path == "/sign-in" else somebody
                    found = scores(f"http://127.0.0.1:{poser.port}{path}", form, headers)
                    seen.setdefault((name, form), []).append(found)
                    loads.note()
    return _report(here, loads, asked.runs, seen)


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def _headers(folder: Path, poser: Side) -> tuple[Path, Path]:
    nobody, somebody = folder / "nobody.json", folder / "somebody.json"
    nobody.write_text("{}")
    somebody.touch(mode=0o600)
    somebody.write_text(json.dumps(dict(poser.headers)))
    return nobody, somebody


def _pages(cluster: Cluster) -> dict[str, str]:
    with closing(cluster.connect(DATABASE)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id FROM products ORDER BY description, id LIMIT 1")
        (key,) = cursor.fetchone() or ("",)
    return {
        "sign-in": "/sign-in",
        "grid": "/products",
        "record": f"/products/{key}",
        "dashboard": "/sales",
    }


def _report(here: machine.Machine, loads: Loads, runs: int, seen: Seen) -> Report:
    medians = {
        key: [median([run[name] for run in found]) for name in CATEGORIES]
        for key, found in seen.items()
    }
    rows = [
        [f"{page}, {form}", *(f"{score:.2f}" for score in scored), _met(min(scored))]
        for (page, form), scored in medians.items()
    ]
    lost = [
        f"{page}, {form}: {', '.join(_lost(found[-1])) or 'nothing'}"
        for (page, form), found in seen.items()
    ]
    text = f"{table(['page', *CATEGORIES, f'>= {BAR}'], rows)}\n\nwhat cost points:\n"
    return Report(
        machine=here,
        loads=loads,
        about=f"{runs} runs",
        text=text + "\n".join(lost),
        values={f"{page}, {form}": found for (page, form), found in seen.items()},
        is_missed=any(min(scored) < BAR for scored in medians.values()),
    )


def _met(score: float) -> str:
    return "met" if score >= BAR else "MISSED"


def _lost(found: dict[str, float]) -> list[str]:
    prefix = "lost: "
    return [
        f"{name.removeprefix(prefix)} {score:.2f}"
        for name, score in found.items()
        if name.startswith(prefix)
    ]


if __name__ == "__main__":
    sys.exit(main())
