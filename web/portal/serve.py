# SPDX-License-Identifier: Apache-2.0
"""Run the customers' portal: `python -m web.portal.serve [--config FILE]`.

It starts as the staff's web app does: everything that can be wrong is looked at first.
"""

import sys
from collections.abc import Sequence

from poser.config import Config
from poser.db.settings import url
from poser.mail.logged import ErrorMail
from poser.notifier import Notifier
from poser.settings import Live
from poser.starting import require_all_fits, run_service
from web.arbiter import WatchedArbiter
from web.portal.app import create_portal
from web.portal.settings import BIND, THREADS, WORKERS
from web.portal.site import open_portal
from web.serving import Server, before_forking, in_each_worker, is_activated, open_line, options
from web.settings import listen

PROGRAM = "poser-portal"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until told to stop; returns the exit code, 1 when the app cannot start."""
    return run_service("web.portal.serve", __doc__, _serve, arguments)


def _serve(config: Config) -> int:
    live = Live(config, url(config, "poser"), application=PROGRAM)
    config.ask(live.read_once)
    where = listen(config, BIND)
    site = open_portal(config)
    require_all_fits(config, site.urls)
    app = create_portal(site)
    errors = ErrorMail(url(config, "poser"), program=PROGRAM)
    chosen = {
        **options(config, WORKERS, THREADS, PROGRAM),
        "post_worker_init": in_each_worker(live, errors),
    }
    if not is_activated():
        chosen["bind"] = [f"fd://{open_line(where, BIND.name)}"]
    before_forking(site)
    WatchedArbiter(Server(app, chosen), Notifier()).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
