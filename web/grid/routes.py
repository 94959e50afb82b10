# SPDX-License-Identifier: Apache-2.0
"""From the declaration of a subject to its routes and its entry in the menu."""

from web.grid.csv_stream import CsvPage
from web.grid.page import GridPage
from web.grid.subject import Subject
from web.permissions import Route
from web.showing import MenuItem


def subject_routes(subject: Subject, record: object) -> list[Route]:
    """List the routes of a subject: its grid, the grid as CSV, and the page of one record."""
    need = subject.permission
    return [
        Route(path=subject.path, page=GridPage(subject), need=need),
        Route(path=subject.path + ".csv", page=CsvPage(subject), need=need),
        Route(path=subject.path + "/{key:uuid}", page=record, need=need),
    ]


def menu_item(subject: Subject, rank: int) -> MenuItem:
    """Give the entry that leads to the subject's grid."""
    return MenuItem(
        path=subject.path,
        title=subject.title,
        icon=subject.icon,
        need=subject.permission,
        rank=rank,
    )
