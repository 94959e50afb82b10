# SPDX-License-Identifier: Apache-2.0
"""Pages of extensions: found beside Poser's own, or in their place, and never twice.

So are their templates, static files and catalogues.
"""

import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

from tests.db.extensions.conftest import coop, coop_template, make_node
from tests.support.extended import COOP, ExtendedNode, write_extension
from web.po import read_catalogue

__all__ = ["coop", "coop_template", "make_node"]

PROGRAM = """
import json, re, sys
from dataclasses import replace
from pathlib import Path

from poser.config import load
from poser.db import engine, transaction
from poser.db.settings import url
from poser.extensions.configured import extensions
from poser.extensions.models import load_models
from tests.web.conftest import Browser, Clock, make_site
from tests.web.factories import add_person, add_product
from web.app import create_app
from web.assets import Assets
from web.rendering import Templates

config = load([Path(sys.argv[1])])
load_models(extensions(config))
engines = {name: engine(url(config, name)) for name in ("poser", "trainwreck")}
found = extensions(config)
assets = Assets(extensions=found)
site = make_site(engines, Clock(), Templates(assets, extensions=found))
site = replace(site, config=config, assets=assets)
app = create_app(site)
with transaction(engines["poser"]) as session:
    add_person(session, "ada", admin=True)
    add_product(session, description="Oats")
browser = Browser(app)
browser.sign_in("ada")
seen = {"grid": browser.get("/coop/certificates").status_code, "menu": "/coop/certificates" in
        browser.text, "api": browser.get("/api/v1/coop/certificates").json}
seen["vendors"] = browser.get("/vendors").status_code, "Our farms" in browser.text
page = browser.get("/coop/equity")
seen["equity"] = page.status_code, page.text
seen["policy"] = page.headers["content-security-policy"]
seen["css"] = {}
for name in re.findall('"(/static/[a-z]+/[^"]+)"', page.text):
    sent = browser.get(name)
    seen["css"][name] = sent.status_code, sent.headers["cache-control"], sent.text
seen["stranger"] = Browser(app).get("/coop/equity").status_code
seen["home"] = browser.get("/").text
browser.get("/")
browser.post("/preferences", {"csrf": browser.token(), "language": "de"})
seen["german"] = browser.get("/coop/equity").text
print(json.dumps(seen))
"""
COMPILE = """
from web import rendering
rendering.compile_all = lambda *of, compiling=rendering.compile_all, **ours: (
    compiling(*of) if of else 1  # our own are compiled already, for other tests at work here
)
raise SystemExit(rendering.main(["poser_coop"]))
"""
COMPILED_ONLY = """
from chameleon.loader import MemoryLoader
from poser.extensions.packages import find
from web import rendering
from web.assets import Assets

def build(self, source, filename):
    raise AssertionError(f"{filename} was compiled again")

MemoryLoader.build = build
found = find(["poser_coop"], place="here")
rendering.Templates(Assets(extensions=found), extensions=found)["coop_equity.pt"]
"""
FARMS = '''# SPDX-License-Identifier: Apache-2.0
"""Vendors as this retailer calls them."""

from dataclasses import replace

from web.pages.vendors import VENDORS

RESOURCES = (replace(VENDORS, title="Our farms"),)
'''


def look(node: ExtendedNode) -> tuple[int, dict[str, Any], str]:
    """Open the pages of an extended node, in a process of its own."""
    done = node.run([sys.executable, "-c", PROGRAM, str(node.folder / "poser.conf")])
    return done.code, json.loads(done.out or "{}"), done.err


def extension(folder: Path, name: str) -> Path:
    """Write an extension that has vendors' pages of its own."""
    package = folder / name / f"poser_{name}"
    (package / "web").mkdir(parents=True)
    for path in (package, package / "web"):
        (path / "__init__.py").write_text('"""Of a test."""\n')
    (package / "web" / "farms.py").write_text(FARMS)
    return package.parent


def add(folder: Path, name: str, files: dict[str, str]) -> Path:
    """Write an extension with these files in its folder `web`, and no pages."""
    files = {f"web/{path}": text for path, text in files.items()}
    return write_extension(
        folder / name, f"poser_{name}", {"web/__init__.py": '"""."""\n', **files}
    )


def test_pages_of_the_co_op_stand_beside_our_own(coop: ExtendedNode) -> None:
    code, seen, said = look(coop)
    assert code == 0, said
    assert seen["grid"] == 200
    assert seen["menu"] is True
    assert seen["api"] == {"items": [], "count": {"number": 0, "is_exact": True}, "next": None}
    assert seen["vendors"] == [200, False]


def test_an_extension_puts_its_pages_in_the_place_of_ours(
    coop: ExtendedNode, tmp_path: Path
) -> None:
    node = ExtendedNode(folder=coop.folder, packages=(*coop.packages, extension(tmp_path, "farm")))
    node.name("poser_coop, poser_farm")
    code, seen, said = look(node)
    assert code == 0, said
    assert seen["vendors"] == [200, True]


