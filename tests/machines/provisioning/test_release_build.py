# SPDX-License-Identifier: Apache-2.0
"""A build of the release that is killed leaves nothing that the next one believes."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from control.paths import CHECKOUT, cache

pytestmark = pytest.mark.lab

BUILD = """
import platform
from control import release
from control.wheels import Target
print(release.build(Target(processor=platform.machine())).id)
"""


def building(home: Path) -> "subprocess.Popen[str]":
    """Start a build whose cache is below `home`."""
    return subprocess.Popen(
        [sys.executable, "-c", BUILD],
        cwd=CHECKOUT,
        env={**os.environ, "XDG_CACHE_HOME": str(home)},
        stdout=subprocess.PIPE,
        text=True,
    )


def built(home: Path) -> str:
    """Build and return the name of the release."""
    said, _ = building(home).communicate(timeout=300)
    return said.strip()


def test_a_build_that_is_killed_is_begun_anew(tmp_path: Path) -> None:
    usual = built(cache().parent)
    shutil.copytree(cache() / "wheelhouse", tmp_path / "poser" / "wheelhouse")
    killed = building(tmp_path)
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob("poser/releases/.unfinished-*")):
        assert time.monotonic() < deadline
        assert killed.poll() is None, "it was over before it could be killed"
        time.sleep(0.005)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert list(tmp_path.glob("poser/releases/*.tar")) == []
    assert built(tmp_path) == usual
    assert len(list(tmp_path.glob("poser/releases/*.tar"))) == 1
