# SPDX-License-Identifier: Apache-2.0
"""Templates that were compiled when the release was installed are used, and only if they fit."""

import re
from pathlib import Path

import pytest
from chameleon.loader import MemoryLoader

from poser.errors import PoserError
from web import rendering
from web.assets import Assets
from web.rendering import FOLDER, Templates, compile_all


class NoCompiler(MemoryLoader):
    """A loader that must not be asked to compile."""

    def build(self, source: str, filename: str) -> dict[str, object]:
        raise AssertionError(f"{filename} was compiled again: {source[:80]}")


def test_compiled_templates_are_used_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert compile_all(tmp_path) == len(list(FOLDER.glob("*.pt"))) >= 7
    made = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert all(path.stat().st_mode & 0o444 == 0o444 for path in made), "the web app may read them"
    monkeypatch.setattr(rendering, "COMPILED", tmp_path)
    monkeypatch.setattr(rendering, "MemoryLoader", NoCompiler)
    Templates(Assets()).load_all()


def test_a_template_that_changed_since_is_compiled_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled, changed = tmp_path / "compiled", tmp_path / "templates"
    compile_all(compiled)
    changed.mkdir()
    (changed / "page.pt").write_text("<p>${words}</p>")
    monkeypatch.setattr(rendering, "COMPILED", compiled)
    before = sorted(compiled.iterdir())
    text = Templates(Assets(), changed).render("page.pt", {"words": "<new>"})
    assert text == "<p>&lt;new&gt;</p>"
    assert sorted(compiled.iterdir()) == before


def test_a_static_file_that_is_not_there_is_noticed_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "page.pt").write_text('<img src="/static/missing.svg"/>')
    with pytest.raises(PoserError, match=r"missing\.svg"):
        Templates(Assets(), tmp_path)


def test_static_files_are_named_by_their_content(tmp_path: Path) -> None:
    (tmp_path / "app.css").write_text("a {}")
    first = Assets(tmp_path)["app.css"]
    (tmp_path / "app.css").write_text("b {}")
    assert Assets(tmp_path)["app.css"] != first


def test_what_a_browser_loads_first_is_small() -> None:
    assets = Assets()
    layout = (FOLDER / "layout.pt").read_text()
    names = set(re.findall(r"/static/([a-z0-9.-]+)", layout)) | {"app.js"}
    loaded = [assets._by_url[assets[name]] for name in names]
    assert len(loaded) >= 4
    assert sum(len(asset.compressed) for asset in loaded) < 60_000
