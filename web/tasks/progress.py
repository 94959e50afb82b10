# SPDX-License-Identifier: Apache-2.0
"""How far a task is, in words for people who wait."""

from typing import NamedTuple

from poser.model.tasks import Task, TaskStatus
from web.formats import Moment, count
from web.language import _, mark
from web.runs.words import took
from web.visits import Visit

SAID = {
    TaskStatus.WAITING: (mark("waiting"), ""),
    TaskStatus.RUNNING: (mark("running"), ""),
    TaskStatus.DONE: (mark("done"), "good"),
    TaskStatus.FAILED: (mark("failed"), "bad"),
    TaskStatus.CANCELLED: (mark("stopped"), "warm"),
}
"""How far a task is, in words, and the class of its tag."""

STEPS = {
    "reading": mark("Reading"),
    "comparing": mark("Comparing with what is here"),
    "checking": mark("Checking against the rules"),
    "writing": mark("Writing"),
    "executing": mark("Executing"),
}

_ENOUGH_S = 2.0


class Shown(NamedTuple):
    """A task as its page and the part that is fetched again and again show it."""

    id: str
    title: str
    status: str
    css: str
    is_over: bool
    step: str
    numbers: str
    done: int
    total: int
    has_bar: bool
    left: str
    took: str
    message: str
    hint: str
    path: str
    who: str
    asked: Moment | None
    is_unwanted: bool


def shown(here: Visit, task: Task) -> Shown:
    """Give a task as pages show it."""
    word, css = SAID[TaskStatus(task.status)]
    done, total = _numbers(task)
    seconds = _seconds(here, task)
    return Shown(
        id=str(task.id),
        title=task.title,
        status=_(word),
        css=css,
        is_over=task.ended_at is not None,
        step=_step(task),
        numbers=_said(task, done, total),
        done=done,
        total=total,
        has_bar=bool(total) and task.ended_at is None,
        left=_left(seconds, done, total) if task.ended_at is None else "",
        took=took(seconds),
        message=task.message,
        hint=task.hint,
        path=task.path,
        who=task.user_name,
        asked=here.moment(task.created_at),
        is_unwanted=task.is_unwanted and task.ended_at is None,
    )


def _numbers(task: Task) -> tuple[int, int]:
    done, total = task.progress.get("done"), task.progress.get("total")
    return (done if isinstance(done, int) else 0), (total if isinstance(total, int) else 0)


def _seconds(here: Visit, task: Task) -> float | None:
    if task.began_at is None:
        return None
    until = task.ended_at or here.site.clock()
    return max((until - task.began_at).total_seconds(), 0.0)


def _step(task: Task) -> str:
    if task.status == TaskStatus.WAITING:
        return _("Waiting for its turn")
    step = task.progress.get("step", "")
    words = _(STEPS.get(str(step), mark("Beginning")))
    model = task.progress.get("model", "")
    return f"{words}: {model}" if model else words


def _said(task: Task, done: int, total: int) -> str:
    """Write how much is done, such as "1,200 of 5,000 rows"."""
    unit = str(task.progress.get("unit", ""))
    if not done or task.ended_at is not None:
        return ""
    if unit == "bytes":
        return f"{done / (1 << 20):,.1f} / {total / (1 << 20):,.1f} MiB" if total else ""
    words = _("{done} of {total}") if total else "{done}"
    return f"{words.format(done=count(done), total=count(total))} {unit}".strip()


def _left(seconds: float | None, done: int, total: int) -> str:
    """Say how long it may still take, once there is something to go by."""
    if not seconds or seconds < _ENOUGH_S or not done or done >= total:
        return ""
    return _("about {time} left").format(time=took(seconds * (total - done) / done))
