# SPDX-License-Identifier: Apache-2.0
"""The service: measures each so many seconds, keeps what was measured, and brings it to the node.

Measuring never waits for the network: sending has a thread of its own. The watchdog is fed by the
loop that measures, so a loop that hangs is ended by systemd, and begins again.
"""

import json
import logging
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property

from tempmon_client import __version__
from tempmon_client.clock import Clock
from tempmon_client.enrolling import ASK_AGAIN_S, Asked, Decided, State, ask, own_key
from tempmon_client.fields import Fields, WireError
from tempmon_client.files import keep
from tempmon_client.identity import Identity, read_kept
from tempmon_client.notifying import say
from tempmon_client.one_wire import Buses, found
from tempmon_client.places import Places, serial
from tempmon_client.scratchpad import Measured
from tempmon_client.sending import Node, Pauses, Refused, TooLarge, Unsent, send
from tempmon_client.settings import MOST_SENSORS, Settings, settings_in, settings_out
from tempmon_client.signals import Signals
from tempmon_client.spool import Spool
from tempmon_client.warning import Level, Warner
from tempmon_client.wire import MOST_READINGS, Fault, Message, Reading, SeenSensor

log = logging.getLogger(__name__)

FEEDS_EVERY_S = 5.0
DOOR_OPEN = "door_open"
TOO_MANY_SENSORS = "too_many_sensors"


