# SPDX-License-Identifier: Apache-2.0
"""What holds for all mail of a node; what holds for one type is in poser.mail.per_type."""

from datetime import timedelta

from poser.config import Setting

ENABLED = Setting(
    "mail.enabled",
    bool,
    default=True,
    doc="Mail is sent. No: what is queued meanwhile is kept and never sent, as for a copy of a"
    " node.",
    restart=False,
)
SERVER = Setting(
    "mail.server",
    str,
    default="localhost:25",
    doc="Mail server that takes our mail: HOST:PORT, or unix:PATH of a socket.",
    file_only=True,
)
SENDER = Setting(
    "mail.from",
    str,
    default="Poser <poser>",
    doc="Who mail is from, where its type does not say.",
    restart=False,
)
REPLY_TO = Setting(
    "mail.reply_to",
    str,
    default="",
    doc="Where answers go, where the type does not say; empty: to who it is from.",
    restart=False,
)
TO = Setting(
    "mail.to",
    tuple[str, ...],
    default=("root",),
    doc="Who gets mail whose type names nobody: addresses, user:NAME, role:NAME.",
    restart=False,
)
ONLY_TO = Setting(
    "mail.only_to",
    tuple[str, ...],
    default=(),
    doc="All mail goes to these addresses and to nobody else, for trying things out.",
    restart=False,
)
SUBJECT_PREFIX = Setting(
    "mail.subject_prefix",
    str,
    default="",
    doc="Stands before every subject, such as [trial].",
    restart=False,
)
GIVE_UP_AFTER = Setting(
    "mail.give_up_after",
    timedelta,
    default=timedelta(days=2),
    low=timedelta(minutes=1),
    doc="How long a mail is tried that the mail server does not take.",
    restart=False,
)
KEEP_DAYS = Setting(
    "mail.keep_days",
    int,
    default=90,
    low=1,
    doc="Days for which mail is kept after it was sent or given up.",
    restart=False,
)
