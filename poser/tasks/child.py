# SPDX-License-Identifier: Apache-2.0
"""Do one task: `python -m poser.tasks.child --config FILE ID`, started by the service.

A process of its own, so that whatever it loads or breaks is gone when it ends, and so that it
can be stopped. It does the work as the user who asked for it.
"""

import argparse
import logging
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from sqlalchemy import Engine, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from poser import config as settings_files
from poser import logs
from poser.auth.permissions import Rights, rights
from poser.config import Config
from poser.config.load import ROLE
from poser.databases import DATABASES
from poser.db import engine, transaction
from poser.db.authors import Author, Source, authored
from poser.db.base import Model
from poser.db.limited import LACKS, LIMITED, SQLSTATE, asked_anywhere
from poser.db.settings import URLS, url
from poser.errors import PoserError
from poser.extensions.configured import extensions
from poser.extensions.models import load_models
from poser.model.tasks import Task, TaskFile, TaskStatus
from poser.settings import rows_once
from poser.tasks.found import kinds
from poser.tasks.queue import end
from poser.tasks.telling import Teller
from poser.tasks.work import Came, Work

log = logging.getLogger(__name__)

_WHO_MAY = "Nothing was changed. An administrator may start it."
_SETTLED = frozenset({"import_scheduled"})
"""Work that the settings say every word of: who presses the button has no say in it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do the task; what comes of it is written to its row. Returns 0 unless that cannot be."""
    parser = argparse.ArgumentParser(prog="python -m poser.tasks.child", description=__doc__)
    parser.add_argument("--config", type=Path, action="append")
    parser.add_argument("id", type=UUID)
    chosen = parser.parse_args(arguments)
    logs.configure()
    config = settings_files.load(chosen.config)
    _limit(config, chosen.id)
    engines = {name: _engine(config, name) for name in DATABASES if config.get(URLS[name].name)}
    config.ask(lambda: rows_once(engines["poser"]))
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        came = _do(config, engines, chosen.id)
    with transaction(engines["poser"]) as session:
        end(
            session,
            chosen.id,
            came.status,
            message=came.message,
            hint=came.hint,
            path=came.path,
        )
    return 0


def _limit(config: Config, id_: UUID) -> None:
    """Limit this process to what whoever asked for the task may do.

    Rights are given away by who has every right on every kind of node: what is written here
    may hold on others, too. Costs are changed by who may change them on this node.
    """
    load_models(extensions(config))
    database = _engine(config, "poser")
    try:
        with transaction(database, read_only=True) as session:
            task = session.get_one(Task, id_)
            if task.kind in _SETTLED:
                return
            here, everywhere = (_rights(session, task, kind) for kind in (ROLE(config), ""))
    finally:
        database.dispose()
    LIMITED.set(not everywhere.has_all)
    LACKS.set(frozenset(need for need in asked_anywhere(Model.metadata) if not here.may(need)))


def _rights(session: Session, task: Task, node_kind: str) -> Rights:
    """Look up the rights of who asked for a task; nobody who is known has none."""
    if task.user_id is None:
        return Rights()
    return rights(session, task.user_id, node_kind=node_kind)


def _engine(config: Config, name: str) -> Engine:
    """Open a database for work that takes as long as it takes."""
    return engine(
        url(config, name),
        application="poser task",
        pool_size=2,
        statement_timeout_ms=0,
        idle_timeout_ms=0,
    )


def _do(config: Config, engines: dict[str, Engine], id_: UUID) -> Came:
    try:
        with transaction(engines["poser"], read_only=True) as session:
            task = session.get_one(Task, id_)
            files = _write_files(engines["poser"], id_)
            session.expunge(task)
        with engines["poser"].connect() as connection, authored(_author(task)):
            work = Work(
                params=task.params,
                engines=engines,
                config=config,
                extensions=extensions(config),
                files=files,
                tell=Teller(connection, id_),
            )
            return kinds()[task.kind](work)
    except PoserError as error:
        return Came(status=TaskStatus.FAILED, message=error.message, hint=error.hint)
    except DBAPIError as error:
        if getattr(error.orig, "pgcode", "") != SQLSTATE:
            return _broke(error, id_)
        message = error.orig.diag.message_primary  # type: ignore[union-attr]  # psycopg2's
        return Came(status=TaskStatus.FAILED, message=f"{message}.", hint=_WHO_MAY)
    except Exception as error:  # noqa: BLE001 - whatever it was, the task's page says so
        return _broke(error, id_)


def _broke(error: Exception, id_: UUID) -> Came:
    log.error("task failed", extra={"task": str(id_)}, exc_info=error)
    words = " ".join(str(getattr(error, "orig", None) or error).split())
    return Came(
        status=TaskStatus.FAILED,
        message=f"Something broke on our side: {type(error).__name__}: {words}"[:2_000],
        hint="Tell an administrator the time; the log says more.",
    )


def _author(task: Task) -> Author:
    return Author(
        source=Source.WEB,
        user_id=task.user_id,
        user_name=task.user_name,
        address=task.address,
        via=f"task {task.kind}",
        comment=str(task.params.get("comment", "")),
    )


def _write_files(database: Engine, id_: UUID) -> dict[str, Path]:
    """Write the files of a task into the current folder, piece by piece."""
    written: dict[str, Path] = {}
    pieces = (
        select(TaskFile.name, TaskFile.data)
        .where(TaskFile.task_id == id_)
        .order_by(TaskFile.name, TaskFile.number)
        .execution_options(yield_per=1)
    )
    with transaction(database, read_only=True) as session:
        for name, data in session.execute(pieces):
            path = written.setdefault(name, Path(name))
            with path.open("ab") as file:
                file.write(data)
    return written


if __name__ == "__main__":
    sys.exit(main())
