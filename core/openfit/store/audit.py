"""What happened to an account: sign-ins, keys, grants, deletions."""

from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from openfit.store import people
from openfit.store.tables import audit

KEPT = 5_000  # of a user; guessing at a door must not fill the disk


def note(
    conn: Connection,
    user_id: int,
    what: str,
    now_ms: int,
    *,
    actor_id: int | None = None,
    detail: str = "",
    address: str = "",
) -> None:
    people.hold(conn, user_id)
    last = conn.execute(select(func.max(audit.c.seq)).where(audit.c.user_id == user_id)).scalar()
    seq = int(last or 0) + 1
    row = {
        "user_id": user_id,
        "seq": seq,
        "at": now_ms,
        "actor_id": user_id if actor_id is None else actor_id,
        "what": what,
        "detail": detail[:300],
        "address": address[:64],
    }
    conn.execute(insert(audit).values(row))
    old = audit.c.seq <= seq - KEPT
    conn.execute(delete(audit).where(audit.c.user_id == user_id, old))


def of_user(conn: Connection, user_id: int, limit: int, before: int | None) -> list[Row[Any]]:
    """The newest first; `before` is a number of this list."""
    mine = [audit.c.user_id == user_id]
    if before is not None:
        mine.append(audit.c.seq < before)
    return list(conn.execute(select(audit).where(*mine).order_by(audit.c.seq.desc()).limit(limit)))
