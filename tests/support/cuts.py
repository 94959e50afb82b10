# SPDX-License-Identifier: Apache-2.0
"""Cuts a provisioning run off at a chosen moment: its line broken or its machine's power gone."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from poser.errors import PoserError

if TYPE_CHECKING:
    from control.provision import Report
    from tests.support.shop import Event, Shop


class CutOff(Exception):  # noqa: N818 - what happened to the run
    """The run ended because it was cut off, and said so."""


@dataclass(kw_only=True)
class Cut:
    """One cut: at the start of step `at_step` (1 is the first) or of a key, and `after_s` later.

    `behind_key` is the step that follows the one with this key.
    """

    shop: Shop
    name: str
    how: Literal["line", "power"]
    at_step: int = 0
    at_key: str = ""
    behind_key: str = ""
    after_s: float = 0.0
    hit: str = ""
    steps: int = 0
    _last: str = field(default="", repr=False)
    _done: threading.Event = field(default_factory=threading.Event, repr=False)

    def provision(self) -> Report:
        """Provision the machine until the cut; raises CutOff when it took effect.

        Returns the report when the run was over before.
        """
        try:
            return self.shop.provision(self.name, self.hears)
        except PoserError as error:
            if not self.hit:
                raise
            self._done.wait(30)
            raise CutOff(f"at {self.hit}: {error}") from error

    def hears(self, machine: str, event: Event) -> None:
        """Look out for the moment."""
        if machine != self.name or event["event"] != "start" or self.hit:
            return
        key, self.steps = str(event["key"]), int(event["of"])
        if self._is_now(int(event["n"]), key):
            self.hit = f"{event['n']}/{event['of']} {key}"
            threading.Thread(target=self._cut).start()
        self._last = key

    def _is_now(self, n: int, key: str) -> bool:
        if self.behind_key:
            return self._last.startswith(self.behind_key)
        return key.startswith(self.at_key) if self.at_key else n >= self.at_step

    def _cut(self) -> None:
        time.sleep(self.after_s)
        if self.how == "line":
            self.shop.break_off(self.name)
        else:
            self.shop.lab.power_off(self.name)
            self.shop.break_off(self.name)
        self._done.set()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """What came of building a store in one go, and another one with cuts."""

    report: Report
    cuts: tuple[Cut, ...]
