# SPDX-License-Identifier: Apache-2.0
"""Pages of extensions: found beside Poser's own, or in their place, and never twice."""

import json
import sys
from pathlib import Path

from tests.db.extensions.conftest import coop, coop_template, make_node
from tests.support.extended import ExtendedNode

__all__ = ["coop", "coop_template", "make_node"]

PROGRAM = """
import json, sys
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
site = replace(make_site(engines, Clock(), Templates(Assets())), config=config)
app = create_app(site)
with transaction(engines["poser"]) as session:
    add_person(session, "ada", admin=True)
    add_product(session, description="Oats")
browser = Browser(app)
browser.sign_in("ada")
seen = {"grid": browser.get("/coop/certificates").status_code, "menu": "/coop/certificates" in
        browser.text, "api": browser.get("/api/v1/coop/certificates").json}
seen["vendors"] = browser.get("/vendors").status_code, "Our farms" in browser.text
print(json.dumps(seen))
"""
FARMS = '''# SPDX-License-Identifier: Apache-2.0
"""Vendors as this retailer calls them."""

from dataclasses import replace

from web.pages.vendors import VENDORS

RESOURCES = (replace(VENDORS, title="Our farms"),)
'''


def look(node: ExtendedNode) -> tuple[int, dict[str, object], str]:
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
