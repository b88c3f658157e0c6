"""How imports go: how much is done of how much, how long it will take, what each file became."""

from typing import Any, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import ColumnElement, Connection, Row, and_, func, select

from openfit.errors import NotFound
from openfit.hub import Hub
from openfit.store import connections, days, entities, paces, waiting
from openfit.store.tables import entities as entity_rows
from openfit.store.tables import imports, raw_items

Status = Literal[
    "queued",
    "blocked",
    "reading",
    "imported",
    "duplicate",
    "partial",
    "failed",
    "unsupported",
    "cancelled",
]
State = Literal["running", "cancelling", "cancelled", "done"]
MOST_FILES = 1000  # in one answer
Missing = dict[str, NotFound]  # a connection whose plugin is not there


class Failure(Struct, frozen=True):
    code: str
    message: str
    next_step: str = ""


class FileReport(Struct, frozen=True, kw_only=True):
    """What became of one file. `members` were read in it so far, where it is an archive. One that
    is `blocked` waits for the plugin that reads it; `error` says which."""

    number: int
    name: str
    size: int
    status: Status
    counts: dict[str, int] = {}
    warnings: list[str] = []
    error: Failure | None = None
    activities: list[str] = []
    receipt: int | None = None
    members: int = 0


class ImportReport(Struct, frozen=True, kw_only=True):
    """Counts are of files, sizes of their bytes; `counts` tell how many of all files, also of those
    that are not in this answer, came to which status. The remaining time comes from the pace of the
    last minute; where it is not known, `remaining_reason` says why. While `deriving`, days that
    files changed are still worked out, and recordings of one event are not yet one line."""

    import_id: str
    state: State
    deriving: bool
    total: int
    done: int
    cancelled: int
    size: int
    size_done: int
    members: int
    received_at: int
    counts: dict[Status, int] = {}
    bytes_per_second: int | None = None
    remaining_seconds: int | None = None
    remaining_reason: Literal["too_early", "waiting", "cancelled", "no_plugin"] | None = None
    files: list[FileReport] = []
    next_number: int | None = None  # of the first file that did not fit in this answer


def report(
    hub: Hub,
    conn: Connection,
    user_id: int,
    import_id: str,
    now: int,
    *,
    start: int = 0,
    most: int = MOST_FILES,
) -> ImportReport:
    """One import with its files, from a number on."""
    mine = imports.c.import_id == import_id
    groups = grouped(conn, user_id, mine)
    if not groups:
        raise NotFound("There is no such import.", code="no_import")
    rows = joined(conn, user_id, and_(mine, imports.c.number >= start), most + 1)
    activities = activities_of(conn, user_id, rows[:most])
    missing = unread(hub, conn, user_id)
    return replace(
        summary(conn, user_id, groups, missing, now),
        counts=counts_of(conn, user_id, mine, missing),
        files=[file_report(row, activities, missing) for row in rows[:most]],
        next_number=rows[most].number if len(rows) > most else None,
    )


def unread(hub: Hub, conn: Connection, user_id: int) -> Missing:
    """Connections whose plugin is not installed, so that what came of them waits, and why."""
    found: Missing = {}
    for connection_id, integration in connections.integrations(conn, user_id).items():
        try:
            hub.plugins.plugin(integration)
        except NotFound as missing:
            found[connection_id] = missing
    return found


def recent(
    hub: Hub,
    conn: Connection,
    user_id: int,
    now: int,
    *,
    limit: int,
    before: tuple[int, str] | None = None,
    files: int = MOST_FILES,
) -> list[ImportReport]:
    """Imports, the latest first; `before` is the (time, id) of the last one seen."""
    first = func.min(imports.c.received_at)
    query = (
        select(imports.c.import_id)
        .where(imports.c.user_id == user_id)
        .group_by(imports.c.import_id)
        .order_by(first.desc(), imports.c.import_id)
        .limit(limit)
    )
    if before is not None:
        at, seen = before
        query = query.having((first < at) | ((first == at) & (imports.c.import_id > seen)))
    return [
        report(hub, conn, user_id, import_id, now, most=files)
        for import_id in list(conn.execute(query).scalars())
    ]


