"""What travels between a plugin and the hub."""

import io
import os
from datetime import datetime
from typing import Any, BinaryIO, Literal

import msgspec
from msgspec import Struct
from openfit_schema.columns import Column, column

from openfit_sdk.auth import AuthState

Cursor = dict[str, str]  # stream -> opaque position; the first sync gets {}
Settings = dict[str, Any]  # what the user set for this connection


class Blob(Struct, frozen=True, tag="blob"):
    """A body that the hub already holds. In a host, `fd` is a read-only descriptor of it."""

    sha256: str
    size: int
    fd: int = -1


class BlobReader(io.RawIOBase):
    """A blob from its beginning. Two of the same blob do not move each other, as two files of
    one descriptor would. The descriptor's own offset, which the hub shares, only tells how far
    the last read went: so the hub knows how much of an archive is done."""

    def __init__(self, blob: Blob) -> None:
        self._fd = os.dup(blob.fd)
        self._size = blob.size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._fd

    def readinto(self, buffer: Any) -> int:
        got = os.preadv(self._fd, [buffer], self._at)
        self._at += got
        os.lseek(self._fd, self._at, os.SEEK_SET)
        return got

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError(f"cannot seek to {base + offset}, before the beginning")
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def close(self) -> None:
        if not self.closed:
            os.close(self._fd)
        super().close()


class Pieces(Struct, frozen=True):
    """How the body of a raw item falls into records: the hub keeps each distinct record of a
    connection once, however often, in whatever order and together with which others it comes."""

    sizes: Column  # bytes of each record; they follow each other without a gap
    at: Column  # s since 1970 UTC of each, as its device says; 0 where it says nothing

    def __post_init__(self) -> None:
        for name in ("sizes", "at"):
            msgspec.structs.force_setattr(self, name, column(getattr(self, name)))
        if len(self.sizes) != len(self.at):
            raise ValueError(f"{len(self.sizes)} sizes and {len(self.at)} times of pieces")


class RawItem(Struct, frozen=True, kw_only=True):
    """One vendor record or file, byte for byte.

    Of an item in `pieces` the hub drops the records that it holds already, and joins it with what
    waits of its kind before `normalize` sees it; with `joins="all"` also with everything that came
    under its id before, so that it is always read whole.
    """

    kind: str
    id: str
    body: bytes | Blob = b""
    media_type: str = "application/json"
    deleted: bool = False  # a tombstone: the vendor says this record is gone
    name: str | None = None  # a file's own name; a label, never a path to open
    pieces: Pieces | None = None
    joins: Literal["waiting", "all"] = "waiting"
    received_at: datetime | None = None  # set by the hub, for `normalize`

    @classmethod
    def from_json(
        cls, kind: str, record: bytes | msgspec.Raw, id_field: str = "id", *, deleted: bool = False
    ) -> "RawItem":
        """Cut from a page with `msgspec.Raw`, so that the body is the vendor's own text."""
        body = bytes(record)
        fields = msgspec.json.decode(body, type=dict[str, Any])
        return cls(kind=kind, id=str(fields[id_field]), body=body, deleted=deleted)

    @property
    def size(self) -> int:
        return self.body.size if isinstance(self.body, Blob) else len(self.body)

    def open(self) -> BinaryIO:
        """The body as a seekable binary file; a blob is never read whole."""
        if isinstance(self.body, Blob):
            return io.BufferedReader(BlobReader(self.body))
        return io.BytesIO(self.body)

    def read(self) -> bytes:
        """The whole body. For records; files that may be big are opened instead."""
        if isinstance(self.body, Blob):
            return os.pread(self.body.fd, self.body.size, 0)
        return self.body


ReportStatus = Literal["ok", "partial", "failed", "unsupported", "skipped"]


class Report(Struct, frozen=True, kw_only=True, tag_field="entity", tag="report"):
    """How reading one file, or one member of a container, went. Yielded beside entities."""

    status: ReportStatus
    code: str  # for programs: "truncated", "bad_crc", "zip_bomb"…
    message: str  # for people: what happened, to what, what to do next
    member: str | None = None
    at_byte: int | None = None
    sha256: str | None = None  # of the member's own bytes


class ExportFile(Struct, frozen=True, kw_only=True):
    """A file that a plugin wrote."""

    media_type: str
    body: bytes


class ExportPart(Struct, frozen=True, kw_only=True):
    """A piece of such a file on its way to the hub, in order."""

    media_type: str
    body: bytes


class WebhookRequest(Struct, frozen=True, kw_only=True):
    """What a vendor sent to the hub unasked. Names of headers are in lower case."""

    method: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes = b""


class WebhookResult(Struct, frozen=True, kw_only=True):
    """What a plugin makes of it once it knows that it is genuine: originals that it carries, a wish
    to sync, and what the vendor wants to hear."""

    items: list[RawItem] = []
    sync: bool = False
    answer: bytes = b""
    media_type: str = "text/plain"


class Push(Struct, frozen=True, kw_only=True):
    """What a client or a person hands to the hub for a plugin: the body of a route of its
    `[push]`, or (route "file") a file that its `[files]` describes."""

    route: str
    body: bytes | Blob
    media_type: str
    name: str | None = None

    @property
    def size(self) -> int:
        return self.body.size if isinstance(self.body, Blob) else len(self.body)

    def open(self) -> BinaryIO:
        """The body as a seekable binary file; a blob is never read whole."""
        return RawItem(kind="push", id=self.route, body=self.body).open()


class Pushed(Struct, frozen=True, kw_only=True):
    """What a plugin makes of it. What is big is yielded as several, of the same device."""

    device: str  # which connection it belongs to: a name that its sender gave
    items: list[RawItem] = []
    counts: dict[str, int] = {}  # for the answer, beside the hub's received, new and duplicate
    aliases: dict[str, str] = {}  # names under which older clients look for one of these counts


class Covered(Struct, frozen=True, kw_only=True):
    """A stream is now known for this span: feeds the coverage calendar."""

    stream: str
    start: datetime
    end: datetime
    state: Literal["have", "empty", "missing", "error", "unavailable"] = "have"


class Window(Struct, frozen=True, kw_only=True):
    """One slice of time to fetch, planned by the hub."""

    start: datetime
    end: datetime


class SyncResult(Struct, frozen=True):
    """A page of what was fetched. The next one is asked for once this one is committed."""

    items: list[RawItem]
    next_cursor: Cursor | None = None
    covered: list[Covered] = []


class Progress(Struct, frozen=True):
    """How far an action is, shown as it comes; the last one is its answer. Its items are stored
    before the plugin is resumed. With `auth_state` the hub makes a connection of it."""

    message: str = ""
    done: float | None = None  # of 1
    values: dict[str, Any] = {}  # by name: numbers, texts, lists; a metric type where it is one
    auth_state: AuthState | None = None
    items: list[RawItem] = []
