# SPDX-License-Identifier: Apache-2.0
"""bin/fab and bin/test set up what they need, or say in one sentence why they cannot.

A made-up checkout, made-up programs and a made-up apt: nothing of this computer is changed.
"""

import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from control.paths import CHECKOUT

SCRIPT = """\
set -eu
here={here}
. {checkout}/bin/setup.sh
PATH={path}
setup_python={path}/python3
set_up fake "{programs}" "{packages}"
echo "venv: $venv"
"""
SYSTEM = ("dash", "sh", "readlink", "sha256sum", "mkdir", "flock", "date", "rm", "tail", "sed")


@dataclass(frozen=True, kw_only=True)
class Computer:
    """A computer with few programs, whose apt-get and sudo are small scripts."""

    folder: Path

    def program(self, name: str, text: str = "exit 0") -> None:
        path = self.folder / "bin" / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    def set_up(self, programs: str = "", packages: str = "") -> subprocess.CompletedProcess[str]:
        script = SCRIPT.format(
            here=self.folder,
            checkout=CHECKOUT,
            path=self.folder / "bin",
            programs=programs,
            packages=packages,
        )
        return subprocess.run(
            ["/bin/sh", "-c", script],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def log(self) -> list[str]:
        path = self.folder / "log"
        return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def computer(tmp_path: Path) -> Computer:
    made = Computer(folder=tmp_path)
    for folder in ("bin", "requirements", "installed"):
        (tmp_path / folder).mkdir()
    (tmp_path / "requirements/fake.txt").write_text("")
    for name in SYSTEM:
        found = next(path for place in ("/usr/bin", "/bin") if (path := Path(place, name)).exists())
        (tmp_path / "bin" / name).symlink_to(found)
    made.program("id", "echo 0")
    # "-m venv DIR" makes an environment whose python is another such script: its pip is below.
    made.program(
        "python3",
        f"""case "$*" in
    "-m venv "*) mkdir -p "$3/bin"; echo made "$3" >> {tmp_path}/venvs
        printf '#!/bin/sh\nexec {tmp_path}/bin/pip "$@"\n' > "$3/bin/python"
        /bin/chmod +x "$3/bin/python" ;;
esac""",
    )
    made.program("pip", "exit 0")
    # What is installed is a file of its name; "found" in the lists is whatever is not "unknown".
    made.program(
        "dpkg-query", f'for last; do :; done; [ -e {tmp_path}/installed/"$last" ] && echo ii'
    )
    made.program(
        "env",
        f"""shift; echo "$@" >> {tmp_path}/log
case "$*" in
    *update*) : > {tmp_path}/lists; exit ;;
esac
[ -e {tmp_path}/lists ] || exit 100
case "$*" in
    *unknown*) echo "E: Unable to locate package unknown"; exit 100 ;;
esac
for last; do :; done; : > {tmp_path}/installed/"$last"; """,
    )
    return made


def test_what_is_missing_is_installed_once_and_the_lists_are_fetched_when_needed(
    computer: Computer,
) -> None:
    first = computer.set_up("sh:dash nowhere:brings-nowhere", "some-package brings-nowhere")
    assert first.returncode == 0, first.stderr
    assert "installing Debian packages: brings-nowhere python3 some-package" in first.stderr
    tries = [line.split()[-4:] for line in computer.log()]
    assert tries[0] == ["install", "brings-nowhere", "python3", "some-package"]
    assert tries[1][-1] == "update"
    assert tries[2] == tries[0]
    assert len(tries) == 3
    venv = first.stdout.removeprefix("venv: ").strip()
    assert (Path(venv) / ".complete").exists()


def test_when_nothing_is_missing_nothing_is_done_and_it_takes_no_time(computer: Computer) -> None:
    computer.set_up("sh:dash")
    done = len(computer.log())
    seconds = []
    for _ in range(5):
        began = time.monotonic()
        again = computer.set_up("sh:dash")
        seconds.append(time.monotonic() - began)
        assert (again.returncode, again.stderr) == (0, "")
    assert len(computer.log()) == done
    assert min(seconds) < 0.1, "3 to 5 ms on an idle computer"


def test_an_environment_that_was_interrupted_is_made_again(computer: Computer) -> None:
    venv = Path(computer.set_up().stdout.removeprefix("venv: ").strip())
    (venv / ".complete").unlink()
    (venv / "left").touch()
    again = computer.set_up()
    assert "making the Python environment" in again.stderr
    assert (venv / ".complete").exists()
    assert not (venv / "left").exists()


def test_other_requirements_are_another_environment(computer: Computer) -> None:
    before = computer.set_up().stdout
    (computer.folder / "requirements/fake.txt").write_text("# another\n")
    assert computer.set_up().stdout != before


def test_two_that_begin_together_set_up_once(computer: Computer) -> None:
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: computer.set_up(), range(2)))
    assert [done.returncode for done in both] == [0, 0]
    assert "".join(done.stderr for done in both).count("making the Python environment") == 1


