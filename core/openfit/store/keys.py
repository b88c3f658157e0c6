"""API keys: 256 random bits, shown once, kept as a hash."""

import hashlib
import secrets
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from openfit.store.tables import tokens, users

PREFIX = "of_"
ALL = "all"
HINT = 7  # characters that tell one key from another: the prefix and four more
ID = 16  # hexadecimal digits of the hash that name a key, and lead to nothing


def add(
    conn: Connection,
    user_id: int,
    name: str,
    now_ms: int,
    *,
    scopes: Iterable[str] | None = None,
    expires_at: int | None = None,
) -> str:
    """A new key of all scopes, or of these."""
    key = PREFIX + secrets.token_urlsafe(32)
    row = {
        "user_id": user_id,
        "token_hash": hashed(key),
        "name": name,
        "created_at": now_ms,
        "hint": key[:HINT],
        "scopes": ALL if scopes is None else " ".join(sorted(scopes)),
        "expires_at": expires_at,
    }
    conn.execute(insert(tokens).values(row))
    return key


def hashed(token: str) -> str:
    """A plain hash is enough for 256 random bits, and lets the database find the row by it."""
    return hashlib.sha256(token.encode()).hexdigest()


def find(conn: Connection, key_hash: str) -> Row[Any] | None:
    """The key with what is known of its user, who may be disabled."""
    query = select(tokens, users.c.role, users.c.disabled).join(users)
    return conn.execute(query.where(tokens.c.token_hash == key_hash)).first()


def of_user(conn: Connection, user_id: int) -> list[Row[Any]]:
    query = select(tokens).where(tokens.c.user_id == user_id)
    return list(conn.execute(query.order_by(tokens.c.created_at, tokens.c.token_hash)))


def note_use(conn: Connection, user_id: int, key_hash: str, now_ms: int) -> None:
    mine = (tokens.c.user_id == user_id, tokens.c.token_hash == key_hash)
    conn.execute(update(tokens).where(*mine).values(used_at=now_ms))


def revoke(conn: Connection, user_id: int, key_id: str) -> Row[Any] | None:
    """Take a key away by the beginning of its hash; what it was, if it was there."""
    mine = (tokens.c.user_id == user_id, tokens.c.token_hash.startswith(key_id, autoescape=True))
    if len(key_id) != ID:
        return None
    return conn.execute(delete(tokens).where(*mine).returning(tokens)).first()
