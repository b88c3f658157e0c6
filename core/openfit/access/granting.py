"""Letting another person see what is mine: which families, until when, and no more than see.

A coach is a viewer by another name: it tells people apart in lists. Neither may change anything.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import uuid4

from msgspec import Struct
from sqlalchemy import Connection, Row

from openfit.access.addresses import normal
from openfit.access.refusals import NotAllowed, wrong_link
from openfit.access.sessions import Where
from openfit.errors import HubError, NotFound, Refused
from openfit.hub import Hub
from openfit.store import audit, grants, links, people
from openfit.store.entities import instant
from openfit.store.grants import NOBODY

Role = Literal["viewer", "coach"]
State = Literal["live", "offered", "expired", "revoked"]
ALL = "all"
BESIDE = ("journal", "profile")  # families that hold no metrics
LINK = "grant"
LINK_LIFE = 7 * 86_400_000  # ms


class Wish(Struct, frozen=True):
    role: Role
    families: Sequence[str]
    expires_at: int | None  # ms
    email: str | None = None


class Grant(Struct, kw_only=True):
    id: str
    role: str
    families: list[str]
    state: State
    made_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    person_id: int | None  # who may see; null while it is offered by a link
    person: str | None


class Seen(Struct, kw_only=True):
    """Somebody whose data I may see."""

    id: int
    name: str
    role: Literal["self", "viewer", "coach"]
    families: list[str]
    expires_at: datetime | None


def known_families(hub: Hub) -> list[str]:
    return sorted({one.family for one in hub.plugins.catalogue.values()} | {*BESIDE})


def check(hub: Hub, wish: Wish, now_ms: int) -> None:
    known = [ALL, *known_families(hub)]
    strange = [one for one in wish.families if one not in known]
    if strange or not wish.families:
        raise Refused(
            f"A grant names families; {', '.join(strange) or 'none'} is not one.",
            code="family",
            next_step=f"They are {', '.join(known)}.",
        )
    if wish.expires_at is not None and wish.expires_at <= now_ms:
        raise Refused(
            "A grant ends in the future, or when it is revoked.",
            code="expires_at",
            next_step="Give a later expires_at, or none.",
        )


def grantee_of(conn: Connection, user_id: int, email: str) -> int | HubError:
    row = people.by_email(conn, normal(email))
    if row is None or row.disabled:
        return NotFound(
            "Nobody here has that address.",
            code="no_person",
            next_step="Leave the address away to get a link that they can accept it by.",
        )
    if row.user_id == user_id:
        return Refused(
            "What is yours you see anyway.", code="own_grant", next_step="Name somebody else."
        )
    return int(row.user_id)


def give(
    conn: Connection, user_id: int, wish: Wish, now_ms: int, where: Where
) -> tuple[str, str | None] | HubError:
    """A grant, and the token of the link to accept it by where it is for nobody yet."""
    grantee = NOBODY if wish.email is None else grantee_of(conn, user_id, wish.email)
    if isinstance(grantee, HubError):
        return grantee
    grant_id = str(uuid4())
    row = {
        "user_id": user_id,
        "grant_id": grant_id,
        "grantee_id": grantee,
        "role": wish.role,
        "families": ALL if ALL in wish.families else " ".join(sorted({*wish.families})),
        "made_at": now_ms,
        "expires_at": wish.expires_at,
    }
    grants.add(conn, row)
    audit.note(conn, user_id, "grant", now_ms, detail=str(row["families"]), address=where.address)
    if grantee != NOBODY:
        return grant_id, None
    until = min(now_ms + LINK_LIFE, wish.expires_at or now_ms + LINK_LIFE)
    return grant_id, links.add(conn, user_id, LINK, now_ms, until, grant_id)


def accept(
    conn: Connection, actor_id: int, token: str, now_ms: int, where: Where
) -> int | HubError:
    """Whose data may be seen from now on."""
    link = links.find(conn, token, now_ms)
    if link is None or link.purpose != LINK:
        return wrong_link()
    if link.user_id == actor_id:
        return Refused(
            "What is yours you see anyway.", code="own_grant", next_step="Name somebody else."
        )
    if not grants.take(conn, link.user_id, link.about, actor_id, now_ms):
        return wrong_link()
    links.spend(conn, link.user_id, link.token_hash, now_ms)
    audit.note(
        conn, link.user_id, "grant_accepted", now_ms, actor_id=actor_id, address=where.address
    )
    return int(link.user_id)


def revoke(
    conn: Connection, user_id: int, grant_id: str, now_ms: int, where: Where
) -> None | HubError:
    if not grants.revoke(conn, user_id, grant_id, now_ms):
        return NotFound("There is no such grant, or it ended already.", code="no_grant")
    audit.note(conn, user_id, "grant_revoked", now_ms, address=where.address)
    return None


def families_of(rows: Sequence[Row[Any]]) -> frozenset[str] | None:
    """What several grants together let see; None is all."""
    said = {family for row in rows for family in row.families.split()}
    return None if ALL in said else frozenset(said)


def may_look(
    conn: Connection, user_id: int, actor_id: int, family: str | None, now_ms: int
) -> tuple[str, frozenset[str] | None]:
    """The grant by which the actor may look at this family, and all families that they may see.
    `family` None: any will do, the handler looks again."""
    for_both = grants.between(conn, user_id, actor_id, now_ms)
    covering = [
        row for row in for_both if family is None or {family, ALL} & {*row.families.split()}
    ]
    if not covering:
        raise NotAllowed(
            "That person does not let you see this.",
            code="no_grant",
            next_step="GET /people lists whose data you may see, and which families of it.",
        )
    return covering[0].grant_id, families_of(for_both)


def shown(row: Row[Any], now_ms: int) -> Grant:
    return Grant(
        id=row.grant_id,
        role=row.role,
        families=row.families.split(),
        state=state(row, now_ms),
        made_at=instant(row.made_at),
        expires_at=row.expires_at and instant(row.expires_at),
        revoked_at=row.revoked_at and instant(row.revoked_at),
        person_id=row.grantee_id or None,
        person=row.name,
    )


def state(row: Row[Any], now_ms: int) -> State:
    if row.revoked_at is not None:
        return "revoked"
    if row.expires_at is not None and row.expires_at <= now_ms:
        return "expired"
    return "offered" if row.grantee_id == NOBODY else "live"


def visible(conn: Connection, user_id: int, now_ms: int) -> list[Seen]:
    """Myself, and who lets me see something now."""
    me = people.get(conn, user_id)
    mine = [
        Seen(id=user_id, name=me.name if me else "", role="self", families=[ALL], expires_at=None)
    ]
    others = [
        Seen(
            id=row.user_id,
            name=row.name,
            role=row.role,
            families=row.families.split(),
            expires_at=row.expires_at and instant(row.expires_at),
        )
        for row in grants.received(conn, user_id, now_ms)
    ]
    return mine + others
