# SPDX-License-Identifier: Apache-2.0
"""What datasync keeps in words of its own, said to people."""

from poser.datasync.conflicts import PUT_BACK
from poser.datasync.steering import DROPPED
from poser.model import DatasyncConflict
from poser.model.syncing import Policy
from web.language import _, mark

_MINUTE_S, _HOUR_S, _DAY_S = 60, 3_600, 86_400
_DECIDED = {
    PUT_BACK: mark("put back: only head office changes it"),
    Policy.HOST_WINS: mark("head office goes before"),
    Policy.PEER_WINS: mark("the other node goes before"),
    Policy.NEWEST: mark("the newest change holds"),
    Policy.ADD: mark("both changes were added up"),
    Policy.REVIEW: mark("a person decides"),
}
IN_BATCHES = (
    mark("was changed here and there"),
    mark("was deleted there and would be here"),
    mark("was deleted here and would come back"),
)
"""What poser.batch.types.sync_review says of its rows."""


def lag_words(seconds: float) -> str:
    """Say how far somebody is behind."""
    if seconds < 2 * _MINUTE_S:
        return _("{count} s").format(count=round(seconds))
    if seconds < 2 * _HOUR_S:
        return _("{count} min").format(count=round(seconds / _MINUTE_S))
    if seconds < 2 * _DAY_S:
        return _("{count} h").format(count=round(seconds / _HOUR_S))
    return _("{count} days").format(count=round(seconds / _DAY_S))


def who_decided(conflict: DatasyncConflict) -> str:
    """Say what or who decided a conflict."""
    words = conflict.decided_by
    if conflict.is_open:
        return _("waits for a person; until then it is as here")
    if words.startswith(f"{DROPPED}: "):
        return _("given up: {why}").format(why=words.removeprefix(f"{DROPPED}: "))
    known = [_(_DECIDED[one]) if one in _DECIDED else one for one in words.split(", ")]
    return ", ".join(known)
