"""What the hub wants to tell a person: what needs them, what went wrong, what is new.

Nothing is written down for it: each notice follows from rows that exist anyway, and is gone when
they are. Only which ones were read is remembered.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection

from openfit.hub import Hub
from openfit.intake import import_reports
from openfit.store import connections, entities, people, raw, settings, tasks
from openfit.store.engine import retrying, write
from openfit.views import day_records, training_view
from openfit.views.day_records import MetricRecords

SPAN = timedelta(days=7)
MOST = 50
IMPORTS = 20  # the latest, that are looked at
LEAST_DAYS = 28  # before a day of a metric is a record
READ = "notices_read"  # a setting of the person's
WRONG: tuple[import_reports.Status, ...] = ("failed", "partial")

Kind = Literal[
    "sign_in_again", "source_failed", "import_failed", "task_failed", "record", "day_record"
]
STANDING: dict[str, Kind] = {"reauth_required": "sign_in_again", "failed": "source_failed"}
STEPS = {
    "reauth_required": "Sign in there again; history and place are kept.",
    "failed": "Put right what it says, then sync it again.",
}
PRIORITIES: dict[Kind, int] = {"sign_in_again": 1, "source_failed": 1, "task_failed": 1}
USUAL, LOW = 2, 3


class Notice(Struct, frozen=True, kw_only=True):
    """`priority` 1 needs somebody. `at` is null where something stands that way, since whenever.
    `about` is the id of what it tells of: a connection, import, task, activity or metric."""

    id: str
    kind: Kind
    priority: int
    at: datetime | None
    message: str
    next_step: str
    about: str
    read: bool = False


class NoticeList(Struct, frozen=True):
    items: list[Notice]
    unread: int


def notices(hub: Hub, conn: Connection, user_id: int, now: datetime) -> NoticeList:
    """Of the last seven days: unread first, then what matters most, then the latest."""
    since = now - SPAN
    found = [
        *of_connections(hub, conn, user_id),
        *of_tasks(conn, user_id, since),
        *of_imports(hub, conn, user_id, since, now),
        *of_efforts(conn, user_id, since),
        *of_days(hub, conn, user_id, since, now),
    ]
    read = set(settings.read(conn, user_id, READ) or ())
    known = sorted((replace(one, read=one.id in read) for one in found), key=place)
    return NoticeList(known[:MOST], sum(not one.read for one in known))


def place(one: Notice) -> tuple[bool, int, float, str]:
    return (one.read, one.priority, -one.at.timestamp() if one.at else 0.0, one.id)


def mark_read(hub: Hub, user_id: int, ids: list[str] | None, now: datetime) -> NoticeList:
    """These, or all. What is not told any more is forgotten here."""

    def commit() -> NoticeList:
        with write(hub.engine) as conn:
            people.hold(conn, user_id)
            told = notices(hub, conn, user_id, now).items
            chosen = {one.id for one in told} if ids is None else set(ids)
            read = [one.id for one in told if one.read or one.id in chosen]
            settings.put(conn, user_id, READ, read)
            return notices(hub, conn, user_id, now)

    return retrying(commit)


# What there is to tell ---------------------------------------------------------------------------


def of_connections(hub: Hub, conn: Connection, user_id: int) -> Iterator[Notice]:
    for row in connections.of_user(conn, user_id):
        kind = STANDING.get(row.status)
        if kind is None:
            continue
        last = raw.last_of(conn, user_id, row.connection_id)  # another one once it went on
        yield Notice(
            id=f"connection:{row.connection_id}:{row.status}:{last}",
            kind=kind,
            priority=PRIORITIES[kind],
            at=None,
            message=row.message or f"{hub.plugins.name_of(row.integration)} does not go on.",
            next_step=STEPS[row.status],
            about=row.connection_id,
        )


def of_tasks(conn: Connection, user_id: int, since: datetime) -> Iterator[Notice]:
    for row in tasks.of_user(conn, user_id):
        ended = None if row.ended_at is None else entities.instant(row.ended_at)
        if row.state == "failed" and ended is not None and ended >= since:
            yield Notice(
                id=f"task:{row.task_id}",
                kind="task_failed",
                priority=PRIORITIES["task_failed"],
                at=ended,
                message=f"The {row.kind} failed: {row.message}",
                next_step="Ask for it again when what is wrong was put right.",
                about=row.task_id,
            )


def of_imports(
    hub: Hub, conn: Connection, user_id: int, since: datetime, now: datetime
) -> Iterator[Notice]:
    millis = entities.millis(now) or 0
    for one in import_reports.recent(hub, conn, user_id, millis, limit=IMPORTS, files=0):
        at, wrong = entities.instant(one.received_at), sum(one.counts.get(w, 0) for w in WRONG)
        if one.state == "done" and wrong and at >= since:
            yield Notice(
                id=f"import:{one.import_id}:{wrong}",
                kind="import_failed",
                priority=USUAL,
                at=at,
                message=f"{wrong} of {one.total} files could not be read to their end.",
                next_step="The import says what is wrong with each; originals are kept.",
                about=one.import_id,
            )


def of_efforts(conn: Connection, user_id: int, since: datetime) -> Iterator[Notice]:
    """Bests that took the place of another."""
    for one in training_view.records(conn, user_id, None).items:
        at = one.holder.start
        if at is not None and at >= since and one.before is not None:
            name = one.id.replace("_", " ")
            yield Notice(
                id=f"record:{one.id}:{one.sport}:{one.holder.activity}",
                kind="record",
                priority=LOW,
                at=at,
                message=f"A new record in {one.sport}: {name}, {one.value:g} {one.unit}.",
                next_step=f"Before it was {one.before.value:g}, on {one.before.day}.",
                about=one.holder.activity,
            )


def of_days(
    hub: Hub, conn: Connection, user_id: int, since: datetime, now: datetime
) -> Iterator[Notice]:
    for one in day_records.of_metrics(hub, conn, user_id, lambda _: True):
        best = better(one)
        if best is None or one.days < LEAST_DAYS:
            continue
        at = datetime.combine(best.day, datetime.min.time(), now.tzinfo)
        if at >= since:
            yield Notice(
                id=f"day:{one.metric}:{best.day}",
                kind="day_record",
                priority=LOW,
                at=at,
                message=f"{one.name}: {best.value:g} {one.unit}, as never in {one.days} days.",
                next_step=f"Days of {one.name} are among the metrics.",
                about=one.metric,
            )


def better(one: MetricRecords) -> day_records.DayRecord | None:
    return {"higher": one.highest, "lower": one.lowest}.get(one.better)
