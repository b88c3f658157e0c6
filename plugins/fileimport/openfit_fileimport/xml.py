"""One forgiving, suspicious XML reader: points become columns, the rest goes to a Document."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, NamedTuple, Protocol
from xml.parsers import expat

import numpy as np
import numpy.typing as npt
from openfit_sdk import Report

BLOCK = 128 * 1024  # bytes for the parser at a time
ROWS = 16 * 1024  # points whose texts are held before they become numbers
MAX_DEPTH = 64
MAX_TEXT = 1024 * 1024  # of one text node, and of one tag with its attributes
MAX_NAMES = 1024
BOM = b"\xef\xbb\xbf"

TRUNCATED = {"no element found", "unclosed token", "partial character", "unclosed CDATA section"}
JUNK = "junk after document element"

FloatArray = npt.NDArray[np.float64]
Convert = Callable[[list[str]], FloatArray]
Stack = list[str]
Finish = Callable[[], None]


class Fault(NamedTuple):
    """Why reading stopped."""

    code: str
    message: str
    at_byte: int
    hostile: bool = False

    def report(self, salvaged: bool) -> Report:
        """Partial where something came out; of a hostile file nothing is used."""
        status = "partial" if salvaged and not self.hostile else "failed"
        return Report(
            status=status, code=self.code, message=self.message, at_byte=self.at_byte
        )


def verdict(fault: Fault | None) -> dict[str, Any]:
    """The end of what `inspect` says of a file."""
    if fault is None:
        return {"error": None}
    return {"error": {"code": fault.code, "message": fault.message, "at_byte": fault.at_byte}}


class Refused(Exception):
    """Raised inside a handler: the document does what no recording has a reason to do."""

    def __init__(self, code: str, what: str) -> None:
        super().__init__(what)
        self.code = code


TOO_DEEP = Refused("too_deep", f"its elements are nested more than {MAX_DEPTH} deep")


class Table:
    """The points of one element name.

    Texts are held for a while and then converted, so that a long recording takes the room of
    its numbers. A column has a row for each point, NaN where the point has no such value.
    """

    def __init__(self, columns: Mapping[str, Convert]) -> None:
        self.convert = columns
        self.cells: dict[str, list[Any]] = {name: [] for name in columns}  # row, text, row, text
        self.settled: dict[str, list[tuple[list[int], FloatArray]]] = {n: [] for n in columns}
        self.rows = 0
        self.counts: Counter[str] = Counter()  # of leaves, also of those that have no column

    def add(self, attributes: dict[str, str]) -> None:
        for name, text in attributes.items():
            if name in self.cells:
                self.cells[name] += self.rows, text
        self.rows += 1
        if not self.rows % ROWS:
            self.settle()

    def settle(self) -> None:
        for name, cells in self.cells.items():
            rows, texts = cells[0::2], [text.strip() for text in cells[1::2]]
            cells.clear()
            if not all(texts):
                rows = [row for row, text in zip(rows, texts, strict=True) if text]
                texts = list(filter(None, texts))
            if texts:
                self.settled[name].append((rows, self.convert[name](texts)))
                self.counts[name] += len(rows)

    def column(self, name: str) -> FloatArray | None:
        """The values by row, None if no point has one. The first of several in a point wins."""
        self.settle()
        blocks = self.settled[name]
        if not blocks:
            return None
        column = np.full((self.rows, *blocks[0][1].shape[1:]), np.nan)
        for rows, values in reversed(blocks):
            column[rows[::-1]] = values[::-1]
        return column


class Document(Protocol):
    """What a format makes of the elements outside its points. Names come without prefix."""

    tables: Mapping[str, Table]

    def opened(self, name: str, attributes: dict[str, str], parents: Stack) -> None: ...

    def closed(self, name: str, text: str, parents: Stack) -> None: ...


class LocalNames(dict[str, str]):
    """Element names without their prefix."""

    def __missing__(self, name: str) -> str:
        if len(self) >= MAX_NAMES:
            self.clear()
        local = self[name] = name.rpartition(":")[2]
        return local


def parse(file: BinaryIO, document: Document, *, doctype: bool = False) -> Fault | None:
    """Read a document to its end, or to the first fault in it; what came before stays."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    _refuse(parser, doctype)
    texts, finish = _listen(parser, document)
    skipped, block = _first_block(file)
    fed = 0
    try:
        while block:
            parser.Parse(block, False)
            fed += len(block)
            _check_sizes(texts, fed - parser.CurrentByteIndex)
            block = file.read(BLOCK)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        return _fault(expat.ErrorString(error.code), skipped + parser.ErrorByteIndex)
    except Refused as refusal:
        message = f"This XML file is not read: {refusal}, which no recording needs."
        return Fault(refusal.code, message, skipped + parser.CurrentByteIndex, hostile=True)
    except (LookupError, ValueError) as error:
        return _fault(f"its encoding is not known ({error})", skipped)
    finally:
        parser.StartElementHandler = parser.EndElementHandler = None  # they refer to the parser
    return None


