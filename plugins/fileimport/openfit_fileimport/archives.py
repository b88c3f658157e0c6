"""Zip and gzip: one member at a time, counted while it inflates, never written under its name.

What an archive declares is not believed. Members are told apart by their place in the directory,
their names are labels, and each is read into memory or a temporary file that has no name.
"""

import hashlib
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import BinaryIO, NamedTuple

from openfit_sdk import Report
from openfit_sdk.items import ReportStatus

from openfit_fileimport import zips
from openfit_fileimport.detect import HEAD, kind_of
from openfit_fileimport.zips import BadZip, Entry

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
CHUNK = 256 * KIB
RAW, GZIP = -zlib.MAX_WBITS, 16 + zlib.MAX_WBITS
GZIP_MAGIC = b"\x1f\x8b"
GZIP_ENDS = "The gzip file ends too early. What came before was read; export it again."
GZIP_DAMAGED = "The gzip file is damaged. What came before was read; export it again"
GZIP_TRAILING = "What follows the end of the gzip file was not read."
JUNK = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class Limits:
    """What one upload may unfold to."""

    in_memory: int = 8 * MIB
    member: int = 512 * MIB
    container: int = 4 * GIB  # a member that is an archive itself; those are hardly packed
    total: int = 8 * GIB
    members: int = 200_000
    depth: int = 2  # zips in zips
    ratio: int = 200
    ratio_free: int = 10 * MIB  # what is smaller may have any ratio


@dataclass
class Budget:
    """What is left of the limits."""

    limits: Limits = field(default_factory=Limits)
    total: int = 0
    members: int = 0


class Member(NamedTuple):
    """One file of an archive, unpacked: read it before asking for the next."""

    path: str
    file: BinaryIO
    sha256: str
    kind: str
    remark: Report | None = None  # what was wrong with its packing


class Damaged(Exception):
    """A member that is not used."""

    def __init__(self, code: str, what: str) -> None:
        super().__init__(what)
        self.code = code


class OverBudget(Damaged):
    """The archive as a whole is not read on."""


def unpacked(file: BinaryIO, kind: str, limits: Limits | None = None) -> Iterator[Member | Report]:
    """Every file in an archive, and a Report for each that cannot be had."""
    budget = Budget(limits or Limits())
    try:
        yield from _gunzip(file, "", budget) if kind == "gzip" else _unzip(file, "", budget, 1)
    except OverBudget as error:
        yield _report("failed", error.code, f"The rest of the archive was not read: {error}.", "")


def _unzip(file: BinaryIO, path: str, budget: Budget, depth: int) -> Iterator[Member | Report]:
    try:
        found = zips.directory(file)
        _count_members(budget, found.entries)
        overlapping = zips.overlapping(file, found)
        for n, entry in enumerate(zips.entries(file, found)):
            label = f"{path}/{entry.name}" if path else entry.name
            if not _is_file(entry.name):
                continue
            try:
                _check(entry, n in overlapping)
                yield from _member(file, entry, label, budget, depth)
            except OverBudget:
                raise
            except Damaged as error:
                status: ReportStatus = "skipped" if error.code == "symlink" else "failed"
                yield _report(status, error.code, f"This member {error}.", label)
    except BadZip as error:
        message = f"This zip archive is damaged: {error}. Export it again from where it came."
        yield _report("failed", "bad_zip", message, path)


def _member(
    file: BinaryIO, entry: Entry, label: str, budget: Budget, depth: int
) -> Iterator[Member | Report]:
    with Spool(budget, entry.packed, entry.size) as spool:
        spool.fill(_stored(file, entry) if entry.method == zips.STORED else _inflated(file, entry))
        if spool.crc != entry.crc:
            raise Damaged("bad_crc", "is damaged: its checksum is wrong. Export it again")
        kind = spool.kind
        if kind == "gzip":
            yield from _gunzip(spool.file, label, budget)
        elif kind != "zip":
            yield Member(label, spool.file, spool.sha256, kind)
        elif depth < budget.limits.depth:
            yield from _unzip(spool.file, label, budget, depth + 1)
        else:
            raise Damaged("too_deep", "is an archive too deep in archives. Unpack it and import it")


def _is_file(name: str) -> bool:
    """Not a folder, nor what systems put beside files."""
    parts = name.replace("\\", "/").split("/")
    return bool(parts[-1]) and not parts[-1].startswith("._") and not set(parts) & set(JUNK)


def _count_members(budget: Budget, entries: int) -> None:
    """Before any entry is looked at: a directory can be nearly the whole of a file."""
    budget.members += entries
    if budget.members > budget.limits.members:
        raise OverBudget("too_many_members", f"it has more than {budget.limits.members:,} members")


def _check(entry: Entry, overlapping: bool) -> None:
    if entry.symlink:
        raise Damaged("symlink", "is a link to another place and was skipped")
    if entry.encrypted:
        raise Damaged("encrypted", "is encrypted. Unpack it with its password and import the files")
    if overlapping:
        raise Damaged("overlap", "shares its bytes with another one, as only made-up archives do")
    if entry.method not in (zips.STORED, zips.DEFLATED):
        raise Damaged("compression", f"is packed by method {entry.method}. Unpack it and import it")


