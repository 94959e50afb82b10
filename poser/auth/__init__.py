# SPDX-License-Identifier: Apache-2.0
"""Who may come in and what they may do: passwords, sign-in, sessions, permissions.

No function here commits. A refused sign-in is an answer, not an exception, because the
record of it has to be committed, too.
"""

from poser.auth.events import Caller
from poser.auth.passwords import hash_password, is_right
from poser.auth.permissions import Permission, Rights, rights
from poser.auth.sessions import close_session, find_session, open_session, touch
from poser.auth.sign_in import NeedsCode, Refused, SignedIn, sign_in, sign_in_with_code, sign_out
from poser.auth.users import ADMINISTRATORS, add_user, set_password

__all__ = [
    "ADMINISTRATORS",
    "Caller",
    "NeedsCode",
    "Permission",
    "Refused",
    "Rights",
    "SignedIn",
    "add_user",
    "close_session",
    "find_session",
    "hash_password",
    "is_right",
    "open_session",
    "rights",
    "set_password",
    "sign_in",
    "sign_in_with_code",
    "sign_out",
    "touch",
]
