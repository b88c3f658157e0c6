"""Sources: which device of which integration gives what, since when, and how it does."""

from datetime import datetime

from msgspec import Struct
from openfit_sdk.schema import Device
from sqlalchemy import Connection

from openfit.hub import Hub
from openfit.store import connections, entities, series, sourced
from openfit.views.labels import Named
from openfit.views.reading import metric_name


class SourceMetric(Struct, frozen=True):
    """A metric that a source gives, and the days of its first and last value."""

    metric: str
    name: str
    first_day: str
    last_day: str


class DeviceInfo(Struct, frozen=True, kw_only=True):
    """A source: a device of a connection, or the connection itself where it names no device
    (`type` is null then). `records` counts activities, sleeps, daily summaries and the like.
    Battery and firmware are as last told. `first_at` and `last_at` are of samples and records."""

    source_id: str
    label: str
    type: str | None
    vendor: str | None
    model: str | None
    firmware: str | None
    battery: float | None
    integration: str
    connection_id: str
    connection: str
    status: str
    message: str | None
    last_received_at: datetime | None
    first_at: datetime | None
    last_at: datetime | None
    metrics: list[SourceMetric]
    records: dict[str, int]


class DeviceList(Struct, frozen=True):
    items: list[DeviceInfo]


def devices(hub: Hub, conn: Connection, user_id: int) -> DeviceList:
    """Every source that gave anything, the one heard of last first."""
    views = Named(hub, conn, user_id)
    links = {row.connection_id: row for row in connections.of_user(conn, user_id)}
    received = sourced.last_received(conn, user_id)
    spans = spans_of(conn, user_id)
    given = sourced.metrics_of(conn, user_id, spans)
    found = []
    for source_id, connection_id in views.connections.items():
        link = links.get(connection_id)
        records = sourced.records_of(conn, user_id, source_id)
        if link is None or not (records or given.get(source_id)):
            continue
        told = views.devices.get(source_id)
        device = told if isinstance(told, Device) else None
        edges = [at for _, *edge in spans.get(source_id, []) for at in edge]
        edges += [at for count in records.values() for at in count.edges]
        at = received.get(connection_id)
        found.append(
            DeviceInfo(
                source_id=str(source_id),
                label=views.label(source_id),
                type=device.type if device else None,
                vendor=device.vendor if device else None,
                model=device.model if device else None,
                firmware=device.firmware if device else None,
                battery=device.battery if device else None,
                integration=link.integration,
                connection_id=connection_id,
                connection=link.name,
                status=link.status,
                message=link.message,
                last_received_at=None if at is None else entities.instant(at),
                first_at=entities.instant(min(edges)) if edges else None,
                last_at=entities.instant(max(edges)) if edges else None,
                metrics=[
                    SourceMetric(metric, metric_name(hub, metric), first, last)
                    for metric, (first, last) in sorted(given.get(source_id, {}).items())
                ],
                records={kind: count.n for kind, count in records.items()},
            )
        )
    return DeviceList(sorted(found, key=by_age, reverse=True))


def by_age(one: DeviceInfo) -> tuple[float, str]:
    return (one.last_at.timestamp() if one.last_at else 0.0, one.source_id)


def spans_of(conn: Connection, user_id: int) -> dict[int, list[tuple[str, int, int]]]:
    """Each source's metrics with the instants of their first and last sample."""
    found: dict[int, list[tuple[str, int, int]]] = {}
    for one, first, last in series.extents(conn, user_id):
        found.setdefault(one.source_id, []).append((one.metric, first, last))
    for metric, source_id, first, last in series.outings_extents(conn, user_id):
        found.setdefault(source_id, []).append((metric, first, last))
    return found
