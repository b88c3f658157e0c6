"""Files that come in pieces, so that a broken connection costs a piece and not the file.

What came is on disk before it is acknowledged, and how much that is stands in the database: both
outlive a restart. A file that is whole is handed over like any other.
"""

import asyncio
import base64
import binascii
import hashlib
import os
import threading
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from msgspec import Struct
from sqlalchemy import Connection, Row

from openfit.errors import Conflict, HubError, Refused, TooLarge, Unfit
from openfit.hub import Hub, now_ms
from openfit.intake import importing
from openfit.store import raw, uploads
from openfit.store.engine import write
from openfit.watching.metrics_export import free_bytes

MOST_OPEN = 5_000  # of one user
MOST_BYTES = 64 * 1024**3
KEPT_FREE = 200 * 1024**2
ORPHAN_SECONDS = 3600
CHUNK = 1024 * 1024
ALGORITHMS = ("sha256", "sha1", "md5")
Run = Callable[..., Any]


class WrongChecksum(HubError):
    """tus.io has a status of its own for it."""

    status = 460
    code = "checksum"


class Upload(Struct, frozen=True, kw_only=True):
    """`offset` of `size` bytes are here. Once all are, the file is number `number` of an
    import, where its reading is followed."""

    upload_id: str
    name: str
    size: int
    offset: int
    import_id: str
    number: int | None = None


def folder(hub: Hub) -> Path:
    return hub.config.data / "uploads"


def path_of(hub: Hub, upload_id: str) -> Path:
    """Ids are the hub's own; nothing that a caller names becomes a path."""
    return folder(hub) / str(uuid.UUID(upload_id))


def begin(hub: Hub, user_id: int, name: str, size: int, import_id: str | None) -> Upload:
    if size == 0:
        raise Refused(f"{name} is empty.", code="empty", next_step="Send a file with something in.")
    upload_id = str(uuid.uuid4())
    with write(hub.engine) as conn:
        refuse_too_much(hub, *uploads.unfinished(conn, user_id), size)
        uploads.add(
            conn,
            user_id,
            upload_id,
            now_ms(),
            name=name,
            size=size,
            import_id=import_id or importing.new_import(),
        )
        with raw.disk_errors(f"{name} was not begun"):
            folder(hub).mkdir(parents=True, exist_ok=True, mode=0o700)
            path_of(hub, upload_id).touch(mode=0o600)
    return find(hub, user_id, upload_id)


def refuse_too_much(hub: Hub, n: int, size: int, more: int) -> None:
    if n >= MOST_OPEN or size + more > MOST_BYTES:
        raise TooLarge(
            f"{n} uploads with {size:,} bytes are unfinished already.",
            code="quota",
            next_step="Finish or delete some of them first.",
        )
    if more > free_bytes(hub) - KEPT_FREE:
        raise TooLarge(
            f"There is no room on the disk for {more:,} bytes.",
            code="disk_full",
            next_step="Free some space where the data folder lies and do this again.",
        )


def find(hub: Hub, user_id: int, upload_id: str) -> Upload:
    with hub.engine.connect() as conn:
        return upload_of(uploads.get(conn, user_id, upload_id))