def test_two_extensions_cannot_have_one_address(coop: ExtendedNode, tmp_path: Path) -> None:
    packages = [extension(tmp_path, name) for name in ("farm", "field")]
    node = ExtendedNode(folder=coop.folder, packages=(*coop.packages, *packages))
    node.name("poser_coop, poser_farm, poser_field")
    code, _seen, said = look(node)
    assert code != 0
    assert "poser_farm.web.farms and poser_field.web.farms both have pages at /vendors" in said


def test_a_page_of_an_extension_has_its_own_template_style_and_words(coop: ExtendedNode) -> None:
    code, seen, said = look(coop)
    assert code == 0, said
    assert seen["equity"][0] == 200
    assert "Nobody has bought a share yet." in seen["equity"][1]
    assert "Signed in as" in seen["equity"][1], "inside the layout of all pages"
    ((address, (status, kept, content)),) = seen["css"].items()
    assert re.fullmatch(r"/static/coop/equity-[0-9a-f]{12}\.css", address)
    assert (status, kept) == (200, "public, max-age=31536000, immutable")
    assert content == (COOP / "poser_coop/web/static/equity.css").read_text()
    assert "'unsafe-inline'" not in seen["policy"]
    assert seen["stranger"] == 303
    assert "Noch hat niemand einen Anteil gekauft." in seen["german"]
    assert "Anteile der Mitglieder" in seen["german"], "in the menu and the title"
    assert "Abmelden" in seen["german"], "beside our own words"


def test_a_template_and_words_of_an_extension_stand_in_the_place_of_ours(
    coop: ExtendedNode, tmp_path: Path
) -> None:
    home = "<p metal:use-macro=\"layout.macros['page']\"><p metal:fill-slot='main'>Moo</p></p>"
    words = 'msgid ""\nmsgstr ""\n\nmsgid "Sign out"\nmsgstr "Feierabend"\n'
    files = {"templates/home.pt": home, "locale/de/LC_MESSAGES/poser.po": words}
    node = ExtendedNode(folder=coop.folder, packages=(*coop.packages, add(tmp_path, "farm", files)))
    node.name("poser_coop, poser_farm")
    code, seen, said = look(node)
    assert code == 0, said
    assert "<p>Moo</p>" in seen["home"]
    assert "Feierabend" in seen["german"]
    assert "Abmelden" not in seen["german"]
    assert "Noch hat niemand einen Anteil gekauft." in seen["german"]


def test_two_extensions_cannot_have_one_template(coop: ExtendedNode, tmp_path: Path) -> None:
    files = {"templates/home.pt": "<p>Moo</p>"}
    packages = [add(tmp_path, name, files) for name in ("farm", "field")]
    node = ExtendedNode(folder=coop.folder, packages=(*coop.packages, *packages))
    node.name("poser_coop, poser_farm, poser_field")
    code, _seen, said = look(node)
    assert code != 0
    assert "poser_farm and poser_field both have a template home.pt" in said


def test_templates_of_an_extension_are_compiled_with_the_release(tmp_path: Path) -> None:
    shutil.copytree(COOP / "poser_coop", tmp_path / "poser_coop")
    compiled = tmp_path / "poser_coop" / "web" / "templates" / "__pycache__"
    shutil.rmtree(compiled, ignore_errors=True)
    node = ExtendedNode(folder=tmp_path, packages=(tmp_path,))
    done = node.run([sys.executable, "-c", COMPILED_ONLY])
    assert done.code != 0, "nothing is compiled yet"
    assert node.run([sys.executable, "-c", COMPILE]).code == 0
    assert [path.stat().st_mode & 0o444 for path in compiled.glob("*.py")] == [0o444]
    done = node.run([sys.executable, "-c", COMPILED_ONLY])
    assert done.code == 0, done.err


def test_the_co_ops_catalogue_has_all_it_says(tmp_path: Path) -> None:
    path = COOP / "poser_coop/web/locale/de/LC_MESSAGES/poser.po"
    shutil.copytree(COOP / "poser_coop", tmp_path / "poser_coop")
    copy = tmp_path / path.relative_to(COOP)
    own = 'msgid "Sign out"\nmsgstr "Feierabend"\n'
    copy.write_text(f'{path.read_text()}\n{own}\nmsgid "Long gone"\nmsgstr "Vorbei"\n')
    node = ExtendedNode(folder=tmp_path, packages=(tmp_path,))
    done = node.run([sys.executable, "-m", "web.catalogue", "--of", "poser_coop", "fr"])
    assert done.code == 0, done.err
    assert done.out.splitlines()[0] == "de: 0 to translate", "run python -m web.catalogue --of"
    found = read_catalogue(copy).sentences
    assert found == {**read_catalogue(path).sentences, "Sign out": "Feierabend"}
    assert "Nobody has bought a share yet." in copy.read_text()
    assert 'msgid "Shares"\nmsgstr ""' in (copy.parents[2] / "fr/LC_MESSAGES/poser.po").read_text()
