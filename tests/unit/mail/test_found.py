# SPDX-License-Identifier: Apache-2.0
"""Types of email are found where they are written, in Poser and in extensions."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from poser.config import load
from poser.errors import PoserError
from poser.extensions.packages import Extension
from poser.mail.found import email_types, find_type
from poser.mail.rendering import Renderer
from poser.mail.values import given, kept

TYPE = """
from poser.mail import EmailType

JOINED = EmailType(
    key="{key}",
    description="Somebody joined.",
    subject="{{name}} is a member now",
    sample={{"name": "Ada & <Ash>"}},
)
"""

Written = Callable[..., Extension]


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Written]:
    """Give a function that writes an extension with one type of email."""
    monkeypatch.syspath_prepend(tmp_path)
    made = []

    def write(package: str, key: str) -> Extension:
        folder = tmp_path / package
        (folder / "templates").mkdir(parents=True)
        (folder / "__init__.py").write_text("")
        (folder / "emails.py").write_text(TYPE.format(key=key))
        (folder / "templates" / f"{key}.pt").write_text("<p>${name} at ${node}</p>")
        made.append(package)
        return Extension(package=package, folder=folder)

    yield write
    for name in [name for name in sys.modules if name.partition(".")[0] in made]:
        del sys.modules[name]


def test_every_type_of_poser_can_be_filled_in() -> None:
    types = email_types(())
    assert {"logged_errors", "trial", "import_changes"} <= set(types)
    config = load([], environment={})
    for found in types.values():
        parts = Renderer(config).render(found, "subject", [given(kept(found.type.sample))])
        tells = found.type.description in " ".join(parts.text.split())
        assert tells is not found.type.is_for_customers, "customers read nothing of types"
        assert "<h1>" in parts.html


def test_a_type_of_an_extension_is_found_with_its_template(written: Written) -> None:
    types = email_types([written("poser_maple", "maple_joined")])
    found = find_type(types, "maple_joined")
    config = load([], environment={"POSER_POSER_NODE": "store-9"})
    parts = Renderer(config).render(found, "x", [dict(found.type.sample)])
    assert "<p>Ada &amp; &lt;Ash&gt; at store-9</p>" in parts.html
    assert parts.text.startswith("Ada & <Ash> at store-9\n")


def test_its_own_text_wins_and_escapes_nothing(written: Written) -> None:
    extension = written("poser_birch", "birch_joined")
    (extension.folder / "templates" / "birch_joined.txt.pt").write_text("Hello ${name}!\n")
    found = find_type(email_types([extension]), "birch_joined")
    parts = Renderer(load([], environment={})).render(found, "x", [dict(found.type.sample)])
    assert parts.text == "Hello Ada & <Ash>!\n"


def test_a_type_that_is_not_named_after_its_extension_is_refused(written: Written) -> None:
    with pytest.raises(PoserError, match="not named after it"):
        email_types([written("poser_alder", "joined")])


def test_a_key_that_two_have_is_refused(written: Written) -> None:
    both = [written("poser_oak", "oak_a_joined"), written("poser_oak_a", "oak_a_joined")]
    with pytest.raises(PoserError, match=r"poser_oak\.emails and poser_oak_a\.emails both have"):
        email_types(both)


def test_a_key_that_is_nearly_right_is_guessed() -> None:
    with pytest.raises(PoserError) as caught:
        find_type(email_types(()), "logged_error")
    assert caught.value.hint == "did you mean logged_errors?"
