"""Answers to writes, kept for a day for whoever asks the same again."""

from typing import Any

from sqlalchemy import Connection, Row, and_, delete, select, update

from openfit.store.engine import insert_new
from openfit.store.tables import replays

DAY_MS = 86_400_000
GIVEN_UP_MS = 600_000  # then the one that was under way is taken for dead


def replay_is(user_id: int, key_hash: str) -> Any:
    return and_(replays.c.user_id == user_id, replays.c.key_hash == key_hash)


def claim(
    conn: Connection, user_id: int, key_hash: str, request_hash: str, now_ms: int
) -> Row[Any] | None:
    """Note that a write is under way; None if it is the first of its key, else that first one."""
    forget_old(conn, user_id, now_ms)
    new = {
        "user_id": user_id,
        "key_hash": key_hash,
        "made_at": now_ms,
        "request_hash": request_hash,
    }
    if insert_new(conn, replays, new):
        return None
    return conn.execute(select(replays).where(replay_is(user_id, key_hash))).one()


def forget_old(conn: Connection, user_id: int, now_ms: int) -> None:
    over = (replays.c.made_at < now_ms - DAY_MS) | (
        (replays.c.status == 0) & (replays.c.made_at < now_ms - GIVEN_UP_MS)
    )
    conn.execute(delete(replays).where(replays.c.user_id == user_id, over))


def keep(
    conn: Connection, user_id: int, key_hash: str, status: int, headers: str, body: bytes
) -> None:
    conn.execute(
        update(replays)
        .where(replay_is(user_id, key_hash))
        .values(status=status, headers=headers, body=body)
    )


def forget(conn: Connection, user_id: int, key_hash: str) -> None:
    conn.execute(delete(replays).where(replay_is(user_id, key_hash)))


def sweep(conn: Connection, now_ms: int) -> int:
    return conn.execute(delete(replays).where(replays.c.made_at < now_ms - DAY_MS)).rowcount
