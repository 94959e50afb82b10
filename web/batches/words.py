# SPDX-License-Identifier: Apache-2.0
"""How pages call what batches are and what becomes of their rows."""

from collections.abc import Mapping

from poser.batch.batch_type import BatchType, Severity
from poser.importing.result import Kind
from poser.model.batches import BatchStatus, RowOutcome
from web.formats import count
from web.language import _, mark

STATUS = {
    BatchStatus.DRAFT: (mark("draft"), ""),
    BatchStatus.POPULATING: (mark("being filled"), ""),
    BatchStatus.OPEN: (mark("to be reviewed"), "warm"),
    BatchStatus.COMPLETE: (mark("frozen"), ""),
    BatchStatus.APPROVED: (mark("approved"), ""),
    BatchStatus.EXECUTING: (mark("being executed"), ""),
    BatchStatus.EXECUTED: (mark("executed"), "good"),
    BatchStatus.FAILED: (mark("failed"), "bad"),
    BatchStatus.UNDONE: (mark("undone"), "warm"),
}
"""How far a batch is, in words, and the class of its tag."""

STEPS = (mark("Upload"), mark("Review"), mark("Execute"), mark("Done"))
_AT = {
    BatchStatus.DRAFT: 0,
    BatchStatus.POPULATING: 0,
    BatchStatus.OPEN: 1,
    BatchStatus.EXECUTED: 3,
    BatchStatus.UNDONE: 3,
}

OUTCOMES = {
    RowOutcome.WAITING: ("", ""),
    RowOutcome.DONE: (mark("done"), "good"),
    RowOutcome.STALE: (mark("changed meanwhile"), "warm"),
    RowOutcome.REFUSED: (mark("refused"), "bad"),
}

_IMPORTED = {
    Kind.CREATE.value: (mark("New"), mark("add {count}")),
    Kind.UPDATE.value: (mark("Changed"), mark("change {count}")),
    Kind.DELETE.value: (mark("Deleted"), mark("delete {count}")),
}
_CSS = {Severity.FINE: "", Severity.LOOK: "warm", Severity.WRONG: "bad"}


def status_said(status: str) -> str:
    """Say how far a batch is."""
    return _(STATUS[BatchStatus(status)][0])


def step_of(status: str) -> int:
    """Tell at which of `STEPS` a batch is."""
    return _AT.get(BatchStatus(status), 2)


def row_said(type_: BatchType | None, status: str) -> tuple[str, str]:
    """Say how a row is, and give the class of its tag."""
    css = ""
    label = status
    for one in type_.statuses if type_ else ():
        if one.key == status:
            label, css = one.label, _CSS[one.severity]
    words = _IMPORTED.get(status)
    return (_(words[0]) if words else _(label) if label else ""), css


def sentence(counts: Mapping[str, int], removed: int) -> str:
    """Say in one plain sentence what executing a batch will do."""
    parts = []
    for status, (_word, text) in _IMPORTED.items():
        if number := counts.get(status):
            parts.append(_(text).format(count=count(number)))
    if others := sum(number for status, number in counts.items() if status not in _IMPORTED):
        parts.append(_("do {count}").format(count=count(others)))
    said = ", ".join(parts)
    said = f"{said[:1].upper()}{said[1:]}." if said else _("Nothing is left to do.")
    if removed:
        said += " " + _("{count} taken out.").format(count=count(removed))
    return said
