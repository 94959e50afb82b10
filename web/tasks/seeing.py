# SPDX-License-Identifier: Apache-2.0
"""Who sees which tasks: the pages ask, and so do the event streams."""

from poser.model.tasks import Task
from web.permissions import Permission
from web.visits import Visit

SEE_ALL = Permission("tasks.view_all", "See the tasks of everybody, and stop them")


def may_see(here: Visit, task: Task) -> bool:
    """Tell whether a task is the visitor's, or the visitor sees those of all."""
    mine = task.user_id is not None and task.user_id == here.visitor.user_id
    return mine or here.visitor.may(SEE_ALL)
