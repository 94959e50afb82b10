# SPDX-License-Identifier: Apache-2.0
"""Running an import handler: read, compare, check, write, and a record of it all.

The source is read into staging tables first; everything after that is SQL. Comparing and
writing are one transaction, with one view of the database: a row that somebody changes
meanwhile makes PostgreSQL refuse, and both are done again.
"""

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from time import monotonic

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from poser.addresses import without_passwords
from poser.db.transactions import unavailable
from poser.errors import PoserError, Unavailable
from poser.importing import runs, staging
from poser.importing.asked import Asked
from poser.importing.choosing import chosen
from poser.importing.concluding import conclude
from poser.importing.elsewhere import Pair, conclude_elsewhere
from poser.importing.handler import ImportHandler
from poser.importing.importer import Importer
from poser.importing.merging import part_for
from poser.importing.parts import Part, part_of
from poser.importing.result import ModelResult, RunResult, RunStatus
from poser.importing.source import Source
from poser.importing.staging import Refused, Stage, Stopped, stage_name
from poser.importing.watching import Progress, Step, Watch, unwatched
from poser.importing.whole import WholeHandler, run_whole

_OBJECTS = 50_000  # a chunk of records, and some more

Make = Callable[[Session, Importer, Asked, str], Part]


def run(
    handler: ImportHandler, asked: Asked, engines: Mapping[str, Engine], watch: Watch = unwatched
) -> RunResult:
    """Run an import handler on this node's databases and return what came of it.

    What goes wrong is in the result, and in the record of the run; Raises Unavailable when the
    database does not answer or the same handler runs already, and PoserError for a user that
    there is not: then there is no record.
    """
    if isinstance(handler, WholeHandler):
        return run_whole(handler, asked, engines, watch)
    with connected(engines["poser"]) as session, locked(session, handler.key):
        begun = runs.begin(session, handler.key, asked)
        result = RunResult(
            run_id=begun.id,
            number=begun.number,
            key=handler.key,
            status=RunStatus.RUNNING,
            source=without_passwords(asked.where),
        )
        session.commit()
        began = monotonic()
        with recorded(session, result):
            target = handler.target(asked)
            make = part_of if target is None else part_for
            pairs = _read(session, handler, asked, result, watch=watch, make=make)
            parts = [part for part, _importer in pairs]
            if target is None:
                runs.staged(session, result, parts)  # from here on it can be resumed
                session.commit()
                conclude(session, parts, asked, result, watch)
            else:
                with _dropped(session, parts):
                    conclude_elsewhere(session, target, pairs, asked, result, watch=watch)
        result.seconds = monotonic() - began
        return result


@contextmanager
def connected(engine: Engine) -> Iterator[Session]:
    """Open one connection for a whole run. Raises Unavailable when there is none."""
    try:
        connection: Connection = engine.connect()
    except OperationalError as error:
        raise unavailable(engine, error) from error
    with connection, Session(connection, expire_on_commit=False) as session:
        yield session


@contextmanager
def locked(session: Session, key: str) -> Iterator[None]:
    """Keep a second run of the same handler out. Raises Unavailable while there is one."""
    name = {"name": f"import {key}"}
    taken = session.execute(
        text("SELECT pg_try_advisory_lock(hashtextextended(:name, 0))"), name
    ).scalar_one()
    session.commit()
    if not taken:
        raise Unavailable(
            f"another run of import {key} is going on",
            hint="`poser import runs` shows it; wait until it has ended and run this again",
        )
    try:
        yield
    finally:
        with suppress(SQLAlchemyError):  # with the connection the lock is gone, too
            session.rollback()
            session.execute(text("DISCARD TEMP"))
            session.execute(text("SELECT pg_advisory_unlock(hashtextextended(:name, 0))"), name)
            session.commit()


@contextmanager
def recorded(session: Session, result: RunResult) -> Iterator[None]:
    """Write down how a run ended that did not end well, and keep what can be resumed."""
    try:
        yield
    except Stopped as error:
        _ended(session, result, RunStatus.STOPPED, error.message, error.hint)
    except PoserError as error:
        _ended(session, result, RunStatus.FAILED, error.message, error.hint)
    except KeyboardInterrupt:
        _ended(session, result, RunStatus.INTERRUPTED, "somebody interrupted it", "")
        raise
    except BaseException as error:
        _ended(session, result, RunStatus.FAILED, f"{type(error).__name__}: {error}", "")
        raise


def _ended(session: Session, result: RunResult, status: RunStatus, why: str, hint: str) -> None:
    result.status, result.why, result.hint = status, why, hint
    # If the database is gone, the next run of the handler finds that this one died.
    with suppress(SQLAlchemyError):
        session.rollback()
        runs.end(session, result)
        session.commit()


def _read(
    session: Session,
    handler: ImportHandler,
    asked: Asked,
    result: RunResult,
    *,
    watch: Watch,
    make: Make,
) -> list[Pair]:
    """Read the source into staging tables; returns the parts that it had something of."""
    with handler.source(asked) as source:
        result.source = source.name
        importers = chosen(handler, asked, source)
        stages = _stages(session, importers, asked, result, make)
        with _dropped(session, [stage.part for stage in stages.values()]), _rare_collections():
            _fill(session, source, stages, watch)
        result.notes += source.notes()
    return _read_parts(session, list(stages.values()), result)


def _stages(
    session: Session,
    importers: Sequence[Importer],
    asked: Asked,
    result: RunResult,
    make: Make,
) -> dict[int, Stage]:
    """Make the staging tables, by the id of their importers."""
    stages = {}
    refused = Refused(session=session, run_id=result.run_id, is_strict=asked.strict)
    for index, importer in enumerate(importers):
        part = make(session, importer, asked, stage_name(result.number, index))
        staging.create(session, part)
        counts = ModelResult(model=part.model, table=part.table)
        result.models.append(counts)
        stages[id(importer)] = Stage(part=part, importer=importer, result=counts, refused=refused)
    session.commit()
    return stages


def _fill(session: Session, source: Source, stages: Mapping[int, Stage], watch: Watch) -> None:
    for chunk in source.chunks([stage.importer for stage in stages.values()]):
        stage = stages[id(chunk.importer)]
        stage.take(session, chunk)
        reached = source.reached()
        watch(
            Progress(
                step=Step.READING,
                model=stage.part.model,
                done=reached.done,
                total=reached.total,
                unit=reached.unit,
                records=stage.result.read,
            )
        )


def _read_parts(session: Session, stages: Sequence[Stage], result: RunResult) -> list[Pair]:
    """Give what is staged, without what the source knows nothing of."""
    known = [stage for stage in stages if stage.is_known]
    for stage in stages:
        if not stage.is_known:
            result.notes.append(f"the source has nothing of {stage.part.model}")
            result.models.remove(stage.result)
            staging.drop(session, [stage.part])
        elif stage.unknown and stage.part.deletes:
            result.notes.append(
                f"nothing is deleted of {stage.part.model}: the keys of {stage.unknown} records"
                " cannot be read"
            )
    pairs = [(stage.finished(session), stage.importer) for stage in known]
    session.commit()
    return pairs


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Have Python look for cycles less often: records are many objects, and none is in one."""
    before = gc.get_threshold()
    gc.set_threshold(_OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def _dropped(session: Session, parts: Sequence[Part]) -> Iterator[None]:
    """Drop the staging tables when what is done inside fails: nothing could be resumed."""
    try:
        yield
    except BaseException:
        with suppress(SQLAlchemyError):  # if the database is gone, upkeep sweeps them
            session.rollback()
            staging.drop(session, parts)
            session.commit()
        raise
