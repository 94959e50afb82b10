# SPDX-License-Identifier: Apache-2.0
"""How a service starts: its settings are read, and what it needs is looked at before it works.

Each trouble is one line on standard error, with a hint below it, and exit code 1.
"""

import argparse
import json
import logging
import os
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from poser import config as settings_files
from poser import logs
from poser.config import Config
from poser.errors import PoserError

Serve = Callable[[Config], int]


def run_service(
    module: str, about: str | None, serve: Serve, arguments: Sequence[str] | None
) -> int:
    """Read the settings that the command line names and serve; returns the exit code."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=about)
    parser.add_argument(
        "--config",
        type=Path,
        action="append",
        metavar="FILE",
        help="settings file; else $POSER_CONFIG or /etc/poser/poser.conf",
    )
    chosen = parser.parse_args(arguments)
    logs.configure()
    try:
        config = settings_files.load(chosen.config)
        settings_files.check_written(config)
        return serve(config)
    except PoserError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201 - the one line
        if error.hint:
            print(f"hint: {error.hint}", file=sys.stderr)  # noqa: T201
        return 1


def require_all_fits(config: Config, urls: Mapping[str, str]) -> None:
    """Raise PoserError when an extension, or the schema of a database, does not fit.

    `urls` are the addresses of the databases that the service uses, by name. The answer takes
    Alembic and the tables of all extensions: 11 MiB, which a service would keep as long as it
    runs. So a process of its own finds it out. No thread may have been started yet.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _answer_and_end(writing, lambda: _look(config, urls))
    os.close(writing)
    with open(reading, encoding="utf-8") as answers:  # noqa: PTH123 - a pipe has no path
        answer = answers.read()
    _, status = os.waitpid(child, 0)
    if answer:
        raise PoserError(**json.loads(answer))
    if status:
        raise PoserError(
            "whether the databases fit this release could not be found out: the process that"
            f" looks ended with {os.waitstatus_to_exitcode(status)}",
            hint="what it said is above; a number below 0 is the signal that ended it",
        )


def _look(config: Config, urls: Mapping[str, str]) -> None:
    logging.getLogger("alembic").setLevel(logging.WARNING)
    # Here, so that the service itself never imports what this is done apart for.
    from poser.db.schema import require_schema  # noqa: PLC0415
    from poser.extensions.checking import checked  # noqa: PLC0415

    require_schema(urls, checked(config))


def _answer_and_end(pipe: int, look: Callable[[], None]) -> NoReturn:
    """End this process at once, as nothing that it shares with its parent is its own to close."""
    code = 1
    try:
        look()
        code = 0
    except PoserError as error:
        os.write(pipe, json.dumps({"message": error.message, "hint": error.hint}).encode())
    except BaseException:  # noqa: BLE001 - whatever it was, this must not go on as the service
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)
