"""Originals that are kept for a while only. What was derived from them stays; a better decoder
cannot read them again, and their samples are carried over as they are."""

from datetime import timedelta
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, Row

from openfit.errors import Refused
from openfit.hub import Hub, now_ms
from openfit.leaving.deleting import gone
from openfit.leaving.tasks import Progress, Steps
from openfit.store import connections, expiry, holding, people, preferences_of_hub
from openfit.store.engine import retrying, write

AT_ONCE = 100  # a transaction
SETTING = "retention.originals"  # of a user, as JSON: days by connection; no entry keeps all


class Expired(Struct, frozen=True):
    """Originals that are not kept any more."""

    originals: int
    size: int


def expire_originals(hub: Hub, user_id: int, connection_id: str, days: int) -> Expired:
    """Let the bytes of originals go that were received so many days ago and were read well."""
    if days < 1:
        raise Refused("Originals are kept for a day at least.", code="invalid")
    with hub.engine.connect() as conn:
        connections.get(conn, user_id, connection_id)
    before = now_ms() - timedelta(days=days) // timedelta(milliseconds=1)
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


def rules(conn: Connection, user_id: int) -> dict[str, int]:
    """Days by connection, as the person chose; nothing is let go by default."""
    said = preferences_of_hub.of_user(conn, user_id, SETTING)
    return {} if said is None else msgspec.json.decode(said, type=dict[str, int])


def any_rules(conn: Connection) -> bool:
    return any(rules(conn, user_id) for user_id in people.all_users(conn))


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
            for connection_id, days in sorted(rules(conn, user_id).items())
        ]
    for user_id, connection_id, days in wanted:
        expire_originals(hub, user_id, connection_id, days)
