"""One forgiving, suspicious XML reader: points become columns, the rest goes to a Document."""

from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, NamedTuple, NoReturn, Protocol, TypeVar
from xml.parsers import expat

import numpy as np
import numpy.typing as npt
from openfit_sdk import Report

from openfit_fileimport.texts import Convert

BLOCK = 128 * 1024  # bytes for the parser at a time
MAX_DEPTH = 64
MAX_TEXT = 1024 * 1024  # of one text node, and of one tag with its attributes
MAX_NAMES, MAX_NAME = 1024, 64  # to be remembered, and letters of one that is
MAX_ELEMENTS = 200_000  # beside points
FEW = 96  # points; of more, numpy is the faster
BOM = b"\xef\xbb\xbf"

TRUNCATED = {"no element found", "unclosed token", "partial character", "unclosed CDATA section"}
JUNK = "junk after document element"

FloatArray = npt.NDArray[np.float64]
Cells = list[Any]  # row, text, row, text…
Block = tuple[Any, Any]  # rows and values: lists of few, arrays of many
Stack = list[str]
T = TypeVar("T")


class Fault(NamedTuple):
    """Why reading stopped."""

    code: str
    message: str
    at_byte: int
    hostile: bool = False

    def report(self, salvaged: bool) -> Report:
        """Partial where something came out; of a hostile file nothing is used."""
        return Report(
            status="partial" if salvaged and not self.hostile else "failed",
            code=self.code,
            message=self.message,
            at_byte=self.at_byte,
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


class Table:
    """The points of one element name.

    Texts are converted block by block, so that a long recording takes the room of its numbers. A
    column has a row for each point, NaN where the point has no such value.
    """

    def __init__(self, columns: Mapping[str, Convert]) -> None:
        self.convert = columns
        cells: dict[str, Cells] = {}  # of the columns that occur
        # Not a method: points would then lie in a cycle, and stay until it is collected.
        self.columns = Remembered(
            lambda name: cells.setdefault(local, []) if (local := LOCAL[name]) in columns else None
        )
        self.cells = cells
        self.settled: dict[str, list[Block]] = {}
        self.rows = 0
        self.counted: dict[str, int] = {}  # texts that are settled

    @property
    def few(self) -> bool:
        """Whether the points are few enough for plain Python, and for `listed`."""
        return self.rows <= FEW

    def settle(self) -> None:
        for name, cells in self.cells.items():
            if cells:
                self.settle_column(name, cells)

    def settle_column(self, name: str, cells: Cells) -> None:
        rows, texts = cells[0::2], list(map(str.strip, cells[1::2]))
        cells.clear()
        if not all(texts):
            rows = [row for row, text in zip(rows, texts, strict=True) if text]
            texts = list(filter(None, texts))
        if texts:
            convert = self.convert[name]
            block: Block
            if self.few:
                block = rows, convert.few(texts)
            else:
                block = np.fromiter(rows, np.int64, len(rows)), convert.many(texts)
            self.settled.setdefault(name, []).append(block)
            self.counted[name] = self.counted.get(name, 0) + len(rows)

    @property
    def counts(self) -> dict[str, int]:
        """Texts by column; those that nobody asks for are counted without being converted."""
        found = dict(self.counted)
        for name, cells in self.cells.items():
            waiting = len(list(filter(None, map(str.strip, cells[1::2]))))
            if waiting:
                found[name] = found.get(name, 0) + waiting
        return found

    def blocks(self, name: str) -> list[Block]:
        if cells := self.cells.get(name):
            self.settle_column(name, cells)
        return self.settled.get(name, [])

    def column(self, name: str) -> FloatArray | None:
        """The values by row, None if no point has one. The first of several in a point wins."""
        blocks = self.blocks(name)
        if not blocks:
            return None
        absent = np.asarray(self.convert[name].absent)
        column = np.full((self.rows, *absent.shape), absent)
        for rows, values in reversed(blocks):
            column[rows[::-1]] = values[::-1]
        return column

    def listed(self, name: str) -> list[Any] | None:
        """`column`, as a list; only for few points."""
        blocks = self.blocks(name)
        if not blocks:
            return None
        if len(blocks) == 1 and blocks[0][0] == list(range(self.rows)):
            values: list[Any] = blocks[0][1]
            return values
        column = [self.convert[name].absent] * self.rows
        for rows, values in reversed(blocks):
            for row, value in zip(reversed(rows), reversed(values), strict=True):
                column[row] = value
        return column


class Document(Protocol):
    """What a format makes of the elements outside its points. Names come without prefix."""

    @property
    def tables(self) -> Mapping[str, Table]: ...

    def opened(self, name: str, attributes: dict[str, str], parents: Stack) -> None: ...

    def closed(self, name: str, text: str, parents: Stack) -> None: ...


class Remembered(dict[str, T]):
    """A function of element names, worked out once for each."""

    def __init__(self, function: Callable[[str], T]) -> None:
        super().__init__()
        self.function = function

    def __missing__(self, name: str) -> T:
        value = self.function(name)
        if len(name) > MAX_NAME:
            return value
        if len(self) >= MAX_NAMES:
            self.clear()
        self[name] = value
        return value


# Without prefix. Documents of one kind have the same few names, so these are kept from one to the
# next.
LOCAL = Remembered(lambda name: name.rpartition(":")[2])


def parse(file: BinaryIO, document: Document, *, doctype: bool = False) -> Fault | None:
    """Read a document to its end, or to the first fault in it; what came before stays."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    _refuse(parser, doctype)
    listener = _Listener(parser, document)
    skipped, block = _first_block(file)
    fed = 0
    try:
        while block:
            parser.Parse(block, False)
            fed += len(block)
            listener.after_block(fed, fed - parser.CurrentByteIndex)
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
        listener.close(parser)
    return None


class _Listener:
    """Handlers for expat.

    Outside points every start and end is told to the document. Inside points, where the time
    goes, starts are not listened to: the text before an end is that of its leaf.
    """

    def __init__(self, parser: expat.XMLParserType, document: Document) -> None:
        self.document = document
        self.texts: list[str] = []  # since the last tag that was listened to
        self.open_point: int | None = None  # row of the one that is open
        self.open_at_last_block: int | None = None
        parser.CharacterDataHandler = self.texts.append
        # Handlers that put one another in place, by way of what `close` can empty: no cycle keeps
        # the document in memory until the collector comes.
        self.handlers: dict[str, Callable[..., None]] = {}
        self.listen(parser)

    def listen(self, parser: expat.XMLParserType) -> None:
        """The handlers: closures, as they are twice as fast."""
        tables, opened, closed = self.document.tables, self.document.opened, self.document.closed
        handlers, texts = self.handlers, self.texts
        stack, elements = Stack(), 0  # open ones outside points, and how many there were
        point, row = "", 0
        columns: Mapping[str, Cells | None] = {}

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal columns, point, row, elements
            texts.clear()
            local = LOCAL[name]
            table = tables.get(local)
            if table is None:
                opened(local, attributes, stack)
                stack.append(local)
                elements += 1
                if elements > MAX_ELEMENTS or len(stack) > MAX_DEPTH:
                    _refuse_elements(elements)
                return
            columns, point, row = table.columns, name, table.rows
            table.rows += 1
            for key, text in attributes.items():
                column = columns[key]
                if column is not None:
                    column += row, text
            self.open_point = row
            parser.StartElementHandler = None
            if not table.convert:  # only its end is of use
                parser.CharacterDataHandler = None
                parser.EndElementHandler = handlers["end_of_counted"]

        def end_of_counted(name: str) -> None:
            nonlocal point
            if name == point:
                point, self.open_point = "", None
                parser.StartElementHandler = handlers["start"]
                parser.EndElementHandler = handlers["end"]
                parser.CharacterDataHandler = texts.append

        def end(name: str) -> None:
            nonlocal point
            if not point:
                local = LOCAL[name]
                if stack[-1] == local:  # or it is the end of a point around a point
                    stack.pop()
                    closed(local, "".join(texts).strip(), stack)
            elif (column := columns[name]) is not None:
                column.append(row)
                column.append("".join(texts))
            elif name == point:
                point, self.open_point = "", None
                parser.StartElementHandler = handlers["start"]
            elif name.endswith("Value"):
                return  # TCX wraps some numbers once more
            texts.clear()

        handlers |= {"start": start, "end": end, "end_of_counted": end_of_counted}
        parser.StartElementHandler, parser.EndElementHandler = start, end

    def close(self, parser: expat.XMLParserType) -> None:
        parser.StartElementHandler = parser.EndElementHandler = None
        self.handlers.clear()

    def after_block(self, fed: int, unread: int) -> None:
        if fed >= BLOCK:  # what is smaller is converted when it is asked for
            for table in self.document.tables.values():
                table.settle()
        if unread > MAX_TEXT or sum(map(len, self.texts)) > MAX_TEXT:
            raise Refused("huge_text", "a text or tag in it is longer than 1 MiB")
        if self.open_point is not None and self.open_point == self.open_at_last_block:
            # This also bounds how deep elements can be nested in a point.
            raise Refused("huge_point", f"one point of it is longer than {BLOCK // 1024} kiB")
        self.open_at_last_block = self.open_point


def _refuse_elements(elements: int) -> NoReturn:
    if elements > MAX_ELEMENTS:
        raise Refused("too_many_elements", f"it has over {MAX_ELEMENTS:,} beside its points")
    raise Refused("too_deep", f"its elements are nested more than {MAX_DEPTH} deep")


def _refuse(parser: expat.XMLParserType, doctype: bool) -> None:
    parser.EntityDeclHandler = _entity
    parser.ExternalEntityRefHandler = _entity
    parser.SkippedEntityHandler = _entity
    if not doctype:
        parser.StartDoctypeDeclHandler = _document_type


def _entity(*_: object) -> NoReturn:
    raise Refused("xml_entity", "it declares or uses entities")


def _document_type(*_: object) -> NoReturn:
    raise Refused("xml_doctype", "it has a DOCTYPE")


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


def _fault(error: str, at_byte: int) -> Fault:
    if error in TRUNCATED:
        message = (
            f"The file ends in the middle of its XML, after byte {at_byte:,}. "
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


class Nothing:
    """A Document that is only checked."""

    tables: Mapping[str, Table] = {}

    def opened(self, name: str, attributes: dict[str, str], parents: Stack) -> None:
        return None

    def closed(self, name: str, text: str, parents: Stack) -> None:
        return None
