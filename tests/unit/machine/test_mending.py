# SPDX-License-Identifier: Apache-2.0
"""Mending with programs, on a small machine whose programs do what the test wants to see."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from poser.errors import NotConverged, PoserError
from poser.machine import guard, state
from poser.machine.accounts import Accounts
from poser.machine.digest import digest
from poser.machine.disk import Disk
from poser.machine.process import CommandFailed
from poser.machine.resource import Secret
from poser.machine.resources.absent import Absent
from poser.machine.resources.command import Command
from poser.machine.resources.file import File
from poser.machine.resources.packages import Packages
from poser.machine.resources.postgresql import PgCluster
from poser.machine.resources.release import Release, ReleaseLink
from poser.machine.resources.service import Service
from poser.machine.resources.unit import Unit
from poser.machine.resources.users import Group
from tests.unit.machine.small_machine import KillAt, Killed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.machine.small_machine import SmallMachine

# Installs by writing dpkg's status; tells its progress; what it installs brings a default file.
APT_GET = """\
#!/bin/sh
for word; do case $word in
    --option=APT::Status-Fd=*) fd=${word##*=} ;;
    --*) ;;
    *) words="$words $word" ;;
esac; done
echo "$words" >> ROOT/apt-calls
set -- $words; verb=$1; shift
echo 'dlstatus:1:50:half way' > /proc/self/fd/$fd
[ "$verb" = install ] || exit 0
for name; do
    if [ $name = ghost ]; then echo "E: Unable to locate package ghost" >&2; exit 100; fi
    printf 'Package: %s\\nStatus: install ok installed\\nVersion: 1\\n\\n' $name >> \
ROOT/var/lib/dpkg/status
    mkdir -p ROOT/etc/default-site; touch ROOT/etc/default-site/$name
