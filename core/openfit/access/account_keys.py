"""One's own sessions and API keys."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Row

from openfit.access.desk import Access
from openfit.access.sessions import Where
from openfit.errors import HubError, NotFound, Refused
from openfit.store import audit, keys, people, sessions
from openfit.store.entities import instant

MOST_KEYS = 100


class Session(Struct, kw_only=True):
    id: str
    how: str
    agent: str
    address: str
    created_at: datetime
    used_at: datetime
    expires_at: datetime
    current: bool


class Key(Struct, kw_only=True):
    """`hint` is how the key begins; the rest was shown once."""

    id: str
    name: str
    hint: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None


class NewKey(Struct):
    key: str
    id: str


def list_sessions(access: Access, user_id: int, current: str | None) -> list[Session]:
    with access.hub.engine.connect() as conn:
        rows = sessions.of_user(conn, user_id, access.now())
    return [
        Session(
            id=row.session_id,
            how=row.how,
            agent=row.agent,
            address=row.address,
            created_at=instant(row.created_at),
            used_at=instant(row.used_at),
            expires_at=instant(row.expires_at),
            current=row.session_id == current,
        )
        for row in rows
    ]


def end_session(access: Access, user_id: int, session_id: str, where: Where) -> None:
    def work(conn: Connection) -> None | HubError:
        if not sessions.end(conn, user_id, session_id, access.now()):
            return NotFound("There is no such session, or it is over.", code="no_session")
        audit.note(conn, user_id, "sign_out", access.now(), address=where.address)
        return None

    access.settled(work)
    access.ways.forget()


def end_sessions(access: Access, user_id: int, but: str | None, where: Where) -> int:
    def work(conn: Connection) -> int:
        audit.note(conn, user_id, "sign_out_all", access.now(), address=where.address)
        return sessions.end_all(conn, user_id, access.now(), but)

    ended = access.settled(work)
    access.ways.forget()
    return ended


def key_shown(row: Row[Any]) -> Key:
    return Key(
        id=row.token_hash[: keys.ID],
        name=row.name,
        hint=row.hint,
        scopes=row.scopes.split(),
        created_at=instant(row.created_at),
        expires_at=row.expires_at and instant(row.expires_at),
        used_at=row.used_at and instant(row.used_at),
    )


def list_keys(access: Access, user_id: int) -> list[Key]:
    access.settle()
    with access.hub.engine.connect() as conn:
        return [key_shown(row) for row in keys.of_user(conn, user_id)]


def make_key(
    access: Access,
    user_id: int,
    allowed: frozenset[str],
    name: str,
    scopes: Sequence[str],
    expires_at: int | None,
    where: Where,
) -> NewKey:
    """Never more than who makes it may do."""
    beyond = sorted({*scopes} - allowed)
    if beyond or not scopes:
        raise Refused(
            f"A key can have some of {', '.join(sorted(allowed))}"
            + (f"; not {', '.join(beyond)}." if beyond else "."),
            code="scope",
            next_step="Leave the others out.",
        )
    if expires_at is not None and expires_at <= access.now():
        raise Refused(
            "A key ends in the future, or when it is revoked.",
            code="expires_at",
            next_step="Give a later expires_at, or none.",
        )

    def work(conn: Connection) -> str | HubError:
        people.hold(conn, user_id)
        if len(keys.of_user(conn, user_id)) >= MOST_KEYS:
            return Refused(
                "There are a hundred keys already. Revoke some.",
                code="too_many_keys",
                next_step="DELETE /account/keys/{id} revokes one.",
            )
        now = access.now()
        audit.note(conn, user_id, "key_made", now, detail=name, address=where.address)
        return keys.add(conn, user_id, name, now, scopes=scopes, expires_at=expires_at)

    made = access.settled(work)
    return NewKey(made, keys.hashed(made)[: keys.ID])


def revoke_key(access: Access, user_id: int, key_id: str, where: Where) -> None:
    def work(conn: Connection) -> None | HubError:
        gone = keys.revoke(conn, user_id, key_id)
        if gone is None:
            return NotFound("There is no such key.", code="no_key")
        now = access.now()
        audit.note(conn, user_id, "key_revoked", now, detail=gone.name, address=where.address)
        return None

    access.settled(work)
    access.ways.forget()
