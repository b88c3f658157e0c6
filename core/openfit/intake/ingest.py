"""The one door for every byte. What is accepted is safe on disk before anyone is told so."""

import os
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct
from openfit_sdk import Blob, Covered, Cursor, RawItem
from sqlalchemy import Connection, and_, select, update

from openfit.hub import Hub, now_ms
from openfit.intake.padding import without_nul
from openfit.intake.parcels import Parcel
from openfit.store import connections, days, holding, people, raw
from openfit.store.engine import retrying, write
from openfit.store.pieces import Mask
from openfit.store.raw import Spooled
from openfit.store.tables import raw_items


class Accepted(Struct, frozen=True):
    """A raw item's receipt, and whether the very same bytes had come before. Of an item in pieces
    also how many were new; where none was, there is no receipt (0)."""

    receipt: int
    sha256: str
    duplicate: bool
    pieces: int = 0
    new: int = 0


def accept(
    hub: Hub,
    user_id: int,
    connection_id: str,
    items: Sequence[tuple[RawItem, Spooled]],
    *,
    next_cursor: Cursor | None = None,
    covered: Sequence[Covered] = (),
) -> list[Accepted]:
    """Store items and the cursor in one transaction; bodies too big for it are synced before."""
    items = [(without_nul(item), spooled) for item, spooled in items]
    bodies: list[Body | Load] = [
        Load(hub, user_id, connection_id, item) if item.pieces else Body(hub, item, spooled)
        for item, spooled in items
    ]

    def commit() -> list[Accepted]:
        with write(hub.engine) as conn:
            taken = [
                body.take(conn)
                if isinstance(body, Load)
                else take(conn, user_id, connection_id, item, body)
                for (item, _), body in zip(items, bodies, strict=True)
            ]
            if next_cursor is not None:
                cursor = msgspec.json.encode(next_cursor).decode()
                connections.change(conn, user_id, connection_id, cursor=cursor)
            days.cover(conn, user_id, connection_id, covered, now_ms())
            return taken

    # or a deletion unlinks a file whose row is not there yet
    with holding.held(hub.raw) if any(map(filed, items)) else nullcontext():
        for (item, _), body in zip(items, bodies, strict=True):
            if isinstance(body, Load) or not let_go(hub, user_id, connection_id, item, body):
                body.keep()
        taken = retrying(commit)
    for body in bodies:
        body.discard()
    return taken


def filed(taken: tuple[RawItem, Spooled]) -> bool:
    """Whether a body may go to a file."""
    item, spooled = taken
    return item.size > raw.IN_DATABASE or isinstance(spooled.body, Path)


class Body:
    """An item's bytes on their way in. They are kept before a row names them."""

    def __init__(self, hub: Hub, item: RawItem, spooled: Spooled) -> None:
        self.store = hub.raw
        self.name = item.name or f"{item.kind} {item.id}"
        self.row: dict[str, object] | None = None
        if isinstance(item.body, Blob):
            spooled = raw.spool_chunks(self.store, chunks(item.body), self.name)
        self.spooled = spooled

    def keep(self) -> dict[str, object]:
        if self.row is None:
            self.row = raw.keep(self.store, self.spooled, self.name)
        return self.row

    def discard(self) -> None:
        """What nobody needed leaves no file."""
        if self.row is None and isinstance(self.spooled.body, Path):
            self.spooled.body.unlink(missing_ok=True)


