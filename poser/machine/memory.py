# SPDX-License-Identifier: Apache-2.0
"""Values that are a share of the machine's memory, such as "memory/4 max 2048MB"."""

from __future__ import annotations

import re

from poser.errors import ConfigError

_SHARE = re.compile(r"memory/(\d+)(?: min (\d+)MB)?(?: max (\d+)MB)?")
# Sizes go in steps, so that a kernel update that keeps a little more memory changes nothing.
_STEP_MIB = 8


def resolved(value: str, mib: int) -> str:
    """Return the value with a share of `mib` MiB worked out; other values as they are.

    The form is "memory/N [min XMB] [max YMB]"; ConfigError for a share that is not of this form.
    """
    if not value.startswith("memory/"):
        return value
    match = _SHARE.fullmatch(value)
    if match is None or int(match[1]) == 0:
        raise ConfigError(
            f"{value!r} is no share of memory",
            hint='write it like "memory/4" or "memory/4 min 64MB max 2048MB"',
        )
    share = mib // int(match[1])
    share = max(share, int(match[2] or 1))
    share = min(share, int(match[3] or share))
    stepped = share // _STEP_MIB * _STEP_MIB
    return f"{stepped or share}MB"
