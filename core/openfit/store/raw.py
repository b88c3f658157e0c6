"""Raw bodies, byte for byte, addressed by their sha256; and the rows that say what they are."""

import errno
import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from msgspec import Struct
from sqlalchemy import Connection, Engine, Row, and_, delete, exists, func, insert, select, update

from openfit.errors import NotFound, Refused
from openfit.store.engine import upsert
from openfit.store.tables import imports, raw_bodies, raw_items
from openfit.store.zstd import compress, compress_file, decompress, decompress_file

IN_DATABASE = 64 * 1024
CHUNK = 1024 * 1024
PACKED = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"SQLite format 3\0", b"\x28\xb5\x2f\xfd")


class Spooled(Struct, frozen=True):
    """A body on its way in: bytes, or a file in the spool, hashed while it was written."""

    sha256: str
    size: int
    body: bytes | Path


class Store(Struct, frozen=True):
    """The folders of raw bodies under the data folder."""

    data: Path

    def path(self, sha256: str) -> Path:
        return self.data / "raw" / sha256[:2] / sha256[2:4] / sha256

    @property
    def spool(self) -> Path:
        return self.data / "spool"


@contextmanager
def disk_errors(outcome: str) -> Iterator[None]:
    """A full or read-only disk is the user's to mend: say so, and that nothing was lost."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise Refused(
                f"The disk is full, so {outcome}. Nothing that was here is lost.",
                code="disk_full",
                next_step="Free some space where the data folder lies and do this again.",
            ) from error
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            raise Refused(
                f"The disk cannot be written, so {outcome}.",
                code="read_only",
                next_step="Give the hub's user write access there, then do this again.",
            ) from error
        raise


def spool_bytes(body: bytes) -> Spooled:
    return Spooled(hashlib.sha256(body).hexdigest(), len(body), body)


def spool_chunks(store: Store, chunks: Iterable[bytes], name: str) -> Spooled:
    """Write chunks to the spool, hashing on the way; small bodies stay in memory."""
    spool = Spool(store, name)
    try:
        for chunk in chunks:
            spool.write(chunk)
        return spool.finish()
    except BaseException:
        spool.discard()
        raise


class Spool:
    """An incoming body of unknown length, for callers that are fed piece by piece."""

    def __init__(self, store: Store, name: str) -> None:
        self.store, self.name = store, name
        self.digest, self.size = hashlib.sha256(), 0
        self.head = bytearray()
        self.file: BinaryIO | None = None
        self.path = Path()

    def write(self, chunk: bytes) -> None:
        self.digest.update(chunk)
        self.size += len(chunk)
        if self.file is None and self.size <= IN_DATABASE:
            self.head += chunk
            return
        with disk_errors(f"{self.name} was not taken in"):
            if self.file is None:
                self.store.spool.mkdir(parents=True, exist_ok=True)
                handle, name = tempfile.mkstemp(dir=self.store.spool)
                self.file, self.path = os.fdopen(handle, "wb"), Path(name)
                self.file.write(self.head)
            self.file.write(chunk)

    def finish(self) -> Spooled:
        sha256 = self.digest.hexdigest()
        if self.file is None:
            return Spooled(sha256, self.size, bytes(self.head))
        with disk_errors(f"{self.name} was not taken in"):
            self.file.close()
        return Spooled(sha256, self.size, self.path)

    def discard(self) -> None:
        if self.file is not None:
            self.file.close()
            self.path.unlink(missing_ok=True)


def keep(store: Store, spooled: Spooled, name: str) -> dict[str, Any]:
    """Make a spooled body safe before its row is written; the row's values are returned."""
    row = {"sha256": spooled.sha256, "size": spooled.size, "encoding": "", "body": None}
    if isinstance(spooled.body, bytes):
        packed = compress(spooled.body)
        smaller = len(packed) < len(spooled.body)
        return row | {
            "encoding": "zstd" if smaller else "",
            "body": packed if smaller else spooled.body,
        }
    with disk_errors(f"{name} was not taken in"):
        row["encoding"] = file_body(store, spooled.body, spooled.sha256)
    return row