def same_item() -> ColumnElement[bool]:
    return and_(raw_items.c.user_id == imports.c.user_id, raw_items.c.receipt == imports.c.receipt)


def grouped(conn: Connection, user_id: int, which: ColumnElement[bool]) -> list[Row[Any]]:
    """An import's files by the state of what was taken in; no state is that of refused ones."""
    query = (
        select(
            imports.c.import_id,
            raw_items.c.state,
            raw_items.c.connection_id,
            func.count().label("files"),
            func.sum(imports.c.size).label("size"),
            func.sum(func.coalesce(raw_items.c.at_byte, 0)).label("at_byte"),
            func.sum(func.coalesce(raw_items.c.members, 0)).label("members"),
            func.min(imports.c.received_at).label("received_at"),
        )
        .outerjoin(raw_items, same_item())
        .where(imports.c.user_id == user_id, which)
        .group_by(imports.c.import_id, raw_items.c.state, raw_items.c.connection_id)
    )
    return list(conn.execute(query))


def summary(
    conn: Connection, user_id: int, groups: list[Row[Any]], missing: Missing, now: int
) -> ImportReport:
    aside = [row for row in groups if row.state in ("cancelling", "cancelled")]
    waits = [row for row in groups if row.state == "pending"]
    size, total = (sum(int(getattr(row, name)) for row in groups) for name in ("size", "files"))
    left = sum(int(row.size) - int(row.at_byte) for row in waits)
    known = ImportReport(
        import_id=groups[0].import_id,
        state=state_of(groups),
        deriving=days.any_due(conn, user_id),
        total=total,
        done=total - sum(row.files for row in waits) - sum(row.files for row in aside),
        cancelled=sum(row.files for row in aside),
        size=size,
        size_done=size - left - sum(int(row.size) for row in aside),
        members=sum(int(row.members) for row in groups),
        received_at=min(row.received_at for row in groups),
    )
    if not waits:
        return known
    read = [row for row in waits if row.connection_id not in missing]
    if not read:
        return replace(known, remaining_reason="no_plugin")
    return timed(conn, user_id, known, read[0].connection_id, left, now)


def state_of(groups: list[Row[Any]]) -> State:
    states = {row.state for row in groups}
    if "pending" in states:
        return "running"
    if "cancelling" in states:
        return "cancelling"
    return "cancelled" if "cancelled" in states else "done"


def timed(
    conn: Connection, user_id: int, known: ImportReport, connection_id: str, left: int, now: int
) -> ImportReport:
    """With the time that is left, at the pace at which this connection's items went of late."""
    marks = paces.marks_of(conn, user_id, connection_id, "read")
    in_front = waiting.newer_bytes(conn, user_id, connection_id, known.import_id)
    seconds, reason = paces.remaining(left + in_front, marks, now)
    pace = paces.rate(marks, now)
    return replace(
        known,
        bytes_per_second=None if pace is None else round(pace),
        remaining_seconds=seconds,
        remaining_reason=reason,
    )


def counts_of(
    conn: Connection, user_id: int, which: ColumnElement[bool], missing: Missing
) -> dict[Status, int]:
    """How many files came to which status. Files of which the same is known are one row here."""
    telling = (
        imports.c.error,
        imports.c.duplicate,
        raw_items.c.connection_id,
        raw_items.c.state,
        raw_items.c.lease_owner,
        raw_items.c.reports,
        raw_items.c.counts,
    )
    query = (
        select(*telling, func.count().label("files"))
        .outerjoin(raw_items, same_item())
        .where(imports.c.user_id == user_id, which)
        .group_by(*telling)
    )
    found: dict[Status, int] = {}
    for row in conn.execute(query):
        status = status_of(row, missing)
        found[status] = found.get(status, 0) + row.files
    return found


def joined(
    conn: Connection, user_id: int, which: ColumnElement[bool], limit: int
) -> list[Row[Any]]:
    query = (
        select(
            imports,
            raw_items.c.connection_id,
            raw_items.c.state,
            raw_items.c.lease_owner,
            raw_items.c.members,
            raw_items.c.reports,
            raw_items.c.counts,
        )
        .outerjoin(raw_items, same_item())
        .where(imports.c.user_id == user_id, which)
        .order_by(imports.c.number)
        .limit(limit)
    )
    return list(conn.execute(query))


