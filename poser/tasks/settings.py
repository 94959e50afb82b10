# SPDX-License-Identifier: Apache-2.0
"""Settings of the service that does long work."""

from poser.config import Setting

AT_ONCE = Setting(
    "tasks.at_once",
    int,
    default=1,
    low=1,
    high=8,
    doc="How many tasks that people started in the web app run at the same time.",
)
