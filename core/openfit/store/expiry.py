"""Raw items whose bytes are not kept any more: the row stays, and all that follows from it."""

from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    and_,
    delete,
    exists,
    func,
    not_,
    select,
    update,
)

from openfit.store.series.carrying import EXPIRED
from openfit.store.tables import raw_bodies, raw_items


class Gone(NamedTuple):
    """What went; the files are to be unlinked after commit."""

    originals: int
    size: int
    files: list[str]


class Held(NamedTuple):
    """Originals, and the bytes that they alone need."""

    originals: int
    size: int


def old(
    user_id: int, connection_id: str, before: int | None, items: FromClause = raw_items
) -> ColumnElement[bool]:
    """A connection's originals that were read to their end, and received before; None is any."""
    found = and_(
        items.c.user_id == user_id,
        items.c.connection_id == connection_id,
        items.c.state == "done",
    )
    return found if before is None else and_(found, items.c.received_at < before)


def counted(conn: Connection, user_id: int, connection_id: str, before: int | None) -> Held:
    """What letting them go would free; bytes that something else needs are not of it."""
    which = old(user_id, connection_id, before)
    originals = conn.execute(select(func.count()).select_from(raw_items).where(which)).scalar_one()
    others = raw_items.alias()
    needed = exists().where(
        others.c.user_id == user_id,
        others.c.sha256 == raw_bodies.c.sha256,
        others.c.state != EXPIRED,
        not_(old(user_id, connection_id, before, others)),
    )
    size = select(func.coalesce(func.sum(raw_bodies.c.size), 0)).where(
        raw_bodies.c.user_id == user_id,
        raw_bodies.c.sha256.in_(select(raw_items.c.sha256).where(which)),
        ~needed,
    )
    return Held(int(originals), int(conn.execute(size).scalar_one()))


def expire(conn: Connection, user_id: int, connection_id: str, before: int, limit: int) -> Gone:
    """Some of a connection's originals that were received before and read to their end."""
    found = conn.execute(
        select(raw_items.c.receipt, raw_items.c.sha256)
        .where(old(user_id, connection_id, before))
        .limit(limit)
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
