# SPDX-License-Identifier: Apache-2.0
"""Whether this node is well: checks found by listing a folder, each with one clear sentence.

To add a check, put a module with a value `CHECK` into `checks/`.
"""

from poser.doctor.check import Check, Finding, State, not_known, ok, warning, wrong
from poser.doctor.run import checks, chosen, look
from poser.doctor.subject import Subject

__all__ = [
    "Check",
    "Finding",
    "State",
    "Subject",
    "checks",
    "chosen",
    "look",
    "not_known",
    "ok",
    "warning",
    "wrong",
]
