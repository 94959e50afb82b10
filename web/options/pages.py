# SPDX-License-Identifier: Apache-2.0
"""The list of all settings, and the page of one: its value, origin, changes and form."""

from itertools import groupby
from typing import Any, NamedTuple

import falcon
from sqlalchemy import select

from poser.config import Config, Origin, Setting
from poser.config.describing import where_it_may_stand
from poser.config.load import find_declaration
from poser.db import transaction
from poser.errors import ConfigError, PoserError
from poser.model import UserRole
from poser.settings import read_rows, set_row, unset_row
from poser.settings.changes import changes
from poser.settings.explaining import Explanation, explain
from poser.settings.writing import where_to_write
from web.flash import flash
from web.language import _, mark
from web.permissions import Permission
from web.showing import show
from web.site import Site
from web.visits import Visit, visit

PATH = "/settings"
SEE = Permission("settings.view", "See the settings of this node and where they are from")
EDIT = Permission("settings.edit", "Change settings that are kept in the database")
_MOST_CHANGES = 50
_ORIGINS = {
    Origin.ENVIRONMENT: mark("environment"),
    Origin.FILE: mark("file"),
    Origin.DATABASE: mark("database"),
    Origin.DEFAULT: mark("default"),
}


class Line(NamedTuple):
    """One setting as the list shows it."""

    name: str
    value: str
    origin: str
    place: str
    doc: str
    is_changed: bool


class SettingList:
    """Falcon resource: every setting there is, by section."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """List those whose name or sentence has the words that are searched."""
        from poser.config.declared import declarations  # noqa: PLC0415 - imports much

        here = visit(req)
        here.place = PATH
        words = (req.get_param("q") or "").lower()[:100]
        config = here.site.config
        rows = read_rows(here.read().connection(), also_expired=True)
        found = [
            _line(one, explain(config, one, rows, here.site.clock()))
            for one in declarations(config.extensions)
            if words in one.name or words in one.doc.lower()
        ]
        sections = [
            (section, list(lines))
            for section, lines in groupby(found, key=lambda one: one.name.partition(".")[0])
        ]
        show(req, resp, "settings.pt", title=_("Settings"), sections=sections, words=words)


class SettingPage:
    """Falcon resource: one setting."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def on_get(self, req: falcon.Request, resp: falcon.Response, name: str) -> None:
        """Show what it is and why."""
        self._show(req, resp, _declared(self._site.config, name))

    def on_post(self, req: falcon.Request, resp: falcon.Response, name: str) -> None:
        """Write it into the database, or take it out there."""
        here, form = visit(req), req.context.form
        if not here.visitor.may(EDIT):
            raise falcon.HTTPForbidden(
                title=_("You may not change settings"),
                description=_("Nothing was changed. Ask an administrator of this node."),
            )
        setting = _declared(self._site.config, name)
        role, value = form.get("user_role", ""), form.get("value", "")
        try:
            with transaction(self._site.engines["poser"]) as session:
                if form.get("do") == "revert":
                    unset_row(session, self._site.config, name, user_role=role)
                else:
                    set_row(session, self._site.config, name, value, user_role=role)
        except PoserError as error:
            resp.status = falcon.HTTP_UNPROCESSABLE_ENTITY
            self._show(req, resp, setting, problem=f"{error}. {error.hint}", typed=value)
            return
        restart = _(" Services take it when they start again.") if setting.restart else ""
        flash(resp, _("{name} is saved.").format(name=name) + restart)
        resp.status, resp.location = falcon.HTTP_SEE_OTHER, f"{PATH}/{name}"

    def _show(
        self,
        req: falcon.Request,
        resp: falcon.Response,
        setting: Setting[Any],
        *,
        problem: str = "",
        typed: str | None = None,
    ) -> None:
        here = visit(req)
        here.place = PATH
        config, session = here.site.config, here.read()
        rows = read_rows(session.connection(), also_expired=True)
        explained = explain(config, setting, rows, here.site.clock())
        mine = [one for one in rows if one.name == setting.name]
        roles = list(session.scalars(select(UserRole.name).order_by(UserRole.name)))
        show(
            req,
            resp,
            "setting.pt",
            title=setting.name,
            setting=setting,
            kind=setting.kind.name,
            may_stand_in=where_it_may_stand(setting),
            explained=explained,
            origins={origin: _(word) for origin, word in _ORIGINS.items()},
            changes=_changes(here, setting),
            is_pinned=bool(config.entries.get(setting.name)) and setting.may_be_row,
            may_edit=setting.may_be_row and here.visitor.may(EDIT),
            where=where_to_write(config, setting),
            is_row=any(not one.user_role for one in mine),
            row_roles=[one.user_role for one in mine if one.user_role],
            roles=roles if setting.per_user_role else [],
            words=_words(setting),
            value=typed if typed is not None else _value(explained),
            problem=problem,
        )


def _declared(config: Config, name: str) -> Setting[Any]:
    """Find a setting. Raises falcon.HTTPNotFound."""
    try:
        return find_declaration(config, name)
    except ConfigError as error:
        raise falcon.HTTPNotFound from error


def _line(setting: Setting[Any], explained: Explanation) -> Line:
    wins = explained.wins
    return Line(
        name=setting.name,
        value=wins.value if wins else "",
        origin=_(_ORIGINS[wins.origin]) if wins else _("nowhere"),
        place=wins.place if wins and wins.origin is not Origin.DEFAULT else "",
        doc=setting.doc,
        is_changed=bool(wins) and wins is not None and wins.origin is not Origin.DEFAULT,
    )


def _words(setting: Setting[Any]) -> tuple[str, ...]:
    """List the values that a setting may have, where those are few."""
    if setting.choices:
        return tuple(setting.choices)
    return ("yes", "no") if isinstance(setting.value_of_default(), bool) else ()


def _value(explained: Explanation) -> str:
    return explained.wins.value if explained.wins else ""


def _changes(here: Visit, setting: Setting[Any]) -> list[dict[str, object]]:
    """Give who changed the row of a setting, newest first; of a secret, only that."""
    found = changes(here.read(), setting.name)[:_MOST_CHANGES]
    return [
        {
            "at": here.moment(one.at),
            "who": one.who,
            "via": one.via or one.source,
            "user_role": one.user_role,
            "old": None if one.old is None else setting.masked(one.old),
            "new": None if one.new is None else setting.masked(one.new),
        }
        for one in found
    ]
