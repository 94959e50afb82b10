# SPDX-License-Identifier: Apache-2.0
"""Help that people write, as Markdown, made into a page: a small and safe part of Markdown.

Paragraphs, headings, lists, **bold**, *italic*, `code` and [links](/products). Everything is
escaped first, so whatever else stands in the text is shown as it was typed.
"""

import re
from collections.abc import Iterator
from html import escape, unescape

from web.urls import safe_url

_HEADING = re.compile(r"#{1,6} +(.*)")
_POINT = re.compile(r"[-*+] +(.*)")
_NUMBERED = re.compile(r"\d{1,3}[.)] +(.*)")
_CODE = re.compile(r"`([^`]+)`")
_LINK = re.compile(r"\[([^\]]+)\]\(([^()\s]+)\)")
_BOLD = re.compile(r"\*\*([^*]+)\*\*")
_ITALIC = re.compile(r"(?<![\w*])\*([^*\s][^*]*)\*(?![\w*])")


class Html(str):
    """Text that is HTML already; templates take it as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


def to_html(text: str) -> Html:
    """Make HTML of a text that somebody wrote."""
    blocks = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    return Html("\n".join(part for block in blocks for part in _block(block)))


def coded(text: str) -> Html:
    """Make HTML of one sentence in which commands stand in `backticks`."""
    return Html(_inline(text))


def _block(block: str) -> Iterator[str]:
    """Make HTML of lines that belong together: a heading, a list, a paragraph, one by one."""
    kept: list[str] = []
    kind = ""
    for line in block.splitlines():
        found = next(
            ((k, m[1]) for k, pattern in _KINDS if (m := pattern.fullmatch(line.strip()))),
            ("p", line.strip()),
        )
        if found[0] != kind or kind == "h3":
            yield from _written(kind, kept)
            kind, kept = found[0], []
        kept.append(found[1])
    yield from _written(kind, kept)


_KINDS = (("h3", _HEADING), ("ul", _POINT), ("ol", _NUMBERED))


def _written(kind: str, lines: list[str]) -> Iterator[str]:
    if not any(lines):
        return
    if kind in {"ul", "ol"}:
        points = "".join(f"<li>{_inline(line)}</li>" for line in lines)
        yield f"<{kind}>{points}</{kind}>"
    else:
        yield f"<{kind}>{'<br/>'.join(_inline(line) for line in lines)}</{kind}>"


def _inline(line: str) -> str:
    """Escape a line, then mark up what is inside; nothing is marked up inside `code`."""
    parts = _CODE.split(escape(line))
    return "".join(
        f"<code>{part}</code>" if n % 2 else _marked(part) for n, part in enumerate(parts)
    )


def _marked(text: str) -> str:
    text = _BOLD.sub(r"<b>\1</b>", text)
    text = _ITALIC.sub(r"<i>\1</i>", text)
    return _LINK.sub(lambda m: f'<a href="{_address(m[2])}">{m[1]}</a>', text)


def _address(escaped: str) -> str:
    return escape(safe_url(unescape(escaped)) or "")
