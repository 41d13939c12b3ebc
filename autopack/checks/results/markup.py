"""Reads XML as test runners write it, well-formed or not: elements and text in order. Looks nothing up, expands nothing.

It reads each byte a bounded number of times, and skips a piece that it cannot read.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from autopack.checks.results.text import sound

DEPTH_MAX: Final = 64
_FAULTS_NAMED: Final = 3
_PIECE_MAX: Final = 50_000

_START: Final = re.compile(rb"""<([A-Za-z_][\w:.-]{0,100})((?:\s++[^\s=<>"'/]++\s*+=\s*+(?:"[^"]*+"|'[^']*+'))*+)\s*+(/?>)?""")
_END: Final = re.compile(rb"</([A-Za-z_][\w:.-]{0,100})\s*+>")
_ATTRIBUTE: Final = re.compile(rb"""([^\s=<>"'/]++)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)')""")
_DECLARED: Final = re.compile(rb"""\s*<\?xml[^>]{0,200}?encoding\s{0,9}=\s{0,9}["']([\w.:-]{1,40})["']""")
_ENCODINGS: Final = re.compile(
    r"us-ascii|iso-?8859-\d+|latin-?1|windows-125\d|cp125\d|shift_jis|euc-\w\w|gb\w+|big5|koi8-[ru]", re.IGNORECASE
)
"""Encodings that a report may name beside UTF-8; tags read the same in all of them."""

_REFERENCE: Final = re.compile(r"&(?:#x0*([0-9a-f]{1,6})|#0*(\d{1,7})|(lt|gt|amp|quot|apos));", re.IGNORECASE)
_NAMED: Final = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_OPENINGS: Final = ((b"<!--", b"-->"), (b"<?", b"?>"))
_LAST: Final = 0x10FFFF


class StopReading(Exception):  # noqa: N818 - a visitor's wish, not an error
    """Raised by a visitor that has seen enough."""


class Visitor(Protocol):
    """``wants_text`` is looked at before each piece of text."""

    wants_text: bool

    def start(self, tag: str, attributes: Mapping[str, str]) -> None: ...
    def text(self, text: str) -> None: ...
    def end(self, tag: str) -> None: ...


@dataclass
class Scan:
    """How the reading ended. ``faults`` are the lines of the first unreadable places; ``is_whole``: every element was closed."""

    is_whole: bool = True
    faults: list[int] = field(default_factory=list)


def scan(data: bytes, visitor: Visitor) -> Scan:
    """Shows the document to the visitor. Names come without their prefix, an element that another one's end closes is closed."""
    data, encoding = _ascii_based(data)
    scanner = _Scanner(data, encoding, visitor)
    scanner.run()
    return scanner.scan


def _ascii_based(data: bytes) -> tuple[bytes, str]:
    """The bytes in an encoding in which a tag's bytes are ASCII's, and its name."""
    for mark, name in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            rest = data[len(mark) :]
            return (rest if name == "utf-8" else rest.decode(name, "replace").encode("utf-8", "replace")), "utf-8"
    declared = _DECLARED.match(data[:1000])
    name = declared[1].decode("ascii") if declared else ""
    return data, name if _ENCODINGS.fullmatch(name) and _is_known(name) else "utf-8"


def _is_known(encoding: str) -> bool:
    try:
        b"".decode(encoding)
    except LookupError:
        return False
    return True


def readable(data: bytes, encoding: str, *, has_references: bool = True) -> str:
    """Text with references resolved."""
    text = data.decode(encoding, "replace")
    return sound(_REFERENCE.sub(_character, text) if has_references and "&" in text else text)


def _character(reference: re.Match[str]) -> str:
    hexadecimal, decimal, name = reference.groups()
    if name:
        return _NAMED[name.lower()]
    number = int(hexadecimal, 16) if hexadecimal else int(decimal)
    return chr(number) if number <= _LAST else "\ufffd"


class _Scanner:
    def __init__(self, data: bytes, encoding: str, visitor: Visitor) -> None:
        self.scan = Scan()
        self._data = data
        self._encoding = encoding
        self._visitor = visitor
        self._open: list[str] = []

    def run(self) -> None:
        position = 0
        try:
            while (begin := self._data.find(b"<", position)) >= 0:
                self._text(position, begin)
                position = self._markup(begin)
        except StopReading:
            self.scan.is_whole = False
        self.scan.is_whole &= not self._open

    def _markup(self, begin: int) -> int:
        """Reads what begins with ``<`` at this position; gives the position to go on from."""
        data = self._data
        if data.startswith(b"</", begin):
            return self._end(begin)
        if data.startswith(b"<![CDATA[", begin):
            end = data.find(b"]]>", begin)
            self._text(begin + 9, end if end >= 0 else len(data), has_references=False)
            return self._behind(end, 3)
        for opening, closing in _OPENINGS:
            if data.startswith(opening, begin):
                return self._behind(data.find(closing, begin + len(opening)), len(closing))
        return self._document_type(begin) if data.startswith(b"<!", begin) else self._start(begin)

    def _behind(self, end: int, length: int) -> int:
        """The position behind the closing text; without one the end of the document, which then is not whole."""
        if end < 0:
            self.scan.is_whole = False
            return len(self._data)
        return end + length

    def _document_type(self, begin: int) -> int:
        """Skips a document type declaration; nothing that it names or defines is used."""
        end = self._data.find(b">", begin)
        subset = self._data.find(b"[", begin, max(begin, end))
        if subset >= 0:
            end = self._data.find(b"]>", subset)
            return self._behind(end, 2)
        return self._behind(end, 1)

    def _start(self, begin: int) -> int:
        found = _START.match(self._data, begin)
        if found is None:
            self._fault(begin)
            return begin + 1
        name, attributes, closing = found.groups()
        position = found.end()
        if closing is None:
            self._fault(begin)
            rest = re.compile(rb"[<>]").search(self._data, position)
            if rest is None:
                self.scan.is_whole = False
                return len(self._data)
            closing = b"/>" if self._data[rest.start() - 1 : rest.start() + 1] == b"/>" else b">"
            position = rest.start() + (rest[0] == b">")
        tag = _local(name)
        if len(self._open) >= DEPTH_MAX:
            self._fault(begin)
            raise StopReading
        self._open.append(tag)
        self._visitor.start(tag, dict(self._attributes(attributes)))
        if closing == b"/>":
            self._close()
        return position

    def _attributes(self, data: bytes) -> Iterator[tuple[str, str]]:
        for found in _ATTRIBUTE.finditer(data):
            value = found[2] if found[2] is not None else found[3]
            yield _local(found[1]), readable(value[:_PIECE_MAX], self._encoding)

    def _end(self, begin: int) -> int:
        found = _END.match(self._data, begin)
        tag = _local(found[1]) if found else ""
        if found is None or tag not in self._open:
            self._fault(begin)
            return begin + 2
        if self._open[-1] != tag:
            self._fault(begin)
        while self._close() != tag:
            pass
        return found.end()

    def _close(self) -> str:
        tag = self._open.pop()
        self._visitor.end(tag)
        return tag

    def _text(self, begin: int, end: int, *, has_references: bool = True) -> None:
        if end > begin and self._visitor.wants_text:
            self._visitor.text(readable(self._data[begin : min(end, begin + _PIECE_MAX)], self._encoding, has_references=has_references))

    def _fault(self, position: int) -> None:
        if len(self.scan.faults) < _FAULTS_NAMED:
            self.scan.faults.append(self._data.count(b"\n", 0, position) + 1)


def _local(name: bytes) -> str:
    return name.decode("utf-8", "replace").rpartition(":")[2]
