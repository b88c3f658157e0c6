"""Sessions: an access token for an hour, and a refresh token that is good once.

A refresh token that is shown again ends its session: two hold it, and one of them is a thief. Only
within ten seconds, to the same program, and while its successor is unused, the same successor is
given again: that is a client whose answer was lost on the way.
"""

import secrets
from typing import Any, Literal
from uuid import uuid4

from msgspec import Struct
from sqlalchemy import Connection, Row

from openfit.access.keyring import Keyring
from openfit.access.refusals import session_over
from openfit.access.tokens import LIFE, AccessTokens
from openfit.errors import HubError
from openfit.store import audit, people
from openfit.store import sessions as rows
from openfit.store.keys import hashed

How = Literal["password", "code", "link", "oidc"]
DAYS_30 = 30 * 86_400_000  # ms since the last use
GRACE = 10_000  # ms
PREFIX = "ofr_"


class Where(Struct, frozen=True):
    """Where a request comes from, as far as it says."""

    address: str = ""
    agent: str = ""


class Person(Struct):
    id: int
    name: str
    email: str | None
    role: str


class SignedIn(Struct):
    """`refresh_token` is null where the browser keeps it, out of reach of scripts."""

    access_token: str
    expires_in: int
    refresh_token: str | None
    user: Person
    token_type: str = "Bearer"


def person(row: Row[Any]) -> Person:
    return Person(row.user_id, row.name, row.email, row.role)


class Sessions:
    def __init__(self, keyring: Keyring, tokens: AccessTokens) -> None:
        self.keyring, self.tokens = keyring, tokens

    def begin(
        self, conn: Connection, user: Row[Any], how: How, where: Where, now_ms: int
    ) -> SignedIn:
        """A new session under a new name, whatever the browser brought along."""
        session_id, token = str(uuid4()), PREFIX + secrets.token_urlsafe(32)
        rows.forget_old(conn, user.user_id, now_ms)
        rows.begin(
            conn,
            {
                "user_id": user.user_id,
                "session_id": session_id,
                "created_at": now_ms,
                "used_at": now_ms,
                "expires_at": now_ms + DAYS_30,
                "how": how,
                "agent": where.agent[:300],
                "address": where.address[:64],
            },
        )
        rows.add_token(conn, user.user_id, session_id, hashed(token), now_ms, now_ms + DAYS_30)
        audit.note(conn, user.user_id, "sign_in", now_ms, detail=how, address=where.address)
        return self.answer(user, session_id, token, now_ms)

    def answer(self, user: Row[Any], session_id: str, token: str, now_ms: int) -> SignedIn:
        access = self.tokens.issue(user.user_id, session_id, now_ms)
        return SignedIn(access, LIFE, token, person(user))

    def refresh(
        self, conn: Connection, token: str, where: Where, now_ms: int
    ) -> SignedIn | HubError:
        """The next pair. A refusal is returned, so that what it changed is kept."""
        row = rows.find_token(conn, hashed(token))
        if row is None or row.expires_at <= now_ms:
            return session_over()
        session = rows.find(conn, row.user_id, row.session_id)
        if session is None or session.disabled or session.ended_at is not None:
            return session_over()
        user = people.get(conn, row.user_id)
        assert user is not None  # the session's foreign key
        next_ = self.keyring.successor(token)
        if rows.spend_token(conn, row.user_id, row.token_hash, now_ms):
            until = now_ms + DAYS_30
            rows.forget_old(conn, row.user_id, now_ms)
            rows.add_token(conn, row.user_id, row.session_id, hashed(next_), now_ms, until)
            rows.prolong(conn, row.user_id, row.session_id, now_ms, until, where.address[:64])
            return self.answer(user, row.session_id, next_, now_ms)
        if self.is_retry(conn, token, next_, session.agent, where, now_ms):
            return self.answer(user, row.session_id, next_, now_ms)
        rows.end(conn, row.user_id, row.session_id, now_ms)
        audit.note(conn, row.user_id, "refresh_reused", now_ms, address=where.address)
        return session_over()

    def is_retry(
        self, conn: Connection, token: str, next_: str, agent: str, where: Where, now_ms: int
    ) -> bool:
        used, following = rows.find_token(conn, hashed(token)), rows.find_token(conn, hashed(next_))
        return (
            used is not None
            and used.used_at is not None
            and now_ms - used.used_at <= GRACE
            and following is not None
            and following.used_at is None
            and agent == where.agent[:300]
        )
