"""Users, their tokens, and the counter that orders what happens to each of them."""

import hashlib
import secrets

from sqlalchemy import Connection, func, insert, select, update

from openfit.store.tables import tokens, users

OWNER = 1


def create_owner(conn: Connection, name: str, now_ms: int) -> tuple[int, str]:
    """The first user and a token, shown once; only its hash is kept. Of two first starts at once
    one gets its way: both would make the same user."""
    return create_user(conn, name, now_ms, OWNER)


def create_user(
    conn: Connection, name: str, now_ms: int, user_id: int | None = None
) -> tuple[int, str]:
    """A user and a token."""
    if user_id is None:
        user_id = (conn.execute(select(func.max(users.c.user_id))).scalar() or 0) + 1
    conn.execute(insert(users).values(user_id=user_id, name=name, created_at=now_ms))
    return user_id, add_token(conn, user_id, "owner", now_ms)


def add_token(conn: Connection, user_id: int, name: str, now_ms: int) -> str:
    token = "of_" + secrets.token_urlsafe(32)
    conn.execute(
        insert(tokens).values(
            user_id=user_id, token_hash=hashed(token), name=name, created_at=now_ms
        )
    )
    return token


def hashed(token: str) -> str:
    """A plain hash is enough for 256 random bits, and lets the database find the row by it."""
    return hashlib.sha256(token.encode()).hexdigest()


def user_of_token(conn: Connection, token: str) -> int | None:
    row = conn.execute(select(tokens.c.user_id).where(tokens.c.token_hash == hashed(token)))
    return row.scalar()


def all_users(conn: Connection) -> list[int]:
    return list(conn.execute(select(users.c.user_id).order_by(users.c.user_id)).scalars())


def owner(conn: Connection) -> int | None:
    return conn.execute(select(func.min(users.c.user_id))).scalar()


def hold(conn: Connection, user_id: int) -> None:
    """Have what this user does at the same moment wait for the end of this transaction."""
    conn.execute(select(users.c.user_id).where(users.c.user_id == user_id).with_for_update())


def advance(conn: Connection, user_id: int, by: int = 1) -> int:
    """Take the next `by` numbers of this user's sequence; the first of them is returned."""
    last = conn.execute(
        update(users)
        .where(users.c.user_id == user_id)
        .values(sequence=users.c.sequence + by)
        .returning(users.c.sequence)
    ).scalar_one()
    return int(last) - by + 1
