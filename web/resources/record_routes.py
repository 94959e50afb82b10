# SPDX-License-Identifier: Apache-2.0
"""The addresses of a resource's records: forms, buttons, history, merging."""

from web.permissions import Route
from web.resources.choosing import ChoosePage
from web.resources.deleted import DeletedPage
from web.resources.doing import ActionPage, BringBackPage, DeletePage, FilePage, TouchPage
from web.resources.fields import Input
from web.resources.form_page import CopyPage, EditPage, NewPage
from web.resources.history_page import HistoryPage
from web.resources.merge_page import MergePage
from web.resources.resource import Resource, Verb


def record_routes(resource: Resource) -> list[Route]:
    """List them, each with the right that it needs; what is not offered has no address."""
    record = resource.path + "/{key:uuid}"
    pages: list[tuple[str, object, Verb]] = [
        (resource.path + "/choose", ChoosePage(resource), Verb.VIEW),
        (resource.path + "/new", NewPage(resource), Verb.CREATE),
        (record + "/copy", CopyPage(resource), Verb.CREATE),
        (record + "/edit", EditPage(resource), Verb.EDIT),
        (record + "/touch", TouchPage(resource), Verb.EDIT),
        (record + "/delete", DeletePage(resource), Verb.DELETE),
        (record + "/merge", MergePage(resource), Verb.MERGE),
    ]
    if resource.has_history:
        pages += [
            (record + "/history", HistoryPage(resource), Verb.HISTORY),
            (resource.path + "/deleted", DeletedPage(resource), Verb.HISTORY),
            (resource.path + "/deleted/{key:uuid}", BringBackPage(resource), Verb.DELETE),
        ]
    if any(field.input is Input.FILE for field in resource.form.values()):
        pages.append((record + "/file/{name}", FilePage(resource), Verb.VIEW))
    found = [
        Route(path=path, page=page, need=resource.permission(verb))
        for path, page, verb in pages
        if resource.offers(verb)
    ]
    found += [
        Route(path=f"{record}/{a.name}", page=ActionPage(resource, a), need=a.permission)
        for a in resource.actions
    ]
    return found
