"""The directory of a zip archive, read as what it is: claims of a stranger."""

import stat
from collections.abc import Iterator
from struct import Struct
from typing import BinaryIO, NamedTuple

import numpy as np

END = Struct("<4s4H2LH")
END_64_AT = Struct("<4sLQL")
END_64 = Struct("<4sQ2H2L4Q")
ENTRY = Struct("<4s6H3L5H2L")
LOCAL = Struct("<4s5H3L2H")
EXTRA = Struct("<2H")
LONGEST_COMMENT = 0xFFFF
FARTHEST = 2**63 - 1
ASK_64 = {0xFFFF, 0xFFFFFFFF}
UTF_8, ENCRYPTED = 1 << 11, 1
STORED, DEFLATED = 0, 8
UNIX = 3
MAX_LABEL = 512


class BadZip(Exception):
    """The archive has no directory that can be followed."""


class Entry(NamedTuple):
    """One entry as the directory has it; names are labels, never paths."""

    name: str
    method: int
    crc: int
    packed: int
    size: int
    at: int  # of its local header
    encrypted: bool
    symlink: bool


class Directory(NamedTuple):
    at: int
    size: int
    entries: int
    shift: int  # bytes before the archive that its own offsets do not know of


def directory(file: BinaryIO) -> Directory:
    end = file.seek(0, 2)
    tail_at = max(0, end - END.size - LONGEST_COMMENT)
    file.seek(tail_at)
    tail = file.read()
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) - at < END.size:
        raise BadZip("it ends without the directory that a zip archive ends with")
    _, _, _, _, count, size, offset, _ = END.unpack_from(tail, at)
    end_at = tail_at + at
    if {count, size, offset} & ASK_64:
        end_at, count, size, offset = _directory_64(file, end_at) or (end_at, count, size, offset)
    shift = end_at - size - offset
    if shift < 0:
        raise BadZip("its directory is said to be where it cannot be")
    return Directory(offset + shift, size, count, shift)


def _directory_64(file: BinaryIO, end_at: int) -> tuple[int, int, int, int] | None:
    if end_at < END_64_AT.size:
        return None
    file.seek(end_at - END_64_AT.size)
    magic, _, at, _ = END_64_AT.unpack(file.read(END_64_AT.size))
    if magic != b"PK\6\7":
        return None
    record = _read_at(file, at, END_64.size)
    if len(record) < END_64.size or not record.startswith(b"PK\6\6"):
        raise BadZip("its large directory is said to be where it is not")
    *_, count, size, offset = END_64.unpack(record)
    return at, count, size, offset


def entries(file: BinaryIO, found: Directory) -> Iterator[Entry]:
    """In the order of the directory; BadZip where it breaks off."""
    at, end = found.at, found.at + found.size
    for _ in range(found.entries):
        file.seek(at)
        fixed = file.read(ENTRY.size)
        if len(fixed) < ENTRY.size or at >= end or not fixed.startswith(b"PK\1\2"):
            raise BadZip("its directory breaks off")
        fields = ENTRY.unpack(fixed)
        name, extra = file.read(fields[10]), file.read(fields[11])
        at += ENTRY.size + sum(fields[10:13])
        yield _entry(fields, name, extra, found.shift)


def _entry(fields: tuple[int, ...], raw_name: bytes, extra: bytes, shift: int) -> Entry:
    flags, method, crc = fields[3], fields[4], fields[7]
    size, packed, at = _sizes_64(extra, [fields[9], fields[8], fields[16]])
    mode = fields[15] >> 16 if fields[1] >> 8 == UNIX else 0
    return Entry(
        name=_label(raw_name, bool(flags & UTF_8)),
        method=method,
        crc=crc,
        packed=packed,
        size=size,
        at=at + shift,
        encrypted=bool(flags & ENCRYPTED),
        symlink=stat.S_ISLNK(mode),
    )


def _sizes_64(extra: bytes, sizes: list[int]) -> list[int]:
    """Those of the sizes that did not fit in 32 bits, from the extra field."""
    at = 0
    while at + EXTRA.size <= len(extra):
        kind, length = EXTRA.unpack_from(extra, at)
        at += EXTRA.size
        if kind == 1:
            words = (extra[i : i + 8] for i in range(at, min(at + length, len(extra)) - 7, 8))
            return [
                int.from_bytes(next(words, b""), "little") if size == 0xFFFFFFFF else size
                for size in sizes
            ]
        at += length
    return sizes


def _label(raw: bytes, utf_8: bool) -> str:
    """Exports are in UTF-8 whether the flag says so or not; the standard says CP437."""
    try:
        name = raw.decode("utf-8")
    except UnicodeDecodeError:
        name = raw.decode("utf-8", "replace") if utf_8 else raw.decode("cp437")
    return "".join(c if c.isprintable() else "\ufffd" for c in name[:MAX_LABEL])


def overlapping(file: BinaryIO, found: Directory) -> set[int]:
    """Which entries share bytes with another: so do small archives that unfold to huge ones."""
    ends = ((entry.at, entry.at + LOCAL.size + entry.packed) for entry in entries(file, found))
    spans = np.array(list(ends), dtype=np.float64).reshape(-1, 2)
    order = np.argsort(spans[:, 0], kind="stable")
    start, end = spans[order].T
    into_next = np.append(np.maximum.accumulate(end)[:-1] > start[1:], False)[: len(order)]
    into_last = np.roll(into_next, 1)
    return set(order[into_next | into_last].tolist())


def start_of_body(file: BinaryIO, entry: Entry) -> int | None:
    """Where the packed bytes begin, by the local header; None if there is none."""
    local = _read_at(file, entry.at, LOCAL.size)
    if len(local) < LOCAL.size or not local.startswith(b"PK\3\4"):
        return None
    *_, name_size, extra_size = LOCAL.unpack(local)
    return entry.at + LOCAL.size + int(name_size) + int(extra_size)


def _read_at(file: BinaryIO, at: int, size: int) -> bytes:
    """Nothing from beyond where a file can reach: seek raises there, and 64 bits can say so."""
    if at > FARTHEST:
        return b""
    file.seek(at)
    return file.read(size)
