# SPDX-License-Identifier: Apache-2.0
"""What pages load besides our own files: checked by hash, drawn from names, put in place once."""

import hashlib
import json
import re
import tomllib
from base64 import b64encode
from pathlib import Path

import pytest

from control import frontend
from poser.errors import PoserError

ICON = '<!-- licence -->\n<svg\n  class="x"\n>\n  <path d="M1 1" />\n  <circle r="2" />\n</svg>\n'


@pytest.fixture
def web(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a small front end whose packages are there already."""
    script = b"let x = 1;\n//# sourceMappingURL=x.js.map\n"
    packages = tmp_path / "packages"
    (packages / "x").mkdir(parents=True)
    (packages / "x" / "x.js").write_bytes(script)
    (packages / "lucide-static" / "icons").mkdir(parents=True)
    for name in ("truck", "house"):
        (packages / "lucide-static" / "icons" / f"{name}.svg").write_text(ICON)
    digest = b64encode(hashlib.sha384(script).digest()).decode()
    said = {"files": {"x.js": {"from": "x/x.js", "sha384": digest}}, "icons": {"home": "house"}}
    folder = tmp_path / "web"
    folder.mkdir()
    (folder / "package.json").write_text(json.dumps({"poser": said}))
    (folder / "page.pt").write_text('<use href="/static/icons.svg#home"></use>')
    monkeypatch.setattr(frontend, "modules", lambda _web: packages)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return folder


def test_scripts_come_without_their_maps_and_icons_in_one_sprite(web: Path) -> None:
    (web / "pages.py").write_text('Resource(icon="truck", title="Trucks", about="icon")')
    found = frontend.files(web)
    assert found["x.js"] == b"let x = 1;\n"
    sprite = found["icons.svg"].decode()
    assert re.findall(r'id="([a-z]+)"', sprite) == ["home", "truck"]
    assert '<path d="M1 1"/><circle r="2"/></symbol>' in sprite


def test_names_of_icons_are_found_wherever_they_stand(web: Path) -> None:
    (web / "pages.py").write_text(
        'class Item:\n    icon: str = "one"\n\nItem(icon="two" if down else "three", path="four")\n'
    )
    (web / "live.js").write_text("use.href = '/static/icons.svg#five';")
    assert frontend.icons_in(web) == {"home", "one", "two", "three", "five"}


def test_an_icon_that_lucide_lacks_is_named(web: Path) -> None:
    (web / "page.pt").write_text('<use href="/static/icons.svg#unicorn"></use>')
    with pytest.raises(PoserError, match="unicorn"):
        frontend.files(web)


def test_a_file_with_another_hash_is_refused(web: Path) -> None:
    (web.parent / "packages" / "x" / "x.js").write_bytes(b"let x = steal();\n")
    with pytest.raises(PoserError, match=r"x\.js is not the file that was looked at"):
        frontend.files(web)


def test_files_are_written_only_when_they_change(web: Path) -> None:
    built = web / "static" / "built"
    built.parent.mkdir()
    frontend.put_in_place(web, built)
    (built / "left.js").write_text("of an earlier release")
    before = {path.name: path.stat().st_mtime_ns for path in built.iterdir()}
    frontend.put_in_place(web, built)
    after = {path.name: path.stat().st_mtime_ns for path in built.iterdir()}
    assert before.pop("left.js")
    assert after == before
    (built / "x.js").write_text("damaged")
    frontend.put_in_place(web, built)
    assert (built / "x.js").read_text() == "let x = 1;\n"


def test_ours_holds_the_files_of_its_manifest() -> None:
    built = frontend.put_in_place()
    said = json.loads((frontend.WEB / "package.json").read_bytes())["poser"]["files"]
    assert {path.name for path in built.iterdir()} == {*said, "icons.svg"}
    assert len(said) >= 4
    assert b"htmx" in (built / "htmx.min.js").read_bytes()
    assert (built / "zxing-reader.wasm").read_bytes().startswith(b"\0asm")


def test_the_lock_names_versions_and_hashes_and_no_registry() -> None:
    text = (frontend.WEB / "package-lock.json").read_text()
    assert "resolved" not in text
    packages = json.loads(text)["packages"]
    for each in packages.values():
        each.pop("funding", None)  # where authors take gifts
    assert "://" not in json.dumps(packages)
    wanted = json.loads((frontend.WEB / "package.json").read_bytes())
    pinned = wanted["dependencies"] | wanted["devDependencies"]
    for name, version in pinned.items():
        assert packages[f"node_modules/{name}"]["version"] == version
    assert all(each["integrity"].startswith("sha512-") for name, each in packages.items() if name)


def test_the_wheel_takes_every_kind_of_file_that_pages_load() -> None:
    project = tomllib.loads((frontend.CHECKOUT / "pyproject.toml").read_text())
    taken = project["tool"]["setuptools"]["package-data"]["*"]
    for path in frontend.put_in_place().iterdir():
        assert f"*{path.suffix}" in taken, path.name