@dataclass
class Probe:
    """One probe that runs; `run` ends when `stop` is set."""

    places: Places
    stop: threading.Event = field(default_factory=threading.Event)
    clock: Clock = field(default_factory=Clock)
    settings: Settings = field(default_factory=Settings)
    last: dict[str, Measured] = field(default_factory=dict)
    level: Level = Level.GOOD
    decided: Decided | None = None
    note: str = "nothing was sent yet"
    troubles: set[str] = field(default_factory=set)
    _sent_ms: int = 0
    _measured_ms: int = 0
    _messages: int = 0
    _more: threading.Event = field(default_factory=threading.Event)

    @cached_property
    def identity(self) -> Identity:
        """What a technician wrote."""
        return read_kept(self.places.identity)

    @cached_property
    def spool(self) -> Spool:
        """The readings on the card."""
        return Spool(self.places.spool)

    @cached_property
    def signals(self) -> Signals:
        """Light, buzzer, button and switch."""
        return Signals.on(self.places.pins)

    @property
    def server(self) -> str:
        """The node that takes the readings, "" when nobody has said which."""
        return self.identity.server or self.places.server

    def run(self) -> None:
        """Measure and send until told to stop."""
        self.places.state.mkdir(parents=True, exist_ok=True)
        self.places.run.mkdir(parents=True, exist_ok=True)
        self._read_settings()
        log.info("%s readings wait", self.spool.queued)
        sender = threading.Thread(target=self._send_for_ever, name="sender", daemon=True)
        buses, warner = Buses(self.places.devices), Warner()
        sender.start()
        say("READY=1")
        before = time.monotonic()
        while not self.stop.is_set():
            began = time.monotonic()
            self.cycle(buses, warner, began - before)
            before = began
            self._wait(began + self.settings.interval_s)
        self._more.set()
        self.spool.close()

    def cycle(self, buses: Buses, warner: Warner, passed_s: float) -> None:
        """Measure once with every sensor, keep it, and warn."""
        addresses = found(self.places.devices)
        # One that was there goes on being told of, as gone, until the node forgets it.
        known = [one for one in self.settings.sensors if one not in addresses]
        asked = (addresses + known)[:MOST_SENSORS]
        self._trouble(TOO_MANY_SENSORS, is_so=len(addresses) > MOST_SENSORS)
        stamp = self.clock.now()
        self.last = dict(buses.measure(asked))
        self._measured_ms = stamp.wall_ms
        self.spool.add(
            [
                Reading(
                    number=0,
                    sensor=address,
                    taken=stamp,
                    hundredths=one.hundredths,
                    fault=one.fault,
                    raw=one.raw if one.fault else b"",
                )
                for address, one in self.last.items()
            ]
        )
        open_s, limit_s = self.signals.open_s(), self.settings.door_open_s
        self._trouble(DOOR_OPEN, is_so=bool(limit_s) and open_s > limit_s)
        level = warner.judge(self.settings, self.last, passed_s)
        self.level = max(level, Level.WARNING) if DOOR_OPEN in self.troubles else level
        self.signals.show(self.level, buzzes=self.settings.buzzes)
        self._tell()
        self._more.set()

    def _wait(self, until: float) -> None:
        while not self.stop.is_set():
            say("WATCHDOG=1")
            self.signals.show(self.level, buzzes=self.settings.buzzes)
            if (left := until - time.monotonic()) <= 0:
                return
            self.stop.wait(min(left, FEEDS_EVERY_S))

    # Sending.

    def _send_for_ever(self) -> None:
        pauses, most = Pauses(), MOST_READINGS
        while not self.stop.is_set():
            try:
                wait_s = self._sent_or_asked(self._node(), self._key(), most)
                pauses.done()
                most = MOST_READINGS
            except Refused as error:
                self.decided, self.note = None, str(error)
                wait_s = pauses.after(error)
            except TooLarge as error:
                self.note, most, wait_s = str(error), max(1, most // 2), 1.0
            except Unsent as error:
                self.note = str(error)
                wait_s = pauses.after(error)
            except Exception as error:
                log.exception("sending failed")
                self.note = f"{type(error).__name__}: {error}"
                wait_s = pauses.after(Unsent(self.note))
            self._more.clear()
            if wait_s:
                self.stop.wait(wait_s)
            elif not self.spool.queued:
                self._more.wait(self.settings.interval_s)

    def _key(self) -> bytes:
        try:
            return own_key(self.places.key)
        except OSError as error:
            raise Unsent(f"this probe's key cannot be kept: {error}") from error

    def _node(self) -> Node:
        if not self.server:
            raise Unsent(
                "nobody has said which node takes the readings: write server into probe.toml"
            )
        return Node(self.server, self.places.authority)

    def _sent_or_asked(self, node: Node, key: bytes, most: int) -> float:
        """Send what waits, once this probe is let in; returns the seconds to wait then."""
        if self.decided is None or self.decided.state is not State.ACCEPTED:
            asked = Asked(
                serial=serial(),
                key=key,
                release=__version__,
                code=self.identity.code,
                name=self.identity.name,
                sensors=self._seen(),
            )
            self.decided = ask(node, asked)
            if self.decided.state is State.REFUSED:
                raise Refused(f"{node.url} refuses this probe: {self.decided.why}", after_s=None)
            if self.decided.state is State.PENDING:
                self.note = f"{node.url} knows this probe and waits for a person to accept it"
                return ASK_AGAIN_S
        message = self._message(self.spool.next(most))
        answer = send(node, key, message)
        self.spool.note_taken(answer.taken)
        if answer.settings is not None:
            self._keep_settings(answer.settings)
        if answer.identify_s:
            self.signals.identify(answer.identify_s)
        if answer.silence_s:
            self.signals.silence(answer.silence_s)
        self.note, self._sent_ms = f"{node.url} has taken all up to {answer.taken}", answer.now_ms
        with suppress(OSError):
            self.places.sent.write_text(self.places.release_id() or __version__)
        return 0.0

    def _message(self, readings: list[Reading]) -> Message:
        self._messages += 1
        left = max(0, self.spool.queued - len(readings))
        return Message(
            serial=serial(),
            number=self._messages,
            sent=self.clock.now(),
            release=self.places.release_id() or __version__,
            queued=left,
            settings=self.settings.version,
            troubles=tuple(sorted(self.troubles | self.spool.troubles)),
            sensors=self._seen(),
            readings=tuple(readings),
        )

    def _seen(self) -> tuple[SeenSensor, ...]:
        return tuple(
            SeenSensor(
                address=address,
                resolution_bits=one.resolution_bits,
                hundredths=one.hundredths,
                fault=one.fault,
            )
            for address, one in self.last.items()
            if one.fault is not Fault.GONE
        )

    # What is kept and told.

    def _read_settings(self) -> None:
        try:
            self.settings = settings_in(Fields(json.loads(self.places.settings.read_text())))
        except FileNotFoundError:
            return
        except (OSError, WireError, ValueError) as error:
            log.warning("%s is not used: %s", self.places.settings, error)

    def _keep_settings(self, settings: Settings) -> None:
        self.settings = settings
        with suppress(OSError):
            keep(self.places.settings, json.dumps(settings_out(settings)), mode=0o600)

    def _trouble(self, word: str, *, is_so: bool) -> None:
        (self.troubles.add if is_so else self.troubles.discard)(word)

    def _tell(self) -> None:
        """Write how this probe is, for `tempmon-client status`; in memory, not on the card."""
        said = {
            "name": self.settings.name or self.identity.name,
            "serial": serial(),
            "release": self.places.release_id() or __version__,
            "server": self.server,
            "note": self.note,
            "sent_ms": self._sent_ms,
            "measured_ms": self._measured_ms,
            "queued": self.spool.queued,
            "level": self.level.name.lower(),
            "troubles": sorted(self.troubles | self.spool.troubles),
            "sensors": {
                address: {"hundredths": one.hundredths, "fault": one.fault and str(one.fault)}
                for address, one in self.last.items()
            },
        }
        try:
            keep(self.places.status, json.dumps(said))
        except OSError as error:
            log.warning("%s cannot be written: %s", self.places.status, error)
