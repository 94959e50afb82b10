# SPDX-License-Identifier: Apache-2.0
"""Run the hub of datasync: `python -m web.hub.serve [--config FILE]`; only the host has it."""

import sys
from collections.abc import Sequence

import poser.model
from poser.config import Config, Setting
from poser.datasync import settings
from poser.db import engine
from poser.db.settings import url
from poser.errors import ConfigError
from poser.extensions.configured import extensions
from poser.extensions.models import load_models
from poser.mail.logged import ErrorMail
from poser.notifier import Notifier
from poser.settings import Live
from poser.starting import require_all_fits, run_service
from web.arbiter import WatchedArbiter
from web.hub.app import create_hub
from web.serving import Server, in_each_worker, is_activated, open_line, options
from web.settings import listen

BIND = Setting(
    "hub.bind",
    str,
    default="unix:/run/poser-hub/hub.sock",
    doc="Where the hub listens: unix:PATH, or ADDRESS:PORT of this machine's loopback.",
    file_only=True,
)
MOST = 2_000
"""How many peers may wait at once."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until told to stop; returns the exit code, 1 when it cannot start."""
    return run_service("web.hub.serve", __doc__, _serve, arguments)


def _serve(config: Config) -> int:
    if settings.KIND(config) != "host":
        raise ConfigError(
            f"{settings.KIND.name}: only the host runs the hub", hint="other nodes dial it"
        )
    address = url(config, "poser")
    live = Live(config, address, application="poser-hub")
    config.ask(live.read_once)
    where = listen(config, BIND)
    require_all_fits(config, {"poser": address, "trainwreck": url(config, "trainwreck")})
    poser.model.load()
    load_models(extensions(config))
    pool = engine(address, application="poser-hub", pool_size=6)
    sales = engine(url(config, "trainwreck"), application="poser-hub", pool_size=4)
    app = create_hub(pool, sales, settings.NODE(config))
    errors = ErrorMail(address, program="poser-hub")
    chosen = {
        **options(config),
        "workers": 1,
        "threads": 1,
        "worker_class": "gunicorn.workers.gasgi.ASGIWorker",
        "worker_connections": MOST + 50,
        "asgi_loop": "asyncio",
        "proc_name": "poser-hub",
        "post_worker_init": in_each_worker(live, errors),
    }
    if not is_activated():
        chosen["bind"] = [f"fd://{open_line(where, BIND.name)}"]
    WatchedArbiter(Server(app, chosen), Notifier()).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
