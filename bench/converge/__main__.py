# SPDX-License-Identifier: Apache-2.0
"""Measures provisioning beside Ansible, pyinfra and the limit, on real machines of a lab."""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.converge import measure, parts, report
from bench.converge.report import Outcome
from bench.converge.site import FOLDER, NAMES, Site
from bench.converge.state import differences
from bench.converge.tools import Tool, tools
from bench.measure import machine
from bench.measure.machine import Loads
from poser.errors import PoserError

SCENARIOS = ("first", "unchanged", "changed", "parallel")
DRIFT = "/etc/nginx/conf.d/poser.conf"
ONE = NAMES[:1]
SETTLES_WITHIN = 4


def main() -> int:
    """Run the bench; exit code 1 when it could not be run, whatever the figures are."""
    asked = _arguments()
    if os.geteuid() != 0:
        print(
            "error: bench/provision is not run by root\n"
            "hint: it makes control groups to count CPU time: sudo bench/provision",
            file=sys.stderr,
        )
        return 1
    here = machine.look()
    bench = Bench(asked=asked, loads=Loads(), outcome=Outcome())
    try:
        bench.run()
    except PoserError as error:
        print(f"error: {error}\nhint: {error.hint}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        _say("interrupted: these are the figures so far")
    text = f"\n{here}\n{bench.loads}\n\n{report.text(bench.outcome)}"
    if asked.json:
        values = {"machine": here.as_json(), "loads": bench.loads.seen}
        json.dump({**values, **report.as_json(bench.outcome)}, sys.stdout, indent=2)
        print()
    print(text, file=sys.stderr if asked.json else sys.stdout)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/provision", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="rounds of each scenario (default 5)")
    parser.add_argument(
        "--first-runs", type=int, default=1, help="rounds of first builds, minutes each (default 1)"
    )
    parser.add_argument(
        "--only",
        default=",".join(SCENARIOS),
        help=f"scenarios, of {','.join(SCENARIOS)} (default all)",
    )
    parser.add_argument(
        "--tools", default=",".join(report.TOOLS), help="peers beside ours and the limit (all)"
    )
    parser.add_argument(
        "--json", action="store_true", help="print JSON; tables go to standard error"
    )
    parser.add_argument("--keep", action="store_true", help="leave the machines when done")
    parser.add_argument("--peers", type=Path, required=True, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    asked.only, asked.tools = asked.only.split(","), {*asked.tools.split(","), "poser", "limit"}
    for given, known in ((asked.only, SCENARIOS), (asked.tools, report.TOOLS)):
        if unknown := set(given) - set(known):
            parser.error(f"no {', '.join(sorted(unknown))}: choose of {', '.join(known)}")
    if asked.runs < 1 or asked.first_runs < 1:
        parser.error("at least one run is needed")
    return asked


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


@dataclass(slots=True, kw_only=True)
class Bench:
    """One run of the bench."""

    asked: argparse.Namespace
    loads: Loads
    outcome: Outcome

    def run(self) -> None:
        """Go through the scenarios that were asked for."""
        _say("opening the lab of the bench and building the release")
        site = Site.open()
        try:
            site.up(ONE)
            chosen = self._tools(site, ONE)
            self._warm(site, chosen)
            if "first" in self.asked.only:
                self._first(site, chosen)
            for scenario in ("unchanged", "changed"):
                if scenario in self.asked.only:
                    self._again(site, chosen, ONE, scenario)
            if "parallel" in self.asked.only:
                self._parallel(site)
        finally:
            site.close()
            if not self.asked.keep:
                site.lab.remove()

    def _tools(self, site: Site, names: Sequence[str]) -> list[Tool]:
        folder = FOLDER / ("one" if len(names) == 1 else "all")
        folder.mkdir(mode=0o700, exist_ok=True)
        made = tools(site, self.asked.peers, folder, names)
        return [tool for tool in made if tool.name in self.asked.tools]

    def _measure(self, tool: Tool, site: Site, names: Sequence[str], scenario: str) -> None:
        ran = measure.run(tool, site, names, FOLDER)
        self.outcome.add(scenario, ran)
        if ran.unkept:
            self.outcome.differences[f"{scenario}: promises, {tool.name}"] = list(ran.unkept)
        self.loads.note()
        _say(f"{scenario}: {tool.name} {ran.wall_s:.2f} s, CPU {ran.cpu_s:.2f} s")

    def _warm(self, site: Site, chosen: Sequence[Tool]) -> None:
        """Fill every cache once, so that no tool pays for being the first."""
        _say("filling the caches: a build that is not counted")
        measure.run(chosen[0], site, ONE, FOLDER)

    def _first(self, site: Site, chosen: Sequence[Tool]) -> None:
        """Build from the base with each tool; the machine is ours at the end."""
        limit = next(tool for tool in chosen if tool.name == "limit")
        states = {}
        for _ in range(self.asked.first_runs):
            site.begin_anew(ONE)
            measured = parts.measure(site, limit, ONE[0], FOLDER)
            self.outcome.parts.append(measured)
            _say(f"parts by themselves: {sum(measured.values()):.1f} s")
            for tool in reversed(chosen):
                site.begin_anew(ONE)
                self._measure(tool, site, ONE, "first build")
                states[tool.name] = site.state(ONE[0])
        for name, state in states.items():
            if name != chosen[0].name:
                found = differences(states[chosen[0].name], state)
                self.outcome.differences[f"built by {chosen[0].name} / by {name}"] = found

    def _again(
        self, site: Site, chosen: Sequence[Tool], names: Sequence[str], scenario: str
    ) -> None:
        """Run tools in turn on machines that are as they should be, but for one file."""
        self._settle(chosen, site, names)
        before = [site.state(name) for name in names]
        for number in range(self.asked.runs):
            for tool in chosen if number % 2 == 0 else reversed(chosen):
                if scenario == "changed":
                    for name in names:
                        site.run(name, f"echo '# changed' >> {DRIFT}")
                self._measure(tool, site, names, scenario)
                if number == 0:
                    after = [site.state(name) for name in names]
                    found = [
                        line
                        for old, new in zip(before, after, strict=True)
                        for line in differences(old, new)
                    ]
                    self.outcome.differences[f"{scenario}: before / after {tool.name}"] = found

    def _settle(self, chosen: Sequence[Tool], site: Site, names: Sequence[str]) -> None:
        """Let every tool see the machines once, ours until the machines are verified.

        Before that a run is not an unchanged one: the others note when they fetched apt's lists.
        """
        for tool in chosen[1:]:
            measure.run(tool, site, names, FOLDER)
        for _ in range(SETTLES_WITHIN):
            if not measure.run(chosen[0], site, names, FOLDER).unkept:
                return
            _say("a promise was not kept; once more")
        raise PoserError(
            f"the machines do not keep their promises after {SETTLES_WITHIN} runs",
            hint=f"see {FOLDER / 'poser.out'}",
        )

    def _parallel(self, site: Site) -> None:
        """Bring five machines up with our tool, then let every tool find them unchanged."""
        site.begin_anew(NAMES[1:])
        site.up(NAMES)
        chosen = self._tools(site, NAMES)
        self._measure(chosen[0], site, NAMES[1:], "first build of 4 at the same time")
        self._again(site, chosen, NAMES, "5 machines unchanged")


if __name__ == "__main__":
    sys.exit(main())
