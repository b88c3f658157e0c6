"""The one door for every byte. What is accepted is safe on disk before anyone is told so."""

import os
from collections.abc import Iterator, Sequence

import msgspec
from msgspec import Struct
from openfit_sdk import Blob, Covered, Cursor, RawItem
from sqlalchemy import Connection, and_, select, update

from openfit.hub import Hub, now_ms
from openfit.store import connections, days, people, raw
from openfit.store.engine import retrying, write
from openfit.store.raw import Spooled
from openfit.store.tables import raw_items


class Accepted(Struct, frozen=True):
    """A raw item's receipt, and whether the very same bytes had come before."""

    receipt: int
    sha256: str
    duplicate: bool


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
    bodies = [keep(hub, user_id, item, spooled) for item, spooled in items]

    def commit() -> list[Accepted]:
        with write(hub.engine) as conn:
            taken = [
                take(conn, user_id, connection_id, item, body)
                for (item, _), body in zip(items, bodies, strict=True)
            ]
            if next_cursor is not None:
                cursor = msgspec.json.encode(next_cursor).decode()
                connections.change(conn, user_id, connection_id, cursor=cursor)
            days.cover(conn, user_id, connection_id, covered, now_ms())
            return taken

    return retrying(commit)


def spooled(item: RawItem) -> tuple[RawItem, Spooled]:
    """An item of a sync. A record's bytes are there; a download is still in its descriptor, and
    is hashed anew when it is kept."""
    if isinstance(item.body, Blob):
        return item, Spooled(item.body.sha256, item.body.size, b"")
    return item, raw.spool_bytes(item.body)


def keep(hub: Hub, user_id: int, item: RawItem, spooled: Spooled) -> dict[str, object]:
    name = item.name or f"{item.kind} {item.id}"
    if isinstance(item.body, Blob):
        spooled = raw.spool_chunks(hub.raw, chunks(item.body), name)
    return raw.keep(hub.raw, spooled, name)


def chunks(blob: Blob) -> Iterator[bytes]:
    at = 0
    while chunk := os.pread(blob.fd, raw.CHUNK, at):
        yield chunk
        at += len(chunk)


def take(
    conn: Connection, user_id: int, connection_id: str, item: RawItem, body: dict[str, object]
) -> Accepted:
    """One item's row. The last received of a record is its current version."""
    sha256 = str(body["sha256"])
    versions = raw.versions_of(user_id, connection_id, item.kind, item.id)
    same = and_(versions, raw_items.c.sha256 == sha256, raw_items.c.deleted == item.deleted)
    known = conn.execute(select(raw_items).where(same)).first()
    if known is not None and known.current:
        return Accepted(known.receipt, sha256, duplicate=True)
    conn.execute(update(raw_items).where(versions).values(current=False))
    raw.add_body(conn, user_id, body)  # also of a known one, whose bytes may not be kept any more
    if known is not None:  # an older version has come again: it holds from now on
        raw.set_item(conn, user_id, known.receipt, current=True, state="pending")
        return Accepted(known.receipt, sha256, duplicate=False)
    receipt = people.advance(conn, user_id)
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
    return Accepted(receipt, sha256, duplicate=False)
