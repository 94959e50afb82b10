# SPDX-License-Identifier: Apache-2.0
"""`tempmon-client`: runs the probe, and tells a technician how it is."""

import argparse
import json
import logging
import signal
import sys
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

from tempmon_client import __version__
from tempmon_client.identity import COMPLAINT, FILE, take_over
from tempmon_client.one_wire import Buses, found
from tempmon_client.places import ConfigError, Places, load, serial
from tempmon_client.wire import Fault

WORDS = {
    Fault.LOST_POWER: "lost its power: look at the red wire (3.3 V)",
    Fault.WEAK_POWER: "has too little power: a shorter cable, or 3.3 V on a wire of its own",
    Fault.SHORT: "the data wire touches ground",
    Fault.BAD_CRC: "garbled: look at the contacts, the cable may be too long",
    Fault.INCOMPLETE: "does not answer in full: look at the contacts",
    Fault.GONE: "is not there any more",
    Fault.SLOW: "does not answer in time",
    Fault.OUT_OF_RANGE: "says what it cannot measure: it is broken",
}
TROUBLES = {
    "card_full": "the card is full: readings wait in memory",
    "card_worn": "the card cannot be written: flash another one soon",
    "spool_lost": "the readings on the card could not be read; they were put aside",
    "readings_dropped": "the oldest readings had to go: the node was away for too long",
    "door_open": "the door is open",
    "too_many_sensors": "there are more sensors than one probe reads",
}
WIRES = "data on pin 7, 3.3 V on pin 1, ground on pin 9, 4.7 kilo-ohms from data to 3.3 V"
_TOO_OLD_S = 300
_NOT_WELL = 1
_MISUSED = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what is asked; returns the exit code: 0 well, 1 not well, 2 cannot be done."""
    parser = argparse.ArgumentParser(
        prog="tempmon-client",
        description="A temperature probe: reads 1-Wire sensors and brings readings to a node.",
        epilog="Begin with `tempmon-client test`, which needs no node.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument("--config", type=Path, help="another file than /etc/tempmon-client.toml")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, (does, what) in _COMMANDS.items():
        one = commands.add_parser(name, help=what, description=f"{what}.")
        one.set_defaults(does=does)
        if name in {"status", "identity"}:
            one.add_argument("--json", action="store_true", help="for programs")
    asked = parser.parse_args(arguments)
    try:
        code: int = asked.does(load(asked.config), asked)
    except ConfigError as error:
        print(f"error: {error}", file=sys.stderr)
        return _MISUSED
    return code


def run(places: Places, _asked: argparse.Namespace) -> int:
    """Run until a signal says to stop."""
    from tempmon_client.running import Probe  # noqa: PLC0415 - slow, and only here

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    probe = Probe(places)
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: probe.stop.set())
    probe.run()
    return 0


def status(places: Places, asked: argparse.Namespace) -> int:
    """Tell how the probe that runs is."""
    try:
        said = json.loads(places.status.read_text())
    except (OSError, ValueError):
        print(f"{places.status} is not there: the probe does not run yet", file=sys.stderr)
        print("hint: systemctl status tempmon-client", file=sys.stderr)
        return _NOT_WELL
    if asked.json:
        print(json.dumps(said, indent=2))
        return 0
    now = time.time()
    print(f"{said['name'] or 'a probe without a name'}, serial number {said['serial']}")
    print(f"release    {said['release']}")
    print(f"node       {said['server'] or 'nobody has said which'}")
    print(f"sending    {said['note']}; {said['queued']} readings wait")
    print(f"state      {said['level']}")
    for word in said["troubles"]:
        print(f"trouble    {TROUBLES.get(word, word)}")
    age_s = now - said["measured_ms"] / 1000
    for address, one in said["sensors"].items():
        print(f"{address}  {_said(one['hundredths'], one['fault'])}, {ago(age_s)}")
    if not said["sensors"]:
        print("no sensor was found")
    fails = not said["sensors"] or any(one["fault"] for one in said["sensors"].values())
    return _NOT_WELL if said["troubles"] or fails or age_s > _TOO_OLD_S else 0


def test(places: Places, _asked: argparse.Namespace) -> int:
    """Measure once and show it; nothing is kept or sent."""
    addresses = found(places.devices)
    if not addresses:
        print(f"no sensor was found below {places.devices}")
        print(f"hint: {WIRES}")
        return _NOT_WELL
    measured = Buses(places.devices).measure(addresses)
    for address, one in measured.items():
        print(f"{address}  {_said(one.hundredths, one.fault)}, now")
    return _NOT_WELL if any(one.fault for one in measured.values()) else 0


def identify(places: Places, _asked: argparse.Namespace) -> int:
    """Say who this probe is, and let its light blink for half a minute."""
    from tempmon_client.signals import Signals  # noqa: PLC0415 - slow, and only here
    from tempmon_client.warning import Level  # noqa: PLC0415

    print(f"serial number {serial()}")
    signals = Signals.on(places.pins)
    if signals.light is None:
        print("there is no light on this board")
        return _NOT_WELL
    signals.identify(30)
    signals.show(Level.GOOD, buzzes=False)
    time.sleep(30)
    return 0


def identity(places: Places, asked: argparse.Namespace) -> int:
    """Take over what a technician wrote on the boot partition, and show it."""
    known = take_over(places.boot, places.identity)
    if asked.json:
        print(json.dumps(known.to_json()))
        return 0
    print(f"name    {known.name or 'not said'}")
    print(f"server  {known.server or 'not said'}")
    print(f"code    {'there is one' if known.code else 'not said'}")
    print(f"wifi    {known.wifi.ssid if known.wifi else 'not said'}")
    complaint = places.boot / COMPLAINT
    if complaint.exists():
        print(f"{complaint}: {complaint.read_text()}", file=sys.stderr)
        return _NOT_WELL
    print(f"write {places.boot / FILE} to change it")
    return 0


def ago(seconds: float) -> str:
    """Say how old something is."""
    if seconds < 1:
        return "now"
    return f"{timedelta(seconds=round(seconds))} ago"


def _said(hundredths: int | None, fault: str | Fault | None) -> str:
    if hundredths is not None:
        return f"{hundredths / 100:.2f} °C"
    return WORDS[Fault(fault)] if fault else "nothing"


_COMMANDS: dict[str, tuple[Callable[[Places, argparse.Namespace], int], str]] = {
    "run": (run, "Measure and send until told to stop; systemd runs this"),
    "status": (status, "Show how the probe is, and how old what it measured is"),
    "test": (test, "Measure once with every sensor; nothing is kept or sent"),
    "identify": (identify, "Show the serial number, and let the light blink for half a minute"),
    "identity": (identity, "Take over what was written on the boot partition, and show it"),
}