def file_body(store: Store, spooled: Path, sha256: str) -> str:
    """Move a body to its address, synced; answers how it is encoded there."""
    target = store.path(sha256)
    target.parent.mkdir(parents=True, exist_ok=True)
    with spooled.open("rb") as body:
        packed = body.read(16).startswith(PACKED)
    if not packed:
        smaller = spooled.with_suffix(".zst")
        compress_file(spooled, smaller)
        spooled.unlink()
        spooled = smaller
        target = target.with_suffix(".zst")
    sync(spooled)
    spooled.replace(target)
    sync(target.parent)
    return "" if packed else "zstd"


def sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def add_body(conn: Connection, user_id: int, row: dict[str, Any]) -> None:
    upsert(conn, raw_bodies, [row | {"user_id": user_id}])


def body_is(user_id: int, sha256: str) -> Any:
    return and_(raw_bodies.c.user_id == user_id, raw_bodies.c.sha256 == sha256)


def has_body(conn: Connection, user_id: int, sha256: str) -> bool:
    return bool(conn.execute(select(exists().where(body_is(user_id, sha256)))).scalar())


@contextmanager
def open_body(engine: Engine, store: Store, user_id: int, sha256: str) -> Iterator[BinaryIO]:
    """The vendor's own bytes, as a real file, so that a host can be given its descriptor."""
    with engine.connect() as conn:
        row = conn.execute(select(raw_bodies).where(body_is(user_id, sha256))).first()
    if row is None:
        raise NotFound("There is no such original.", code="no_original")
    with plain_file(store, row) as body:
        yield body


@contextmanager
def plain_file(store: Store, row: Row[Any]) -> Iterator[BinaryIO]:
    if row.body is None and not row.encoding:
        with store.path(row.sha256).open("rb") as body:
            yield body
        return
    with disk_errors("an original could not be unpacked"), unpacked(store, row) as body:
        yield body


@contextmanager
def unpacked(store: Store, row: Row[Any]) -> Iterator[BinaryIO]:
    store.spool.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=store.spool) as body:
        if row.body is None:
            decompress_file(store.path(row.sha256).with_suffix(".zst"), body)
        else:
            body.write(decompress(row.body) if row.encoding else row.body)
        body.seek(0)
        yield body


def small_body(conn: Connection, user_id: int, sha256: str) -> bytes | None:
    """The body itself when it lives in the database, so that no file need be made."""
    row = conn.execute(
        select(raw_bodies.c.body, raw_bodies.c.encoding).where(body_is(user_id, sha256))
    ).first()
    if row is None or row.body is None:
        return None
    return decompress(row.body) if row.encoding else bytes(row.body)


def small_bodies(conn: Connection, user_id: int, hashes: Sequence[str]) -> dict[str, bytes]:
    """Those of several bodies that live in the database."""
    mine = and_(raw_bodies.c.user_id == user_id, raw_bodies.c.sha256.in_(hashes))
    query = select(raw_bodies.c.sha256, raw_bodies.c.body, raw_bodies.c.encoding).where(mine)
    return {
        row.sha256: decompress(row.body) if row.encoding else bytes(row.body)
        for row in conn.execute(query)
        if row.body is not None
    }


# Rows --------------------------------------------------------------------------------------------


def item_is(user_id: int, receipt: int) -> Any:
    return and_(raw_items.c.user_id == user_id, raw_items.c.receipt == receipt)


def versions_of(user_id: int, connection_id: str, kind: str, item_id: str) -> Any:
    return and_(
        raw_items.c.user_id == user_id,
        raw_items.c.connection_id == connection_id,
        raw_items.c.kind == kind,
        raw_items.c.item_id == item_id,
    )


