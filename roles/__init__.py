# SPDX-License-Identifier: Apache-2.0
"""What each machine is: a role is a value, found by the name of its folder."""

from roles.build import build, names

__all__ = ["build", "names"]
