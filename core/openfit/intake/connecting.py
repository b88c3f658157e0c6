"""Connections after they were made: how they do, pausing them, asking for a sync, parting."""

from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, Row

from openfit.errors import NotFound, Refused
from openfit.hosting.actions import ActionInfo, infos
from openfit.hub import Hub, now_ms
from openfit.intake import sync
from openfit.store import connections, entities, sourced
from openfit.store.engine import retrying, write

DISCONNECTED = "disconnected"
LONGEST_NAME = 200


class StreamDays(Struct, frozen=True):
    """Days of a stream that are known, by state: have, empty, missing, error, unavailable. The
    stream `*` is the days that the hub has asked for as a whole."""

    stream: str
    days: dict[str, int]


class ConnectionStatus(Struct, frozen=True, kw_only=True):
    """How a connection does. `last_sync_at` is when the vendor was last asked, `last_received_at`
    when anything last came. `message` says what to do where something is wrong."""

    connection_id: str
    integration: str
    name: str
    status: str
    message: str | None
    paused: bool
    failures: int
    next_sync_at: datetime | None
    last_sync_at: datetime | None
    last_received_at: datetime | None
    history_from: datetime | None
    history_days_done: int
    history_days_total: int
    originals: dict[str, int]
    coverage: list[StreamDays]
    devices: list[str] = []  # names under which clients post what belongs here
    actions: list[ActionInfo] = []


class IntegrationStatus(Struct, frozen=True, kw_only=True):
    """An installed plugin and this user's connections to it."""

    id: str
    name: str
    version: str
    error: str | None
    connections: list[ConnectionStatus]


def moment(millis: int | None) -> datetime | None:
    return None if millis is None else entities.instant(millis)


def state_of(hub: Hub, row: Row[Any]) -> tuple[str, str | None]:
    """The status and message of a connection. What came of a plugin that was removed waits until
    it is installed again, so this is said and not stored."""
    try:
        hub.plugins.plugin(row.integration)
    except NotFound as missing:
        return "failed", f"{missing.message} {missing.next_step}"
    return row.status, row.message


def status_of(hub: Hub, conn: Connection, row: Row[Any]) -> ConnectionStatus:
    user_id, connection_id = row.user_id, row.connection_id
    done, total = sync.history(hub, row)
    coverage = sourced.covered_days(conn, user_id, connection_id)
    status, message = state_of(hub, row)
    return ConnectionStatus(
        connection_id=connection_id,
        integration=row.integration,
        name=row.name,
        status=status,
        message=message,
        paused=row.status == "paused",
        failures=row.failures,
        next_sync_at=moment(row.next_sync_at),
        last_sync_at=moment(sourced.last_checked(conn, user_id).get(connection_id)),
        last_received_at=moment(sourced.last_received(conn, user_id).get(connection_id)),
        history_from=moment(row.history_from),
        history_days_done=done,
        history_days_total=total,
        originals=sourced.items_by_state(conn, user_id, connection_id),
        devices=connections.devices(row),
        coverage=[StreamDays(stream, days) for stream, days in coverage.items()],
        actions=actions_of(hub, row),
    )


def actions_of(hub: Hub, row: Row[Any]) -> list[ActionInfo]:
    """What it can be told to do, while it is connected and its plugin is installed."""
    found = hub.plugins.plugins.get(row.integration)
    if found is None or row.status == DISCONNECTED:
        return []
    return [one for one in infos(found.manifest) if one.needs == "connection"]


def statuses(hub: Hub, conn: Connection, user_id: int) -> list[ConnectionStatus]:
    return [status_of(hub, conn, row) for row in connections.of_user(conn, user_id)]


def one(hub: Hub, user_id: int, connection_id: str) -> ConnectionStatus:
    with hub.engine.connect() as conn:
        return status_of(hub, conn, connections.get(conn, user_id, connection_id))


def of_integration(hub: Hub, user_id: int, integration: str) -> IntegrationStatus:
    found = hub.plugins.plugin(integration)
    with hub.engine.connect() as conn:
        rows = connections.of_user(conn, user_id, integration)
        mine = [status_of(hub, conn, row) for row in rows]
    return IntegrationStatus(
        id=found.name,
        name=found.manifest.name if found.manifest else found.name,
        version=found.version,
        error=found.error,
        connections=mine,
    )


def ask_for_sync(hub: Hub, user_id: int, integration: str) -> IntegrationStatus:
    """Have every connection of an integration synced now instead of when it is due."""
    hub.plugins.plugin(integration)

    def commit() -> None:
        with write(hub.engine) as conn:
            rows = connections.of_user(conn, user_id, integration)
            if not rows:
                raise NotFound(
                    f"You have no connection to {integration}.",
                    code="no_connection",
                    next_step=f"Make one: POST /integrations/{integration}/connect.",
                )
            for row in rows:
                due_now(conn, row)

    retrying(commit)
    return of_integration(hub, user_id, integration)


def due_now(conn: Connection, row: Row[Any]) -> None:
    if row.status == DISCONNECTED:
        raise Refused(
            f"{row.name} is disconnected.", code="disconnected", next_step="Connect it again."
        )
    again = {"status": "ok"} if row.status in ("paused", "failed") else {}
    connections.change(conn, row.user_id, row.connection_id, next_sync_at=now_ms(), **again)


def change(
    hub: Hub,
    user_id: int,
    connection_id: str,
    *,
    name: str | None = None,
    paused: bool | None = None,
    history_from: datetime | None = None,
    devices: list[str] | None = None,
) -> ConnectionStatus:
    """What is None stays as it is. A paused connection is asked for nothing until it goes on."""
    values: dict[str, Any] = {}
    if name is not None:
        plain = " ".join(name.replace("\x00", "").split())
        if not plain or len(plain) > LONGEST_NAME:
            raise Refused(
                f"A name has 1 to {LONGEST_NAME} characters.",
                code="invalid",
                next_step="Change it.",
            )
        values["name"] = plain
    if history_from is not None:
        values["history_from"] = entities.millis(history_from)

    def commit() -> None:
        with write(hub.engine) as conn:
            row = connections.get(conn, user_id, connection_id)
            if paused is True and row.status != DISCONNECTED:
                values.update(status="paused", next_sync_at=None)
            elif paused is False and row.status == "paused":
                values.update(status="ok", next_sync_at=now_ms())
            if devices is not None:
                known = msgspec.json.decode(row.settings, type=dict[str, Any])
                settings = known | {connections.DEVICES: sorted({one.strip() for one in devices})}
                values["settings"] = msgspec.json.encode(settings).decode()
            if values:
                connections.change(conn, user_id, connection_id, **values)

    retrying(commit)
    return one(hub, user_id, connection_id)


def disconnect(hub: Hub, user_id: int, connection_id: str) -> ConnectionStatus:
    """Forget the credentials and ask for nothing any more. What came is kept."""

    def commit() -> None:
        with write(hub.engine) as conn:
            connections.get(conn, user_id, connection_id)
            connections.change(
                conn,
                user_id,
                connection_id,
                auth_state=None,
                status=DISCONNECTED,
                message=None,
                detail=None,
                failures=0,
                next_sync_at=None,
            )

    retrying(commit)
    return one(hub, user_id, connection_id)
