# SPDX-License-Identifier: Apache-2.0
"""Makes the wheels of a release: our own from the working tree, the others by locked hashes.

Both appear under their final name only when they are whole, so a build that was cut off is
simply done again.
"""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from control import frontend, source_tree
from control.extensions import Source
from control.paths import shown
from control.release import Target
from poser.errors import PoserError

SOURCE_DATE_EPOCH = "1577836800"
"""All files in our wheel are dated 2020-01-01, so that the same tree makes the same bytes."""

_BUILD = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"
_MANYLINUX = ("manylinux2014", "manylinux_2_17", "manylinux_2_28")
_LAST_LINES = 15


def build_own(root: Path, folder: Path) -> Path:
    """Build the wheel of the software in the working tree `root` into `folder`; return its path.

    The same tree makes the same bytes. Raises PoserError with the builder's own words.
    """
    more = frontend.files(root / "web") if (root / "web" / "package.json").exists() else {}
    built = {f"web/static/built/{name}": content for name, content in more.items()}
    return _build(root, list(source_tree.files(root)), folder, "our own wheel", built)


def build_extension(source: Source, folder: Path) -> Path:
    """Build the wheel of an extension into `folder`; return its path. As `build_own`."""
    names = list(source_tree.files(source.folder, source.parts))
    return _build(source.folder, names, folder, f"the extension {shown(source.folder)}", {})


def _build(
    root: Path, names: Sequence[str], folder: Path, what: str, more: Mapping[str, bytes]
) -> Path:
    """Build a wheel of the files `names` and of `more`, which are no files of the tree."""
    with TemporaryDirectory(prefix="poser-wheel-") as temporary:
        tree, made = Path(temporary) / "tree", Path(temporary) / "made"
        made.mkdir()
        _copy(root, tree, names)
        for name, content in more.items():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).write_bytes(content)
        environment = {**os.environ, "SOURCE_DATE_EPOCH": SOURCE_DATE_EPOCH}
        _run([sys.executable, "-c", _BUILD, str(made)], what, tree, environment)
        wheel = next(made.glob("*.whl"))
        _refuse_gaps(wheel, [*names, *more])
        return Path(shutil.move(wheel, folder))


def others(requirements: Path, target: Target, cache: Path) -> Path:
    """Return a folder with the locked wheels of `requirements` for `target`, fetched only once.

    The folder is below `cache`, named by the content of the lock file. Raises PoserError when a
    package cannot be fetched or has another hash.
    """
    lines = _lines_for(requirements.read_text(encoding="utf-8"), target)
    key = sha256("\n".join((target.python, target.processor, *lines)).encode()).hexdigest()
    folder = cache / key[:16]
    if not folder.is_dir():
        with _appears_whole(folder) as unfinished:
            _download(lines, target, unfinished, shown(requirements))
    return folder


def _copy(root: Path, tree: Path, names: Sequence[str]) -> None:
    """Copy the sources, all with the same mode: builders write into the tree they build."""
    for name in names:
        copy = tree / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / name, copy)
        copy.chmod(0o644)


def _refuse_gaps(wheel: Path, names: Sequence[str]) -> None:
    """Raise PoserError when a file of our packages did not get into the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    missing = [name for name in names if "/" in name and name not in inside]
    if missing:
        suffixes = sorted({Path(name).suffix or Path(name).name for name in missing})
        raise PoserError(
            f"{len(missing)} files would be missing on the nodes, such as {missing[0]}",
            hint=f"add {', '.join(suffixes)} to [tool.setuptools.package-data] in pyproject.toml,"
            " or move them out of the packages",
        )


def _lines_for(requirements: str, target: Target) -> list[str]:
    """Return the requirements that apply to `target`, without their markers, with their hashes.

    pip would judge the markers by the Python it runs in, which is not the target's.
    """
    from packaging.markers import Marker  # noqa: PLC0415 (an unchanged run needs none)

    lines = []
    for line in re.sub(r"\\\n", " ", requirements).splitlines():
        words = line.partition("#")[0]
        before, _, after = words.partition(";")
        marker, hashes, rest = after.partition("--hash")
        if not before.strip():
            continue
        if marker.strip() and not Marker(marker).evaluate(_environment(target)):
            continue
        lines.append(" ".join(f"{before} {hashes}{rest}".split()))
    return lines


def _environment(target: Target) -> dict[str, str]:
    """Return the values that markers in requirements files are judged by."""
    return {
        "implementation_name": "cpython",
        "os_name": "posix",
        "platform_machine": target.processor,
        "platform_python_implementation": "CPython",
        "platform_system": "Linux",
        "python_full_version": f"{target.python}.0",
        "python_version": target.python,
        "sys_platform": "linux",
    }


def _download(lines: Sequence[str], target: Target, folder: Path, named: str) -> None:
    locked = folder / "requirements.txt"
    locked.write_text("".join(f"{line}\n" for line in lines))
    platforms = [f"--platform={each}_{target.processor}" for each in _MANYLINUX]
    command = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
        *("--no-input", "--no-deps", "--require-hashes", "--only-binary=:all:"),
        *(f"--python-version={target.python}", "--implementation=cp", *platforms),
        *("--dest", str(folder), "--requirement", str(locked)),
    ]
    _run(command, f"the packages of {named}", folder, dict(os.environ))
    locked.unlink()


@contextmanager
def _appears_whole(folder: Path) -> Iterator[Path]:
    """Give an unfinished folder that gets its name at the end; a second builder's is dropped."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".unfinished-", dir=folder.parent) as temporary:
        unfinished = Path(temporary) / folder.name
        unfinished.mkdir()
        yield unfinished
        try:
            unfinished.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise


def _run(command: Sequence[str], what: str, folder: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        umask=0o022,  # modes are kept in wheels, and must not depend on who builds them
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()[-_LAST_LINES:]
        raise PoserError(
            f"{what} could not be built:\n  " + "\n  ".join(said),
            hint="nothing was sent to any machine; mend this and run again",
        )
