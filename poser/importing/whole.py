# SPDX-License-Identifier: Apache-2.0
"""Handlers that do a run as a whole, because what they bring fits no importer's rows.

A POS log is one: it goes into two databases, and adds to what is there. Such a run is asked,
recorded and shown as any other.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from time import monotonic
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.exc import ProgrammingError

from poser.addresses import without_passwords
from poser.db import transaction
from poser.db.authors import Author, authored
from poser.errors import ImportFailed, PoserError, Unavailable
from poser.importing import runs
from poser.importing.asked import Asked
from poser.importing.handler import ImportHandler
from poser.importing.result import RunResult, RunStatus
from poser.importing.source import Source
from poser.importing.watching import Watch
from poser.model.importing import ImportRefusal

_NO_TABLE = "42P01"


class WholeHandler(ImportHandler):
    """A handler that reads and writes by itself, all of a run at once."""

    @abstractmethod
    def work(
        self, asked: Asked, engines: Mapping[str, Engine], result: RunResult, watch: Watch
    ) -> Sequence[UUID]:
        """Do what is asked, put what came of it into the result, and commit.

        Returns the ids of its transactions in the history. Raises PoserError for what cannot
        be done at all; then nothing is written.
        """

    def source(self, asked: Asked) -> Source:
        """Refuse: there are no records to be had one by one."""
        raise ImportFailed(
            f"import {self.key} reads {asked.where or 'its source'} as a whole",
            hint="`--dry-run` tells what it would do",
        )


def run_whole(
    handler: WholeHandler, asked: Asked, engines: Mapping[str, Engine], watch: Watch
) -> RunResult:
    """Have a handler do a run, and record it. Raises Unavailable where no record can be kept."""
    result, who = _begin(handler, asked, engines["poser"])
    began, made = monotonic(), list[UUID]()
    try:
        with authored(who):
            made += handler.work(asked, engines, result, watch)
        if result.status is RunStatus.RUNNING:
            result.status = RunStatus.DRY if asked.dry_run else RunStatus.DONE
    except PoserError as error:
        result.status, result.why, result.hint = RunStatus.FAILED, error.message, error.hint
    except BaseException as error:
        result.status = RunStatus.FAILED
        result.why = f"{type(error).__name__}: {error}"
        _end(engines["poser"], result, made)
        raise
    result.seconds = monotonic() - began
    _end(engines["poser"], result, made)
    return result


def _begin(handler: WholeHandler, asked: Asked, engine: Engine) -> tuple[RunResult, Author]:
    try:
        with transaction(engine) as session:
            begun = runs.begin(session, handler.key, asked)
            who = runs.author(session, handler.key, begun.number, asked)
    except ProgrammingError as error:
        if getattr(error.orig, "pgcode", "") != _NO_TABLE:
            raise
        words = " ".join(str(error.orig).split())
        raise Unavailable(
            f"a table is missing: {words}", hint="bring the databases up to date: poser db upgrade"
        ) from error
    result = RunResult(
        run_id=begun.id,
        number=begun.number,
        key=handler.key,
        status=RunStatus.RUNNING,
        source=without_passwords(asked.where),
    )
    return result, who


def _end(engine: Engine, result: RunResult, made: Sequence[UUID]) -> None:
    with transaction(engine) as session:
        session.add_all(
            ImportRefusal(
                run_id=result.run_id,
                model=one.model,
                place=str(one.place),
                field=one.field,
                value=one.value,
                reason=one.reason,
            )
            for model in result.models
            for one in model.refusals
        )
        runs.end(session, result, made)
