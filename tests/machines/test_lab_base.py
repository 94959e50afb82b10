# SPDX-License-Identifier: Apache-2.0
"""The base of the lab's machines is whole, or it is not there."""

import json
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from control.lab import Lab, base, layers
from control.lab.packages import PORT
from control.paths import CHECKOUT
from poser.errors import Unavailable

pytestmark = pytest.mark.lab

BUILD = """
import json, sys
from pathlib import Path
from control.lab import base
from control.lab.sources import debian_mirror
given = json.loads(sys.argv[1])
recipe = base.Recipe(
    mirror=debian_mirror(), architecture=given["architecture"], week="test",
    apt_settings=given["apt_settings"], packages=("netbase",),
)
base.ensure(recipe, Path(given["folder"]), given["proxy"], print, in_use=set())
"""


@pytest.fixture
def recipe(lab: Lab) -> base.Recipe:
    here = base.recipe_here(lab.mirror)
    return replace(here, week="test", packages=("netbase",))


@pytest.fixture
def proxy(lab: Lab) -> str:
    address = lab.up(["lab-a"])[0].address
    return f"http://{address.rsplit('.', 1)[0]}.2:{PORT}"


def say(machine: str, sentence: str) -> None:
    """Say nothing."""


def test_a_build_that_was_killed_is_done_again_from_nothing(
    recipe: base.Recipe, proxy: str, tmp_path: Path
) -> None:
    given = {
        "architecture": recipe.architecture,
        "apt_settings": dict(recipe.apt_settings),
        "folder": str(tmp_path),
        "proxy": proxy,
    }
    with subprocess.Popen([sys.executable, "-c", BUILD, json.dumps(given)], cwd=CHECKOUT) as child:
        deadline = time.monotonic() + 60
        while not list(tmp_path.glob(".*.tmp/root/usr/bin/dpkg")):
            assert time.monotonic() < deadline
            assert child.poll() is None
            time.sleep(0.05)
        child.send_signal(signal.SIGKILL)
    assert not (tmp_path / recipe.id).exists()

    root = base.ensure(recipe, tmp_path, proxy, say, in_use=set())
    assert root == tmp_path / recipe.id / "root"
    assert (root / "etc/os-release").exists()
    assert (root / "etc/protocols").exists(), "netbase brings it"
    assert sorted(path.name for path in tmp_path.iterdir()) == [recipe.id, "lock"]
    assert not [mount for mount in layers.mounts() if mount.is_relative_to(tmp_path)]

    began = time.monotonic()
    assert base.ensure(recipe, tmp_path, proxy, say, in_use=set()) == root
    assert time.monotonic() - began < 0.5, "it is built once"


def test_an_unreachable_mirror_is_named(recipe: base.Recipe, tmp_path: Path) -> None:
    nowhere = "http://127.0.0.1:9"
    with pytest.raises(Unavailable) as failed:
        base.ensure(recipe, tmp_path, nowhere, say, in_use=set())
    assert recipe.mirror.uris[0] in failed.value.message
    assert "inventory" in failed.value.hint
    assert not (tmp_path / recipe.id).exists()


def test_old_bases_go_when_a_new_one_was_built_unless_machines_stand_on_them(
    tmp_path: Path,
) -> None:
    for name in ("0123456789abcdef", "fedcba9876543210", "00000000aaaaaaaa"):
        (tmp_path / name / "root").mkdir(parents=True)
    new, used = (tmp_path / name / "root" for name in ("0123456789abcdef", "00000000aaaaaaaa"))
    base._prune(tmp_path, keep={new, used})
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "00000000aaaaaaaa",
        "0123456789abcdef",
    ]
