"""A zip of any size at constant memory: written forwards only, its directory on disk meanwhile.

The standard library's writer keeps an object for each member in memory until the end, which is
hundreds of megabytes for a life of synced records. Layout: PKWARE APPNOTE 6.3.10, every size in its
zip64 form, sizes and checksum of a member behind it (4.3.9).
"""

import hashlib
import struct
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

STORED, DEFLATED = 0, 8
FLAGS = 0x0808  # sizes follow the data, names are UTF-8
VERSION = 45  # zip64
MADE_ON = 3 << 8  # Unix, so that the mode below counts
MODE = 0o100600 << 16
FULL = 0xFFFFFFFF
LEVEL = 1  # five times as fast as the usual 6, and a tenth larger for columns of samples
IN_MEMORY = 1024 * 1024

LOCAL = struct.Struct("<4s5H3I2H")
DESCRIPTOR = struct.Struct("<4sI2Q")
CENTRAL = struct.Struct("<4s6H3I5H2I")
END64 = struct.Struct("<4sQ2H2I4Q")
LOCATOR = struct.Struct("<4sIQI")
END = struct.Struct("<4s4H2IH")
SIZES = struct.Struct("<2H2Q")
SIZES_AND_PLACE = struct.Struct("<2H3Q")


class Member(NamedTuple):
    """What was written under a name."""

    name: str
    size: int
    sha256: str


class Entry:
    """A member while it is written."""

    def __init__(self, put: Callable[[bytes], object], method: int) -> None:
        self.put, self.method = put, method
        self.crc = self.size = self.packed = 0
        self.digest = hashlib.sha256()
        self.deflate = zlib.compressobj(LEVEL, zlib.DEFLATED, -15)

    def write(self, body: bytes) -> None:
        self.crc = zlib.crc32(body, self.crc)
        self.size += len(body)
        self.digest.update(body)
        self.emit(self.deflate.compress(body) if self.method == DEFLATED else body)

    def finish(self) -> None:
        if self.method == DEFLATED:
            self.emit(self.deflate.flush())

    def emit(self, body: bytes) -> None:
        if body:
            self.packed += len(body)
            self.put(body)


class Zip:
    """`write` takes the bytes in order; nothing of them is asked for again."""

    def __init__(self, write: Callable[[bytes], object], at: datetime) -> None:
        self.sink, self.place, self.count = write, 0, 0
        self.date = (at.year - 1980) << 9 | at.month << 5 | at.day
        self.time = at.hour << 11 | at.minute << 5 | at.second // 2
        self.directory = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  # see close

    def put(self, body: bytes) -> None:
        self.sink(body)
        self.place += len(body)

    @contextmanager
    def member(self, name: str, *, packed: bool = False) -> Iterator[Entry]:
        """Write one member. `packed`: it would not become smaller, so it goes in as it is."""
        begin, method = self.place, STORED if packed else DEFLATED
        encoded = name.encode()
        extra = SIZES.pack(1, 16, 0, 0)
        head = (b"PK\x03\x04", VERSION, FLAGS, method, self.time, self.date, 0, FULL, FULL)
        self.put(LOCAL.pack(*head, len(encoded), len(extra)) + encoded + extra)
        entry = Entry(self.put, method)
        yield entry
        entry.finish()
        self.put(DESCRIPTOR.pack(b"PK\x07\x08", entry.crc, entry.packed, entry.size))
        self.list(encoded, entry, begin)

    def list(self, name: bytes, entry: Entry, begin: int) -> None:
        extra = SIZES_AND_PLACE.pack(1, 24, entry.size, entry.packed, begin)
        row = CENTRAL.pack(
            *(b"PK\x01\x02", MADE_ON | VERSION, VERSION, FLAGS, entry.method, self.time, self.date),
            *(entry.crc, FULL, FULL, len(name), len(extra), 0, 0, 0, MODE, FULL),
        )
        self.directory.write(row + name + extra)
        self.count += 1

    def add(self, name: str, pieces: Iterable[bytes], *, packed: bool = False) -> Member:
        with self.member(name, packed=packed) as entry:
            for piece in pieces:
                entry.write(piece)
        return Member(name, entry.size, entry.digest.hexdigest())

    def close(self) -> None:
        """The directory, and where it is."""
        begin = self.place
        self.directory.seek(0)
        with self.directory:
            while chunk := self.directory.read(IN_MEMORY):
                self.put(chunk)
        size, end = self.place - begin, self.place
        whole = (END64.size - 12, MADE_ON | VERSION, VERSION, 0, 0, self.count, self.count)
        self.put(END64.pack(b"PK\x06\x06", *whole, size, begin))
        self.put(LOCATOR.pack(b"PK\x06\x07", 0, end, 1))
        self.put(END.pack(b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, FULL, FULL, 0))
