# SPDX-License-Identifier: Apache-2.0
"""Run the event streams: `python -m web.events.serve [--config FILE]`, under systemd or by hand."""

import sys
from collections.abc import Sequence

from poser.config import Config, Setting
from poser.db.settings import url
from poser.mail.logged import ErrorMail
from poser.notifier import Notifier
from poser.settings import Live
from poser.starting import require_all_fits, run_service
from web.arbiter import WatchedArbiter
from web.events.app import MOST, create_events
from web.serving import Server, before_forking, in_each_worker, is_activated, open_line, options
from web.settings import listen
from web.site import open_site

BIND = Setting(
    "events.bind",
    str,
    default="unix:/run/poser-events/events.sock",
    doc="Where event streams are served: unix:PATH, or ADDRESS:PORT of this machine's loopback.",
    file_only=True,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until told to stop; returns the exit code, 1 when it cannot start."""
    return run_service("web.events.serve", __doc__, _serve, arguments)


def _serve(config: Config) -> int:
    live = Live(config, url(config, "poser"), application="poser-events")
    config.ask(live.read_once)
    where = listen(config, BIND)
    site = open_site(config)
    require_all_fits(config, site.urls)
    app = create_events(site)
    errors = ErrorMail(url(config, "poser"), program="poser-events")
    chosen = {
        **options(config),
        "workers": 1,
        "threads": 1,
        "worker_class": "gunicorn.workers.gasgi.ASGIWorker",
        "worker_connections": MOST + 50,
        "asgi_loop": "asyncio",
        "proc_name": "poser-events",
        "post_worker_init": in_each_worker(live, errors),
    }
    if not is_activated():
        chosen["bind"] = [f"fd://{open_line(where, BIND.name)}"]
    before_forking(site)
    WatchedArbiter(Server(app, chosen), Notifier()).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
