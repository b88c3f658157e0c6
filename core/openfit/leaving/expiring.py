"""Originals that are kept for a while only. What was derived from them stays; a better decoder
cannot read them again, and their samples are carried over as they are."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, Row

from openfit.errors import Refused
from openfit.hub import Hub, now_ms
from openfit.leaving.deleting import gone
from openfit.leaving.tasks import Progress, Steps
from openfit.store import connections, entities, expiry, holding, people, settings
from openfit.store.engine import retrying, write

AT_ONCE = 100  # a transaction
SETTING = "retention.originals"  # of a user: a Rule by connection; no entry keeps all
MS = timedelta(milliseconds=1)
GRACE_MS = timedelta(days=1) // MS  # in which a choice can be undone and nothing is lost


class Rule(Struct, frozen=True):
    """How many days originals are kept, and since when (ms) that holds."""

    days: int
    holds_from: int = 0


class Going(Struct, frozen=True):
    """Originals that a rule lets go as soon as it holds."""

    originals: int
    size: int


class Kept(Struct, frozen=True, kw_only=True):
    """What is kept of one connection. `days` is null where it is kept for ever; a new rule lets
    nothing go before `holds_from`."""

    connection_id: str
    integration: str
    name: str
    originals: int
    size: int
    days: int | None
    holds_from: datetime | None
    going: Going


class Expired(Struct, frozen=True):
    """Originals that are not kept any more."""

    originals: int
    size: int


def expire_originals(hub: Hub, user_id: int, connection_id: str, days: int) -> Expired:
    """Let the bytes of originals go that were received so many days ago and were read well."""
    if days < 1:
        raise Refused(
            "Originals are kept for a day at least.",
            code="invalid",
            next_step="Give a number of days from 1 on.",
        )
    with hub.engine.connect() as conn:
        connections.get(conn, user_id, connection_id)
    before = days_before(now_ms(), days)
    originals = size = 0
    with holding.alone(hub.raw) as free:
        while free:
            some = retrying(lambda: step(hub, user_id, connection_id, before))
            originals, size = originals + some.originals, size + some.size
            if not some.originals:
                break
    return Expired(originals, size)


def step(hub: Hub, user_id: int, connection_id: str, before: int) -> Expired:
    with write(hub.engine) as conn:
        people.hold(conn, user_id)
        found = expiry.expire(conn, user_id, connection_id, before, AT_ONCE)
    for name in found.files:
        gone(hub.raw, name.partition(".")[0], name)
    return Expired(found.originals, found.size)


def days_before(at: int, days: int) -> int:
    return at - timedelta(days=days) // MS


def rules(conn: Connection, user_id: int) -> dict[str, Rule]:
    """By connection, as the person chose; nothing is let go by default."""
    return msgspec.convert(settings.read(conn, user_id, SETTING) or {}, dict[str, Rule])


def in_force(conn: Connection, user_id: int) -> dict[str, int]:
    """Days by connection, of the rules that hold by now."""
    now = now_ms()
    known = rules(conn, user_id)
    return {one: rule.days for one, rule in known.items() if rule.holds_from <= now}


def any_rules(conn: Connection) -> bool:
    return any(in_force(conn, user_id) for user_id in people.all_users(conn))


def kept(hub: Hub, user_id: int) -> list[Kept]:
    """Every connection of a person, the oldest first."""
    with hub.engine.connect() as conn:
        known = rules(conn, user_id)
        mine = connections.of_user(conn, user_id)
        return [kept_of(conn, row, known.get(row.connection_id)) for row in mine]


def kept_of(conn: Connection, row: Row[Any], rule: Rule | None) -> Kept:
    here = expiry.counted(conn, row.user_id, row.connection_id, None)
    going = Going(0, 0)
    if rule is not None:
        before = days_before(max(now_ms(), rule.holds_from), rule.days)
        going = Going(*expiry.counted(conn, row.user_id, row.connection_id, before))
    return Kept(
        connection_id=row.connection_id,
        integration=row.integration,
        name=row.name,
        originals=here.originals,
        size=here.size,
        days=None if rule is None else rule.days,
        holds_from=None if rule is None else entities.instant(rule.holds_from),
        going=going,
    )


def choose(
    hub: Hub, user_id: int, connection_id: str, days: int | None, *, dry_run: bool = False
) -> Kept:
    """How long a connection's originals are kept; None keeps them for ever."""

    def commit() -> Kept:
        with write(hub.engine) as conn:
            row = connections.get(conn, user_id, connection_id)
            known = rules(conn, user_id)
            known.pop(connection_id, None)
            if days is not None:
                known[connection_id] = Rule(days, now_ms() + GRACE_MS)
            if not dry_run:
                settings.put(conn, user_id, SETTING, known)
            return kept_of(conn, row, known.get(connection_id))

    return retrying(commit)


def steps(hub: Hub, row: Row[Any]) -> Steps:
    yield Progress(message="Letting originals go.")
    expire_by_rules(hub)
    return {}


def expire_by_rules(hub: Hub) -> None:
    """What every person's rules let go by now."""
    with hub.engine.connect() as conn:
        wanted = [
            (user_id, connection_id, days)
            for user_id in people.all_users(conn)
            for connection_id, days in sorted(in_force(conn, user_id).items())
        ]
    for user_id, connection_id, days in wanted:
        expire_originals(hub, user_id, connection_id, days)
