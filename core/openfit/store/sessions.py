"""Sessions, and the chain of refresh tokens that each of them is."""

from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from openfit.store.tables import refresh_tokens, sessions, users


def begin(conn: Connection, row: dict[str, Any]) -> None:
    conn.execute(insert(sessions).values(row))


def find(conn: Connection, user_id: int, session_id: str) -> Row[Any] | None:
    """A session with what is known of its user, who may be disabled."""
    query = select(sessions, users.c.role, users.c.disabled).join(users)
    mine = (sessions.c.user_id == user_id, sessions.c.session_id == session_id)
    return conn.execute(query.where(*mine)).first()


def of_user(conn: Connection, user_id: int, now_ms: int) -> list[Row[Any]]:
    """Those that go on, the last used first."""
    going = (sessions.c.ended_at.is_(None), sessions.c.expires_at > now_ms)
    query = select(sessions).where(sessions.c.user_id == user_id, *going)
    return list(conn.execute(query.order_by(sessions.c.used_at.desc(), sessions.c.session_id)))


def end(conn: Connection, user_id: int, session_id: str, now_ms: int) -> bool:
    mine = (sessions.c.user_id == user_id, sessions.c.session_id == session_id)
    ended = update(sessions).where(*mine, sessions.c.ended_at.is_(None)).values(ended_at=now_ms)
    return conn.execute(ended).rowcount == 1


def end_all(conn: Connection, user_id: int, now_ms: int, but: str | None = None) -> int:
    mine = [sessions.c.user_id == user_id, sessions.c.ended_at.is_(None)]
    if but is not None:
        mine.append(sessions.c.session_id != but)
    return conn.execute(update(sessions).where(*mine).values(ended_at=now_ms)).rowcount


def add_token(
    conn: Connection,
    user_id: int,
    session_id: str,
    token_hash: str,
    now_ms: int,
    expires_at: int,
) -> None:
    row = {
        "user_id": user_id,
        "session_id": session_id,
        "token_hash": token_hash,
        "issued_at": now_ms,
        "expires_at": expires_at,
    }
    conn.execute(insert(refresh_tokens).values(row))


def find_token(conn: Connection, token_hash: str) -> Row[Any] | None:
    query = select(refresh_tokens).where(refresh_tokens.c.token_hash == token_hash)
    return conn.execute(query).first()


def spend_token(conn: Connection, user_id: int, token_hash: str, now_ms: int) -> bool:
    mine = (refresh_tokens.c.user_id == user_id, refresh_tokens.c.token_hash == token_hash)
    unused = refresh_tokens.c.used_at.is_(None)
    spent = update(refresh_tokens).where(*mine, unused).values(used_at=now_ms)
    return conn.execute(spent).rowcount == 1


def prolong(
    conn: Connection, user_id: int, session_id: str, now_ms: int, expires_at: int, address: str
) -> None:
    mine = (sessions.c.user_id == user_id, sessions.c.session_id == session_id)
    values = {"used_at": now_ms, "expires_at": expires_at, "address": address}
    conn.execute(update(sessions).where(*mine).values(values))


def forget_old(conn: Connection, user_id: int, now_ms: int) -> None:
    """What expired is of no use, not even to notice that it is shown again."""
    conn.execute(
        delete(refresh_tokens).where(
            refresh_tokens.c.user_id == user_id, refresh_tokens.c.expires_at <= now_ms
        )
    )
    conn.execute(
        delete(sessions).where(sessions.c.user_id == user_id, sessions.c.expires_at <= now_ms)
    )