done
echo 'pmstatus:x:100:done' > /proc/self/fd/$fd
"""
DPKG = """\
#!/bin/sh
echo " dpkg $*" >> ROOT/apt-calls
sed -i s/half-configured/installed/ ROOT/var/lib/dpkg/status; rm -f ROOT/var/lib/dpkg/updates/*
"""


@pytest.fixture
def apt(machine: SmallMachine) -> SmallMachine:
    machine.program("apt-get", APT_GET)
    machine.program("dpkg", DPKG)
    machine.program("apt-cache", "#!/bin/sh\necho ghosts; echo ghost-tools; echo other\n")
    (machine.root / "var/lib/dpkg/updates").mkdir(parents=True)
    (machine.root / "var/lib/dpkg/status").touch()
    return machine


def keys(events: list[dict[str, str]], kind: str = "changed") -> list[str]:
    return [event["key"] for event in events if event["event"] == kind]


def calls(machine: SmallMachine) -> list[str]:
    text = (machine.root / "apt-calls").read_text()
    return [line.strip() for line in text.splitlines()]


def test_all_packages_are_installed_in_one_call(apt: SmallMachine) -> None:
    role = [Packages(names=("nginx", "postfix"))]
    assert keys(apt.converge(role)) == ["packages nginx postfix"]
    assert calls(apt) == ["update", "install nginx postfix"]
    assert apt.converge(role)[-1]["changed"] == 0


def test_the_progress_of_apt_is_told(apt: SmallMachine) -> None:
    apt.converge([Packages(names=("nginx",))])
    told = [event["text"] for event in apt.events if event["event"] == "progress"]
    assert " 50 % half way" in told


def test_an_interrupted_installation_is_finished_first(apt: SmallMachine) -> None:
    status = "Package: nginx\nStatus: install ok half-configured\nVersion: 1\n\n"
    (apt.root / "var/lib/dpkg/status").write_text(status)
    (apt.root / "var/lib/dpkg/updates/0001").touch()
    assert apt.converge([Packages(names=("nginx",))])[-1]["event"] == "done"
    assert [call.split("--")[0].strip() for call in calls(apt)][:3] == ["dpkg", "install", "dpkg"]


def test_what_a_package_brings_along_is_seen_by_what_comes_after(apt: SmallMachine) -> None:
    role = [Packages(names=("nginx",)), Absent(path="/etc/default-site/nginx")]
    assert keys(apt.converge(role)) == ["packages nginx", "no /etc/default-site/nginx"]


def test_a_package_that_does_not_exist_is_named_with_the_nearest(apt: SmallMachine) -> None:
    with pytest.raises(CommandFailed) as caught:
        apt.converge([Packages(names=("nginx", "ghost"))])
    assert caught.value.message.startswith("there is no package ghost (nearest: ghosts)")
    assert "E: Unable to locate package ghost" in caught.value.result.last_words
    assert not any("--option" in word for word in caught.value.result.command)


def test_a_service_that_does_not_start_is_quoted(machine: SmallMachine) -> None:
    log = "bind() to 0.0.0.0:1 failed (98: Address already in use)"
    machine.program("journalctl", f"#!/bin/sh\necho '{log}'\n")
    with pytest.raises(CommandFailed) as caught:
        machine.converge([Service(unit="gone.service")])
    assert caught.value.message == "gone.service does not start: port 1 is taken"
    assert log in caught.value.result.last_words
    assert "Unit gone.service not found." in caught.value.result.last_words


# The first time it is asked, the unit is still starting, as after a boot.
SLOW_START = """\
#!/bin/sh
[ -e ROOT/asked ] && sub=running state=active || sub=start-pre state=activating
touch ROOT/asked
echo "LoadState=loaded"; echo "ActiveState=$state"; echo "SubState=$sub"
echo "UnitFileState=enabled"; echo "NeedDaemonReload=no"; echo
"""


def test_a_service_that_is_just_starting_is_waited_for(machine: SmallMachine) -> None:
    machine.program("systemctl", SLOW_START)
    events = machine.converge([Service(unit="slow.service")])
    assert events[0]["text"] == "waiting for slow.service to start"
    assert events[-1]["changed"] == 0


def test_what_cannot_be_mended_is_not_called_done(machine: SmallMachine) -> None:
    one = Command(name="useless", run=("true",), creates="/never")
    with pytest.raises(NotConverged, match="command useless: has not made /never"):
        machine.converge([one])
    assert keys(machine.events) == ["command useless"]
    assert all(event["event"] != "done" for event in machine.events)


def test_a_secret_reaches_a_command_by_its_standard_input_only(machine: SmallMachine) -> None:
    place = machine.root / "got"
    script = f"tr '\\0' ' ' < /proc/self/cmdline > {place}.line; env > {place}.env; cat > {place}"
    one = Command(
        name="read", run=("/bin/sh", "-c", script), creates="/got", stdin=Secret("hunter2")
    )
    machine.converge([one])
    assert place.read_text() == "hunter2"
    for other in (".line", ".env"):
        assert "hunter2" not in place.with_suffix(other).read_text()
    assert "hunter2" not in json.dumps(machine.events)


def test_a_file_that_its_check_refuses_is_not_put_in_place(machine: SmallMachine) -> None:
    path = machine.root / "etc/sudoers"
    path.write_text("good\n")
    checked = {"path": "/etc/sudoers", "check": ("grep", "-q", "good", "{}")}
    with pytest.raises(CommandFailed, match="grep"):
        machine.converge([File(content="bad\n", **checked)])  # type: ignore[arg-type]
    assert path.read_text() == "good\n"
    machine.converge([File(content="good too\n", **checked)])  # type: ignore[arg-type]
    assert path.read_text() == "good too\n"
    assert not machine.leftovers()


def test_a_group_whose_tool_was_killed_before_is_added(machine: SmallMachine) -> None:
    (machine.root / "etc/group.lock").write_text("999999\0")
    (machine.root / "etc/passwd.lock").write_text("")
    machine.converge([Group(name="shop")])
    assert not (machine.root / "etc/group.lock").exists()
    assert not (machine.root / "etc/passwd.lock").exists()


@pytest.mark.parametrize(
    ("there", "words"),
    [
        ("var/lib/postgresql/17/main/postmaster.opts", "no complete configuration"),
    ],
)
def test_a_database_is_never_hidden_by_a_new_one(
    machine: SmallMachine, there: str, words: str
) -> None:
    (machine.root / there).parent.mkdir(parents=True)
    (machine.root / there).touch()
    with pytest.raises(PoserError, match=words):
        machine.converge([PgCluster(version="17")])
    assert (machine.root / there).exists()


def test_a_cluster_without_its_data_is_refused_too(machine: SmallMachine) -> None:
    folder = machine.root / "etc/postgresql/17/main"
    folder.mkdir(parents=True)
    (folder / "environment").touch()
    (folder / "postgresql.conf").write_text("include_dir = 'conf.d'\n")
    with pytest.raises(PoserError, match="is not") as caught:
        machine.converge([PgCluster(version="17")])
    assert "mounted" in caught.value.hint


# Releases, with a pip that only notes what it was asked.

PIP = """\
import pathlib, sys
site = pathlib.Path(sys.prefix) / "lib" / "site.txt"
site.write_text(" ".join(sys.argv[1:]))
if "--require-hashes" not in sys.argv: sys.exit("unsafe")
"""


def bundle_in(folder: Path, text: str = "click==1 --hash=sha256:00\n") -> tuple[Path, str]:
    """Make a bundle that brings its own pip."""
    (folder / "wheels").mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / "wheels/pip-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr("pip/__main__.py", PIP)
    (folder / "requirements.txt").write_text(text)
    path = folder / "bundle.tar"
    with tarfile.open(path, "w") as archive:
        archive.add(folder / "requirements.txt", "requirements.txt")
        archive.add(folder / "wheels", "wheels")
    return path, digest(path.read_bytes())


def offer(machine: SmallMachine, bundle: Path, sha256: str) -> None:
    """Put the bundle where an earlier run that was cut off has left it."""
    folder = machine.root / "var/lib/poser-kit/bundles"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{sha256}.tar").write_bytes(bundle.read_bytes())


def test_a_release_is_installed_and_current(machine: SmallMachine, tmp_path: Path) -> None:
    bundle, sha256 = bundle_in(tmp_path)
    offer(machine, bundle, sha256)
    role = [Release(id="r1", bundle_sha256=sha256), ReleaseLink(id="r1")]
    current = machine.root / "opt/poser/current"
    leftover = machine.root / "opt/poser/releases/r1/lib/of-an-interrupted-run"
    leftover.mkdir(parents=True)
    assert keys(machine.converge(role)) == ["release r1", "current release /opt/poser/current"]
    assert not leftover.exists()
    asked = (current / "lib/site.txt").read_text()
    assert "--no-index" in asked
    assert "--require-hashes" in asked
    assert (current / "bin/python").exists()
    assert list((machine.root / "var/lib/poser-kit/bundles").iterdir()) == []
    assert machine.converge(role)[-1]["changed"] == 0


def test_a_release_is_prepared_once_it_is_installed(machine: SmallMachine, tmp_path: Path) -> None:
    bundle, sha256 = bundle_in(tmp_path)
    offer(machine, bundle, sha256)
    compiles = "import pathlib, sys; home = pathlib.Path(sys.prefix)\n"
    compiles += "(home / 'made').write_text(str((home / 'lib/site.txt').exists()))"
    machine.converge([Release(id="r1", bundle_sha256=sha256, prepare=("-c", compiles))])
    assert (machine.root / "opt/poser/releases/r1/made").read_text() == "True"
    offer(machine, bundle, sha256)
    fails = ("-c", "import sys; sys.exit('no template')")
    with pytest.raises(CommandFailed, match="no template"):
        machine.converge([Release(id="r2", bundle_sha256=sha256, prepare=fails)])
    assert not (machine.root / "opt/poser/releases/r2/.complete").exists()


def test_a_release_killed_at_any_step_is_made_anew(machine: SmallMachine, tmp_path: Path) -> None:
    bundle, sha256 = bundle_in(tmp_path)
    role = [Release(id="r1", bundle_sha256=sha256), ReleaseLink(id="r1")]
    killed = 0
    for n in (2, 5, 7, 40):
        machine.begin()
        offer(machine, bundle, sha256)
        try:
            machine.converge(role, KillAt(n))
        except Killed:
            killed += 1
        else:
            break
        assert (
            not (machine.root / "opt/poser/current").is_symlink()
            or (machine.root / "opt/poser/current/.complete").exists()
        ), "what is current is whole"
        machine.converge(role)
        assert (machine.root / "opt/poser/current/lib/site.txt").exists()
    assert killed == 3


def test_the_running_and_the_newest_releases_stay(machine: SmallMachine, tmp_path: Path) -> None:
    bundle, sha256 = bundle_in(tmp_path)
    offer(machine, bundle, sha256)
    releases = machine.root / "opt/poser/releases"
    for n in range(6):
        (releases / f"old{n}").mkdir(parents=True)
        (releases / f"old{n}/.complete").write_text("{}")
        os.utime(releases / f"old{n}/.complete", (n, n))
    (releases / "half").mkdir()
    (machine.root / "opt/poser/current").symlink_to("releases/old0")
    machine.converge([Release(id="new", bundle_sha256=sha256)])
    left = {path.name for path in releases.iterdir()}
    assert left == {"new", "old0", "old3", "old4", "old5"}


def test_the_running_release_is_not_replaced_under_its_service(
    machine: SmallMachine, tmp_path: Path
) -> None:
    bundle, sha256 = bundle_in(tmp_path)
    offer(machine, bundle, sha256)
    folder = machine.root / "opt/poser/releases/r1"
    folder.mkdir(parents=True)
    (folder / ".complete").write_text('{"id": "r1", "bundle_sha256": "another"}')
    (machine.root / "opt/poser/current").symlink_to("releases/r1")
    with pytest.raises(PoserError, match="r1 runs now"):
        machine.converge([Release(id="r1", bundle_sha256=sha256)])
    assert folder.exists()


def test_a_running_release_that_is_not_whole_is_made_anew(
    machine: SmallMachine, tmp_path: Path
) -> None:
    bundle, sha256 = bundle_in(tmp_path)
    offer(machine, bundle, sha256)
    folder = machine.root / "opt/poser/releases/r1"
    folder.mkdir(parents=True)
    (folder / ".complete").write_text("")
    (machine.root / "opt/poser/current").symlink_to("releases/r1")
    machine.converge([Release(id="r1", bundle_sha256=sha256)])
    assert (folder / "bin/python").exists()


def test_a_bundle_that_pip_refuses_is_quoted(machine: SmallMachine, tmp_path: Path) -> None:
    bundle, sha256 = bundle_in(tmp_path)
    offer(machine, bundle, sha256)
    wheel = tmp_path / "wheels/pip-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("pip/__main__.py", "import sys; sys.exit('hash mismatch')")
    with tarfile.open(bundle, "w") as archive_:
        archive_.add(tmp_path / "requirements.txt", "requirements.txt")
        archive_.add(tmp_path / "wheels", "wheels")
    sha256 = digest(bundle.read_bytes())
    offer(machine, bundle, sha256)
    with pytest.raises(CommandFailed, match="pip cannot install") as caught:
        machine.converge([Release(id="r2", bundle_sha256=sha256)])
    assert "hash mismatch" in caught.value.result.last_words


# The guard

SYSTEMD_RUN = '#!/bin/sh\nfor word; do echo "$word" >> ROOT/armed; done\n'


@pytest.fixture
def guarded(machine: SmallMachine) -> SmallMachine:
    machine.program("systemd-run", SYSTEMD_RUN)
    (machine.root / "etc/ssh").mkdir()
    (machine.root / "etc/ssh/sshd_config").write_text("Port 22\n")
    (machine.root / "etc/ssh/sshd_config").chmod(0o600)
    return machine


SSHD = (
    File(path="/etc/ssh/sshd_config", content="Port 2222\n", guarded=True),
    File(path="/etc/ssh/new", content="x\n", guarded=True),
    File(path="/etc/motd", content="hello\n"),
)


def test_a_guarded_change_asks_to_be_confirmed(guarded: SmallMachine) -> None:
    events = guarded.converge(SSHD)
    assert [event["event"] for event in events][-2:] == ["confirm-needed", "done"]
    armed = (guarded.root / "armed").read_text()
    assert "--on-active=120" in armed
    assert "poser.machine.guard" in armed


def test_a_run_without_guarded_changes_asks_nothing(guarded: SmallMachine) -> None:
    events = guarded.converge(SSHD[2:])
    assert "confirm-needed" not in [event["event"] for event in events]
    assert not (guarded.root / "armed").exists()


def disk_of(machine: SmallMachine) -> Disk:
    root = str(machine.root)
    return Disk(root=root, accounts=Accounts(root))


def let_time_pass(machine: SmallMachine) -> None:
    (machine.root / "var/lib/poser-kit/guard/deadline").write_text("0\n")


def test_without_confirmation_the_old_files_come_back(guarded: SmallMachine) -> None:
    guarded.converge(SSHD)
    let_time_pass(guarded)
    guard.put_back(disk_of(guarded))
    assert (guarded.root / "etc/ssh/sshd_config").read_text() == "Port 22\n"
    assert (guarded.root / "etc/ssh/sshd_config").stat().st_mode & 0o777 == 0o600
    assert not (guarded.root / "etc/ssh/new").exists()
    assert (guarded.root / "etc/motd").exists(), "what was not guarded stays"


def test_a_confirmed_change_stays(guarded: SmallMachine) -> None:
    guarded.converge(SSHD)
    assert guard.confirm(guarded.system()) == ""
    let_time_pass(guarded)
    guard.put_back(disk_of(guarded))
    assert (guarded.root / "etc/ssh/sshd_config").read_text() == "Port 2222\n"


def test_a_confirmation_that_comes_too_late_is_told(guarded: SmallMachine) -> None:
    guarded.converge(SSHD)
    let_time_pass(guarded)
    guard.put_back(disk_of(guarded))
    assert "/etc/ssh/sshd_config" in guard.confirm(guarded.system())
    events = guarded.converge(SSHD)
    assert keys(events) == ["file /etc/ssh/sshd_config", "file /etc/ssh/new"]


def test_a_run_cut_before_confirming_is_taken_up_by_the_next(guarded: SmallMachine) -> None:
    guarded.converge(SSHD[:1])
    events = guarded.converge([SSHD[0].replace(content="Port 2223\n"), *SSHD[1:]])
    assert "confirm-needed" in [event["event"] for event in events]
    let_time_pass(guarded)
    guard.put_back(disk_of(guarded))
    assert (guarded.root / "etc/ssh/sshd_config").read_text() == "Port 22\n", "the first old one"


def test_old_files_that_come_back_are_followed_by_what_reads_them(guarded: SmallMachine) -> None:
    unit = Unit(name="ssh.service", content="[Service]\n")
    reads = Service(unit="ssh.service", restart_on=("/etc/ssh/sshd_config",))
    guarded.converge([unit, reads])
    guarded.converge([*SSHD, unit, reads])
    commands = json.loads((guarded.root / "var/lib/poser-kit/guard/armed.json").read_text())
    assert ["systemctl", "reload-or-restart", "ssh.service"] in commands["commands"]
    let_time_pass(guarded)
    guard.put_back(disk_of(guarded))
    assert keys(guarded.converge([*SSHD, unit, reads]))[-1] == "service ssh.service"


# What is remembered


def test_a_change_makes_an_old_verification_void(machine: SmallMachine) -> None:
    root = str(machine.root)
    role = [File(path="/etc/motd", content="one\n")]
    machine.converge(role)
    state.verified("values-1", root)
    assert machine.converge(role)[-1]["verified_sha256"] == "values-1"
    changed = machine.converge([File(path="/etc/motd", content="two\n")])
    assert changed[-1]["verified_sha256"] == ""
    assert machine.converge([File(path="/etc/motd", content="two\n")])[-1]["verified_sha256"] == ""


def test_a_run_that_fails_after_a_change_makes_it_void_too(machine: SmallMachine) -> None:
    root = str(machine.root)
    machine.converge([File(path="/etc/motd", content="one\n")])
    state.verified("values-1", root)
    role = [
        File(path="/etc/motd", content="two\n"),
        Command(name="useless", run=("true",), creates="/never"),
    ]
    with contextlib.suppress(PoserError):
        machine.converge(role)
    assert (machine.root / "etc/motd").read_text() == "two\n"
    assert machine.converge([role[0]])[-1]["verified_sha256"] == ""


def test_a_memory_lost_in_a_power_cut_is_no_error(machine: SmallMachine) -> None:
    path = machine.root / "var/lib/poser-kit/state.json"
    machine.converge([File(path="/etc/motd", content="one\n")])
    path.write_bytes(b"")
    assert machine.converge([File(path="/etc/motd", content="one\n")])[-1]["event"] == "done"
    assert json.loads(path.read_text())["last_converge"].endswith("Z")


def test_the_kit_imports_nothing_but_the_standard_library_and_itself() -> None:
    script = (
        "import sys, pkgutil, importlib, poser.machine\n"
        "before = set(sys.modules)\n"
        "for found in pkgutil.walk_packages(poser.machine.__path__, 'poser.machine.'):\n"
        "    if not found.name.endswith('__main__'):\n"
        "        importlib.import_module(found.name)\n"
        "print(*(set(sys.modules) - before))\n"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True).stdout
    names = said.decode().split()
    assert "poser.machine.converge" in names
    ours = {name for name in names if name.partition(".")[0] == "poser"}
    assert {name.split(".")[1] for name in ours} <= {"machine", "errors"}
    others = {name.partition(".")[0] for name in set(names) - ours}
    assert others <= sys.stdlib_module_names
