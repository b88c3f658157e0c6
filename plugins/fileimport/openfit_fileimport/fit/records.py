"""Pass one over a FIT file: where every message lies, found without decoding any.

Modern devices interleave, so messages are listed by their definition's bytes (a cache: some files
define anew before nearly every record); runs of one message are skipped with a strided slice. Which
fields a definition has is worked out when somebody asks.
"""

from array import array
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import NamedTuple

from openfit_fileimport.fit.crc import crc16

HEADER_MIN = 12
MAGIC = b".FIT"
FIRST_RUN = 16
LAYOUTS = 256  # to be remembered; at most some 30 kB each
OCTETS = 0x0D  # the base type of bytes whose own type is told elsewhere
DEFINITION, DEVELOPER, COMPRESSED = 0x40, 0x20, 0x80  # bits of a record's header


class Problem(NamedTuple):
    """Something that is not as it should be; reading went on or ended there."""

    code: str
    message: str
    at_byte: int
    fatal: bool = False  # what follows could not be read


class FieldDef(NamedTuple):
    number: int
    size: int
    base_type: int
    start: int  # in the message, after the record header
    developer: int = -1  # its developer data index, for fields that are not native


class Layout:
    """What a definition message says: one layout of one kind of message."""

    def __init__(self, octets: bytes) -> None:
        self.octets = octets  # the definition message without its header
        self.big_endian = octets[1] == 1
        self.message = int.from_bytes(octets[2:4], "big" if self.big_endian else "little")
        native = 5 + 3 * octets[4]
        self.stride = 1 + sum(octets[6:native:3]) + sum(octets[native + 2 :: 3])

    @cached_property
    def fields(self) -> tuple[FieldDef, ...]:
        native = 5 + 3 * self.octets[4]
        found: list[FieldDef] = []
        start = 1
        for at in range(5, native, 3):
            number, size, base_type = self.octets[at : at + 3]
            found.append(FieldDef(number, size, base_type, start))
            start += size
        for at in range(native + 1, len(self.octets), 3):
            number, size, developer_index = self.octets[at : at + 3]
            found.append(FieldDef(number, size, OCTETS, start, developer_index))
            start += size
        return tuple(found)

    @cached_property
    def native(self) -> dict[int, FieldDef]:
        """Fields by number; of several with one number the first."""
        return {one.number: one for one in reversed(self.fields) if one.developer < 0}


# A device writes the same few layouts into all of its files.
layout_of = lru_cache(LAYOUTS)(Layout)


class Definition:
    """A layout in one file, and where its messages begin."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.message, self.stride = layout.message, layout.stride
        self.offsets = array("q")

    @property
    def big_endian(self) -> bool:
        return self.layout.big_endian

    @property
    def fields(self) -> tuple[FieldDef, ...]:
        return self.layout.fields

    @property
    def native(self) -> dict[int, FieldDef]:
        return self.layout.native


@dataclass
class Index:
    """One FIT file of a chain."""

    start: int
    end: int  # of the records, exclusive
    definitions: list[Definition] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    protocol: int = 0
    profile: int = 0
    compressed: bool = False  # has headers that bear a part of the time


def looks_like(head: bytes | memoryview) -> bool:
    return len(head) >= HEADER_MIN and bytes(head[8:12]) == MAGIC


def index_chain(raw: bytes) -> list[Index]:
    """Every FIT file in the body, one after the other."""
    found: list[Index] = []
    body, at = memoryview(raw), 0
    while at < len(raw):
        if not looks_like(raw[at : at + HEADER_MIN]):
            note = f"The last {len(raw) - at:,} bytes belong to no FIT file and were left out."
            found[-1].problems.append(Problem("trailing_bytes", note, at))
            break
        one, at = index_file(body, raw, at)
        found.append(one)
    return found


def index_file(body: memoryview, raw: bytes, start: int) -> tuple[Index, int]:
    """One file's index and where the next one begins."""
    size = max(HEADER_MIN, raw[start])
    declared = int.from_bytes(raw[start + 4 : start + 8], "little")
    first = start + size
    end = first + declared
    one = Index(first, end, protocol=raw[start + 1])
    one.profile = int.from_bytes(raw[start + 2 : start + 4], "little")
    if declared == 0 or end > len(raw):
        end = open_end(raw, one, first, declared)
    check_header(body, one, start, size)
    stop = walk(raw, one, first, end)
    following = end + 2 if end == first + declared and declared else end
    if not any(problem.fatal for problem in one.problems):
        check_crc(body, one, start, end)
    if stop < end:
        following = next_header(raw, stop)
    return one, following


