# SPDX-License-Identifier: Apache-2.0
"""Looking at a mail as it would be for a record that there is."""

from typing import Any, NamedTuple
from uuid import UUID

import falcon
from sqlalchemy import select

from web.resources import Resource, Verb
from web.resources.columns import called
from web.resources.reading import find_record
from web.visits import Visit, visit

MOST = 20


class Choice(NamedTuple):
    """A record that a mail can be filled in with."""

    id: str
    text: str


def records_for(here: Visit, found: Any) -> list[Choice]:  # noqa: ANN401 - poser.mail.found.Found
    """List the newest records that a type takes and this visitor may see."""
    resource = _resource(here, found)
    if resource is None:
        return []
    table = resource.table
    wanted = (
        select(table.c.id, called(table, table.c.id))
        .where(*resource.conditions_for(here.visitor))
        .order_by(table.c.id.desc())  # ids are in the order in which they were made
        .limit(MOST)
    )
    return [Choice(str(key), str(text)[:80]) for key, text in here.read().execute(wanted)]


def asked_record(req: falcon.Request, found: Any) -> UUID | None:  # noqa: ANN401
    """Read which record is asked for. Raises falcon.HTTPNotFound for one that one may not see."""
    here = visit(req)
    if not req.get_param("record"):
        return None
    key = req.get_param_as_uuid("record")
    resource = _resource(here, found)
    if resource is None or key is None:
        raise falcon.HTTPNotFound
    if find_record(here.read(), resource, key, here.visitor) is None:
        raise falcon.HTTPNotFound
    return key


def _resource(here: Visit, found: Any) -> Resource | None:  # noqa: ANN401
    takes = found.type.of_record
    resource = here.site.resources.get(takes.table) if takes else None
    may = resource is not None and here.visitor.may(resource.permission(Verb.VIEW))
    return resource if may else None
