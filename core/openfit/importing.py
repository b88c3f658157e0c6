"""Files a person hands over: taken in one by one, and what became of each of them."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct
from openfit_sdk import RawItem
from sqlalchemy import Connection, Row, and_, func, insert, select

from openfit.errors import HubError, NotFound
from openfit.hub import Hub, now_ms
from openfit.ingest import accept
from openfit.store import connections, entities, raw
from openfit.store.engine import retrying, write
from openfit.store.raw import Spooled
from openfit.store.tables import entities as entity_rows
from openfit.store.tables import imports, raw_items

INTEGRATION = "fileimport"
CHUNK = 1024 * 1024
SKIP_NAMES = {".DS_Store", "Thumbs.db", "desktop.ini"}

Status = Literal["queued", "reading", "imported", "duplicate", "partial", "failed", "unsupported"]


class Failure(Struct, frozen=True):
    code: str
    message: str
    next_step: str = ""


class FileReport(Struct, frozen=True, kw_only=True):
    """What became of one file."""

    number: int
    name: str
    size: int
    status: Status
    counts: dict[str, int] = {}
    warnings: list[str] = []
    error: Failure | None = None
    activities: list[str] = []
    receipt: int | None = None


class ImportReport(Struct, frozen=True, kw_only=True):
    import_id: str
    state: Literal["running", "done"]
    total: int
    done: int
    received_at: int
    files: list[FileReport] = []


def connection_of(hub: Hub, user_id: int) -> str:
    """Every user has one connection for files; all of them end up in the same sources."""

    def ensure() -> str:
        with write(hub.engine) as conn:
            return str(connections.ensure(conn, user_id, INTEGRATION, now_ms()).connection_id)

    return retrying(ensure)


def new_import() -> str:
    return str(uuid.uuid4())


def take_file(hub: Hub, user_id: int, import_id: str, name: str, spooled: Spooled) -> int:
    """Accept one file and note it in the import; answers its number there."""
    connection_id = connection_of(hub, user_id)
    item = RawItem(kind="file", id=spooled.sha256, media_type="application/octet-stream", name=name)
    [accepted] = accept(hub, user_id, connection_id, [(item, spooled)])
    return note(
        hub,
        user_id,
        import_id,
        name=name,
        size=spooled.size,
        receipt=accepted.receipt,
        duplicate=accepted.duplicate,
    )


def refuse_file(hub: Hub, user_id: int, import_id: str, name: str, error: HubError) -> int:
    """Note a file that could not even be taken in."""
    failure = Failure(error.code, error.message, error.next_step)
    encoded = msgspec.json.encode(failure).decode()
    return note(hub, user_id, import_id, name=name, size=0, error=encoded)


def note(hub: Hub, user_id: int, import_id: str, **values: Any) -> int:
    def commit() -> int:
        with write(hub.engine) as conn:
            mine = and_(imports.c.user_id == user_id, imports.c.import_id == import_id)
            last = conn.execute(select(func.max(imports.c.number)).where(mine)).scalar()
            number = 0 if last is None else int(last) + 1
            row = {"user_id": user_id, "import_id": import_id, "number": number}
            conn.execute(insert(imports).values(row | {"received_at": now_ms()} | values))
            return number

    return retrying(commit)


def walk(paths: list[Path]) -> Iterator[Path]:
    """The files of paths and folders, in a steady order; what systems leave behind is skipped."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for found in sorted(path.rglob("*")):
            hidden = any(part.startswith(".") for part in found.relative_to(path).parts)
            if found.is_file() and not hidden and found.name not in SKIP_NAMES:
                yield found


