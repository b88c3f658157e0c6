"""Long work of connections: originals that are read again, and history still to be fetched."""

from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import Connection, Row

from openfit.errors import Refused
from openfit.hub import Hub, now_ms
from openfit.intake import sync
from openfit.store import connections, paces, waiting
from openfit.store.engine import write

Kind = Literal["renormalize", "history"]


class Job(Struct, frozen=True, kw_only=True):
    """`done` of `total` in originals or days; the remaining time is by the pace of late."""

    connection_id: str
    integration: str
    name: str
    kind: Kind
    state: Literal["running", "paused"]
    unit: Literal["originals", "days"]
    done: int
    total: int
    size_done: int | None = None
    size: int | None = None
    remaining_seconds: int | None = None
    remaining_reason: Literal["too_early", "waiting", "paused"] | None = None


def jobs(hub: Hub, user_id: int) -> list[Job]:
    now = now_ms()
    with hub.engine.connect() as conn:
        rows = connections.of_user(conn, user_id)
        found = [rewriting(conn, row, now) for row in rows if row.rebuild]
        marks = {
            row.connection_id: paces.marks_of(conn, user_id, row.connection_id, "sync")
            for row in rows
        }
    walks = [walk(hub, row, marks[row.connection_id], now) for row in rows]
    return [*found, *(one for one in walks if one is not None)]


def rewriting(conn: Connection, row: Row[Any], now: int) -> Job:
    at = row.rebuild_at or 0
    done, total, size_done, size = waiting.rewritten(conn, row.user_id, row.connection_id, at)
    marks = paces.marks_of(conn, row.user_id, row.connection_id, "rebuild")
    seconds, reason = paces.remaining(size - size_done, marks, now)
    return Job(
        connection_id=row.connection_id,
        integration=row.integration,
        name=row.name,
        kind="renormalize",
        state="paused" if row.rebuild_paused else "running",
        unit="originals",
        done=done,
        total=total,
        size_done=size_done,
        size=size,
        remaining_seconds=None if row.rebuild_paused else seconds,
        remaining_reason="paused" if row.rebuild_paused else reason,
    )


def walk(hub: Hub, row: Row[Any], marks: list[paces.Mark], now: int) -> Job | None:
    """None where nothing is fetched, or all of the wanted history is here."""
    if row.next_sync_at is None:
        return None
    done, total = sync.history(hub, row)
    if done >= total - sync.LATEST_DAYS:
        return None
    seconds, reason = paces.remaining(total - done, marks, now)
    return Job(
        connection_id=row.connection_id,
        integration=row.integration,
        name=row.name,
        kind="history",
        state="paused" if row.history_paused else "running",
        unit="days",
        done=done,
        total=total,
        remaining_seconds=None if row.history_paused else seconds,
        remaining_reason="paused" if row.history_paused else reason,
    )


def pause(hub: Hub, user_id: int, connection_id: str, kind: Kind, paused: bool) -> None:
    """Stop where it is and keep what is done, or go on from there."""
    with write(hub.engine) as conn:
        row = connections.get(conn, user_id, connection_id)
        if kind == "renormalize" and not row.rebuild:
            raise Refused(
                f"Nothing of {row.name} is being read again.",
                code="no_job",
                next_step='Ask for it with "openfit renormalize".',
            )
        column = "rebuild_paused" if kind == "renormalize" else "history_paused"
        connections.change(conn, user_id, connection_id, **{column: paused})
        if kind == "history" and not paused and row.next_sync_at is not None:
            connections.change(conn, user_id, connection_id, next_sync_at=now_ms())
