# SPDX-License-Identifier: Apache-2.0
"""The Debian mirror is found in apt sources of both forms, and nothing else is taken for it."""

from pathlib import Path

import pytest

from control.lab.sources import debian_mirror, read_sources
from poser.errors import ConfigError

RELEASE = 'PRETTY_NAME="Debian GNU/Linux 12"\nVERSION_CODENAME=bookworm\nID=debian\n'
PARAGRAPHS = """\
# a comment
Types: deb deb-src
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: https://mirror.example/security
Suites: bookworm-security
Components: main contrib
Signed-By:
 /usr/share/keyrings/debian-archive-keyring.gpg
"""
LINES = """\
deb http://one.example/debian bookworm main # mine
deb-src http://src.example/debian bookworm main
deb [arch=amd64 signed-by=/usr/share/keyrings/x.gpg] http://x.example/x bookworm main
#deb http://off.example/debian bookworm main
deb http://one.example/debian-security bookworm-security main contrib
"""


class Computer:
    """A made-up computer: its release and its folder of apt."""

    def __init__(self, folder: Path) -> None:
        self.apt = folder / "apt"
        (self.apt / "sources.list.d").mkdir(parents=True)
        self.release = folder / "os-release"
        self.release.write_text(RELEASE)

    def write(self, name: str, text: str) -> None:
        (self.apt / name).write_text(text)

    def mirror(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        found = debian_mirror(apt=self.apt, release=self.release)
        assert found.suite == "trixie"
        return found.uris, found.security_uris


@pytest.fixture
def computer(tmp_path: Path) -> Computer:
    return Computer(tmp_path)


def test_paragraphs_are_read(computer: Computer) -> None:
    computer.write("sources.list.d/debian.sources", PARAGRAPHS)
    assert computer.mirror() == (
        ("http://mirror.example/debian",),
        ("https://mirror.example/security",),
    )


def test_lines_are_read_and_what_others_sign_is_not_debian(computer: Computer) -> None:
    computer.write("sources.list", LINES)
    assert computer.mirror() == (
        ("http://one.example/debian",),
        ("http://one.example/debian-security",),
    )


def test_what_debian_signs_comes_before_what_nobody_is_said_to_sign(computer: Computer) -> None:
    computer.write("sources.list", "deb http://tor.example/tor bookworm main\n")
    computer.write("sources.list.d/debian.sources", PARAGRAPHS)
    assert computer.mirror()[0] == ("http://mirror.example/debian",)


def test_a_source_that_is_switched_off_is_none(computer: Computer) -> None:
    computer.write("sources.list.d/debian.sources", PARAGRAPHS.replace("\n\n", "\nEnabled: no\n\n"))
    with pytest.raises(ConfigError, match="no mirror for Debian's bookworm"):
        computer.mirror()


def test_a_list_of_mirrors_in_a_file_is_followed(computer: Computer, tmp_path: Path) -> None:
    listed = tmp_path / "mirrors.list"
    listed.write_text("https://cdn.example/debian priority:1\n# another\n")
    text = PARAGRAPHS.replace("http://mirror.example/debian", f"mirror+file:{listed}")
    computer.write("sources.list.d/debian.sources", text)
    assert computer.mirror()[0] == ("https://cdn.example/debian",)


def test_sources_without_security_updates_are_refused(computer: Computer) -> None:
    computer.write("sources.list", "deb http://one.example/debian bookworm main\n")
    with pytest.raises(ConfigError, match="no mirror for security updates") as refused:
        computer.mirror()
    assert "[mirror]" in refused.value.hint


def test_another_distribution_is_refused(computer: Computer) -> None:
    computer.write("sources.list", LINES)
    computer.release.write_text("ID=ubuntu\nVERSION_CODENAME=noble\n")
    with pytest.raises(ConfigError, match="does not run a Debian release"):
        computer.mirror()


def test_sources_that_say_stable_are_debians_too(computer: Computer) -> None:
    computer.write("sources.list", LINES.replace("bookworm", "stable"))
    assert computer.mirror()[0] == ("http://one.example/debian",)


@pytest.mark.parametrize(
    "text", ["", "deb", "deb http://x.example", "Types: deb", "deb [ http://x", "\0\xff", ":\n:"]
)
def test_odd_files_are_read_without_harm(computer: Computer, text: str) -> None:
    computer.write("sources.list", text)
    computer.write("sources.list.d/odd.sources", text)
    computer.write("sources.list.d/debian.list", LINES)
    assert computer.mirror()[0] == ("http://one.example/debian",)
    assert list(read_sources(computer.apt))
