# SPDX-License-Identifier: Apache-2.0
"""Workbooks written row by row into a stream: nothing is kept but the row at hand.

Cells have types: numbers are numbers, days and times are dates, and text is text, never a
formula. A sheet that is full goes on in another. The parts that name the sheets come last,
when it is known how many there are.
*Source:* ECMA-376 part 1, 18.3 (worksheets), 18.8 (styles), 18.17.4 (dates).
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from html import escape

MOST_ROWS = 1_048_576
_LONGEST_TEXT = 32_767
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - sheets have no zones
_DAY_S = 86_400
_BAD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SAFE_DIGITS = 15  # more than a spreadsheet's numbers can hold: such codes stay text
_HEAD, _DATE, _TIME = 1, 2, 3
_NS = "http://schemas.openxmlformats.org"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = f"{_NS}/spreadsheetml/2006/main"
_LINKS = f"{_NS}/officeDocument/2006/relationships"
_PACKAGE = f"{_NS}/package/2006"
_KINDS = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_STYLES = f"""{_XML}<styleSheet xmlns="{_MAIN}"><numFmts count="2">\
<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>\
<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>\
<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>\
<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>\
<fills count="2"><fill><patternFill patternType="none"/></fill>\
<fill><patternFill patternType="gray125"/></fill></fills>\
<borders count="1"><border/></borders>\
<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4"><xf/>\
<xf fontId="1" applyFont="1"/><xf numFmtId="164" applyNumberFormat="1"/>\
<xf numFmtId="165" applyNumberFormat="1"/></cellXfs>\
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>\
</styleSheet>"""
_TOP = (
    f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    "</sheetView></sheetViews><sheetData>"
)


class _Outlet(io.RawIOBase):
    """Takes what the archive writes and gives it away in pieces; nobody can go back in it."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]
        self._pieces.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        """Give what came since the last time."""
        data = b"".join(self._pieces)
        self._pieces.clear()
        return data


def workbook(
    title: str,
    heads: Sequence[str],
    chunks: Iterable[Sequence[Sequence[object]]],
    most_rows: int = MOST_ROWS,
) -> Iterator[bytes]:
    """Yield a workbook of rows that come in chunks, piece by piece."""
    outlet = _Outlet()
    names: list[str] = []
    rows = iter(row for chunk in chunks for row in chunk)
    row = next(rows, None)
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        while row is not None or not names:
            names.append(sheet_name(title, len(names) + 1))
            with archive.open(f"xl/worksheets/sheet{len(names)}.xml", "w") as sheet:
                sheet.write((_TOP + _row(heads, _HEAD)).encode())
                for _number in range(most_rows - 1):
                    if row is None:
                        break
                    sheet.write(_row(row).encode())
                    row = next(rows, None)
                    if piece := outlet.taken():
                        yield piece
                sheet.write(b"</sheetData></worksheet>")
        for name, text in _parts(names):
            archive.writestr(name, text)
    yield outlet.taken()


def sheet_name(title: str, number: int) -> str:
    """Name a sheet: at most 31 characters, none of those that are not allowed."""
    plain = re.sub(r"[\[\]:*?/\\']", " ", title).strip() or "Rows"
    return plain[:27] if number == 1 else f"{plain[:27]} {number}"


def _row(values: Iterable[object], style: int = 0) -> str:
    return f"<row>{''.join(_cell(value, style) for value in values)}</row>"


def _cell(value: object, style: int) -> str:
    if value is None or value == "":
        return "<c/>"
    if isinstance(value, bool):
        return f'<c t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | Decimal) and len(str(value).strip("-")) <= _SAFE_DIGITS:
        return (
            f"<c><v>{value:f}</v></c>" if isinstance(value, Decimal) else f"<c><v>{value}</v></c>"
        )
    if isinstance(value, date) and (number := _serial(value)) > 0:
        kind = _TIME if isinstance(value, datetime) else _DATE
        return f'<c s="{kind}"><v>{number!r}</v></c>'
    text = escape(_BAD.sub("\ufffd", str(value)[:_LONGEST_TEXT]), quote=False)
    shown = f' s="{style}"' if style else ""
    return f'<c t="inlineStr"{shown}><is><t xml:space="preserve">{text}</t></is></c>'


def _serial(value: date) -> float:
    """Count the days since the beginning of spreadsheets."""
    if isinstance(value, datetime):
        return round((value.replace(tzinfo=None) - _EPOCH).total_seconds() / _DAY_S, 9)
    return (value - _EPOCH.date()).days


def _parts(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Write what holds the sheets together."""
    numbers = range(1, len(names) + 1)
    yield "xl/styles.xml", _STYLES
    sheets = "".join(
        f'<sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}"/>'
        for n, name in zip(numbers, names, strict=True)
    )
    yield (
        "xl/workbook.xml",
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}"><sheets>{sheets}</sheets></workbook>',
    )
    links = [(f"rId{n}", "worksheet", f"worksheets/sheet{n}.xml") for n in numbers]
    yield "xl/_rels/workbook.xml.rels", _relations([*links, ("rIdS", "styles", "styles.xml")])
    yield "_rels/.rels", _relations([("rId1", "officeDocument", "xl/workbook.xml")])
    kinds = "".join(
        f'<Override PartName="/xl/{part}" ContentType="{_KINDS}.{kind}+xml"/>'
        for part, kind in [
            ("workbook.xml", "sheet.main"),
            ("styles.xml", "styles"),
            *((f"worksheets/sheet{n}.xml", "worksheet") for n in numbers),
        ]
    )
    defaults = (
        '<Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
    )
    types = f'{_XML}<Types xmlns="{_PACKAGE}/content-types">{defaults}{kinds}</Types>'
    yield "[Content_Types].xml", types


def _relations(links: Iterable[tuple[str, str, str]]) -> str:
    inside = "".join(
        f'<Relationship Id="{key}" Type="{_LINKS}/{kind}" Target="{target}"/>'
        for key, kind, target in links
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{inside}</Relationships>'
