# SPDX-License-Identifier: Apache-2.0
"""Style sheet, script and pictures: named by their content, so browsers keep them for ever.

The files are few and small, so each worker holds them in memory; each is compressed when
somebody first asks for it.
Those of others, and the icons, are in the folder `built`, which comes with a release.
Those of an extension are in its own folder `web/static`, at `/static/coop/`.
"""

import gzip
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import falcon

from poser.errors import PoserError
from poser.extensions.packages import Extension

FOLDER = Path(__file__).parent / "static"
BUILT = "built"
OF_EXTENSION = "web/static"
"""Where an extension has its own."""
PREFIX = "/static/"
_HASH_DIGITS = 12
# Named here, for not every system knows them all, and browsers are strict about most.
_KINDS = {
    ".css": "text/css",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".wasm": "application/wasm",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, kw_only=True)
class Asset:
    """One file as it is sent, which is kept in memory as gzip only, once it was asked for."""

    url: str
    media_type: str
    path: Path

    @cached_property
    def compressed(self) -> bytes:
        """Give it as gzip: most are asked for soon, the largest on few nodes ever."""
        return gzip.compress(self.path.read_bytes(), 9, mtime=0)


class Assets:
    """The files of a folder, by their own name and by the name that carries their hash.

    Those of an extension have its short name before their own, such as coop/leaf.svg.
    `shared` are single files of another app. `folders` are the addresses that lead here.
    """

    def __init__(
        self,
        folder: Path = FOLDER,
        extensions: Sequence[Extension] = (),
        shared: Sequence[Path] = (),
    ) -> None:
        self.folders = [PREFIX]
        self._by_url: dict[str, Asset] = {}
        self._urls: dict[str, str] = {}
        paths = [*folder.glob("[!.]*.*"), *(folder / BUILT).glob("[!.]*.*"), *shared]
        self._add("", {path.name: path for path in paths})
        for one in extensions:
            found = {path.name: path for path in (one.folder / OF_EXTENSION).glob("[!.]*.*")}
            if found:
                self.folders.append(f"{PREFIX}{one.name}/")
                self._add(f"{one.name}/", found)

    def _add(self, owner: str, paths: Mapping[str, Path]) -> None:
        for name, path in paths.items():
            asset = _asset(path, PREFIX + owner)
            self._by_url[asset.url] = asset
            self._urls[owner + name] = asset.url

    def __getitem__(self, name: str) -> str:
        """Give the address of the file `name`. Raises PoserError when there is none."""
        if name not in self._urls:
            raise PoserError(
                f"there is no static file {name}",
                hint="a release has all; a checkout gets them by python -m control.frontend; an"
                f" extension has its own in {OF_EXTENSION}, named as in {PREFIX}coop/leaf.svg",
            )
        return self._urls[name]

    def on_get(
        self,
        req: falcon.Request,
        resp: falcon.Response,
        name: str,  # noqa: ARG002 - of the address, which is looked up whole
    ) -> None:
        """Send one file; the name carries its hash, so it never changes."""
        asset = self._by_url.get(req.path)
        if asset is None:
            raise falcon.HTTPNotFound
        resp.content_type = asset.media_type
        resp.cache_control = [_FOR_EVER]
        resp.append_header("Vary", "Accept-Encoding")
        if "gzip" in (req.get_header("Accept-Encoding") or ""):
            resp.set_header("Content-Encoding", "gzip")
            resp.data = asset.compressed
        else:
            resp.data = asset.path.read_bytes()


def _asset(path: Path, folder: str) -> Asset:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:_HASH_DIGITS]
    kind = _KINDS.get(path.suffix)
    if kind is None:
        raise PoserError(
            f"{path}: nobody knows of what kind this static file is",
            hint=f"there are {', '.join(_KINDS)}; web.assets lists them",
        )
    return Asset(
        url=f"{folder}{path.stem}-{digest}{path.suffix}",
        media_type=f"{kind}; charset=utf-8" if kind.startswith("text/") else kind,
        # The place itself: the release may be another one meanwhile, its files stay.
        path=path.resolve(),
    )
