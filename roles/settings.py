# SPDX-License-Identifier: Apache-2.0
"""A machine's own settings from the inventory: some for its role, the others for poser.conf."""

import difflib
from collections.abc import Mapping
from typing import Final

from poser.errors import ConfigError

PREFIX = "machine."
# What an inventory may say about a machine beyond poser.conf, and what holds when it does not.
KNOWN: Final[Mapping[str, str]] = {
    "machine.web_open_to": "any",  # networks that reach the web app, "10.1.2.0/24, 10.1.3.0/24"
    "machine.ssh_open_to": "any",  # networks that reach sshd
    "machine.mail_relay": "",  # smart host that takes mail, "[mail.example]:587"; "" = direct
    "machine.mail_to": "",  # who reads mail to root; "" = root's mailbox on the machine
    "machine.time_servers": "",  # NTP servers, spaces between; "" = Debian's own
}


def setting(settings: Mapping[str, str], name: str) -> str:
    """Return one `machine.*` setting, or what holds without it."""
    return settings.get(name, KNOWN[name]).strip()


def check(settings: Mapping[str, str], *, machine: str) -> None:
    """Raise ConfigError for a `machine.*` setting that no part reads."""
    for name in settings:
        if name.startswith(PREFIX) and name not in KNOWN:
            nearest = difflib.get_close_matches(name, KNOWN, n=1, cutoff=0.0)
            raise ConfigError(
                f"machine {machine}: there is no setting {name!r}",
                hint=f"did you mean {nearest[0]!r}? Known are {', '.join(KNOWN)}",
            )


def for_poser_conf(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the settings that belong into poser.conf, keyed "section.key"."""
    return {name: text for name, text in settings.items() if not name.startswith(PREFIX)}