def file_report(row: Row[Any], activities: dict[int, list[str]], missing: Missing) -> FileReport:
    status = status_of(row, missing)
    known = FileReport(
        number=row.number, name=row.name, size=row.size, receipt=row.receipt, status=status
    )
    if row.error is not None:
        return replace(known, error=msgspec.json.decode(row.error, type=Failure))
    if row.state is None:
        return replace(known, error=Failure("removed", f"{row.name} was removed again.", ""))
    if status == "blocked":
        plugin = missing[row.connection_id]
        message = f"{row.name} is kept and waits. {plugin.message}"
        return replace(known, error=Failure(plugin.code, message, plugin.next_step))
    if row.state == "pending":
        return replace(known, members=row.members)
    if status == "cancelled":
        return known
    reports = msgspec.json.decode(row.reports)
    return replace(
        known,
        counts=msgspec.json.decode(row.counts),
        warnings=warnings_of(reports, status),
        error=error_of(reports) if status in ("failed", "unsupported") else None,
        members=row.members,
        activities=activities.get(row.receipt, []),
    )


def status_of(row: Row[Any], missing: Missing) -> Status:
    if row.error is not None or row.state is None:  # refused, or removed again
        return "failed"
    if row.state == "pending" and row.connection_id in missing:
        return "blocked"
    if row.state == "pending":
        return "queued" if row.lease_owner is None else "reading"
    if row.state in ("cancelling", "cancelled"):
        return "cancelled"
    return "duplicate" if row.duplicate else read_status(row)


def read_status(row: Row[Any]) -> Status:
    """A container is as good as its members: some read and some not is partial."""
    said = {report["status"] for report in msgspec.json.decode(row.reports)}
    counts: dict[str, int] = msgspec.json.decode(row.counts)
    counts.pop("device", None)  # who recorded it is no content
    if not any(counts.values()) and said and said <= {"failed", "unsupported", "skipped"}:
        return "failed" if "failed" in said else "unsupported"
    return "partial" if said & {"partial", "failed"} else "imported"


def warnings_of(reports: list[dict[str, Any]], status: Status) -> list[str]:
    wanted = [report for report in reports if report["code"] != "read"]
    if status in ("failed", "unsupported"):
        wanted = wanted[1:]
    return [f"{r['member']}: {r['message']}" if r.get("member") else r["message"] for r in wanted]


NEXT_STEPS = {
    "unknown_format": "Export the data as FIT, GPX or TCX, or look for a plugin that reads it.",
    "route_only": "Nothing to do: a planned route holds no recording. The original is kept.",
    "plugin_died": "The original is kept and is tried again when the plugin is updated.",
    "plugin_bug": "The original is kept. Please report this with the plugin's name and version.",
}


def error_of(reports: list[dict[str, Any]]) -> Failure | None:
    bad = [report for report in reports if report["status"] not in ("ok", "partial")]
    if not bad:
        return None
    first = bad[0]
    step = "The original is kept. Export the file again from where it came and import that."
    return Failure(first["code"], first["message"], NEXT_STEPS.get(first["code"], step))


def activities_of(conn: Connection, user_id: int, rows: list[Row[Any]]) -> dict[int, list[str]]:
    """The activities that are shown of what each raw item yields."""
    yielded = entity_rows.alias()
    found: dict[int, list[str]] = {}
    receipts = [row.receipt for row in rows if row.receipt is not None]
    for at in range(0, len(receipts), 500):
        query = (
            select(yielded.c.receipt, entity_rows.c.entity_id)
            .join(
                yielded,
                and_(
                    yielded.c.user_id == user_id,
                    yielded.c.entity_id == entity_rows.c.entity_id,
                ),
            )
            .where(
                entities.visible(user_id),
                entity_rows.c.kind == "activity",
                yielded.c.receipt.in_(receipts[at : at + 500]),
            )
            .order_by(entity_rows.c.start_at)
        )
        for row in conn.execute(query):
            found.setdefault(row.receipt, []).append(row.entity_id)
    return found
