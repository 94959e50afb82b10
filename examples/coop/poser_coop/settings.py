# SPDX-License-Identifier: Apache-2.0
"""The settings of the co-op, in the section `[coop]` of poser.conf."""

from poser.config import Setting

WARNING_DAYS = Setting(
    "coop.certificate_warning_days",
    int,
    default=60,
    low=0,
    high=3_650,
    doc="Days before its end from which on an organic certificate is listed as ending soon.",
)
FULL_SHARES = Setting(
    "coop.full_shares",
    int,
    default=1,
    low=1,
    doc="How many shares a member buys, and pays, to be full.",
)
LARGEST_DOCUMENT_MIB = Setting(
    "coop.largest_document_mib",
    int,
    default=10,
    low=1,
    high=100,
    doc="Largest document of a certificate, in MiB; it is kept in the database.",
)
