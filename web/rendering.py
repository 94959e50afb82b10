# SPDX-License-Identifier: Apache-2.0
"""Templates: Chameleon, compiled with the release, escaping everything.

Three rules, each checked by a test: no `structure:`, every address that is filled in goes
through `safe_url()`, and nothing is written into a script.

`python -m web.rendering` compiles them once and for all where the package is installed,
which saves a second at each start; without it they are compiled in memory. Packages of
extensions behind it have their own compiled, too.

An extension has templates in its folder `web/templates`: one that is named as ours stands in
its place, on every page that uses it or its macros.
"""

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

from chameleon import PageTemplate
from chameleon.loader import MemoryLoader, ModuleLoader

from poser.errors import PoserError
from poser.extensions.packages import Extension, find
from web.assets import PREFIX, Assets
from web.help.markdown import coded
from web.language import _, in_template
from web.urls import safe_url

FOLDER = Path(__file__).parent / "templates"
# Where Python itself keeps what it compiles: no part of a release's content.
_CACHE = "__pycache__"
COMPILED = FOLDER / _CACHE
OF_EXTENSION = "web/templates"
"""Where an extension has its own."""

_BOOLEANS = frozenset(
    {"checked", "disabled", "hidden", "open", "required", "selected", "autofocus"}
)
_STATIC = re.compile(rf'(?<="){re.escape(PREFIX)}((?:[a-z0-9_]+/)?[a-z0-9.-]+)')


class _Installed(ModuleLoader):
    """Compiled templates of a folder that is only read; what it lacks is made in memory."""

    def build(self, source: str, filename: str) -> dict[str, Any]:
        """Make a template that was changed since the folder was filled."""
        return MemoryLoader().build(source, filename)


class Templates:
    """Every template of a folder: all are read now, each is loaded when it is first used.

    Those of extensions go before ours. Raises PoserError for one that two extensions have.
    Nobody sees most pages in a day, and each worker keeps 100 KiB for every one that was used.

    Where a template names a static file, as in `/static/app.css`, the name that carries
    the file's hash is put in its place before the template is compiled.
    """

    def __init__(
        self,
        assets: Assets,
        folder: Path = FOLDER,
        loader: MemoryLoader | ModuleLoader | None = None,
        extensions: Sequence[Extension] = (),
    ) -> None:
        self._sources = _read(folder, assets)
        self._loader = loader or _Installed(str(COMPILED))
        self._loaders: dict[str, MemoryLoader | ModuleLoader] = {}
        owners: dict[str, Extension] = {}
        for one in extensions:
            own = _read(one.folder / OF_EXTENSION, assets)
            for name in own:
                _refuse_second(name, owners.setdefault(name, one), one)
            self._sources |= own
            self._loaders |= dict.fromkeys(own, loader or _installed_of(one))
        self._pages: dict[str, PageTemplate] = {}
        self._loading = Lock()  # Chameleon gives a second thread what the first half loaded

    def load_all(self) -> None:
        """Load every template, which compiles what is not compiled yet."""
        for name in self._sources:
            self[name]

    def __getitem__(self, name: str) -> PageTemplate:
        """Give a template, for others to use its macros."""
        with self._loading:
            return self._pages.get(name) or self._load(name)

    def _load(self, name: str) -> PageTemplate:
        loader = self._loaders.get(name, self._loader)
        options: dict[str, Any] = {"filename": Path(name).stem, "loader": loader}
        options |= {"boolean_attributes": _BOOLEANS, "translate": in_template}
        page = PageTemplate(self._sources[name], trim_attribute_space=True, **options)
        self._pages[name] = page
        return page

    def render(self, name: str, values: Mapping[str, object]) -> str:
        """Fill the template `name` with `values`."""
        filled: dict[str, Any] = {**values, "safe_url": safe_url, "coded": coded, "_": _}
        text: str = self[name].render(**filled)
        return text


def _read(folder: Path, assets: Assets) -> dict[str, str]:
    return {
        path.name: _STATIC.sub(lambda named: assets[named[1]], path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("*.pt"))
    }


def of_folder(folder: Path, assets: Assets) -> Templates:
    """Give the templates of an app that has a folder of its own, compiled with the release."""
    return Templates(assets, folder, _Installed(str(folder / _CACHE)))


def _installed_of(extension: Extension) -> _Installed:
    return _Installed(str(extension.folder / OF_EXTENSION / _CACHE))


def _refuse_second(name: str, owner: Extension, extension: Extension) -> None:
    if owner is not extension:
        raise PoserError(
            f"{owner} and {extension} both have a template {name}",
            hint="call one of them otherwise; a template of Poser can be replaced once",
        )


def compile_all(
    folder: Path = COMPILED, templates: Path = FOLDER, assets: Assets | None = None
) -> int:
    """Compile every template of a folder into another and return how many there are."""
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.py"):
        old.unlink()
    Templates(assets or Assets(), templates, ModuleLoader(str(folder))).load_all()
    # Chameleon lets only the one who compiled read them, here root, and not who serves them.
    for made in folder.rglob("*.py*"):
        made.chmod(0o644)
    return len(list(folder.glob("*.py")))


def main(packages: Sequence[str]) -> int:
    """Compile our templates and those of these extensions. Raises PoserError for a bad one."""
    extensions = find(packages, place="python -m web.rendering")
    assets = Assets(extensions=extensions)
    for one in extensions:
        own = one.folder / OF_EXTENSION
        if own.is_dir():
            compile_all(own / _CACHE, own, assets)
    # Here, since the portal is made of this module.
    from web.portal.site import TEMPLATES, portal_assets  # noqa: PLC0415

    compile_all(TEMPLATES / _CACHE, TEMPLATES, portal_assets())
    return 0 if compile_all(assets=assets) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
