# SPDX-License-Identifier: Apache-2.0
"""What the kernel says of its clock: whether a time server keeps it right.

This is what `timedatectl` shows as "System clock synchronized"; asking the kernel works
without D-Bus and without rights.
*Source:* adjtimex(2); systemd, src/basic/time-util.c: below 16 s of possible error.
"""

import ctypes
import errno
import os

_TIMEX_BYTES = 208
_MAXERROR_AT = 24
_LIMIT_US = 16_000_000


def is_synchronized() -> bool | None:
    """Tell whether the kernel's clock is kept right by a time server.

    None where the kernel may not be asked, as in containers whose clock is not their own.
    """
    # struct timex of 64-bit Linux: unsigned int modes (padded), then long offset, freq, maxerror.
    timex = ctypes.create_string_buffer(_TIMEX_BYTES)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.adjtimex(timex) < 0:
        if ctypes.get_errno() == errno.EPERM:
            return None
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    most_us = ctypes.c_long.from_buffer(timex, _MAXERROR_AT).value
    return 0 <= most_us < _LIMIT_US
