"""The file of a backup: a tar that is written and read once through, whatever its size.

`backup.json` says by whom it was made, so that what cannot be read is refused at once; then come
the rows of each table, `tables/<name>/<number>` (MessagePack in Zstandard), then the originals as
they lie in the data folder, and last `manifest.json`: one line that says what there must be, with
the SHA-256 of every byte before it, and one with the SHA-256 of that line.
"""

import hashlib
import tarfile
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, Protocol

import msgspec
from msgspec import Struct

from openfit.leaving.sealed import cut_off, damaged

BLOCK = tarfile.BLOCKSIZE
CHUNK = 1024 * 1024
LARGEST_LINE = 16 * 1024 * 1024
END = bytes(2 * BLOCK)
HEAD, MANIFEST = "backup.json", "manifest.json"


class Rows(Struct, frozen=True):
    """What a table must hold: its rows, and the hash of them in order of their key."""

    rows: int
    sha256: str


class Head(Struct, frozen=True, kw_only=True):
    """By whom a backup was made, and when."""

    format: int
    hub: str
    revision: str
    made_at: str
    key_id: str | None = None  # of the key that seals the credentials in it


class Manifest(Struct, frozen=True, kw_only=True):
    """What a backup must hold."""

    sha256: str  # of everything before
    tables: dict[str, Rows]
    originals: int
    original_bytes: int
    missing: list[str] = []  # originals whose file had been lost when this was made


class Source(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Packer:
    """Writes members one after another."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self.sink, self.digest, self.size = write, hashlib.sha256(), 0

    def put(self, body: bytes) -> None:
        self.digest.update(body)
        self.size += len(body)
        self.sink(body)

    def add(self, name: str, size: int, pieces: Iterable[bytes]) -> None:
        self.put(header(name, size))
        written = 0
        for piece in pieces:
            written += len(piece)
            self.put(piece)
        if written != size:
            raise RuntimeError(f"{name} had {size} bytes and gave {written}")
        self.put(padding(size))

    def add_bytes(self, name: str, body: bytes) -> None:
        self.add(name, len(body), [body])

    def close(self, manifest: Manifest) -> None:
        self.sink(tail(msgspec.structs.replace(manifest, sha256=self.digest.hexdigest())))


def header(name: str, size: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = size, 0o600, 0
    return info.tobuf(tarfile.GNU_FORMAT)


def padding(size: int) -> bytes:
    return bytes(-size % BLOCK)


def tail(manifest: Manifest) -> bytes:
    """The manifest and the end of the file, every byte of which follows from the manifest."""
    line = msgspec.json.encode(manifest) + b"\n"
    body = line + hashlib.sha256(line).hexdigest().encode() + b"\n"
    return header(MANIFEST, len(body)) + body + padding(len(body)) + END


class Entry(NamedTuple):
    """A member that is being read. Its pieces must be taken before the next one is."""

    name: str
    size: int
    pieces: Iterator[bytes]

    def body(self) -> bytes:
        return b"".join(self.pieces)


class Unpacker:
    """Reads members one after another; `manifest` is known once they were all read."""

    def __init__(self, source: Source, what: str) -> None:
        self.source, self.what = source, what
        self.digest, self.place = hashlib.sha256(), 0
        self.manifest: Manifest | None = None

    def exactly(self, size: int) -> bytes:
        found = bytearray()
        while len(found) < size:
            piece = self.source.read(size - len(found))
            if not piece:
                raise cut_off(self.what)
            found += piece
        self.place += size
        return bytes(found)

    def entries(self) -> Iterator[Entry]:
        while True:
            head = self.exactly(BLOCK)
            info = self.info(head)
            if info.name == MANIFEST:
                self.manifest = self.read_manifest(head, info.size)
                return
            self.digest.update(head)
            pieces = self.pieces(info.size)
            yield Entry(info.name, info.size, pieces)
            for _ in pieces:
                pass
            self.hashed(-info.size % BLOCK)

    def info(self, head: bytes) -> tarfile.TarInfo:
        try:
            info = tarfile.TarInfo.frombuf(head, "utf-8", "strict")
        except (tarfile.HeaderError, ValueError) as error:
            raise damaged(self.what, f"at byte {self.place - BLOCK:,}") from error
        if info.size < 0 or header(info.name, info.size) != head:
            raise damaged(self.what, f"at byte {self.place - BLOCK:,}")
        return info

    def hashed(self, size: int) -> bytes:
        body = self.exactly(size)
        self.digest.update(body)
        return body

    def pieces(self, size: int) -> Iterator[bytes]:
        while size:
            piece = self.hashed(min(size, CHUNK))
            size -= len(piece)
            yield piece

    def read_manifest(self, head: bytes, size: int) -> Manifest:
        if size > LARGEST_LINE:
            raise damaged(self.what, "in its manifest")
        body = self.exactly(size)
        rest = self.exactly(-size % BLOCK + len(END))
        if self.source.read(1):
            raise damaged(self.what, "behind its end")
        try:
            found = msgspec.json.decode(body.partition(b"\n")[0], type=Manifest)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise damaged(self.what, "in its manifest") from error
        if head + body + rest != tail(found):
            raise damaged(self.what, "in its manifest")
        if found.sha256 != self.digest.hexdigest():
            raise damaged(self.what, "somewhere: its hash is not that of its manifest")
        return found


def read_head(entry: Entry, what: str) -> Head:
    if entry.name != HEAD or entry.size > LARGEST_LINE:
        raise damaged(what, "at its start, or no backup of OpenFit")
    try:
        return msgspec.json.decode(entry.body(), type=Head)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise damaged(what, "in its head") from error


def encoded(value: Any) -> bytes:
    return msgspec.msgpack.encode(value)


def encoded_json(value: Any) -> bytes:
    return msgspec.json.encode(value) + b"\n"
