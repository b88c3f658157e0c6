"""Connections: one user's link to one integration."""

from typing import Any
from uuid import UUID, uuid5

import msgspec
from sqlalchemy import Connection, Row, and_, bindparam, insert, select, update

from openfit.errors import NotFound
from openfit.store.columns import MINE
from openfit.store.tables import connections

NAMESPACE = UUID("0f2b8f9e-6c0f-5d0b-9a53-1d9a5f0f17e1")


def connection_id(user_id: int, integration: str, account: str) -> str:
    """The same for the same account, so that two hubs fed alike name their entities alike."""
    return str(uuid5(NAMESPACE, f"{user_id}:{integration}:{account}"))


def is_connection(user_id: Any, connection_id: Any) -> Any:
    return and_(connections.c.user_id == user_id, connections.c.connection_id == connection_id)


def ensure(
    conn: Connection,
    user_id: int,
    integration: str,
    now_ms: int,
    *,
    account: str = "",
    name: str = "",
    **values: Any,
) -> Row[Any]:
    """The connection of this account, made when it is not there yet."""
    wanted = connection_id(user_id, integration, account)
    found = conn.execute(select(connections).where(is_connection(user_id, wanted))).first()
    if found is None:
        row = {
            "user_id": user_id,
            "connection_id": wanted,
            "integration": integration,
            "name": name or integration,
            "account_id": account or None,
            "created_at": now_ms,
        }
        conn.execute(insert(connections).values(row | values))
        return get(conn, user_id, wanted)
    if values:
        change(conn, user_id, wanted, **values)
        return get(conn, user_id, wanted)
    return found


ONE = select(connections).where(is_connection(MINE, bindparam("connection")))


def find(conn: Connection, user_id: int, connection_id: str) -> Row[Any] | None:
    return conn.execute(ONE, {"user": user_id, "connection": connection_id}).first()


DEVICES = "devices"  # in a connection's settings: names under which clients post for it


def of_device(conn: Connection, user_id: int, integration: str, device: str) -> Row[Any] | None:
    """The connection of what a client posts under this name: one that says so, or its own."""
    own = connection_id(user_id, integration, device)
    found = {row.connection_id: row for row in of_user(conn, user_id, integration)}
    named = (row for row in found.values() if device in devices(row))
    return next(named, found.get(own))


def devices(row: Row[Any]) -> list[str]:
    found = msgspec.json.decode(row.settings, type=dict[str, Any]).get(DEVICES, [])
    return [str(one) for one in found]


def get(conn: Connection, user_id: int, connection_id: str) -> Row[Any]:
    row = find(conn, user_id, connection_id)
    if row is None:
        raise NotFound("There is no such connection.", code="no_connection")
    return row


OF_USER = (
    select(connections)
    .where(connections.c.user_id == MINE)
    .order_by(connections.c.created_at, connections.c.name)
)
OF_INTEGRATION = OF_USER.where(connections.c.integration == bindparam("integration"))


def of_user(conn: Connection, user_id: int, integration: str | None = None) -> list[Row[Any]]:
    if integration is None:
        return list(conn.execute(OF_USER, {"user": user_id}))
    return list(conn.execute(OF_INTEGRATION, {"user": user_id, "integration": integration}))


def integrations(conn: Connection, user_id: int) -> dict[str, str]:
    """Which integration each connection is of."""
    rows = conn.execute(INTEGRATIONS, {"user": user_id})
    return {connection_id: integration for connection_id, integration in rows}


INTEGRATIONS = select(connections.c.connection_id, connections.c.integration).where(
    connections.c.user_id == MINE
)


def change(conn: Connection, user_id: int, connection_id: str, **values: Any) -> None:
    conn.execute(update(connections).where(is_connection(user_id, connection_id)).values(values))


def due(conn: Connection, now_ms: int) -> list[Row[Any]]:
    """Connections of all users whose next sync has come."""
    ready = connections.c.next_sync_at <= now_ms
    active = connections.c.status.not_in(("reauth_required", "failed", "paused"))
    query = select(connections).where(ready, active).order_by(connections.c.next_sync_at)
    return list(conn.execute(query))


AT_REST = {"rebuild_version": None, "rebuild_generation": None, "rebuild_at": None}


def rebuilt(conn: Connection, before: Row[Any], receipt: int) -> None:
    """A rewriting has passed an item; not if it was sent back, or begun anew, meanwhile."""
    same = and_(
        connections.c.rebuild_at == before.rebuild_at,
        connections.c.rebuild_generation == before.rebuild_generation,
    )
    mine = is_connection(before.user_id, before.connection_id)
    conn.execute(update(connections).where(mine, same).values(rebuild_at=receipt))
