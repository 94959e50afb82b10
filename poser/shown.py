# SPDX-License-Identifier: Apache-2.0
"""How a node shows itself to people: the zone of times, where its web app is, and the portal."""

from zoneinfo import ZoneInfo

from poser.config import Setting

PUBLIC_URL = Setting(
    "web.public_url",
    str,
    default="",
    doc="Address that people use, such as https://store-1.example. Without one: http on loopback.",
    file_only=True,
)
PORTAL_URL = Setting(
    "portal.public_url",
    str,
    default="",
    doc="Address of the customers' portal, such as https://my.example. Mails lead there.",
    file_only=True,
)
PORTAL_NAME = Setting(
    "portal.name",
    str,
    default="Our store",
    doc="Name of the shop, as customers know it.",
    restart=False,
)
TIME_ZONE = Setting(
    "web.time_zone",
    ZoneInfo,
    default="UTC",
    doc="Zone that times are shown in, as Europe/Berlin.",
    restart=False,
)
