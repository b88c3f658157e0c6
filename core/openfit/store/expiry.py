"""Raw items whose bytes are not kept any more: the row stays, and all that follows from it."""

from typing import NamedTuple

from sqlalchemy import Connection, delete, exists, select, update

from openfit.store.series.carrying import EXPIRED
from openfit.store.tables import raw_bodies, raw_items


class Gone(NamedTuple):
    """What went; the files are to be unlinked after commit."""

    originals: int
    size: int
    files: list[str]


def expire(conn: Connection, user_id: int, connection_id: str, before: int, limit: int) -> Gone:
    """Some of a connection's originals that were received before and read to their end."""
    old = (
        raw_items.c.user_id == user_id,
        raw_items.c.connection_id == connection_id,
        raw_items.c.state == "done",
        raw_items.c.received_at < before,
    )
    found = conn.execute(
        select(raw_items.c.receipt, raw_items.c.sha256).where(*old).limit(limit)
    ).all()
    receipts, hashes = [row.receipt for row in found], [row.sha256 for row in found]
    mine = raw_items.c.user_id == user_id
    conn.execute(
        update(raw_items).where(mine, raw_items.c.receipt.in_(receipts)).values(state=EXPIRED)
    )
    needed = exists().where(
        mine, raw_items.c.sha256 == raw_bodies.c.sha256, raw_items.c.state != EXPIRED
    )
    unneeded = (raw_bodies.c.user_id == user_id, raw_bodies.c.sha256.in_(hashes), ~needed)
    columns = (raw_bodies.c.sha256, raw_bodies.c.encoding, raw_bodies.c.size)
    bodies = conn.execute(
        select(*columns, raw_bodies.c.body.is_(None).label("on_disk")).where(*unneeded)
    ).all()
    conn.execute(delete(raw_bodies).where(*unneeded))
    named = select(raw_bodies.c.sha256).where(raw_bodies.c.sha256.in_(hashes))
    others = {*conn.execute(named).scalars()}
    files = [
        row.sha256 + (".zst" if row.encoding else "")
        for row in bodies
        if row.on_disk and row.sha256 not in others
    ]
    return Gone(len(found), sum(row.size for row in bodies), files)
