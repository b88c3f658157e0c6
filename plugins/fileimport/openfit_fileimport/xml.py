"""One forgiving, suspicious XML reader: points become columns, the rest goes to a Document."""

from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, NamedTuple, NoReturn, Protocol
from xml.parsers import expat

from openfit_sdk import Report

from openfit_fileimport.runs import Feeder
from openfit_fileimport.table import LOCAL, Cells, Table

BLOCK = 128 * 1024  # bytes for the parser at a time
MAX_DEPTH = 64
MAX_TEXT = 1024 * 1024  # of one text node, and of one tag with its attributes
MAX_ELEMENTS = 200_000  # beside points
BOM = b"\xef\xbb\xbf"

TRUNCATED = {"no element found", "unclosed token", "partial character", "unclosed CDATA section"}
JUNK = "junk after document element"

Stack = list[str]


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


class Document(Protocol):
    """What a format makes of the elements outside its points. Names come without prefix."""

    @property
    def tables(self) -> Mapping[str, Table]: ...

    def opened(self, name: str, attributes: dict[str, str], parents: Stack) -> None: ...

    def closed(self, name: str, text: str, parents: Stack) -> None: ...


def parse(file: BinaryIO, document: Document, *, doctype: bool = False) -> Fault | None:
    """Read a document to its end, or to the first fault in it; what came before stays."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    _refuse(parser, doctype)
    listener = Listener(parser, document)
    feeder = Feeder(parser, listener)
    skipped, block = _first_block(file)
    try:
        while block:
            feeder.feed(block)
            listener.after_block(feeder.read, feeder.given - parser.CurrentByteIndex)
            block = file.read(BLOCK)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        at = skipped + feeder.passed + parser.ErrorByteIndex
        return _fault(expat.ErrorString(error.code), at)
    except Refused as refusal:
        message = f"This XML file is not read: {refusal}, which no recording needs."
        at = skipped + feeder.passed + parser.CurrentByteIndex
        return Fault(refusal.code, message, at, hostile=True)
    except (LookupError, ValueError) as error:
        return _fault(f"its encoding is not known ({error})", skipped)
    finally:
        listener.close(parser)
    return None


class Listener:
    """Handlers for expat.

    Outside points every start and end is told to the document. Inside points, where the time
    goes, starts are not listened to: the text before an end is that of its leaf.
    """

    def __init__(self, parser: expat.XMLParserType, document: Document) -> None:
        self.document, self.tables = document, document.tables
        self.texts: list[str] = []  # since the last tag that was listened to
        self.open_point: int | None = None  # row of the one that is open
        self.open_at_last_block: int | None = None
        self.closed_at = -1  # byte of the parser's input at which the last point was closed
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
                self.closed_at = parser.CurrentByteIndex
                parser.StartElementHandler = handlers["start"]
                parser.EndElementHandler = handlers["end"]
                parser.CharacterDataHandler = texts.append

        def end(name: str) -> None:
            nonlocal point
            if not point:
                local = LOCAL[name]
                if stack and stack[-1] == local:  # or it is the end of a point around a point
                    stack.pop()
                    closed(local, "".join(texts).strip(), stack)
            elif (column := columns[name]) is not None:
                column.append(row)
                column.append("".join(texts))
            elif name == point:
                point, self.open_point = "", None
                self.closed_at = parser.CurrentByteIndex
                parser.StartElementHandler = handlers["start"]
            elif name.endswith("Value"):
                return  # TCX wraps some numbers once more
            texts.clear()

        handlers |= {"start": start, "end": end, "end_of_counted": end_of_counted}
        parser.StartElementHandler, parser.EndElementHandler = start, end

    def close(self, parser: expat.XMLParserType) -> None:
        parser.StartElementHandler = parser.EndElementHandler = parser.XmlDeclHandler = None
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
