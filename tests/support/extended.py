# SPDX-License-Identifier: Apache-2.0
"""A node with extensions: its commands run in processes of their own.

Models cannot be unloaded: an extension that was loaded here would be in every test after.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
COOP = CHECKOUT / "examples" / "coop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a command did: its exit code, and what it wrote."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendedNode:
    """A node by its settings files, one for each role of the database server.

    `packages` are folders with extensions, as if they were installed.
    """

    folder: Path
    packages: tuple[Path, ...]

    def poser(self, line: str, *, stdin: str = "") -> Done:
        """Run `poser` with words behind it, as /usr/local/bin/poser would."""
        user = "poser_owner" if line.startswith("db ") else "poser"
        settings = str(self.folder / f"{user}.conf")
        program = [sys.executable, "-m", "poser.cli", "-c", settings]
        return self.run([*program, *line.split()], stdin=stdin)

    def run(self, command: list[str], *, stdin: str = "") -> Done:
        """Run a program that finds Poser and the extensions."""
        path = os.pathsep.join(str(each) for each in (CHECKOUT, *self.packages))
        clean = {name: text for name, text in os.environ.items() if not name.startswith("POSER_")}
        done = subprocess.run(
            command,
            env=clean | {"PYTHONPATH": path},
            cwd=self.folder,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        return Done(code=done.returncode, out=done.stdout, err=done.stderr)

    def name(self, extensions: str) -> None:
        """Write the settings: these extensions, and what the files say besides."""
        for path in self.folder.glob("*.conf"):
            text = path.read_text(encoding="utf-8").partition("[poser]")[0]
            path.write_text(f"{text}[poser]\nextensions = {extensions}\n", encoding="utf-8")

    def name_none(self) -> None:
        """Take the extensions out of the settings."""
        for path in self.folder.glob("*.conf"):
            text = path.read_text(encoding="utf-8").partition("[poser]")[0]
            path.write_text(text, encoding="utf-8")


def write_settings(folder: Path, urls: Mapping[str, Mapping[str, str]]) -> None:
    """Write a settings file for each role: the address of each database."""
    for role, of_role in urls.items():
        sections = {"db" if name == "poser" else name: url for name, url in of_role.items()}
        text = "".join(f"[{name}]\nurl = {url}\n" for name, url in sections.items())
        (folder / f"{role}.conf").write_text(text, encoding="utf-8")


def write_extension(folder: Path, package: str, files: Mapping[str, str]) -> Path:
    """Write a package with these files (name to text) below `folder`; returns `folder`."""
    for name, text in {"__init__.py": '"""An extension."""\n', **files}.items():
        path = folder / package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder
