# SPDX-License-Identifier: Apache-2.0
"""Reading a POSLog as a stream: one element tree for each Transaction, then forgotten.

Safe on any input: a document type (and with it every entity) is refused, nothing outside
the file is looked at, and the depth, number and size of what one Transaction may hold
are bounded, so memory stays flat whatever the size of the file.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET
from xml.parsers import expat

from poser.importing.opening import CutOff, Refused

IXRETAIL = "http://www.nrf-arts.org/IXRetail/namespace/"
ACS = "http://www.ncr.com/rsd/acs/tlog/markup/poslog/2.1"
_SEPARATOR = "\x1f"  # cannot be in XML, so it divides namespace and name for sure
MAX_DEPTH = 100
MAX_ELEMENTS = 200_000
MAX_TEXT = 16 * 1024 * 1024
MAX_TOKEN = 16 * 1024 * 1024
_MOST_NAMES = 1000

_CUT_OFF = {
    expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS],
    expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_TOKEN],
    expat.errors.codes[expat.errors.XML_ERROR_PARTIAL_CHAR],
    expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION],
}


@dataclass(slots=True, eq=False)
class Element:
    """One XML element. Names of the log's own namespace stand bare, NCR's as `acs:Name`."""

    tag: str
    attributes: dict[str, str]
    line: int
    position: int
    children: list["Element"] = field(default_factory=list)
    text: str = ""

    def find(self, path: str) -> "Element | None":
        """Find the first element at a path of names divided by slashes."""
        found = self
        for name in path.split("/"):
            for child in found.children:
                if child.tag == name:
                    found = child
                    break
            else:
                return None
        return found

    def every(self, name: str) -> Iterator["Element"]:
        """Go through the children of one name."""
        return (child for child in self.children if child.tag == name)

    def to_xml(self) -> str:
        """Write the element as an XML document of its own."""
        ET.register_namespace("acs", ACS)
        return ET.tostring(_tree(self), "unicode")


def transactions(pieces: Iterable[bytes], name: str) -> Iterator[Element]:
    """Read the Transaction elements of a POSLog one by one.

    Raises Refused for something that is not a POSLog or not safe; nothing of it should be
    kept. Raises CutOff where the file breaks off or stops being XML; the transactions
    before that are whole.
    """
    reader = _Reader(name)
    is_empty = True
    for piece in pieces:
        is_empty = False
        reader.feed(piece)
        yield from reader.take()
    if is_empty:
        raise Refused(f"{name}: is empty", hint="get the file again from its source")
    reader.feed(b"", is_last=True)
    yield from reader.take()


class _Reader:
    """The callbacks of one expat parser, building one Transaction at a time."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._done: list[Element] = []
        self._open: list[Element] = []
        self._depth = 0
        self._elements = 0
        self._text: list[str] = []
        self._text_size = 0
        self._namespace = ""
        self._names: dict[str, str] = {}
        self._fed = 0
        self._has_begun = False
        parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._doctype
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self._parser = parser

    def take(self) -> list[Element]:
        """Hand over the transactions that are complete."""
        done, self._done = self._done, []
        return done

    def feed(self, piece: bytes, *, is_last: bool = False) -> None:
        """Parse a piece of the file."""
        self._fed += len(piece)
        try:
            self._parser.Parse(piece, is_last)
        except expat.ExpatError as error:
            raise self._broken(error) from error
        except (LookupError, ValueError) as error:
            raise self._refused(
                f"says it is in an encoding that cannot be read: {error}"
            ) from error
        if self._fed - max(self._parser.CurrentByteIndex, 0) > MAX_TOKEN:
            raise self._refused(f"a single tag or text is larger than {MAX_TOKEN} bytes")

    def _broken(self, error: expat.ExpatError) -> CutOff | Refused:
        where = f"{self._name}:{error.lineno}:{error.offset + 1}"
        words = expat.ErrorString(error.code)
        if not self._has_begun and error.code in _CUT_OFF:
            return Refused(f"{where}: the file breaks off before its first element")
        if not self._has_begun:
            return Refused(
                f"{where}: is not a POSLog, nor any XML: {words}",
                hint="a POSLog is an XML file whose root element is <POSLog>",
            )
        inside = f" inside the transaction of line {self._open[0].line}" if self._open else ""
        if error.code in _CUT_OFF:
            return CutOff(f"{where}: the file breaks off{inside}: {words}")
        return CutOff(f"{where}: is not XML from here on{inside}: {words}")

    def _refused(self, why: str) -> Refused:
        where = f"{self._name}:{self._parser.CurrentLineNumber}"
        return Refused(f"{where}: {why}", hint="this is no log that a till wrote; look at the file")

    def _doctype(self, *_: object) -> None:
        raise self._refused("has a document type (DOCTYPE), which a POSLog never has")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._refused(f"elements are nested more than {MAX_DEPTH} deep")
        if self._depth == 1:
            self._root(name)
            return
        tag = self._short(name)
        if not self._open and tag != "Transaction":
            return
        self._elements += 1
        if self._elements > MAX_ELEMENTS:
            raise self._refused(f"one transaction has more than {MAX_ELEMENTS} elements")
        self._finish_text()
        parser = self._parser
        element = Element(
            tag,
            {self._short(key): value for key, value in attributes.items()} if attributes else {},
            parser.CurrentLineNumber,
            parser.CurrentColumnNumber + 1,
        )
        if self._open:
            self._open[-1].children.append(element)
        self._open.append(element)

    def _root(self, name: str) -> None:
        namespace, _, local = name.rpartition(_SEPARATOR)
        if local != "POSLog":
            raise Refused(
                f"{self._name}: is not a POSLog: its root element is <{local[:60]}>",
                hint="a POSLog is an XML file whose root element is <POSLog>",
            )
        self._namespace = namespace
        self._has_begun = True

    def _end(self, _name: str) -> None:
        self._depth -= 1
        if not self._open:
            return
        self._finish_text()
        element = self._open.pop()
        if not self._open:
            self._done.append(element)
            self._elements = self._text_size = 0

    def _characters(self, text: str) -> None:
        if self._open:
            self._text_size += len(text)
            if self._text_size > MAX_TEXT:
                raise self._refused(f"one transaction has more than {MAX_TEXT} characters")
            self._text.append(text)

    def _finish_text(self) -> None:
        if self._text:
            if self._open and not self._open[-1].children:
                self._open[-1].text = "".join(self._text).strip()
            self._text.clear()

    def _short(self, name: str) -> str:
        """Write a name as `Element.tag` does; a log has few names, so each is worked out once."""
        if (known := self._names.get(name)) is not None:
            return known
        namespace, _, local = name.rpartition(_SEPARATOR)
        if namespace not in {"", self._namespace}:
            local = f"acs:{local}" if namespace == ACS else f"{{{namespace}}}{local}"
        if len(self._names) < _MOST_NAMES:
            self._names[name] = local
        return local


def _tree(element: Element) -> ET.Element:
    tree = ET.Element(
        _long(element.tag), {_long(name): value for name, value in element.attributes.items()}
    )
    tree.text = element.text or None
    tree.extend([_tree(child) for child in element.children])
    return tree


def _long(name: str) -> str:
    return f"{{{ACS}}}{name[4:]}" if name.startswith("acs:") else name
