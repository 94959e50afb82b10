# SPDX-License-Identifier: Apache-2.0
"""POS logs: what tills wrote down, for products and for reports of sales."""

from collections.abc import Mapping, Sequence
from typing import ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from poser.importing.asked import Asked
from poser.importing.handler import Option
from poser.importing.opening import Limits, Opened
from poser.importing.poslog.databases import Databases
from poser.importing.poslog.results import results
from poser.importing.poslog.run import FileResult, Options, import_file
from poser.importing.result import RunResult, RunStatus
from poser.importing.watching import Progress, Step, Watch
from poser.importing.whole import WholeHandler


class PosLog(WholeHandler):
    """POS logs (ARTS/IXRetail POSLog XML), plain or gzip, as tills write them.

    New stores, departments, products and prices go to the database poser, what the tills did to
    trainwreck. What is there already stays as it is.
    """

    key = "poslog"
    where = "the log; - is standard input"
    options: ClassVar[tuple[Option, ...]] = (
        Option(
            name="system",
            help="Name of the POS system; ids are the same within one.",
            default="poslog",
        ),
        Option(
            name="time-zone",
            help="Zone of times that say none, such as America/Chicago.",
            default="UTC",
        ),
        Option(
            name="replace",
            help="yes takes POS transactions that differ from the stored.",
            default="no",
        ),
        Option(
            name="largest-mib",
            help="Refuse a compressed log that unpacks to more.",
            default="16384",
        ),
    )
    file: FileResult | None = None

    def work(
        self, asked: Asked, engines: Mapping[str, Engine], result: RunResult, watch: Watch
    ) -> Sequence[UUID]:
        """Read the log to its end, or to where it breaks off."""
        into = Databases(poser=engines["poser"], trainwreck=engines["trainwreck"])
        options = Options(
            system=asked.option("system", "poslog"),
            zone=ZoneInfo(asked.option("time-zone", "UTC")),
            replace=asked.option("replace", "no") == "yes",
            dry_run=asked.dry_run,
            limits=Limits(largest_mib=int(asked.option("largest-mib", "16384"))),
        )

        def show(file: Opened) -> None:
            watch(Progress(step=Step.READING, done=file.read, total=file.size, unit="bytes"))

        self.file = file = import_file(asked.where, into, options, show)
        result.models += results(file)
        result.notes.append("POS transactions are in trainwreck; reverting takes back goods alone")
        if file.error:
            result.status = RunStatus.FAILED
            result.why, result.hint = file.error.message, file.error.hint
        return [file.transaction_id] if file.transaction_id else []
