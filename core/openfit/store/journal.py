"""What a person writes of a day: tags and a note."""

from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, select

from openfit.store.engine import upsert
from openfit.store.tables import journal


def get(conn: Connection, user_id: int, day: date) -> Row[Any] | None:
    mine = (journal.c.user_id == user_id, journal.c.day == day.isoformat())
    return conn.execute(select(journal).where(*mine)).first()


def put(conn: Connection, user_id: int, day: date, tags: list[str], note: str, now_ms: int) -> None:
    row = {
        "user_id": user_id,
        "day": day.isoformat(),
        "tags": msgspec.json.encode(tags).decode(),
        "note": note,
        "updated_at": now_ms,
    }
    upsert(conn, journal, [row])


def remove(conn: Connection, user_id: int, day: date) -> bool:
    mine = (journal.c.user_id == user_id, journal.c.day == day.isoformat())
    return conn.execute(delete(journal).where(*mine)).rowcount > 0


def between(
    conn: Connection,
    user_id: int,
    first: date,
    last: date,
    *,
    before: str | None = None,
    limit: int | None = None,
) -> list[Row[Any]]:
    """Days that something was written of, the latest first."""
    query = select(journal).where(
        journal.c.user_id == user_id,
        journal.c.day >= first.isoformat(),
        journal.c.day <= last.isoformat(),
    )
    if before is not None:
        query = query.where(journal.c.day < before)
    query = query.order_by(journal.c.day.desc())
    return list(conn.execute(query.limit(limit) if limit else query))


def all_tags(conn: Connection, user_id: int) -> list[tuple[str, list[str]]]:
    """The tags of each day that has some."""
    query = select(journal.c.day, journal.c.tags).where(
        journal.c.user_id == user_id, journal.c.tags != "[]"
    )
    return [
        (row.day, msgspec.json.decode(row.tags, type=list[str]))
        for row in conn.execute(query.order_by(journal.c.day))
    ]
