# SPDX-License-Identifier: Apache-2.0
"""Measures a host whose database Patroni keeps twice.

Under load the power of the leader is cut, round after round: how long nothing can be written, when
the store has the first change after it and all of them, and whether any acknowledged commit is
lost. Besides, what comparing one store as a whole costs the host, and what the replica can read.
"""

import argparse
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from bench.failing.chain import Chain, Writer, chain, lacking
from bench.failing.patroni import Member, Twice, eventually, twice
from bench.failing.replica import lags_ms, reads
from bench.measure import machine, processes
from bench.measure.figures import median, number, percentile
from bench.measure.machine import Loads
from bench.measure.table import table
from bench.measure.telling import Report, tell
from bench.syncing.saying import say
from poser.errors import PoserError

BEFORE_S = 5.0
AFTER_S = 5.0
LAG_COMMITS, LAG_RATE = 1000, 100


@dataclass(slots=True)
class Measured:
    """All that a run saw, one value a round."""

    no_writes_s: list[float] = field(default_factory=list)
    in_step_s: list[float] = field(default_factory=list)
    written: list[int] = field(default_factory=list)
    lost: list[int] = field(default_factory=list)
    differing: list[int] = field(default_factory=list)
    compared: list[int] = field(default_factory=list)
    compare_s: list[float] = field(default_factory=list)
    compare_hub_s: list[float] = field(default_factory=list)
    compare_database_s: list[float] = field(default_factory=list)
    lag_ms: list[float] = field(default_factory=list)
    reads: list[float] = field(default_factory=list)


def run(asked: argparse.Namespace) -> Report:
    """Measure all rounds."""
    here, loads, measured = machine.look(), Loads(), Measured()
    with tempfile.TemporaryDirectory(prefix="poser-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with (
            twice(folder / "twice", is_synchronous=not asked.asynchronous) as pair,
            chain(folder, pair, asked.products) as nodes,
        ):
            say(f"a store has the {asked.products:,} products of a host with a replica")
            measured.reads.extend(reads(nodes, pair))
            measured.lag_ms.extend(lags_ms(pair, LAG_COMMITS, LAG_RATE))
            for round_ in range(asked.runs):
                loads.note()
                _compare(nodes, pair, measured)
                _fail_over(nodes, pair, f"round {round_}", measured)
                say(
                    f"round {round_ + 1}: {measured.no_writes_s[-1]:.1f} s without a leader,"
                    f" {measured.lost[-1]} commits lost"
                )
    return _report(asked, here, loads, measured)


def _compare(nodes: Chain, pair: Twice, measured: Measured) -> None:
    """Have the store compared as a whole though nothing differs, to see what that costs."""
    nodes.wait_until_in_step()
    hub, database = processes.cpu_s(nodes.hub), _database_s(pair)
    measured.compare_s.append(nodes.compare())
    measured.compare_hub_s.append(processes.cpu_s(nodes.hub) - hub)
    measured.compare_database_s.append(_database_s(pair) - database)


def _database_s(pair: Twice) -> float:
    return processes.cpu_s(pair.leader.server)


def _fail_over(nodes: Chain, pair: Twice, mark: str, measured: Measured) -> None:
    """Cut the leader's power while brands are written, and heal it when the other leads."""
    before, leader = nodes.compared(), pair.leader
    with Writer(pair, mark) as writer:
        time.sleep(BEFORE_S)
        written = len(writer.acknowledged)
        leader.cut()
        eventually(lambda: _leads(pair, leader), "nobody took over")
        eventually(lambda: len(writer.acknowledged) > written + 1, "nothing can be written")
        new = writer.acknowledged[-1]
        writable = time.monotonic()
        eventually(lambda: not lacking(nodes.store, [new]), "the store gets nothing new")
        measured.in_step_s.append(time.monotonic() - writable)
        time.sleep(AFTER_S)
    nodes.wait_until_in_step()
    measured.no_writes_s.append(writer.gap())
    measured.written.append(len(writer.acknowledged))
    measured.lost.append(len(lacking(nodes.host, writer.acknowledged)))
    of_store = {str(name) for (name,) in nodes.store.rows("SELECT name FROM brands")}
    of_host = {str(name) for (name,) in nodes.host.rows("SELECT name FROM brands")}
    measured.differing.append(len(of_store ^ of_host))
    measured.compared.append(nodes.compared() - before)
    leader.start(is_synchronous=pair.is_synchronous)
    pair.wait_until_whole()


def _leads(pair: Twice, gone: Member) -> bool:
    with suppress(PoserError):
        return pair.leader is not gone
    return False


def _report(
    asked: argparse.Namespace, here: machine.Machine, loads: Loads, measured: Measured
) -> Report:
    def seconds(values: list[float]) -> str:
        return f"{number(median(values))} s"

    leader, replica = measured.reads
    rows = [
        ("power cut of the leader: nothing can be written for", seconds(measured.no_writes_s)),
        ("then the store has the first new change after", seconds(measured.in_step_s)),
        ("acknowledged commits", f"{sum(measured.written):,}"),
        ("of these lost", str(sum(measured.lost))),
        ("rows that differ in the end", str(sum(measured.differing))),
        ("comparisons as a whole", str(sum(measured.compared))),
        ("one comparison, nothing differs", seconds(measured.compare_s)),
        ("CPU of the hub for it", seconds(measured.compare_hub_s)),
        ("CPU of the host's PostgreSQL for it", seconds(measured.compare_database_s)),
        ("replica shows a commit after, p50", f"{number(percentile(measured.lag_ms, 50))} ms"),
        ("replica shows a commit after, p99", f"{number(percentile(measured.lag_ms, 99))} ms"),
        ("the queue read from the leader", f"{number(leader)} changes/s"),
        ("the queue read from the replica", f"{number(replica)} changes/s"),
    ]
    how = "asynchronous" if asked.asynchronous else "synchronous"
    must_not = sum(measured.differing) + (0 if asked.asynchronous else sum(measured.lost))
    return Report(
        machine=here,
        loads=loads,
        text=table(["", "measured"], rows),
        values={name: getattr(measured, name) for name in Measured.__dataclass_fields__},
        about=f"{asked.products:,} products, {asked.runs} rounds, {how} replica",
        is_missed=must_not > 0,
    )


def main() -> int:
    """Run the bench; exit code 1 when it could not be run, 3 when something was lost."""
    parser = argparse.ArgumentParser(
        prog="bench/failover",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--runs", type=int, default=3, help="rounds (default 3)")
    parser.add_argument("--products", type=int, default=100_000, help="products (default 100,000)")
    parser.add_argument(
        "--asynchronous", action="store_true", help="commits do not wait for the replica"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    asked = parser.parse_args()
    if asked.runs < 1 or asked.products < 1:
        parser.error("at least one round and one product")
    return tell(lambda: run(asked), as_json=asked.json)


if __name__ == "__main__":
    sys.exit(main())