class Load:
    """An item in pieces on its way in: those that the hub does not hold yet."""

    body: Body

    def __init__(self, hub: Hub, user_id: int, connection_id: str, item: RawItem) -> None:
        self.hub, self.parcel = hub, Parcel(user_id, connection_id, item)
        self.new: Mask | None = None
        if item.size > raw.IN_DATABASE:  # what goes to a file is safe there before the transaction
            with hub.engine.connect() as conn:
                self.choose(self.parcel.new(conn))

    def choose(self, new: Mask) -> None:
        self.discard()
        self.new = new
        self.item, spooled = self.parcel.kept(self.hub, new)
        self.body = Body(self.hub, self.item, spooled)

    def keep(self) -> None:
        if self.new is not None and self.new.any():
            self.body.keep()

    def discard(self) -> None:
        if self.new is not None:
            self.body.discard()

    def take(self, conn: Connection) -> Accepted:
        """Nobody else takes in this person's records until the transaction ends."""
        parcel = self.parcel
        people.hold(conn, parcel.user_id)
        new = parcel.new(conn)
        if self.new is None or not np.array_equal(new, self.new):
            self.choose(new)  # else the same came by another way at this moment
        n, fresh, sha256 = int(new.size), int(new.sum()), self.body.spooled.sha256
        if not fresh:
            return Accepted(0, sha256, duplicate=True, pieces=n)
        raw.add_body(conn, parcel.user_id, self.body.keep())
        receipt = people.advance(conn, parcel.user_id)
        add(conn, parcel.user_id, parcel.connection_id, self.item, receipt, sha256)
        parcel.note(conn, receipt, new)
        return Accepted(receipt, sha256, duplicate=False, pieces=n, new=fresh)


def let_go(hub: Hub, user_id: int, connection_id: str, item: RawItem, body: Body) -> bool:
    """Whether this is here already and its bytes are not kept any more: no row would name the
    file that keeping them makes."""
    if not isinstance(body.spooled.body, Path):
        return False
    with hub.engine.connect() as conn:
        same = same_as(user_id, connection_id, item, body.spooled.sha256)
        known = conn.execute(select(raw_items.c.current).where(same)).scalar()
        return bool(known) and not raw.has_body(conn, user_id, body.spooled.sha256)


def spooled(item: RawItem) -> tuple[RawItem, Spooled]:
    """An item of a sync. A record's bytes are there; a download is still in its descriptor, and
    is hashed anew when it is kept; so is an item in pieces, of which the new ones are."""
    if item.pieces is not None:
        return item, Spooled("", item.size, b"")
    if isinstance(item.body, Blob):
        return item, Spooled(item.body.sha256, item.body.size, b"")
    return item, raw.spool_bytes(item.body)


def chunks(blob: Blob) -> Iterator[bytes]:
    at = 0
    while chunk := os.pread(blob.fd, raw.CHUNK, at):
        yield chunk
        at += len(chunk)


def take(conn: Connection, user_id: int, connection_id: str, item: RawItem, body: Body) -> Accepted:
    """One item's row. The last received of a record is its current version."""
    sha256 = body.spooled.sha256
    same = same_as(user_id, connection_id, item, sha256)
    known = conn.execute(select(raw_items).where(same)).first()
    if known is not None and known.current:
        return Accepted(known.receipt, sha256, duplicate=True)
    versions = raw.versions_of(user_id, connection_id, item.kind, item.id)
    conn.execute(update(raw_items).where(versions).values(current=False))
    raw.add_body(
        conn, user_id, body.keep()
    )  # also of a known one, whose bytes may not be kept any more
    if known is not None:  # an older version has come again: it holds from now on
        raw.set_item(conn, user_id, known.receipt, current=True, state="pending")
        return Accepted(known.receipt, sha256, duplicate=False)
    receipt = people.advance(conn, user_id)
    add(conn, user_id, connection_id, item, receipt, sha256)
    return Accepted(receipt, sha256, duplicate=False)


def add(
    conn: Connection, user_id: int, connection_id: str, item: RawItem, receipt: int, sha256: str
) -> None:
    raw.add_item(
        conn,
        {
            "user_id": user_id,
            "receipt": receipt,
            "connection_id": connection_id,
            "kind": item.kind,
            "item_id": item.id,
            "sha256": sha256,
            "media_type": item.media_type,
            "name": item.name,
            "received_at": now_ms(),
            "deleted": item.deleted,
        },
    )


def same_as(user_id: int, connection_id: str, item: RawItem, sha256: str) -> Any:
    """The version of a record with these very bytes."""
    versions = raw.versions_of(user_id, connection_id, item.kind, item.id)
    return and_(versions, raw_items.c.sha256 == sha256, raw_items.c.deleted == item.deleted)
