# SPDX-License-Identifier: Apache-2.0
"""Signing in with a passkey: the device's answer comes as a form."""

import falcon

from poser.auth import Refused, SignedIn
from poser.auth.passkeys import LONGEST_ANSWER, challenge_of, is_fresh, sign_in_with_passkey
from poser.model import SignInKind
from web.language import _
from web.pages.signing_in import Checks, open_door, refuse, show_door
from web.showing import seed
from web.site import Site
from web.urls import next_path
from web.users.places import place_of
from web.visitors import caller


class PasskeyDoor:
    """Falcon resource: takes what a device signed."""

    def __init__(self, site: Site, check: Checks) -> None:
        self._site = site
        self._check = check

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Let the visitor in, or say that it did not work."""
        form = req.context.form
        wanted, answer = next_path(form.get("next")), form.get("answer", "")[:LONGEST_ANSWER]
        who, place = caller(req), place_of(req)
        if is_fresh(self._site.secret, seed(req), challenge_of(answer), who.now):
            found = self._check(
                lambda session: sign_in_with_passkey(session, answer, place=place, caller=who)
            )
        else:
            found = Refused(kind=SignInKind.WRONG_CODE)
        if isinstance(found, SignedIn):
            open_door(resp, self._site, found, wanted)
            return
        problem = refuse(resp, found, _("This passkey lets nobody in here."))
        show_door(req, resp, next=wanted, problem=problem)
