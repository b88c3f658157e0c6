"""Grants: whose data another may see, and until when."""

from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update

from openfit.store.tables import grants, users

NOBODY = 0  # the grantee of a grant that is offered by a link, until somebody takes it


def add(conn: Connection, row: dict[str, Any]) -> None:
    conn.execute(insert(grants).values(row))


def given(conn: Connection, user_id: int) -> list[Row[Any]]:
    """All that this user gave, the newest first, also those that ended."""
    grantee = users.alias("grantee")
    query = (
        select(grants, grantee.c.name, grantee.c.email)
        .outerjoin(grantee, grantee.c.user_id == grants.c.grantee_id)
        .where(grants.c.user_id == user_id)
    )
    return list(conn.execute(query.order_by(grants.c.made_at.desc(), grants.c.grant_id)))


def live(now_ms: int) -> tuple[Any, ...]:
    unexpired = or_(grants.c.expires_at.is_(None), grants.c.expires_at > now_ms)
    return grants.c.revoked_at.is_(None), unexpired


def received(conn: Connection, grantee_id: int, now_ms: int) -> list[Row[Any]]:
    """What others let this user see now."""
    query = (
        select(grants, users.c.name)
        .join(users)
        .where(grants.c.grantee_id == grantee_id, users.c.disabled.is_(False), *live(now_ms))
    )
    return list(conn.execute(query.order_by(users.c.name, grants.c.grant_id)))


def between(conn: Connection, user_id: int, grantee_id: int, now_ms: int) -> list[Row[Any]]:
    """The grants by which the grantee may look at the user's data now."""
    query = (
        select(grants)
        .join(users)
        .where(
            grants.c.user_id == user_id,
            grants.c.grantee_id == grantee_id,
            users.c.disabled.is_(False),
            *live(now_ms),
        )
    )
    return list(conn.execute(query.order_by(grants.c.grant_id)))


def take(conn: Connection, user_id: int, grant_id: str, grantee_id: int, now_ms: int) -> bool:
    """Have an offered grant belong to who accepts it."""
    offered = (
        grants.c.user_id == user_id,
        grants.c.grant_id == grant_id,
        grants.c.grantee_id == NOBODY,
        *live(now_ms),
    )
    return conn.execute(update(grants).where(*offered).values(grantee_id=grantee_id)).rowcount == 1


def revoke(conn: Connection, user_id: int, grant_id: str, now_ms: int) -> bool:
    mine = (grants.c.user_id == user_id, grants.c.grant_id == grant_id)
    ended = update(grants).where(*mine, grants.c.revoked_at.is_(None)).values(revoked_at=now_ms)
    return conn.execute(ended).rowcount == 1
