# SPDX-License-Identifier: Apache-2.0
"""Run the web app: `python -m web.serve [--config FILE]`, under systemd or by hand.

Everything that can be wrong is looked at before the first worker starts: settings,
secret, both databases and their schema. Each trouble is one line on standard error.
"""

import sys
from collections.abc import Sequence

from poser.config import Config
from poser.db.settings import url
from poser.mail.logged import ErrorMail
from poser.notifier import Notifier
from poser.settings import Live
from poser.starting import require_all_fits, run_service
from web.app import create_app
from web.arbiter import WatchedArbiter
from web.serving import Server, before_forking, in_each_worker, is_activated, open_line, options
from web.settings import listen
from web.site import open_site


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until told to stop; returns the exit code, 1 when the app cannot start."""
    return run_service("web.serve", __doc__, _serve, arguments)


def _serve(config: Config) -> int:
    live = Live(config, url(config, "poser"), application="poser-web")
    config.ask(live.read_once)
    where = listen(config)
    site = open_site(config)
    require_all_fits(config, site.urls)
    app = create_app(site)
    errors = ErrorMail(url(config, "poser"), program="poser-web")
    chosen = {**options(config), "post_worker_init": in_each_worker(live, errors)}
    if not is_activated():
        chosen["bind"] = [f"fd://{open_line(where)}"]
    before_forking(site)
    WatchedArbiter(Server(app, chosen), Notifier()).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
