# SPDX-License-Identifier: Apache-2.0
"""From the declaration of a subject to its routes and its entry in the menu."""

from web.grid.files import CsvPage, XlsxPage
from web.grid.page import GridPage
from web.grid.subject import Subject
from web.menu import Area, MenuItem
from web.permissions import Route


def subject_routes(subject: Subject, record: object) -> list[Route]:
    """List the routes of a subject: its grid, the grid as files, and the page of one record."""
    need = subject.permission
    return [
        Route(path=subject.path, page=GridPage(subject), need=need),
        *file_routes(subject),
        Route(path=subject.path + "/{key:uuid}", page=record, need=need),
    ]


def file_routes(subject: Subject) -> list[Route]:
    """List the addresses of the grid as files, for those who may take it away."""
    need = subject.export or subject.permission
    return [
        Route(path=subject.path + ".csv", page=CsvPage(subject), need=need),
        Route(path=subject.path + ".xlsx", page=XlsxPage(subject), need=need),
    ]


def menu_item(subject: Subject, rank: int, area: Area) -> MenuItem:
    """Give the entry that leads to the subject's grid."""
    return MenuItem(
        path=subject.path,
        title=subject.title,
        icon=subject.icon,
        need=subject.permission,
        rank=rank,
        area=area.value,
    )
