# SPDX-License-Identifier: Apache-2.0
"""The daemon of a node: `poser datasync run`. A few loops, each of which may fail and goes on.

On every node the sequencer moves captured changes into the queue, and what was refused is tried
again. A node that is not the host also pulls from it and pushes to it; the host's peers are served
by the hub. Every step is one transaction, so killing this at any moment loses nothing.
"""

import logging
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, suppress
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from poser.clock import utc_now
from poser.config import Config
from poser.datasync import pos, settings
from poser.datasync.client import Line, address
from poser.datasync.dialling import dialled, in_one_line, parts
from poser.datasync.epochs import renew_if_restored
from poser.datasync.exchange import NotInStep, know, queue, take, take_again
from poser.datasync.filling import fill, greet_host, push
from poser.datasync.moving import CHANNEL
from poser.datasync.pushing import lines as pushing
from poser.datasync.pushing.turns import Pushed
from poser.datasync.sweeping import sweep
from poser.datasync.watching import lines as watching
from poser.datasync.watching.loop import Turns, Watched
from poser.db import engine, transaction
from poser.db.bell import Bell
from poser.db.settings import url
from poser.errors import ConfigError, PoserError
from poser.extensions.models import load_models
from poser.extensions.packages import Extension
from poser.model import DatasyncPeer, NodeKind
from poser.notifier import Notifier
from poser.waiting import on_stop, waiting

log = logging.getLogger(__name__)

WAIT_S = 15.0
"""How long the host lets a pull wait; a dead line is noticed after about twice that."""
SHORTEST_LOOK_S, LONGEST_LOOK_S = 0.01, 0.25
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 300.0
HUNG_AFTER_S = 120.0
"""A loop that shows no life for so long is hung: systemd is told no more, and starts us anew."""
_PULSE_S = 5.0
_IS_CAPTURED = text("SELECT EXISTS (SELECT FROM capture)")
_IS_DUE = text("SELECT EXISTS (SELECT FROM datasync_parked WHERE next_try_at <= now())")
_SWEEPS_EVERY_S = 3600.0
_SALES_EVERY_S = 2.0
_CUSTOMERS_SALES_EVERY_S = 10.0
_HAS_SALES = text("SELECT EXISTS (SELECT FROM pos_transactions)")


@dataclass(slots=True)
class Pulse:
    """One loop's sign of life."""

    name: str
    at: float = field(default_factory=time.monotonic)

    def beat(self) -> None:
        """Show life."""
        self.at = time.monotonic()