def unfinished(
    conn: Connection,
    user_id: int,
    *,
    import_id: str | None,
    before: tuple[int, str] | None,
    limit: int,
) -> tuple[list[Upload], tuple[int, str] | None]:
    """What is not whole yet, the one last gone on with first, and the place to go on from."""
    rows = uploads.still_open(conn, user_id, import_id, before, limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    return [upload_of(row) for row in rows[:limit]], last and (last.used_at, last.upload_id)


def upload_of(row: Row[Any]) -> Upload:
    return Upload(
        upload_id=row.upload_id,
        name=row.name,
        size=row.size,
        offset=row.received,
        import_id=row.import_id,
        number=row.number,
    )


def remove(hub: Hub, user_id: int, upload_id: str) -> None:
    with write(hub.engine) as conn:
        uploads.get(conn, user_id, upload_id)
        uploads.remove(conn, user_id, upload_id)
    path_of(hub, upload_id).unlink(missing_ok=True)


# A piece -----------------------------------------------------------------------------------------


class Turns:
    """One piece of an upload at a time."""

    def __init__(self) -> None:
        self.busy: set[str] = set()
        self.lock = threading.Lock()

    @contextmanager
    def __call__(self, upload_id: str) -> Iterator[None]:
        with self.lock:
            if upload_id in self.busy:
                raise Conflict(
                    "Another piece of this upload is on its way.",
                    code="under_way",
                    next_step="Ask for the offset and go on from there.",
                )
            self.busy.add(upload_id)
        try:
            yield
        finally:
            with self.lock:
                self.busy.discard(upload_id)


async def receive(
    hub: Hub,
    user_id: int,
    upload: Upload,
    offset: int,
    pieces: AsyncIterator[bytes],
    checksum: "Checksum | None",
    run: Run,
) -> int:
    """Write a piece at its place; answers how much is here then. What came of a piece that broke
    off is kept, unless its checksum was given."""
    if offset != upload.offset:
        raise Conflict(
            f"The upload is at {upload.offset:,}, and this piece begins at {offset:,}.",
            code="offset",
            next_step="Ask for the offset with HEAD and go on from there.",
        )
    file = await run(opened, hub, upload)
    at = offset
    try:
        async for piece in pieces:
            if at + len(piece) > upload.size:
                raise TooLarge(
                    f"More than the {upload.size:,} bytes came that {upload.name} was to have.",
                    code="too_long",
                    next_step="Begin again with the right size.",
                )
            await run(written, file, piece, checksum, upload.name)
            at += len(piece)
        if checksum is not None and not checksum.fits():
            raise WrongChecksum(
                "The piece is not what its checksum says.", next_step="Send it again."
            )
    except BaseException:
        if checksum is not None:
            at = offset
        raise
    finally:
        await asyncio.shield(asyncio.ensure_future(run(settled, hub, user_id, upload, file, at)))
    return at


def opened(hub: Hub, upload: Upload) -> BinaryIO:
    try:
        file = path_of(hub, upload.upload_id).open("r+b")
    except FileNotFoundError as error:
        raise Conflict(
            "The pieces of this upload are gone.", code="lost", next_step="Begin it again."
        ) from error
    file.truncate(upload.offset)
    file.seek(upload.offset)
    return file


def written(file: BinaryIO, piece: bytes, checksum: "Checksum | None", name: str) -> None:
    if checksum is not None:
        checksum.digest.update(piece)
    with raw.disk_errors(f"the rest of {name} was not taken in"):
        file.write(piece)


def settled(hub: Hub, user_id: int, upload: Upload, file: BinaryIO, at: int) -> None:
    with file, raw.disk_errors(f"the rest of {upload.name} was not taken in"):
        file.truncate(at)
        file.flush()
        os.fsync(file.fileno())
    with write(hub.engine) as conn:
        uploads.change(conn, user_id, upload.upload_id, received=at, used_at=now_ms())


class Checksum:
    """`sha256 base64`, as tus.io writes it."""

    def __init__(self, text: str) -> None:
        name, _, value = text.partition(" ")
        if name not in ALGORITHMS:
            raise Refused(
                f"{name} is no checksum that is known here.",
                code="checksum_algorithm",
                next_step=f"Use one of {', '.join(ALGORITHMS)}, or none.",
            )
        try:
            self.wanted = base64.b64decode(value, validate=True)
        except binascii.Error as error:
            raise Refused(
                "The checksum is not base64.",
                code="checksum_form",
                next_step="Encode the digest as base64, or leave Upload-Checksum out.",
            ) from error
        self.digest = hashlib.new(name, usedforsecurity=False)

    def fits(self) -> bool:
        return self.digest.digest() == self.wanted


# All of them -------------------------------------------------------------------------------------


def finish(hub: Hub, user_id: int, upload_id: str) -> Upload:
    """Hand a whole file over; again is as good as once."""
    upload = find(hub, user_id, upload_id)
    if upload.number is not None:
        return upload
    if upload.offset < upload.size:
        raise Unfit(
            f"{upload.offset:,} of {upload.size:,} bytes of {upload.name} are here.",
            code="unfinished",
            next_step="Send the rest first.",
        )
    spooled = whole(path_of(hub, upload_id))
    number = handed_over(hub, user_id, upload, spooled)
    with write(hub.engine) as conn:
        uploads.change(conn, user_id, upload_id, number=number, used_at=now_ms())
    path_of(hub, upload_id).unlink(missing_ok=True)
    return find(hub, user_id, upload_id)


def handed_over(hub: Hub, user_id: int, upload: Upload, spooled: raw.Spooled) -> int:
    try:
        return importing.take_file(hub, user_id, upload.import_id, upload.name, spooled)
    except importing.Undecided as error:
        return importing.refuse_file(hub, user_id, upload.import_id, upload.name, error)


def whole(path: Path) -> raw.Spooled:
    digest, size = hashlib.sha256(), path.stat().st_size
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            digest.update(piece)
    body = path.read_bytes() if size <= raw.IN_DATABASE else path
    return raw.Spooled(digest.hexdigest(), size, body)


def sweep(hub: Hub, now: int) -> int:
    """Forget uploads that nobody went on with, and files that no row names."""
    with write(hub.engine) as conn:
        old = uploads.take_old(conn, now)
        known = uploads.known(conn)
    for upload_id in old:
        path_of(hub, upload_id).unlink(missing_ok=True)
    for path in folder(hub).glob("*"):
        if path.name not in known and now / 1000 - path.stat().st_mtime > ORPHAN_SECONDS:
            path.unlink(missing_ok=True)
    return len(old)
