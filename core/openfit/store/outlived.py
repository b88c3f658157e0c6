"""What is over, forgotten for everybody at once, so that tables do not grow by what nobody uses."""

from typing import Any

from sqlalchemy import Connection, delete, exists, select

from openfit.store import leaving, people
from openfit.store.tables import (
    audit,
    codes,
    grants,
    links,
    metadata,
    refresh_tokens,
    sessions,
    users,
)

DAY_MS = 86_400_000
UNPROVEN_MS = 7 * DAY_MS
TRACES = ("audit", "codes", "links")  # which asking for a code leaves, without being anybody


def forget(conn: Connection, now_ms: int) -> int:
    """Sign-ins, links and codes that ended a day ago and more; how many rows went."""
    before = now_ms - DAY_MS
    over: dict[Any, Any] = {
        refresh_tokens: refresh_tokens.c.expires_at <= before,
        sessions: sessions.c.expires_at <= before,
        links: links.c.expires_at <= before,
        codes: (codes.c.expires_at <= before) & (codes.c.counted_from <= before),
    }
    return sum(conn.execute(delete(table).where(old)).rowcount for table, old in over.items())


def drop_unproven(conn: Connection, now_ms: int) -> list[int]:
    """People who registered an address a week ago and never showed that it is theirs: nobody can
    have come in as them, and nothing may be of theirs. Answers their numbers."""
    people.hold_all(conn)
    query = select(users.c.user_id).where(
        users.c.created_at <= now_ms - UNPROVEN_MS,
        users.c.role == "member",
        users.c.email.is_not(None),
        users.c.password.is_(None),
        users.c.subject.is_(None),
        ~exists().where(audit.c.user_id == users.c.user_id, audit.c.what != "sign_in_failed"),
        ~exists().where(links.c.user_id == users.c.user_id),
        ~exists().where(codes.c.user_id == users.c.user_id, codes.c.expires_at > now_ms),
        ~exists().where(grants.c.grantee_id == users.c.user_id),
        *(
            ~exists().where(table.c.user_id == users.c.user_id)
            for table in metadata.sorted_tables
            if table.name not in ("users", *TRACES)
        ),
    )
    found = list(conn.execute(query).scalars())
    for user_id in found:
        leaving.drop_person(conn, user_id)
    return found
