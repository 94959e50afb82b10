# SPDX-License-Identifier: Apache-2.0
"""Tasks: long work that people started here and that runs beside the web app."""

from web.permissions import Anyone, Route
from web.resources import Area
from web.showing import MenuItem
from web.site import Site
from web.tasks.page import PATH, NoStream, TaskList, TaskPage, TaskProgress, TaskStop
from web.tasks.seeing import SEE_ALL

MENU = (
    MenuItem(
        path=PATH,
        title="Tasks",
        icon="loader",
        need=Anyone.SIGNED_IN,
        rank=10,
        area=Area.WORK.value,
    ),
)

PERMISSIONS = (SEE_ALL,)


def routes(site: Site) -> list[Route]:
    """List the pages; everybody sees their own tasks."""
    one = PATH + "/{key:uuid}"
    return [
        Route(path=PATH, page=TaskList(), need=Anyone.SIGNED_IN),
        Route(path=one, page=TaskPage(), need=Anyone.SIGNED_IN),
        Route(path=one + "/progress", page=TaskProgress(), need=Anyone.SIGNED_IN),
        # The web server in front passes these to poser-events; here nobody streams.
        Route(path="/events" + one, page=NoStream(), need=Anyone.SIGNED_IN),
        Route(path=one + "/stop", page=TaskStop(site), need=Anyone.SIGNED_IN),
    ]
