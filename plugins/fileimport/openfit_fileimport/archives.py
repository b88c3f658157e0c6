"""Zip and gzip: members one by one, counted while they inflate, never written under their names.

What a directory of an archive declares is not believed. Members are told apart by their place in
it, their names are labels, and each is read into a temporary file that has no name.
"""

import hashlib
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, BinaryIO, NamedTuple

from openfit_sdk import Report

from openfit_fileimport.detect import kind_of

MEGABYTE = 1024 * 1024
CHUNK = 256 * 1024
IN_MEMORY = 8 * MEGABYTE
MAX_MEMBER = 512 * MEGABYTE
MAX_TOTAL = 8 * 1024 * MEGABYTE
MAX_MEMBERS = 200_000
MAX_RATIO, FREE_OF_RATIO = 200, 10 * MEGABYTE
MAX_DEPTH = 2
SYSTEM_JUNK = (".DS_Store", "Thumbs.db", "desktop.ini")
GZIP = 16 + zlib.MAX_WBITS


class Member(NamedTuple):
    """One file of an archive: its bytes, inflated, and their hash."""

    path: str
    file: BinaryIO
    sha256: str
    kind: str


class Hostile(Exception):
    """A member that inflates to more than it may."""


class Counter:
    """What one upload may inflate to in all."""

    def __init__(self) -> None:
        self.members, self.octets = 0, 0

    def take(self, octets: int) -> None:
        self.octets += octets
        if self.octets > MAX_TOTAL:
            raise Hostile("all members together inflate to more than 8 GiB")

    def next_member(self) -> None:
        self.members += 1
        if self.members > MAX_MEMBERS:
            raise Hostile(f"it has more than {MAX_MEMBERS:,} members")


def unpacked(
    file: BinaryIO, kind: str, path: str, counter: Counter | None = None, depth: int = 1
) -> Iterator[Member | Report]:
    """Every file in an archive, with archives in it, as deep as is allowed."""
    counter = counter or Counter()
    opened = zip_members if kind == "zip" else gzip_member
    try:
        for found in opened(file, path, counter):
            if isinstance(found, Report) or found.kind not in ("zip", "gzip"):
                yield found
            elif depth >= MAX_DEPTH:
                yield report(found.path, "nested_too_deep", "is an archive too deep in another")
            else:
                yield from unpacked(found.file, found.kind, found.path, counter, depth + 1)
    except Hostile as error:
        yield report(path, "archive_bomb", f"was not read on: {error}")


def report(path: str, code: str, what: str, status: str = "failed") -> Report:
    name = path or "The archive"
    return Report(
        status=status,  # type: ignore[arg-type]
        code=code,
        message=f"{name} {what}.",
        member=path or None,
    )


# Gzip --------------------------------------------------------------------------------------------


def gzip_member(file: BinaryIO, path: str, counter: Counter) -> Iterator[Member | Report]:
    """The one file of a gzip, which may be in several pieces."""
    label = path.removesuffix(".gz")
    try:
        yield spooled(label, inflated(file), MAX_MEMBER, counter)
    except (zlib.error, EOFError) as error:
        yield report(path, "bad_gzip", f"cannot be unpacked ({error})")
    except Hostile as error:
        yield report(path, "gzip_bomb", f"was not read on: {error}")


def inflated(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Inflated pieces, each with the packed bytes read so far. What follows the last piece of
    gzip is somebody's padding."""
    engine, rest, packed = zlib.decompressobj(GZIP), b"", 0
    while True:
        if not rest:
            rest = file.read(CHUNK)
            packed += len(rest)
        if not rest:
            if not engine.eof:
                raise EOFError("it ends too early")
            return
        yield engine.decompress(rest, CHUNK), packed
        rest = engine.unconsumed_tail
        if engine.eof:
            rest = engine.unused_data or file.read(CHUNK)
            if not rest.startswith(b"\x1f\x8b"):
                return
            engine = zlib.decompressobj(GZIP)


# Zip ---------------------------------------------------------------------------------------------


def zip_members(file: BinaryIO, path: str, counter: Counter) -> Iterator[Member | Report]:
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        yield report(path, "bad_zip", f"is a damaged zip archive ({error})")
        return
    for info in archive.infolist():
        if info.is_dir() or is_junk(info):
            continue
        counter.next_member()
        label = f"{path}/{name_of(info)}" if path else name_of(info)
        yield from zip_member(archive, info, label, counter)


def zip_member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, label: str, counter: Counter
) -> Iterator[Member | Report]:
    if info.flag_bits & 1:
        step = "is encrypted. Unpack it with its password and import what is in it"
        yield report(label, "encrypted", step)
        return
    limit = min(MAX_MEMBER, info.file_size + info.file_size // 10 + MEGABYTE)
    try:
        with archive.open(info) as source:
            yield spooled(label, pieces(source, info.compress_size), limit, counter)
    except Hostile as error:
        if counter.octets > MAX_TOTAL:
            raise
        yield report(label, "zip_bomb", f"was not read on: {error}")
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        yield report(label, "bad_member", f"cannot be unpacked ({error})")


def pieces(source: IO[bytes], packed: int) -> Iterator[tuple[bytes, int]]:
    while piece := source.read(CHUNK):
        yield piece, packed


def is_junk(info: zipfile.ZipInfo) -> bool:
    """What systems put beside files, and links, which lead somewhere else."""
    mode = info.external_attr >> 16
    name = info.filename.rsplit("/", 1)[-1]
    return (
        stat.S_ISLNK(mode)
        or info.filename.startswith("__MACOSX/")
        or name.startswith("._")
        or name in SYSTEM_JUNK
    )


def name_of(info: zipfile.ZipInfo) -> str:
    """A label. Names without the flag for UTF-8 mostly are UTF-8 all the same."""
    name = info.filename
    if not info.flag_bits & 0x800:
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            name = info.filename
    return "".join(letter if letter.isprintable() else "�" for letter in name)[:1000]


# Both --------------------------------------------------------------------------------------------


def spooled(
    label: str, source: Iterator[tuple[bytes, int]], limit: int, counter: Counter
) -> Member:
    """Read a member to its end, in memory while it is small."""
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY, dir=".")
    digest, size = hashlib.sha256(), 0
    try:
        for piece, packed in source:
            size += len(piece)
            counter.take(len(piece))
            if size > limit:
                raise Hostile(f"it inflates to more than {limit // MEGABYTE:,} MiB")
            if size > FREE_OF_RATIO and size > MAX_RATIO * max(packed, 1):
                raise Hostile(f"it inflates to more than {MAX_RATIO} times its size")
            digest.update(piece)
            file.write(piece)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    kind = kind_of(file.read(4096))
    file.seek(0)
    return Member(label, file, digest.hexdigest(), kind)  # type: ignore[arg-type]


