"""A person's rows in every table, counted and taken away for good."""

from typing import Any

from sqlalchemy import Connection, Table, delete, func, select, tuple_, update

from openfit.store import raw
from openfit.store.tables import (
    access_log,
    audit,
    block,
    entities,
    grants,
    links,
    metadata,
    raw_bodies,
    raw_items,
    refresh_tokens,
    results,
    sessions,
    tokens,
    users,
)

ROWS = 5000  # a transaction
WAYS_IN = (tokens, sessions, refresh_tokens, links)


def count(conn: Connection, table: Table, user_id: int, *also: Any) -> int:
    query = select(func.count()).select_from(table).where(table.c.user_id == user_id, *also)
    return int(conn.execute(query).scalar_one())


def account(conn: Connection, user_id: int) -> dict[str, int]:
    lead = entities.c.lead
    size = select(func.sum(raw_bodies.c.size)).where(raw_bodies.c.user_id == user_id)
    n = select(func.sum(block.c.n)).where(block.c.user_id == user_id)
    mine = (grants.c.user_id == user_id) | (grants.c.grantee_id == user_id)
    granted = select(func.count()).select_from(grants).where(mine)
    return {
        "activities": count(conn, entities, user_id, lead, entities.c.kind == "activity"),
        "nights": count(conn, entities, user_id, lead, entities.c.kind == "sleep"),
        "samples": int(conn.execute(n).scalar() or 0),
        "originals": count(conn, raw_items, user_id),
        "original_bytes": int(conn.execute(size).scalar() or 0),
        "results": count(conn, results, user_id),
        "grants": int(conn.execute(granted).scalar_one()),
        "keys": count(conn, tokens, user_id),
        "rows": sum(count(conn, metadata.tables[name], user_id) for name in COUNTED),
    }


def last_owner(conn: Connection, user_id: int) -> bool:
    """Whether others would be left without an owner."""
    owners = conn.execute(select(users.c.user_id).where(users.c.role == "owner")).scalars().all()
    others = conn.execute(select(users.c.user_id).where(users.c.user_id != user_id)).first()
    return list(owners) == [user_id] and others is not None


def shut_out(conn: Connection, user_id: int) -> None:
    """No way in works any more, from this moment on."""
    conn.execute(update(users).where(users.c.user_id == user_id).values(disabled=True))
    for table in WAYS_IN:
        conn.execute(delete(table).where(table.c.user_id == user_id))


def tables() -> list[str]:
    """All that hold something of people, but the people themselves and what is being done."""
    return [table.name for table in metadata.sorted_tables if table.name not in ("users", "tasks")]


# What stands still while somebody looks at the counts: requests leave rows of their own.
COUNTED = tuple(
    name
    for name in tables()
    if name not in ("access_log", "audit", "replays", "sessions", "refresh_tokens", "codes")
)


def drop_bodies(conn: Connection, store: raw.Store, user_id: int, limit: int) -> list[str]:
    """Some originals; answers the names of the files that nobody names any more."""
    mine = raw_bodies.c.user_id == user_id
    query = select(raw_bodies.c.sha256, raw_bodies.c.encoding, raw_bodies.c.body.is_(None))
    found = conn.execute(query.where(mine).order_by(raw_bodies.c.sha256).limit(limit)).all()
    hashes = [row[0] for row in found]
    for table in (raw_items, raw_bodies):
        conn.execute(delete(table).where(table.c.user_id == user_id, table.c.sha256.in_(hashes)))
    named = select(raw_bodies.c.sha256).where(raw_bodies.c.sha256.in_(hashes))
    others = {*conn.execute(named).scalars()}
    return [
        sha256 + (".zst" if encoding else "")
        for sha256, encoding, on_disk in found
        if on_disk and sha256 not in others
    ]


def any_bodies(conn: Connection, user_id: int) -> bool:
    query = select(raw_bodies.c.sha256).where(raw_bodies.c.user_id == user_id)
    return conn.execute(query.limit(1)).first() is not None


def drop_some(conn: Connection, user_id: int, name: str) -> bool:
    """Some rows of a table; whether there were any."""
    table = metadata.tables[name]
    keys = list(table.primary_key.columns)
    some = select(*keys).where(table.c.user_id == user_id).limit(ROWS)
    gone = delete(table).where(table.c.user_id == user_id, tuple_(*keys).in_(some))
    return conn.execute(gone).rowcount > 0


def drop_person(conn: Connection, user_id: int) -> None:
    """The rest, in one: nothing of theirs may come in between. Where others' logs name them, a
    number is left that is nobody's."""
    conn.execute(delete(grants).where(grants.c.grantee_id == user_id))
    for table in (access_log, audit):
        others = (table.c.actor_id == user_id) & (table.c.user_id != user_id)
        conn.execute(update(table).where(others).values(actor_id=-user_id))
    for table in reversed(metadata.sorted_tables):
        conn.execute(delete(table).where(table.c.user_id == user_id))