def _listen(parser: expat.XMLParserType, document: Document) -> tuple[list[str], Finish]:
    """Set the handlers; gives the pending texts, and what to call at the end.

    Outside points every start and end is told to the document. Inside points, where the time
    goes, only starts cost Python code: texts and ends pile up in lists and are looked at when
    the next element starts. Closures, as they are called for every tag.
    """
    tables, opened, closed = document.tables, document.opened, document.closed
    names, stack = LocalNames(), Stack()  # elements inside a point are not on the stack
    texts: list[str] = []  # since the last start; outside points, since the last end
    ends: list[str] = []  # since the last start inside a point
    cells: dict[str, list[Any]] = {}
    counts: Counter[str] = Counter()
    row = depth = 0  # depth: open elements at the last start inside a point, itself included
    leaf = ""

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal cells, counts, row, depth, leaf
        local = names[name]
        texts.clear()
        table = tables.get(local)
        if table is None:
            opened(local, attributes, stack)
            stack.append(local)
            if len(stack) > MAX_DEPTH:
                raise TOO_DEEP
            return
        cells, counts, row, depth, leaf = table.cells, table.counts, table.rows, 1, local
        table.add(attributes)
        parser.StartElementHandler, parser.EndElementHandler = start_inside, ends.append

    def end(_: str) -> None:
        local = stack.pop()
        closed(local, "".join(texts).strip(), stack)
        texts.clear()

    def start_inside(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, leaf
        if ends:
            if texts and leaf in cells:
                cells[leaf] += row, "".join(texts)
            elif leaf not in cells and len(counts) < MAX_NAMES:
                counts[leaf] += 1
            depth -= len(ends)
            ends.clear()
            if depth <= 0:
                leave()
                start(name, attributes)
                return
        texts.clear()
        depth += 1
        if depth > MAX_DEPTH:
            raise TOO_DEEP
        local = names[name]
        if local != "Value":  # TCX wraps some numbers once more
            leaf = local

    def leave() -> None:
        nonlocal depth
        parser.StartElementHandler, parser.EndElementHandler = start, end
        while depth < 0:  # elements around the point have ended as well
            depth += 1
            closed(stack.pop(), "", stack)

    parser.CharacterDataHandler = texts.append
    parser.StartElementHandler, parser.EndElementHandler = start, end
    return texts, start_inside


def _refuse(parser: expat.XMLParserType, doctype: bool) -> None:
    def entity(*_: object) -> None:
        raise Refused("xml_entity", "it declares or uses entities")

    def document_type(*_: object) -> None:
        raise Refused("xml_doctype", "it has a DOCTYPE")

    parser.EntityDeclHandler = entity
    parser.ExternalEntityRefHandler = entity
    parser.SkippedEntityHandler = entity
    if not doctype:
        parser.StartDoctypeDeclHandler = document_type


def _first_block(file: BinaryIO) -> tuple[int, bytes]:
    """Without what real files have before the declaration and strict parsers stumble over."""
    block = file.read(BLOCK)
    skipped = len(BOM) if block.startswith(BOM) else 0
    block = block[skipped:]
    while block:
        kept = block.lstrip()
        skipped += len(block) - len(kept)
        if kept:
            return skipped, kept
        block = file.read(BLOCK)
    return skipped, b""


def _check_sizes(texts: list[str], unread: int) -> None:
    if unread > MAX_TEXT or sum(map(len, texts)) > MAX_TEXT:
        raise Refused("huge_text", "a text or tag in it is longer than 1 MiB")


def _fault(error: str, at_byte: int) -> Fault:
    if error in TRUNCATED:
        message = (
            f"The file ends at byte {at_byte:,} in the middle of its XML. "
            "What came before was read; export it again to get the rest."
        )
        return Fault("truncated", message, at_byte)
    if error == JUNK:
        message = f"What follows the end of the document at byte {at_byte:,} was not read."
        return Fault("junk_after_root", message, at_byte)
    message = (
        f"The file is not valid XML from byte {at_byte:,} on: {error}. "
        "What came before was read; export it again to get the rest."
    )
    return Fault("bad_xml", message, at_byte)
