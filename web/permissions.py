# SPDX-License-Identifier: Apache-2.0
"""What each page needs of the person who asks for it.

Every route declares its need when it is made; there is no default. The app refuses to
start with a route that declares none, and the same table is asked for each request.
"""

from dataclasses import dataclass
from enum import Enum

from poser.auth.permissions import Permission

__all__ = ["Anyone", "Need", "Permission", "Route"]


class Anyone(Enum):
    """Needs that are no permission."""

    PUBLIC = "everybody, signed in or not"
    SIGNED_IN = "everybody who is signed in"


Need = Permission | Anyone


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One address of the app: where, what answers, and what it needs."""

    path: str
    page: object
    need: Need
