"""Links of use once: the owner's first, an invitation, a way back in, an offered grant."""

import secrets
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from openfit.store.keys import hashed
from openfit.store.tables import links


def add(
    conn: Connection,
    user_id: int,
    purpose: str,
    now_ms: int,
    expires_at: int,
    about: str | None = None,
) -> str:
    token = secrets.token_urlsafe(32)
    put(conn, user_id, purpose, hashed(token), now_ms, expires_at, about)
    return token


def put(
    conn: Connection,
    user_id: int,
    purpose: str,
    token_hash: str,
    now_ms: int,
    expires_at: int,
    about: str | None = None,
) -> None:
    row = {
        "user_id": user_id,
        "token_hash": token_hash,
        "purpose": purpose,
        "made_at": now_ms,
        "expires_at": expires_at,
        "about": about,
    }
    conn.execute(insert(links).values(row))


def live(now_ms: int) -> tuple[Any, ...]:
    return links.c.used_at.is_(None), links.c.expires_at > now_ms


def find(conn: Connection, token: str, now_ms: int) -> Row[Any] | None:
    """A link that still works."""
    query = select(links).where(links.c.token_hash == hashed(token), *live(now_ms))
    return conn.execute(query).first()


def spend(conn: Connection, user_id: int, token_hash: str, now_ms: int) -> bool:
    """Use it up; of two who do so at once, one gets it."""
    mine = (links.c.user_id == user_id, links.c.token_hash == token_hash, *live(now_ms))
    return conn.execute(update(links).where(*mine).values(used_at=now_ms)).rowcount == 1


def drop(conn: Connection, user_id: int, *purposes: str) -> None:
    """Take away all links of a user for this."""
    mine = (links.c.user_id == user_id, links.c.purpose.in_(purposes))
    conn.execute(delete(links).where(*mine))


def count(conn: Connection, user_id: int, purpose: str, now_ms: int) -> int:
    mine = (links.c.user_id == user_id, links.c.purpose == purpose, *live(now_ms))
    return len(conn.execute(select(links.c.token_hash).where(*mine)).all())