def open_end(raw: bytes, one: Index, first: int, declared: int) -> int:
    """A file that was cut off, or never closed, is read to the end of what there is."""
    end = next_header(raw, first)
    why = (
        "was never closed" if declared == 0 else f"ends at byte {end:,} of {first + declared + 2:,}"
    )
    said = f"The file {why}; it is read as far as it goes."
    one.problems.append(Problem("not_closed" if declared == 0 else "truncated", said, end))
    one.end = end
    return end


def next_header(raw: bytes, after: int) -> int:
    """Where the next file of a chain begins: a header that says so, else the end."""
    at = raw.find(MAGIC, after + 8)
    while at >= 0:
        if raw[at - 8] in (12, 14):
            return at - 8
        at = raw.find(MAGIC, at + 1)
    return len(raw)


def check_header(body: memoryview, one: Index, start: int, size: int) -> None:
    """A header checksum of 0 means that none was computed; a wrong one harms nothing."""
    if size < 14:
        return
    stored = int.from_bytes(body[start + 12 : start + 14], "little")
    if stored and crc16(body[start : start + 12]) != stored:
        said = "The checksum of the file's header is wrong; its records are read all the same."
        one.problems.append(Problem("bad_header_crc", said, start + 12))


def check_crc(body: memoryview, one: Index, start: int, end: int) -> None:
    if any(problem.code in ("truncated", "not_closed") for problem in one.problems):
        return
    if end + 2 > len(body):
        said = "The file's checksum is missing at its end; all records before it were read."
        one.problems.append(Problem("no_crc", said, end))
    elif crc16(body[start : end + 2]) != 0:
        said = (
            "The file's checksum is wrong: some bytes in it have changed. What it holds was read."
        )
        one.problems.append(Problem("bad_crc", said, end))


def walk(raw: bytes, one: Index, at: int, end: int) -> int:
    """List every message in [at, end); answers where it had to stop."""
    known: dict[bytes, Definition] = {}  # whichever local number they have
    by_header: list[Definition | None] = [None] * 256
    last = -1
    while at < end:
        header = raw[at]
        definition = by_header[header]
        if definition is not None:
            stride = definition.stride
            if header == last and at + 2 * stride <= end:
                run = same_headers(raw, at, end, header, stride)
                definition.offsets.extend(range(at, at + run * stride, stride))
                at += run * stride
            elif at + stride > end:
                return cut_short(one, at, end)
            else:
                definition.offsets.append(at)
                at += stride
                last = header
        elif header & 0xC0 == DEFINITION:
            size = 6 + 3 * raw[at + 5] if at + 6 <= end else 0
            if header & DEVELOPER:
                size += 1 + 3 * raw[at + size] if at + size < end else 1
            if not size or at + size > end:
                return cut_short(one, at, end)
            octets = raw[at + 1 : at + size]  # their length tells whether developer fields follow
            definition = known.get(octets)
            if definition is None:
                definition = known[octets] = Definition(layout_of(octets))
                one.definitions.append(definition)
            local = header & 0x0F
            by_header[local] = by_header[0x10 | local] = definition
            if one.compressed and local < 4:
                forget_compressed(by_header, local)
            last = -1
            at += size
        elif header & COMPRESSED and by_header[header >> 5 & 3] is not None:
            by_header[header] = by_header[header >> 5 & 3]
            one.compressed = True
        else:
            return lost(one, at, end, header)
    return at


def forget_compressed(by_header: list[Definition | None], local: int) -> None:
    first = COMPRESSED | local << 5
    by_header[first : first + 32] = [None] * 32


def same_headers(raw: bytes, at: int, end: int, header: int, stride: int) -> int:
    """How many messages of this stride follow each other from here on."""
    whole = (end - at) // stride
    count, window = 0, FIRST_RUN
    mark = bytes([header])
    while count < whole:
        some = min(window, whole - count)
        first = at + count * stride
        headers = raw[first : first + some * stride : stride]
        same = len(headers) - len(headers.lstrip(mark))
        count += same
        if same < some:
            break
        window *= 4
    return count


def cut_short(one: Index, at: int, end: int) -> int:
    if end - at <= 2 and any(problem.code == "not_closed" for problem in one.problems):
        return end  # the checksum of a file whose size was never filled in
    said = f"The file ends at byte {end:,}, inside a record that begins at byte {at:,}."
    one.problems = [p for p in one.problems if p.code != "truncated"]
    one.problems.append(Problem("truncated", said, at, fatal=True))
    return at


def lost(one: Index, at: int, end: int, header: int) -> int:
    if end - at <= 2 and any(p.code in ("not_closed", "truncated") for p in one.problems):
        return end
    said = f"The file cannot be followed beyond byte {at:,}; what came before was read."
    one.problems.append(Problem("undefined_record", said, at, fatal=True))
    return at
