"""What the API, the CLI and the export read: views over the store, always of one user."""

from datetime import datetime
from functools import cached_property
from typing import Any

import msgspec
from msgspec import Struct
from openfit_schema.time import Clock
from openfit_sdk.schema import Activity, AnyEntity, Device, Totals
from sqlalchemy import Connection, Row, select

from openfit.errors import NotFound
from openfit.hub import Hub
from openfit.store import connections, daily, days, entities, finding, series
from openfit.store.finding import ANY, Wanted
from openfit.store.tables import raw_items


class DeviceLabel(Struct, frozen=True, omit_defaults=True):
    type: str
    vendor: str | None = None
    model: str | None = None
    name: str | None = None


class ActivityRow(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the list of activities."""

    id: str
    sport: str
    start: datetime
    offset_basis: str
    day: str
    integration: str
    sub_sport: str | None = None
    name: str | None = None
    end: datetime | None = None
    utc_offset: str | None = None
    reported: Totals = Totals()
    computed: Totals | None = None
    group: str | None = None
    device: DeviceLabel | None = None
    twins: int = 0
    tags: list[str] = []


class Views:
    """Lookups that a list shares between its rows."""

    def __init__(self, conn: Connection, user_id: int) -> None:
        self.conn, self.user_id = conn, user_id

    @cached_property
    def clock(self) -> Clock:
        return days.clock(self.conn, self.user_id)

    @cached_property
    def devices(self) -> dict[int, AnyEntity]:
        return entities.devices_of(self.conn, self.user_id)

    @cached_property
    def groups(self) -> dict[str, str]:
        return daily.twin_groups(self.conn, self.user_id)

    @cached_property
    def members(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for entity_id, group in sorted(self.groups.items()):
            found.setdefault(group, []).append(entity_id)
        return found

    @cached_property
    def integrations(self) -> dict[str, str]:
        return connections.integrations(self.conn, self.user_id)

    @cached_property
    def labels(self) -> dict[int, DeviceLabel]:
        return {
            source: DeviceLabel(one.type, one.vendor, one.model, one.name)
            for source, one in self.devices.items()
            if isinstance(one, Device)
        }

    def device(self, source_id: int) -> DeviceLabel | None:
        return self.labels.get(source_id)

    @cached_property
    def connections(self) -> dict[int, str]:
        """The connection that each source belongs to."""
        return entities.connections_of_sources(self.conn, self.user_id)

    def twins(self, entity_id: str) -> list[str]:
        group = self.groups.get(entity_id)
        return [] if group is None else [id for id in self.members[group] if id != entity_id]

    def day(self, row: Row[Any]) -> str:
        """The wearer's day: as the record states it, else by the wearer's clock at its start."""
        return row.day or self.clock.day_of(entities.instant(row.start_at)).isoformat()


def activities(
    conn: Connection,
    user_id: int,
    *,
    limit: int,
    before: tuple[int, str] | None = None,
    twins: bool = False,
    wanted: Wanted = ANY,
) -> tuple[list[ActivityRow], tuple[int, str] | None]:
    """Newest first, and the place to go on from. Of the records of one event the leading one is
    listed; with `twins`, or where a source is asked for, each of them."""
    rows = finding.find(conn, user_id, wanted, before=before, limit=limit + 1, collapsed=not twins)
    views = Views(conn, user_id)
    changes = entities.edits_of(conn, user_id, [row.entity_id for row in rows])
    listed = [activity_row(views, row, changes.get(row.entity_id, [])) for row in rows[:limit]]
    last = rows[limit - 1] if len(rows) > limit else None
    return listed, last and (last.start_at, last.entity_id)


def activity_row(views: Views, row: Row[Any], changes: list[Row[Any]]) -> ActivityRow:
    activity = entities.decode(row, changes) if changes else finding.listed.decode(row.body)
    assert isinstance(activity, Activity | finding.Listed)
    return ActivityRow(
        id=row.entity_id,
        sport=activity.sport,
        sub_sport=activity.sub_sport,
        name=activity.name,
        start=activity.start,
        end=activity.end,
        utc_offset=activity.utc_offset,
        offset_basis=activity.basis,
        day=views.day(row),
        reported=activity.reported,
        computed=activity.computed,
        group=activity.group,
        device=views.device(row.source_id),
        integration=views.integrations.get(row.connection_id, ""),
        twins=len(views.twins(row.entity_id)),
        tags=tags_in(changes),
    )


def tags_in(changes: list[Row[Any]]) -> list[str]:
    """Tags are what a person says, so they are corrections alone."""
    said = [change.value for change in changes if change.field == "tags"]
    return msgspec.json.decode(said[-1], type=list[str]) if said else []


# One activity ------------------------------------------------------------------------------------


class StreamInfo(Struct, frozen=True):
    metric: str
    name: str
    method: str
    unit: str
    n: int


class FileInfo(Struct, frozen=True, omit_defaults=True):
    """An original that this activity was read from."""

    receipt: int
    sha256: str
    received_at: datetime
    normalized_by: str | None = None
    name: str | None = None
    member: str | None = None
    reports: list[dict[str, Any]] = []


class TwinInfo(Struct, frozen=True, omit_defaults=True):
    id: str
    integration: str
    name: str | None = None


class EditInfo(Struct, frozen=True):
    edit_id: int
    field: str
    value: Any
    made_at: datetime


class ActivityDetail(Struct, frozen=True, kw_only=True, omit_defaults=True):
    id: str
    activity: Activity
    day: str
    integration: str
    device: DeviceLabel | None = None
    streams: list[StreamInfo] = []
    files: list[FileInfo] = []
    twins: list[TwinInfo] = []
    edits: list[EditInfo] = []
    tags: list[str] = []


def activity(hub: Hub, conn: Connection, user_id: int, entity_id: str) -> ActivityDetail:
    row = found(conn, user_id, entity_id)
    views = Views(conn, user_id)
    changes = entities.edits_of(conn, user_id, [entity_id]).get(entity_id, [])
    decoded = entities.decode(row, changes)
    assert isinstance(decoded, Activity)
    return ActivityDetail(
        id=entity_id,
        activity=msgspec.structs.replace(decoded, unknown={}),
        day=views.day(row),
        integration=views.integrations.get(row.connection_id, ""),
        device=views.device(row.source_id),
        streams=streams_of(hub, conn, user_id, entity_id),
        files=files_of(conn, user_id, entity_id),
        twins=twins_of(conn, user_id, views, entity_id),
        edits=[edit_info(change) for change in changes],
        tags=tags_in(changes),
    )


def found(conn: Connection, user_id: int, entity_id: str, kind: str = "activity") -> Row[Any]:
    row = entities.get(conn, user_id, entity_id)
    if row is None or row.kind != kind:
        raise NotFound(f"There is no {kind} with this id.", code=f"no_{kind}")
    return row


def streams_of(hub: Hub, conn: Connection, user_id: int, entity_id: str) -> list[StreamInfo]:
    return [
        StreamInfo(one.metric, metric_name(hub, one.metric), one.method, one.unit, n)
        for one, n in series.of_activity(conn, user_id, entity_id)
    ]


def metric_name(hub: Hub, type: str) -> str:
    definition = hub.plugins.metric(type)
    return type if definition is None else definition.name


def files_of(conn: Connection, user_id: int, entity_id: str) -> list[FileInfo]:
    from openfit.store.tables import entities as rows

    query = (
        select(raw_items, rows.c.member)
        .join(
            rows, (rows.c.user_id == raw_items.c.user_id) & (rows.c.receipt == raw_items.c.receipt)
        )
        .where(raw_items.c.user_id == user_id, rows.c.entity_id == entity_id)
        .order_by(raw_items.c.receipt)
    )
    return [
        FileInfo(
            receipt=row.receipt,
            sha256=row.sha256,
            received_at=entities.instant(row.received_at),
            normalized_by=row.normalized_by,
            name=row.name,
            member=row.member,
            reports=[
                report
                for report in msgspec.json.decode(row.reports)
                if report["code"] != "read" and report.get("member") == row.member
            ],
        )
        for row in conn.execute(query)
    ]


def twins_of(conn: Connection, user_id: int, views: Views, entity_id: str) -> list[TwinInfo]:
    found = []
    for twin in views.twins(entity_id):
        row = entities.get(conn, user_id, twin)
        if row is not None:
            entity = entities.decode(row)
            name = entity.name if isinstance(entity, Activity) else None
            found.append(TwinInfo(twin, views.integrations.get(row.connection_id, ""), name))
    return found


def edit_info(row: Row[Any]) -> EditInfo:
    value = msgspec.json.decode(row.value)
    return EditInfo(row.edit_id, row.field, value, entities.instant(row.made_at))