def import_path(hub: Hub, user_id: int, import_id: str, path: Path) -> int:
    """Take in one file of this machine; a file that cannot be read is noted as failed."""
    try:
        with path.open("rb") as source:
            chunks = iter(lambda: source.read(CHUNK), b"")
            spooled = raw.spool_chunks(hub.raw, chunks, path.name)
    except OSError as error:
        refusal = NotFound(
            f"{path} cannot be read: {error.strerror}.",
            code="unreadable",
            next_step="Check the path and its permissions, then import it again.",
        )
        return refuse_file(hub, user_id, import_id, str(path), refusal)
    except HubError as error:
        return refuse_file(hub, user_id, import_id, str(path), error)
    return take_file(hub, user_id, import_id, path.name, spooled)


# What became of it -------------------------------------------------------------------------------


def report(conn: Connection, user_id: int, import_id: str) -> ImportReport:
    rows = joined(conn, and_(imports.c.user_id == user_id, imports.c.import_id == import_id))
    if not rows:
        raise NotFound("There is no such import.", code="no_import")
    files = [file_report(conn, user_id, row) for row in rows]
    return summary(import_id, rows, files)


def joined(conn: Connection, where: Any) -> list[Row[Any]]:
    query = (
        select(
            imports,
            raw_items.c.state,
            raw_items.c.attempts,
            raw_items.c.reports,
            raw_items.c.counts,
        )
        .outerjoin(
            raw_items,
            and_(
                raw_items.c.user_id == imports.c.user_id, raw_items.c.receipt == imports.c.receipt
            ),
        )
        .where(where)
        .order_by(imports.c.received_at.desc(), imports.c.number)
    )
    return list(conn.execute(query))


def summary(import_id: str, rows: list[Row[Any]], files: list[FileReport]) -> ImportReport:
    done = sum(file.status not in ("queued", "reading") for file in files)
    return ImportReport(
        import_id=import_id,
        state="done" if done == len(files) else "running",
        total=len(files),
        done=done,
        received_at=min(row.received_at for row in rows),
        files=sorted(files, key=lambda file: file.number),
    )


def recent(conn: Connection, user_id: int, limit: int) -> list[ImportReport]:
    newest = (
        select(imports.c.import_id)
        .where(imports.c.user_id == user_id)
        .group_by(imports.c.import_id)
        .order_by(func.min(imports.c.received_at).desc())
        .limit(limit)
    )
    return [report(conn, user_id, import_id) for import_id in list(conn.execute(newest).scalars())]


def file_report(conn: Connection, user_id: int, row: Row[Any]) -> FileReport:
    known = {"number": row.number, "name": row.name, "size": row.size, "receipt": row.receipt}
    if row.error is not None:
        error = msgspec.json.decode(row.error, type=Failure)
        return FileReport(**known, status="failed", error=error)
    if row.receipt is None or row.state is None:
        gone = Failure("removed", f"{row.name} was removed again.", "")
        return FileReport(**known, status="failed", error=gone)
    if row.state == "pending":
        return FileReport(**known, status="reading" if row.attempts else "queued")
    reports = msgspec.json.decode(row.reports)
    status = status_of(row, reports)
    return FileReport(
        **known,
        status=status,
        counts=msgspec.json.decode(row.counts),
        warnings=warnings_of(reports, status),
        error=error_of(reports) if status in ("failed", "unsupported") else None,
        activities=activities_of(conn, user_id, row.receipt),
    )


def status_of(row: Row[Any], reports: list[dict[str, Any]]) -> Status:
    """A container is as good as its members: some read and some not is partial."""
    if row.duplicate:
        return "duplicate"
    said = {report["status"] for report in reports}
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


def activities_of(conn: Connection, user_id: int, receipt: int) -> list[str]:
    query = select(entity_rows.c.entity_id).where(
        entities.visible(user_id),
        entity_rows.c.kind == "activity",
        entity_rows.c.entity_id.in_(
            select(entity_rows.c.entity_id).where(
                entity_rows.c.user_id == user_id, entity_rows.c.receipt == receipt
            )
        ),
    )
    return list(conn.execute(query.order_by(entity_rows.c.start_at)).scalars())
