# SPDX-License-Identifier: Apache-2.0
"""One run of Lighthouse, of the version that the lock beside this file names."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from control import frontend
from poser.errors import PoserError

HERE = Path(__file__).parent
CHROMIUM = "/usr/bin/chromium"
CATEGORIES = ("performance", "accessibility", "best-practices")
FORMS: Mapping[str, tuple[str, ...]] = {"phone": (), "desktop": ("--preset=desktop",)}
"""How Lighthouse looks: as a slow phone on a slow line, which is its own way, or as a desktop."""

_FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run"
    " --disable-background-networking --disable-component-update --disable-sync"
)
_AS_NAMED = ("--preserve-symlinks", "--preserve-symlinks-main")
_WITHIN_S = 180.0


def scores(url: str, form: str, headers: Path) -> dict[str, float]:
    """Look at one page and return its scores, 0 to 1, and what cost it points under "lost".

    `headers` is a JSON file with what a signed-in browser sends: on a command line everybody
    on this computer could read it.
    """
    program = _modules(headers.parent) / "lighthouse" / "cli" / "index.js"
    options = ["--output=json", "--quiet", f"--chrome-flags={_FLAGS}", f"--extra-headers={headers}"]
    options += [f"--only-categories={','.join(CATEGORIES)}", "--no-enable-error-reporting"]
    done = subprocess.run(
        [frontend.node(), *_AS_NAMED, program, url, *options, *FORMS[form]],
        env={**os.environ, "CHROME_PATH": CHROMIUM},
        capture_output=True,
        text=True,
        check=False,
        timeout=_WITHIN_S,
        cwd=headers.parent,
    )
    if done.returncode:
        raise PoserError(
            f"Lighthouse failed at {url}: {done.stderr.strip()[-1000:]}", hint="does Chromium run?"
        )
    return _read(json.loads(done.stdout))


def _modules(folder: Path) -> Path:
    """Name the packages as node wants them named: it looks in `node_modules` only."""
    named = folder / "node_modules"
    if not named.exists():
        named.symlink_to(frontend.modules(HERE))
    return named


def _read(report: Mapping[str, dict[str, dict[str, float]]]) -> dict[str, float]:
    found = {name: report["categories"][name]["score"] for name in CATEGORIES}
    for audit in report["audits"].values():
        score = audit.get("score")
        if score is not None and score < 1 and audit.get("scoreDisplayMode") != "informative":
            found[f"lost: {audit['id']}"] = score
    return found
