# SPDX-License-Identifier: Apache-2.0
"""How a node shows itself to people: the zone of times, and where its web app is."""

from zoneinfo import ZoneInfo

from poser.config import Setting

PUBLIC_URL = Setting(
    "web.public_url",
    str,
    default="",
    doc="Address that people use, such as https://store-1.example. Without one: http on loopback.",
    file_only=True,
)
TIME_ZONE = Setting(
    "web.time_zone",
    ZoneInfo,
    default="UTC",
    doc="Zone that times are shown in, as Europe/Berlin.",
    restart=False,
)
