# SPDX-License-Identifier: Apache-2.0
"""Extensions that the inventory names: folders with a Python package, built into the release.

Such a folder has `pyproject.toml` and one package beside it. Packages of others that it needs
beyond Poser's are locked in its `requirements.txt`, with hashes.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from control import migration_heads, source_tree
from control.paths import STATE, shown
from poser.errors import ConfigError, PoserError
from poser.extensions.packages import short_name

_ROOT_FILES = ("LICENSE*", "README*", "pyproject.toml", "requirements.txt", "setup.cfg")
_REQUIREMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The folder of an extension, the package in it, and all that its wheel is made from."""

    folder: Path
    package: str
    parts: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name of its branch of migrations, such as coop."""
        return short_name(self.package)

    @property
    def lock(self) -> Path:
        """The file that locks what it needs of others; it may be missing."""
        return self.folder / "requirements.txt"


def source(folder: Path) -> Source:
    """Look what is in the folder of an extension.

    Raises ConfigError for a folder that is missing, or holds no package that can be built.
    """
    if not (folder / "pyproject.toml").is_file():
        raise ConfigError(
            f"{shown(folder)} is no extension: it has no pyproject.toml",
            hint="docs/howto/extensions.md shows what one looks like",
        )
    packages = sorted(each.parent.name for each in folder.glob("*/__init__.py"))
    packages = [name for name in packages if name not in {"tests", "build"}]
    if len(packages) != 1:
        raise ConfigError(
            f"the extension {shown(folder)} has {len(packages) or 'no'} Python packages,"
            f" it needs one{': ' if packages else ''}{', '.join(packages)}",
            hint="its package is a folder with __init__.py beside pyproject.toml",
        )
    files = sorted(each.name for pattern in _ROOT_FILES for each in folder.glob(pattern))
    return Source(folder=folder, package=packages[0], parts=(*files, packages[0]))


def fingerprint(one: Source) -> str:
    """Return a SHA-256 over all that the wheel of an extension is made from."""
    place = hashlib.sha256(str(one.folder).encode()).hexdigest()[:12]
    return source_tree.fingerprint(one.folder, STATE / f"extension-{place}-index.json", one.parts)


def heads(sources: Sequence[Source], core: Iterable[str]) -> tuple[str, ...]:
    """Return the newest migration of each extension that has any.

    `core` are the migrations of Poser itself. Raises ConfigError for one that needs another.
    """
    known = set(core)
    found = []
    for one in sources:
        branch = migration_heads.of_extension(one.folder / one.package / "migrations", known)
        if branch is not None:
            known |= branch.revisions
            found.append(branch.head)
    return tuple(found)


def refuse_unlocked(wheels: Sequence[Path], sources: Sequence[Source]) -> None:
    """Raise PoserError for an extension that needs a package which the release does not bring."""
    brought = {_plain(wheel.name.partition("-")[0]) for wheel in wheels}
    of = {_plain(one.package): one for one in sources}
    for wheel in wheels:
        one = of.get(_plain(wheel.name.partition("-")[0]))
        missing = [name for name in (_needs(wheel) if one else ()) if name not in brought]
        if one and missing:
            raise PoserError(
                f"the extension {shown(one.folder)} needs {', '.join(missing)}, which no release"
                " brings",
                hint=f"lock it, with hashes, in {shown(one.lock)}: pip-compile --generate-hashes",
            )


def _needs(wheel: Path) -> list[str]:
    """Return the names of the packages that a wheel always needs."""
    import zipfile  # noqa: PLC0415 (an unchanged run needs none of it)
    from email.parser import HeaderParser  # noqa: PLC0415

    with zipfile.ZipFile(wheel) as archive:
        name = next(each for each in archive.namelist() if each.endswith(".dist-info/METADATA"))
        headers = HeaderParser().parsestr(archive.read(name).decode())
    lines = (line.partition(";") for line in headers.get_all("Requires-Dist", []))
    found = (_REQUIREMENT.match(line) for line, _, marker in lines if "extra" not in marker)
    return [_plain(match[0]) for match in found if match]


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "_", name).lower()