def test_a_package_that_cannot_be_had_is_shown_with_apts_own_words(computer: Computer) -> None:
    failed = computer.set_up("", "unknown")
    assert failed.returncode == 1
    assert "E: Unable to locate package unknown" in failed.stderr
    assert "error: apt-get could not install python3 unknown" in failed.stderr
    assert "hint: " in failed.stderr


def test_without_root_and_without_sudo_it_is_one_sentence(computer: Computer) -> None:
    computer.program("id", "echo 1000")
    failed = computer.set_up("nowhere:brings-nowhere")
    assert failed.returncode == 1
    assert failed.stderr.splitlines() == [
        "error: these Debian packages are missing, and you are not root: brings-nowhere python3",
        "hint: run this as root, or install sudo and the right to use it",
    ]
    assert computer.log() == []


def test_a_sudo_that_asks_for_a_password_without_a_terminal_is_one_sentence(
    computer: Computer,
) -> None:
    computer.program("id", "echo 1000")
    computer.program("sudo", "exit 1")
    failed = computer.set_up()
    assert failed.returncode == 1
    assert "sudo wants a password: python3" in failed.stderr
    assert "hint: run sudo -v first" in failed.stderr


def test_packages_are_installed_through_sudo(computer: Computer) -> None:
    computer.program("id", "echo 1000")
    computer.program("sudo", '[ "$1" = -n ] && exit 0; shift; exec "$@"')
    done = computer.set_up()
    assert done.returncode == 0, done.stderr
    assert computer.log()


def test_requirements_that_cannot_be_installed_show_pips_words(computer: Computer) -> None:
    computer.program("pip", "echo ERROR: THESE PACKAGES DO NOT MATCH THE HASHES; exit 1")
    failed = computer.set_up()
    assert failed.returncode == 1
    assert "  ERROR: THESE PACKAGES DO NOT MATCH THE HASHES" in failed.stderr
    assert "error: the Python environment of requirements/fake.txt" in failed.stderr
    computer.program("pip", "exit 0")
    assert computer.set_up().returncode == 0, "the next run does it again"


def test_the_environment_is_made_from_hashes_alone(computer: Computer) -> None:
    computer.program("pip", f'echo "$@" >> {computer.folder}/pip')
    computer.set_up()
    words = (computer.folder / "pip").read_text().split()
    assert {"--require-hashes", "--no-deps", "--only-binary=:all:"} < set(words)
    assert words[words.index("-r") + 1] == str(computer.folder / "requirements/fake.txt")


def test_a_python_that_is_too_old_says_so(computer: Computer) -> None:
    computer.program("python3", 'case "$1" in -c) exit 1 ;; esac')
    failed = computer.set_up()
    assert failed.returncode == 1
    assert "error: Poser needs Python 3.11 or later" in failed.stderr


@pytest.mark.parametrize("script", ["bin/fab", "bin/test", "bin/lock", "bin/setup.sh", ".ci/run"])
def test_the_scripts_are_understood_by_a_plain_shell(script: str) -> None:
    subprocess.run(["/bin/sh", "-n", CHECKOUT / script], check=True)
