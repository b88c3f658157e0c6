"""What a listener is told about: a user's state at one moment, and what differs between two."""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import select

from openfit.background import jobs
from openfit.hub import Hub, now_ms
from openfit.intake import import_reports
from openfit.store import connections
from openfit.store.tables import dirty, users

IMPORTS = 3  # the latest ones are watched
MOST_MARKS = 500

Span = tuple[str, str]


class State(Struct, frozen=True):
    """`marks` are stretches of days that changed since the look before, by what changed."""

    sequence: int
    waiting: bool  # days or analyses are still due
    marks: dict[str, Span]
    imports: dict[str, dict[str, Any]]
    jobs: dict[str, dict[str, Any]]
    connections: dict[str, dict[str, Any]]


def read(hub: Hub, user_id: int, before: State | None = None) -> State:
    since = before.sequence if before is not None else None
    with hub.engine.connect() as conn:
        sequence = conn.execute(select(users.c.sequence).where(users.c.user_id == user_id)).scalar()
        marked = marks_since(conn, user_id, since)
        due = select(dirty.c.seq).where(dirty.c.user_id == user_id).limit(1)
        waiting = conn.execute(due).first() is not None
        latest = import_reports.recent(hub, conn, user_id, now_ms(), limit=IMPORTS, files=0)
        rows = connections.of_user(conn, user_id)
    return State(
        sequence=int(sequence or 0),
        waiting=waiting,
        marks=marked,
        imports={one.import_id: progress(one) for one in latest},
        jobs={f"{job.connection_id}/{job.kind}": plain(job) for job in jobs.jobs(hub, user_id)},
        connections={
            row.connection_id: {
                "connection_id": row.connection_id,
                "integration": row.integration,
                "status": row.status,
                "message": row.message,
            }
            for row in rows
        },
    )


def marks_since(conn: Any, user_id: int, since: int | None) -> dict[str, Span]:
    """Kinds that changed after a number of the user's sequence, each with its first and last
    day. Marks that begin with "!" are of analyses."""
    if since is None:
        return {}
    query = (
        select(dirty.c.metric, dirty.c.day_from, dirty.c.day_to)
        .where(dirty.c.user_id == user_id, dirty.c.seq > since)
        .limit(MOST_MARKS)
    )
    found: dict[str, Span] = {}
    for kind, first, last in conn.execute(query):
        if not kind.startswith("!"):
            known = found.get(kind, (first, last))
            found[kind] = (min(known[0], first), max(known[1], last))
    return found


def progress(report: import_reports.ImportReport) -> dict[str, Any]:
    found = plain(report)
    for name in ("files", "next_number"):
        found.pop(name)
    return found


def plain(one: Struct) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(one)
    return found


def news(before: State, after: State) -> Iterator[tuple[str, dict[str, Any]]]:
    """What happened between two looks, as kinds of events with what they say."""
    for kind, old, new in (
        ("import", before.imports, after.imports),
        ("job", before.jobs, after.jobs),
        ("connection", before.connections, after.connections),
    ):
        for name, said in new.items():
            if old.get(name) != said:
                yield kind, said
        for name in old.keys() - new.keys():
            if kind != "import":  # an older one is only not watched any more
                yield f"{kind}_over", named(kind, name)
    if after.sequence != before.sequence:
        yield "data", changed(after.marks)
    if not after.waiting and (before.waiting or after.sequence != before.sequence):
        yield "derived", {"sequence": after.sequence}


def named(kind: str, name: str) -> dict[str, Any]:
    if kind == "connection":
        return {"connection_id": name}
    connection_id, _, work = name.partition("/")
    return {"connection_id": connection_id, "kind": work}


def changed(marks: dict[str, Span]) -> dict[str, Any]:
    """Without kinds where the days were worked off before anybody looked: then it may be all."""
    firsts, lasts = [first for first, _ in marks.values()], [last for _, last in marks.values()]
    return {
        "kinds": sorted(marks),
        "first_day": min(firsts, default=None),
        "last_day": max(lasts, default=None),
    }
