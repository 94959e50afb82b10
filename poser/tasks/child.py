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

from poser import config as settings_files
from poser import logs
from poser.auth.permissions import rights
from poser.config import Config
from poser.config.load import ROLE
from poser.databases import DATABASES
from poser.db import engine, transaction
from poser.db.authors import Author, Source, authored
from poser.db.limited import LIMITED, SQLSTATE
from poser.db.settings import URLS, url
from poser.errors import PoserError
from poser.extensions.configured import extensions
from poser.model.tasks import Task, TaskFile, TaskStatus
from poser.settings import rows_once
from poser.tasks.found import kinds
from poser.tasks.queue import end
from poser.tasks.telling import Teller
from poser.tasks.work import Came, Work

log = logging.getLogger(__name__)

_WHO_MAY = "Nothing was changed. An administrator may start it."


def main(arguments: Sequence[str] | None = None) -> int:
    """Do the task; what comes of it is written to its row. Returns 0 unless that cannot be."""
    parser = argparse.ArgumentParser(prog="python -m poser.tasks.child", description=__doc__)
    parser.add_argument("--config", type=Path, action="append")
    parser.add_argument("id", type=UUID)
    chosen = parser.parse_args(arguments)
    logs.configure()
    config = settings_files.load(chosen.config)
    LIMITED.set(_is_limited(config, chosen.id))
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


def _is_limited(config: Config, id_: UUID) -> bool:
    """Tell whether who asked for the task has not every right on this node."""
    database = _engine(config, "poser")
    try:
        with transaction(database, read_only=True) as session:
            user_id = session.get_one(Task, id_).user_id
            if user_id is None:
                return True
            return not rights(session, user_id, node_kind=ROLE(config)).has_all
    finally:
        database.dispose()


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
