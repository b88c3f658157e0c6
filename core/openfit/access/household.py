"""Everybody on a hub, for its owner: who is invited, who may come in, who runs it."""

from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Row

from openfit.access.links import has_way_in, way_back
from openfit.config import Config
from openfit.errors import HubError, NotFound, Refused
from openfit.store import audit, links, people, sessions
from openfit.store.entities import instant


class Member(Struct, kw_only=True):
    id: int
    name: str
    email: str | None
    role: str
    disabled: bool
    can_sign_in: bool
    created_at: datetime


def shown(row: Row[Any], config: Config) -> Member:
    return Member(
        id=row.user_id,
        name=row.name,
        email=row.email,
        role=row.role,
        disabled=row.disabled,
        can_sign_in=not row.disabled and has_way_in(row, mail=bool(config.smtp_url)),
        created_at=instant(row.created_at),
    )


def find(conn: Connection, who: str) -> Row[Any]:
    """By number, address or name, as one would say it at a terminal."""
    said = who.strip().lower()
    rows = people.rows(conn)
    by_number = [row for row in rows if str(row.user_id) == said]
    by_email = [row for row in rows if row.email == said]
    by_name = [row for row in rows if row.name.lower() == said]
    for fitting in (by_number, by_email, by_name):
        if len(fitting) == 1:
            return fitting[0]
    raise NotFound(
        f"{who!r} is {'more than one person' if by_name else 'nobody'} here.",
        code="no_person",
        next_step='Name them by number; "openfit user list" has it.',
    )


def get(conn: Connection, user_id: int) -> Row[Any]:
    row = people.get(conn, user_id)
    if row is None:
        raise NotFound("There is no such person on this hub.", code="no_person")
    return row


def invite(
    conn: Connection,
    config: Config,
    name: str,
    email: str | None,
    role: str,
    now_ms: int,
    actor_id: int,
) -> tuple[int, str] | HubError:
    """Somebody new, and the link by which they come in."""
    people.hold_all(conn)
    if email is not None and people.by_email(conn, email) is not None:
        return Refused(
            "Somebody here has that address already.",
            code="email_taken",
            next_step='A new link for them is made by "openfit user link" or on their line.',
        )
    user_id = people.add(conn, name.strip(), now_ms, email=email, role=role)
    audit.note(conn, user_id, "invited", now_ms, actor_id=actor_id)
    return user_id, way_back(conn, get(conn, user_id), config, now_ms)


def new_link(conn: Connection, config: Config, user: Row[Any], now_ms: int, actor_id: int) -> str:
    audit.note(conn, user.user_id, "link", now_ms, actor_id=actor_id)
    return way_back(conn, user, config, now_ms)


def change(
    conn: Connection,
    user_id: int,
    now_ms: int,
    actor_id: int,
    *,
    role: str | None = None,
    disabled: bool | None = None,
) -> None | HubError:
    """Somebody who runs the hub always remains."""
    people.hold_all(conn)
    user = get(conn, user_id)
    wanted = {
        "role": role or user.role,
        "disabled": user.disabled if disabled is None else disabled,
    }
    runs = [row.user_id for row in people.rows(conn) if row.role == "owner" and not row.disabled]
    loses = wanted["role"] != "owner" or wanted["disabled"]
    if runs == [user_id] and loses:
        return Refused(
            "Nobody else could run this hub.",
            code="last_owner",
            next_step="Make somebody else an owner first.",
        )
    people.change(conn, user_id, **wanted)
    if wanted["disabled"]:
        sessions.end_all(conn, user_id, now_ms)
        links.drop(conn, user_id, "setup", "invite", "sign_in")
    what = " ".join([str(wanted["role"]), *(["disabled"] if wanted["disabled"] else [])])
    audit.note(conn, user_id, "changed", now_ms, actor_id=actor_id, detail=what)
    return None


def reset(conn: Connection, config: Config, user: Row[Any], now_ms: int, actor_id: int) -> str:
    """Take password and second factor away, end all sessions; a link to begin anew."""
    people.change(conn, user.user_id, password=None, totp=None, totp_step=0)
    links.drop(conn, user.user_id, "recovery")
    sessions.end_all(conn, user.user_id, now_ms)
    audit.note(conn, user.user_id, "reset", now_ms, actor_id=actor_id)
    return way_back(conn, get(conn, user.user_id), config, now_ms)