@dataclass(slots=True, kw_only=True)
class Daemon:
    """The loops of one node around its database."""

    engine: Engine
    config: Config
    bell: Bell
    trainwreck: Engine | None = None
    watched: Sequence[Watched] = ()
    pushed: Sequence[Pushed] = ()
    notifier: Notifier = field(default_factory=Notifier)
    _stop: threading.Event = field(default_factory=threading.Event)
    _queued: threading.Event = field(default_factory=threading.Event)
    _pulses: list[Pulse] = field(default_factory=list)

    @property
    def is_host(self) -> bool:
        """Whether this node is the host."""
        return settings.KIND(self.config) == NodeKind.HOST

    def stop(self) -> None:
        """Have all loops end soon; safe in a signal handler."""
        self._stop.set()
        self._queued.set()

    def run(self) -> None:
        """Work until told to stop."""
        self._introduce()
        loops = [*self._loops()]
        for name, work in loops:
            pulse = Pulse(name)
            self._pulses.append(pulse)
            threading.Thread(
                target=self._keep_going, args=(pulse, work), name=name, daemon=True
            ).start()
        self.notifier.say("READY=1", "STATUS=Keeping in step")
        log.info("datasync runs", extra={"loops": ", ".join(name for name, _ in loops)})
        while not self._stop.is_set():
            self._live()
            self.bell.wait(_PULSE_S)
        self.notifier.say("STOPPING=1")

    def _loops(self) -> Iterator[tuple[str, Callable[[Pulse], None]]]:
        kind = settings.KIND(self.config)
        if kind:
            yield "sequencer", self._sequence
            yield "retrier", self._retry
            yield "sweeper", self._sweep
        if kind and not self.is_host:
            yield "puller", self._pull
            yield "pusher", self._push
        if kind and self.trainwreck is not None:
            yield "sales", self._sales_of[kind]
        for one in self.watched:
            yield f"watch {one.watch.name}", partial(self._watch, one)
        for each in self.pushed:
            yield f"push {each.push.name}", partial(self._push_elsewhere, each)

    def _live(self) -> None:
        """Tell systemd that all loops live, or be silent about it."""
        now = time.monotonic()
        hung = [one.name for one in self._pulses if now - one.at > HUNG_AFTER_S]
        if hung:
            log.error("a loop is hung", extra={"loops": ", ".join(hung)})
        else:
            self.notifier.say("WATCHDOG=1")

    def _introduce(self) -> None:
        """Write down who the peers are, as the settings say."""
        peers = settings.peers(self.config) if self.is_host else []
        with transaction(self.engine) as session:
            for one in peers:
                know(session, one.name, one.kind, one.stores)

    def _keep_going(self, pulse: Pulse, work: Callable[[Pulse], None]) -> None:
        """Run a loop for ever: whatever ends it, it begins again after a growing pause."""
        failures = 0
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                work(pulse)
            except (PoserError, DBAPIError) as error:
                self._say(pulse, error, failures)
            except Exception:
                log.exception("a loop failed", extra={"loop": pulse.name})
            if time.monotonic() - began > LONGEST_PAUSE_S:
                failures = 0
            pause = min(FIRST_PAUSE_S * 2 ** min(failures, 12), LONGEST_PAUSE_S)
            failures += 1
            self._sleep(pulse, pause * (0.5 + random.random()))  # noqa: S311 - not a secret

    def _say(self, pulse: Pulse, error: Exception, failures: int) -> None:
        """Say what is wrong, once for a time of trouble and then seldom."""
        if failures & (failures - 1) == 0:
            said = {"loop": pulse.name, "reason": in_one_line(error), "n": failures}
            if hint := getattr(error, "hint", ""):
                said["hint"] = hint
            log.warning("a loop pauses", extra=said)

    def _sleep(self, pulse: Pulse, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and not self._stop.wait(min(left, _PULSE_S)):
            pulse.beat()

    # The loops.

    def _sequence(self, pulse: Pulse) -> None:
        """Move what is captured; look often while there is much, and seldom while there is not."""
        with transaction(self.engine) as session:
            renew_if_restored(session)
        pause = SHORTEST_LOOK_S
        with self._watching() as line:
            while not self._stop.is_set():
                pulse.beat()
                taken = self._move() if line.execute(_IS_CAPTURED).scalar() else 0
                pause = SHORTEST_LOOK_S if taken else min(pause * 1.3, LONGEST_LOOK_S)
                self._stop.wait(pause)

    def _move(self) -> int:
        with transaction(self.engine) as session:
            moved = queue(session)
        if moved.upto:
            self._queued.set()
        return moved.taken

    def _watching(self) -> Connection:
        """Open a line to the database for looks that are so frequent that they must cost nothing.

        A look is one statement by itself: no transaction, and no question whether the line is up.
        """
        return self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")

    def _retry(self, pulse: Pulse) -> None:
        """Try again what the database refused, when it is due."""
        with self._watching() as line:
            while not self._stop.is_set():
                if line.execute(_IS_DUE).scalar():
                    self._retry_due()
                pulse.beat()
                self._sleep(pulse, 1.0)

    def _retry_due(self) -> None:
        with transaction(self.engine, read_only=True) as session:
            names = list(session.scalars(select(DatasyncPeer.name)))
        for name in names:
            given_up: list[str] = []
            with suppress(NotInStep), transaction(self.engine) as session:
                again = take_again(session, name, is_host=self.is_host, now=utc_now())
                given_up = again.given_up
            if given_up:
                # What is logged as an error is mailed, too (poser.mail.logged).
                log.error(
                    "changes cannot be applied and wait for a person: see poser datasync parked",
                    extra={"peer": name, "rows": ", ".join(given_up[:5]), "n": len(given_up)},
                )

    def _sweep(self, pulse: Pulse) -> None:
        """Let the queue forget what is old."""
        while not self._stop.is_set():
            with transaction(self.engine) as session:
                if gone := sweep(session, settings.KEEP(self.config)):
                    log.info("old changes left the queue", extra={"changes": gone})
            self._sleep(pulse, _SWEEPS_EVERY_S)

    def _pull(self, pulse: Pulse) -> None:
        """Ask the host for what is new, and apply it, one part after the other."""
        with dialled(self.engine, self.config) as line:
            host, epoch, is_in_step = self._greeted(line)
            if not is_in_step:
                fill(self.engine, line, host, pulse.beat)
            received = partial(self._received, host)
            with closing(parts(line, epoch, received, WAIT_S)) as coming:
                while not self._stop.is_set():
                    pulse.beat()
                    part = next(coming)
                    pulse.beat()
                    with transaction(self.engine) as session:
                        applied = take(session, host, part, is_host=False)
                    if applied.changes or applied.parked:
                        told = {"changes": applied.changes, "parked": applied.parked}
                        log.info("changes applied", extra=told)

    def _push(self, pulse: Pulse) -> None:
        """Bring the host what was written here."""
        with dialled(self.engine, self.config) as line:
            host, _, _ = self._greeted(line)
            while not self._stop.is_set():
                pulse.beat()
                self._queued.clear()
                if not push(self.engine, line, host):
                    self._queued.wait(_PULSE_S)

    @property
    def _sales_of(self) -> dict[str, Callable[[Pulse], None]]:
        """What a node of each kind does about POS transactions."""
        return {
            NodeKind.HOST: self._forget_sales,
            NodeKind.STORE: self._bring_sales,
            NodeKind.CLOUD: self._fetch_sales,
        }

    def _bring_sales(self, pulse: Pulse) -> None:
        """Bring the host what the tills rang."""
        with self._trainwreck() as session:
            pos.try_refused(session)
        with Line(address(self.config)) as line:
            while not self._stop.is_set():
                pulse.beat()
                with self._trainwreck(read_only=True) as session:
                    parcel = pos.pack(session, peer=pos.REFUSED)
                if parcel is None:
                    self._sleep(pulse, _SALES_EVERY_S)
                    continue
                refused = line.sales(parcel.data)
                with self._trainwreck() as session:
                    pos.refuse(session, parcel.notes, refused)
                    pos.forget(session, parcel.notes)
                if refused:
                    log.error(
                        "the host refused POS transactions of stores that are not this node's;"
                        " its stores are in the inventory: stores = [...]",
                        extra={"n": len(refused), "first": refused[0]},
                    )

    def _fetch_sales(self, pulse: Pulse) -> None:
        """Fetch from the host what customers bought, for their portal."""
        with self._trainwreck(read_only=True) as session:
            from_start = not session.execute(_HAS_SALES).scalar()
        told: tuple[int, ...] = ()
        with Line(address(self.config)) as line:
            while not self._stop.is_set():
                pulse.beat()
                data = line.customers_sales(told, from_start=from_start)
                from_start, told = False, ()
                if not data:
                    self._sleep(pulse, _CUSTOMERS_SALES_EVERY_S)
                    continue
                with self._trainwreck() as session:
                    told = pos.unpack(session, data, None).notes
                    pos.forget_all(session)  # nobody is told by a cloud node

    def _forget_sales(self, pulse: Pulse) -> None:
        """Let the host forget notes of which all cloud nodes were told."""
        clouds = [one.name for one in settings.peers(self.config) if one.kind is NodeKind.CLOUD]
        while not self._stop.is_set():
            with self._trainwreck() as session:
                pos.forget_all(session, clouds)
            self._sleep(pulse, _SWEEPS_EVERY_S)

    def _trainwreck(self, *, read_only: bool = False) -> AbstractContextManager[Session]:
        assert self.trainwreck is not None  # noqa: S101 - without it there is no such loop
        return transaction(self.trainwreck, read_only=read_only)

    def _watch(self, watched: Watched, pulse: Pulse) -> None:
        """Find what changes in another system, and bring it in."""
        turns = Turns(watched, self._databases(), pulse.beat)
        while not self._stop.is_set():
            turns.turn()
            self._sleep(pulse, min(watched.watch.every.total_seconds(), _PULSE_S))

    def _push_elsewhere(self, pushed: Pushed, pulse: Pulse) -> None:
        """Bring another system what changed here."""
        while not self._stop.is_set():
            pulse.beat()
            if pushed.turn(self._databases(), pulse.beat):
                log.info("another system is up to date", extra={"system": pushed.push.name})
            self._sleep(pulse, pushed.push.every.total_seconds())

    def _databases(self) -> dict[str, Engine]:
        found = {"poser": self.engine}
        return found if self.trainwreck is None else {**found, "trainwreck": self.trainwreck}

    # Who the host is.

    def _greeted(self, line: Line) -> tuple[str, UUID, bool]:
        """Exchange greetings with the host: its name, its epoch, and whether its queue will do."""
        greeting = greet_host(self.engine, line)
        return greeting.host, greeting.epoch, greeting.is_in_step

    def _received(self, host: str) -> int:
        with transaction(self.engine, read_only=True) as session:
            return self._peer(session, host).received_pos

    def _peer(self, session: Session, name: str) -> DatasyncPeer:
        return session.scalars(select(DatasyncPeer).where(DatasyncPeer.name == name)).one()


def serve(config: Config, found: Sequence[Extension]) -> None:
    """Run the daemon of this node until a signal says to stop.

    Raises PoserError when the settings are wrong or the database does not fit this release.
    """
    watches, pushes = watching.configured(config), pushing.configured(config)
    if not (watches or pushes) and not (settings.NODE(config) and settings.KIND(config)):
        raise ConfigError(
            "this node stands alone: nothing says whom it is kept in step with",
            hint=f"fab provision writes {settings.NODE.name} and {settings.KIND.name};"
            f" {watching.WATCH.name} and {pushing.PUSH.name} name other systems",
        )
    with waiting(config, "poser-datasync", CHANNEL) as (_, bell):
        load_models(found)
        address = url(config, "poser")
        pool = engine(
            address, application="poser-datasync", pool_size=6 + 2 * len(watches) + 2 * len(pushes)
        )
        sales = engine(url(config, "trainwreck"), application="poser-datasync", pool_size=2)
        daemon = Daemon(
            engine=pool,
            config=config,
            bell=bell,
            trainwreck=sales,
            watched=[Watched.of(one, found) for one in watches],
            pushed=[Pushed.of(one, found) for one in pushes],
        )
        on_stop(bell, daemon.stop)
        daemon.run()
