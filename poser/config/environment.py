# SPDX-License-Identifier: Apache-2.0
"""Settings from environment variables: POSER_WEB_WORKERS is the setting `web.workers`."""

import difflib
from collections.abc import Collection, Iterator, Mapping

from poser.config.entries import Entry, Origin
from poser.errors import ConfigError

PREFIX = "POSER_"

OTHERS = frozenset(
    {
        "POSER_CONFIG",  # which settings files to read
        "POSER_CHAOS",
        "POSER_CHAOS_SEED",
        "POSER_CUTS",
        "POSER_DEBUG",
        "POSER_INVENTORY",
        "POSER_SCREENSHOTS",
        "POSER_VERIFY_FD",
    }
)
"""Variables that other programs of this repository read and that are no settings."""


def variable(name: str) -> str:
    """Name the environment variable of a setting."""
    return PREFIX + name.replace(".", "_").upper()


def from_environment(environment: Mapping[str, str], known: Collection[str]) -> Iterator[Entry]:
    """Yield what the environment says about the `known` settings.

    Raises ConfigError for a variable with our prefix that is the variable of none.
    """
    names = {variable(name): name for name in known}
    for word in sorted(environment):
        if not word.startswith(PREFIX) or word in OTHERS:
            continue
        if word not in names:
            near = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
            raise ConfigError(
                f"environment: {word} stands for no setting",
                hint=f"did you mean {near[0]}?" if near else f"unset {word}",
            )
        yield Entry(
            key=names[word],
            value=environment[word],
            origin=Origin.ENVIRONMENT,
            place=f"environment {word}",
        )
