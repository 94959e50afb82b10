# SPDX-License-Identifier: Apache-2.0
"""Tells systemd that this service is ready, and that it lives (sd_notify(3))."""

import os
import socket


def say(words: str) -> None:
    """Say something; nobody hears it where systemd did not start this."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.connect(f"\0{address[1:]}" if address.startswith("@") else address)
        line.send(words.encode())
