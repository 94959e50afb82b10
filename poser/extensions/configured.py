# SPDX-License-Identifier: Apache-2.0
"""The extensions of this node, as its settings name them."""

from poser.config import Config, Setting
from poser.extensions.packages import Extension, find, split

EXTENSIONS = Setting(
    "poser.extensions",
    str,
    default="",
    doc="Packages that extend Poser on this node, such as poser_coop; commas between.",
    file_only=True,
)


def extensions(config: Config) -> tuple[Extension, ...]:
    """Return the extensions of this node. Raises ConfigError for one that is not installed."""
    entry = config.get(EXTENSIONS.name)
    place = entry.place if entry else EXTENSIONS.name
    return find(split(EXTENSIONS(config)), place=place)
