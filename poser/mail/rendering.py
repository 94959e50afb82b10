# SPDX-License-Identifier: Apache-2.0
"""A mail's page and its text, from the template of its type and the layout of all.

A template is the inside of a page: `<h1>`, `<p>`, `<table>`, filled with the names of the
type's sample. The layout around it, with all its looks, is `layout.pt` here. Besides its
values a template has `node`, `at(time)`, which writes a time in the node's zone, and
`page(path)`, the address of a page of the web app, or None where people have none. Mails to
customers have `shop`, the name that they know, and `portal(path)` likewise.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from chameleon import PageTemplate, PageTextTemplate

from poser.config import Config
from poser.config.load import NODE
from poser.mail.found import Found
from poser.mail.plain import plain_text
from poser.shown import PORTAL_NAME, PORTAL_URL, PUBLIC_URL, TIME_ZONE

LAYOUT = Path(__file__).parent / "templates" / "layout.pt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """One line of what a mail stands for: a subject, how often, from when to when."""

    subject: str
    times: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """The two parts of a mail."""

    html: str
    text: str


class Renderer:
    """Renders mail for one node."""

    def __init__(self, config: Config) -> None:
        self._config = config

    def render(
        self,
        found: Found,
        subject: str,
        bodies: Sequence[Mapping[str, object]],
        repeats: Sequence[Repeat] = (),
    ) -> Rendered:
        """Fill in the template of a type for each of `bodies`, and the layout around them.

        `repeats` says what the mail stands for, if that is more than itself.
        """
        around = self._around()
        language = next((str(one["language"]) for one in bodies if "language" in one), "en")
        inner = [self._fragment(found, values, around) for values in bodies]
        html = _page(LAYOUT)(
            **around,
            language=language,
            subject=subject,
            type=found.type,
            bodies=inner,
            repeats=repeats,
        )
        own = found.folder / f"{found.type.key}.txt.pt"
        if not own.exists():
            return Rendered(html=html, text=plain_text(html))
        texts = [_text(own)(**around, **values) for values in bodies]
        return Rendered(html=html, text="\n\n".join(texts))

    def _fragment(
        self, found: Found, values: Mapping[str, object], around: Mapping[str, object]
    ) -> str:
        return _page(found.folder / f"{found.type.key}.pt")(**{**around, **values})

    def _around(self) -> dict[str, object]:
        zone = TIME_ZONE(self._config)

        def at(time: datetime) -> str:
            return f"{time.astimezone(zone):%Y-%m-%d %H:%M} {time.astimezone(zone):%Z}"

        return {
            "at": at,
            "page": _pages_of(PUBLIC_URL(self._config)),
            "portal": _pages_of(PORTAL_URL(self._config)),
            "shop": PORTAL_NAME(self._config),
            "node": NODE(self._config) or "this node",
        }


def _pages_of(address: str) -> Callable[[str], str | None]:
    """Return what writes the address of a page of an app; None where people cannot come."""

    def page(path: str) -> str | None:
        return f"{address.rstrip('/')}/{path.lstrip('/')}" if address else None

    return page


@cache
def _page(path: Path) -> Callable[..., str]:
    """Compile a template of a page, which escapes everything that is filled in."""
    options: dict[str, Any] = {"filename": path.name}
    render: Callable[..., str] = PageTemplate(path.read_text("utf-8"), **options).render
    return render


@cache
def _text(path: Path) -> Callable[..., str]:
    """Compile a template of a text, in which nothing is to be escaped."""
    options: dict[str, Any] = {"filename": path.name}
    render: Callable[..., str] = PageTextTemplate(path.read_text("utf-8"), **options).render
    return render