def _stored(file: BinaryIO, entry: Entry) -> Iterator[bytes]:
    at, end = _body(file, entry)
    while at < end:
        file.seek(at)
        piece = file.read(min(CHUNK, end - at))
        if not piece:
            raise Damaged("truncated", "ends too early. Export it again")
        at += len(piece)
        yield piece


def _inflated(file: BinaryIO, entry: Entry) -> Iterator[bytes]:
    at, end = _body(file, entry)
    engine, rest = zlib.decompressobj(RAW), b""
    while not engine.eof:
        if not rest:
            file.seek(at)
            rest = file.read(min(CHUNK, end - at))
            at += len(rest)
        try:
            piece = engine.decompress(rest, CHUNK)
        except zlib.error as error:
            raise Damaged("bad_member", f"cannot be unpacked ({error}). Export it again") from None
        if not rest and not piece:
            raise Damaged("truncated", "ends too early. Export it again")
        rest = engine.unconsumed_tail
        yield piece


def _body(file: BinaryIO, entry: Entry) -> tuple[int, int]:
    at = zips.start_of_body(file, entry)
    if at is None:
        raise Damaged("bad_member", "is not where the directory says. Export it again")
    if at + entry.packed > file.seek(0, 2):  # also: a size that lies would undo the ratio limit
        raise Damaged("truncated", "ends too early. Export it again")
    return at, at + entry.packed


def _gunzip(file: BinaryIO, path: str, budget: Budget) -> Iterator[Member | Report]:
    """The one file of a gzip; of a damaged one what comes out."""
    packed, remarks = file.seek(0, 2), list[Report]()
    file.seek(0)
    with Spool(budget, packed, None) as spool:
        try:
            spool.fill(_gunzipped(file, remarks))
            if spool.kind in ("gzip", "zip"):
                raise Damaged("too_deep", "is an archive in a gzip. Unpack it and import it")
        except OverBudget:
            raise
        except Damaged as error:
            yield _report("failed", error.code, f"This file {error}.", path)
            return
        yield Member(path, spool.file, spool.sha256, spool.kind, *remarks)


def _gunzipped(file: BinaryIO, remarks: list[Report]) -> Iterator[bytes]:
    """The bytes of all its pieces, and at most one remark where something is odd."""
    engine, rest = zlib.decompressobj(GZIP), b""
    while rest := rest or file.read(CHUNK):
        try:
            yield engine.decompress(rest, CHUNK)
        except zlib.error as error:
            remarks.append(_report("partial", "bad_gzip", f"{GZIP_DAMAGED} ({error}).", ""))
            return
        rest = engine.unconsumed_tail
        if engine.eof:
            rest = engine.unused_data or file.read(CHUNK)
            if not rest.strip(b"\0"):
                return  # padding, as tapes leave it
            if not rest.startswith(GZIP_MAGIC):
                remarks.append(_report("ok", "trailing_bytes", GZIP_TRAILING, ""))
                return
            engine = zlib.decompressobj(GZIP)
    remarks.append(_report("partial", "truncated", GZIP_ENDS, ""))


class Spool:
    """The unpacked bytes of one member, within its limits."""

    def __init__(self, budget: Budget, packed: int, declared: int | None) -> None:
        self.budget, self.packed, self.declared = budget, packed, declared
        self.file: BinaryIO = BytesIO()
        self.size = self.crc = 0
        self.digest = hashlib.sha256()
        self.kind = "empty"

    def __enter__(self) -> "Spool":
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    @property
    def sha256(self) -> str:
        return self.digest.hexdigest()

    def fill(self, pieces: Iterator[bytes]) -> None:
        for piece in pieces:
            self.write(piece)
        self.file.seek(0)
        self.kind = kind_of(self.file.read(HEAD))
        self.file.seek(0)

    def write(self, piece: bytes) -> None:
        if not self.size and piece:
            self.kind = kind_of(piece[:HEAD])
        self.size += len(piece)
        self.check_limits(len(piece))
        self.digest.update(piece)
        self.crc = zlib.crc32(piece, self.crc)
        if isinstance(self.file, BytesIO) and self.size > self.budget.limits.in_memory:
            self.move_to_disk()
        self.file.write(piece)

    def check_limits(self, added: int) -> None:
        limits = self.budget.limits
        self.budget.total += added
        if self.budget.total > limits.total:
            raise OverBudget("archive_bomb", f"it unfolds to more than {limits.total // GIB} GiB")
        most = limits.container if self.kind == "zip" else limits.member
        if self.declared is not None:
            most = min(most, self.declared + self.declared // 10 + MIB)
        if self.size > most:
            raise Damaged("zip_bomb", f"unfolds to more than {most:,} bytes and was not read")
        if self.size > limits.ratio_free and self.size > limits.ratio * self.packed:
            raise Damaged("zip_bomb", f"unfolds {limits.ratio} times and more and was not read")

    def move_to_disk(self) -> None:
        """Into the working directory: a host's is private, and the only place it may write to."""
        on_disk = tempfile.TemporaryFile(dir=".")  # noqa: SIM115 - closed with the spool
        on_disk.write(self.file.getbuffer() if isinstance(self.file, BytesIO) else b"")
        self.file.close()
        self.file = on_disk


def _report(status: ReportStatus, code: str, message: str, path: str) -> Report:
    return Report(status=status, code=code, message=message, member=path or None)
