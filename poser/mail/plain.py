# SPDX-License-Identifier: Apache-2.0
"""The text of a page, for who reads mail without HTML: paragraphs, lists, columns, links."""

import re
import textwrap
from html.parser import HTMLParser

WIDTH = 76

_BLOCKS = frozenset({"p", "div", "h1", "h2", "h3", "ul", "ol", "pre", "section", "dl", "dd"})
_SKIPPED = frozenset({"head", "style", "script", "title"})
_CELLS = frozenset({"td", "th"})


def plain_text(html: str) -> str:
    """Turn a page into text. Tables become columns; a table of class `frame` is only layout."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.end_block()
    return "\n\n".join(reader.blocks) + "\n"


class _Reader(HTMLParser):
    """Collects blocks of text: one for each paragraph, list item or table."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[str] = []
        self._words: list[str] = []
        self._skipping = 0
        self._is_pre = False
        self._bullet = ""
        self._underline = ""
        self._link = ""
        self._frames: list[bool] = []
        self._rows: list[list[str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a block, a row, a cell or a link."""
        said = dict(attrs)
        if tag in _SKIPPED:
            self._skipping += 1
        elif tag == "table":
            self._frames.append("frame" in (said.get("class") or ""))
            self.end_block()
        elif tag == "br":
            self._words.append("\n")
        elif tag == "tr" and self._in_table:
            self._rows.append([])
        elif tag in _CELLS and self._in_table:
            self._words = []
        elif tag == "a":
            self._link = said.get("href") or ""
        elif tag in _BLOCKS or tag == "li":
            self._begin_block(tag)

    def handle_endtag(self, tag: str) -> None:
        """End what began."""
        if tag in _SKIPPED:
            self._skipping -= 1
        elif tag == "table":
            self._end_table()
        elif tag in _CELLS and self._in_table and self._rows:
            self._rows[-1].append(self._taken())
        elif tag == "a":
            self._end_link()
        elif (tag in _BLOCKS or tag in {"li", *_CELLS}) and not self._in_table:
            self.end_block()
            self._is_pre = self._is_pre and tag != "pre"

    def handle_data(self, data: str) -> None:
        """Take words."""
        if not self._skipping:
            self._words.append(data if self._is_pre else re.sub(r"\s+", " ", data))

    def end_block(self) -> None:
        """Keep what was read since the last block."""
        if self._is_pre:
            text = textwrap.indent("".join(self._words).strip("\n"), "    ")
        else:
            text = "\n".join(_wrapped(line, self._bullet) for line in self._taken().split("\n"))
        self._words = []
        if not text.strip():
            return
        if self._underline:
            text += "\n" + self._underline * min(max(map(len, text.split("\n"))), WIDTH)
        if self._bullet and self.blocks and self.blocks[-1].lstrip().startswith("* "):
            self.blocks[-1] += "\n" + text
        else:
            self.blocks.append(text)
        self._bullet = self._underline = ""

    @property
    def _in_table(self) -> bool:
        return bool(self._frames) and not self._frames[-1]

    def _begin_block(self, tag: str) -> None:
        if self._in_table:
            return  # what is in a cell is one text
        self.end_block()
        self._is_pre = tag == "pre"
        self._bullet = "* " if tag == "li" else ""
        self._underline = {"h1": "=", "h2": "-"}.get(tag, "")

    def _end_table(self) -> None:
        is_frame = self._frames.pop() if self._frames else True
        if is_frame:
            self.end_block()
            return
        rows, self._rows = [row for row in self._rows if any(row)], []
        if rows:
            self.blocks.append(_columns(rows))
        self._words = []

    def _end_link(self) -> None:
        if self._link and self._link not in "".join(self._words[-1:]):
            self._words.append(f" ({self._link})")
        self._link = ""

    def _taken(self) -> str:
        lines = "".join(self._words).split("\n")
        self._words = []
        return "\n".join(" ".join(line.split()) for line in lines).strip()


def _wrapped(line: str, bullet: str) -> str:
    return textwrap.fill(
        line,
        WIDTH,
        initial_indent=bullet,
        subsequent_indent=" " * len(bullet),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _columns(rows: list[list[str]]) -> str:
    """Write rows in columns; where that is too wide, each row as lines below each other."""
    flat = [[cell.replace("\n", " ") for cell in row] for row in rows]
    count = max(map(len, flat))
    padded = [row + [""] * (count - len(row)) for row in flat]
    widths = [max(map(len, column)) for column in zip(*padded, strict=True)]
    if sum(widths) + 2 * (count - 1) <= WIDTH:
        return "\n".join(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in padded
        )
    head, *others = padded
    if not others:
        return "\n".join(filter(None, head))
    parts = []
    for row in others:
        lines = [
            f"{name}: {cell}" if name else cell
            for name, cell in zip(head, row, strict=True)
            if cell
        ]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)
