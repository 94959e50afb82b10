# SPDX-License-Identifier: Apache-2.0
"""The permissions of the page about other nodes, and who may see and settle which conflict."""

from poser.datasync.resolving import WHOLE
from poser.db.base import Model
from poser.model import DatasyncConflict
from web.language import mark
from web.permissions import Permission
from web.resources.kept_fields import may_see_field, may_see_rows
from web.resources.resource import Verb
from web.visits import Visit

SEE = Permission(
    "datasync.view", mark("See how far nodes are in step, what waits, and conflicts between them")
)
EDIT = Permission(
    "datasync.edit", mark("Try again or give up changes that wait, and settle conflicts")
)
_ALL = (Verb.CREATE, Verb.EDIT, Verb.DELETE)


def may_see(here: Visit, table: str, field: str) -> bool:
    """Tell whether a visitor may see a field of a conflict; nobody sees secrets."""
    known = Model.metadata.tables.get(table)
    column = known.c.get(field) if known is not None else None
    if column is None or column.info.get("history") == "secret":
        return False
    return may_see_rows(here, table) and may_see_field(here, table, field)


def may_settle(here: Visit, conflict: DatasyncConflict) -> bool:
    """Tell whether a visitor may decide an open conflict: who may write the row otherwise."""
    if not (conflict.is_open and here.visitor.may(EDIT)):
        return False
    resource = here.site.resources.get(conflict.table_name)
    if resource is None:
        return here.visitor.has_all
    verbs = _ALL if WHOLE in conflict.fields else (Verb.EDIT,)
    is_limited = bool(resource.conditions_for(here.visitor, Verb.EDIT))
    may = all(here.visitor.may(resource.permission(verb)) for verb in verbs)
    return (
        may
        and not is_limited
        and all(resource.may_change(here.visitor, name) for name in conflict.fields)
    )