def last_of(conn: Connection, user_id: int, connection_id: str) -> int:
    """The receipt of what came last by a connection; 0 where nothing did."""
    query = select(func.max(raw_items.c.receipt)).where(
        raw_items.c.user_id == user_id, raw_items.c.connection_id == connection_id
    )
    return conn.execute(query).scalar() or 0


def item(conn: Connection, user_id: int, receipt: int) -> Row[Any]:
    row = conn.execute(select(raw_items).where(item_is(user_id, receipt))).first()
    if row is None:
        raise NotFound(f"There is no raw item {receipt}.", code="no_raw_item")
    return row


ADD_ITEM = insert(raw_items)


def add_item(conn: Connection, values: dict[str, Any]) -> None:
    conn.execute(ADD_ITEM, values)


def set_item(conn: Connection, user_id: int, receipt: int, **values: Any) -> None:
    conn.execute(update(raw_items).where(item_is(user_id, receipt)).values(values))


def standing(conn: Connection, user_id: int, receipt: int) -> Row[Any, Any, Any] | None:
    """What may have changed about an item while it was being read."""
    query = select(raw_items.c.current, raw_items.c.state, raw_items.c.lease_owner)
    return conn.execute(query.where(item_is(user_id, receipt))).first()


def was_deleted(conn: Connection, row: Row[Any]) -> bool:
    """Whether the vendor has ever said that this record is gone. Then its superseded versions
    give nothing any more, whichever came before that and whichever after."""
    versions = versions_of(row.user_id, row.connection_id, row.kind, row.item_id)
    said = exists().where(versions, raw_items.c.deleted)
    return bool(conn.execute(select(said)).scalar())


def remove(conn: Connection, store: Store, user_id: int, receipt: int) -> Path | None:
    """Forget an item. The file that nobody names any more is returned, to unlink after commit."""
    row = item(conn, user_id, receipt)
    conn.execute(delete(raw_items).where(item_is(user_id, receipt)))
    named = exists().where(raw_items.c.user_id == user_id, raw_items.c.sha256 == row.sha256)
    if conn.execute(select(named)).scalar():
        return None
    body = conn.execute(select(raw_bodies).where(body_is(user_id, row.sha256))).first()
    conn.execute(delete(raw_bodies).where(body_is(user_id, row.sha256)))
    if body is None or body.body is not None:
        return None
    if conn.execute(select(exists().where(raw_bodies.c.sha256 == row.sha256))).scalar():
        return None  # another user has the same file
    path = store.path(row.sha256)
    return path.with_suffix(".zst") if body.encoding else path


def remove_all(conn: Connection, store: Store, user_id: int, receipts: Sequence[int]) -> list[Path]:
    """Forget items. The files that nobody of theirs names any more are returned."""
    mine = and_(raw_items.c.user_id == user_id, raw_items.c.receipt.in_(receipts))
    hashes = {*conn.execute(select(raw_items.c.sha256).where(mine)).scalars()}
    conn.execute(delete(raw_items).where(mine))
    same = and_(raw_items.c.user_id == user_id, raw_items.c.sha256.in_(sorted(hashes)))
    hashes -= {*conn.execute(select(raw_items.c.sha256).where(same)).scalars()}
    theirs = and_(raw_bodies.c.user_id == user_id, raw_bodies.c.sha256.in_(sorted(hashes)))
    on_disk = select(raw_bodies.c.sha256, raw_bodies.c.encoding).where(theirs)
    rows = conn.execute(on_disk.where(raw_bodies.c.body.is_(None))).all()
    conn.execute(delete(raw_bodies).where(theirs))
    paths = [(store.path(row.sha256), row.encoding) for row in rows]
    return [path.with_suffix(".zst") if packed else path for path, packed in paths]


def point_imports(conn: Connection, user_id: int, receipts: Sequence[int], into: int) -> None:
    """What an import had handed in is in another item now."""
    mine = and_(imports.c.user_id == user_id, imports.c.receipt.in_(receipts))
    conn.execute(update(imports).where(mine).values(receipt=into))
