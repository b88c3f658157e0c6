"""Dirty days become daily values: rolled up along the wearer's clock, then resolved by ladder.

Everything here recomputes from stored samples and may be repeated; nothing is added to.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import msgspec
import numpy as np
from openfit_schema.metrics import MetricDef
from openfit_schema.time import Clock
from openfit_sdk.schema import Activity, Device, Sleep
from sqlalchemy import Connection

from openfit import wearer
from openfit.hub import Hub
from openfit.merge import (
    Candidate,
    Resolved,
    Session,
    ladder_stamp,
    rank,
    resolve,
    twin_groups,
    unite,
)
from openfit.store import daily, days, entities, series
from openfit.store.engine import retrying, write

SESSIONS = ("activity", "sleep")


def run(hub: Hub, user_id: int) -> int:
    """Derive what is due for one user; answers how many marks were worked off."""
    return retrying(lambda: derive(hub, user_id))


def derive(hub: Hub, user_id: int) -> int:
    with write(hub.engine) as conn:
        changed = refresh_clock(conn, user_id)
        marks = days.due(conn, user_id)
        clock = days.clock(conn, user_id)
        for kind in SESSIONS:
            if any(mark.metric == kind for mark in marks):
                group_twins(conn, user_id, kind)
        spans = [*spans_of(marks), *whole_history(conn, user_id, changed)]
        for metric, (first, last) in merged(spans):
            roll_up(hub, conn, user_id, metric, clock, first, last)
        if marks:
            days.done(conn, user_id, max(mark.seq for mark in marks))
        return len(marks)


Span = tuple[str, tuple[date, date]]
ONE_DAY = timedelta(days=1)


def spans_of(marks: Iterable[Any]) -> list[Span]:
    """A day of UTC touches the wearer's days on both of its sides."""
    return [
        (mark.metric, widened(date.fromisoformat(mark.day_from), date.fromisoformat(mark.day_to)))
        for mark in marks
        if mark.metric not in SESSIONS
    ]


def widened(first: date, last: date) -> tuple[date, date]:
    return first - ONE_DAY, last + ONE_DAY


def merged(spans: Sequence[Span]) -> list[Span]:
    """Overlapping spans of a metric as one, so that no day is derived twice."""
    found: list[Span] = []
    for metric, (first, last) in sorted(spans):
        if found and found[-1][0] == metric and first <= found[-1][1][1] + ONE_DAY:
            start, end = found[-1][1]
            found[-1] = (metric, (start, max(end, last)))
        else:
            found.append((metric, (first, last)))
    return found


# The wearer's clock ------------------------------------------------------------------------------


def refresh_clock(conn: Connection, user_id: int) -> bool:
    """Rebuild the clock when statements changed; True if days may now fall otherwise."""
    if not days.clock_is_stale(conn, user_id):
        return False
    homes = [
        (entities.millis(midnight(day)) or 0, str(msgspec.json.decode(value)))
        for day, value in days.home_zones(conn, user_id)
    ]
    built = wearer.segments(days.stated_offsets(conn, user_id), homes)
    days.clock_stale(conn, user_id, False)
    return days.replace_clock(conn, user_id, built)


def midnight(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time.min, UTC)


def whole_history(conn: Connection, user_id: int, changed: bool) -> list[Span]:
    """After a change of clock every series is cut into days anew: cheap, from minute packs."""
    if not changed:
        return []
    return [
        (metric, widened(days.utc_day(start), days.utc_day(end)))
        for metric, start, end in series.spans(conn, user_id)
    ]


# Days of one metric ------------------------------------------------------------------------------


def roll_up(
    hub: Hub, conn: Connection, user_id: int, metric: str, clock: Clock, first: date, last: date
) -> None:
    """Fold every source's samples to the wearer's days, then resolve the sources to one value."""
    if metric == "wellness":
        for reported in daily.wellness_metrics(conn, user_id, first, last):
            roll_up(hub, conn, user_id, reported, clock, first, last)
        return
    definition = hub.plugins.metric(metric)
    if definition is None:
        return
    live = series.continuous(conn, user_id, metric)
    rows = [
        daily.Value(day, one.source_id, one.method, value, n)
        for one in live
        for day, value, n in series.fold_days(conn, user_id, one, definition, clock, first, last)
    ]
    rows += daily.reported(conn, user_id, metric, first, last)
    daily.replace(conn, user_id, metric, first, last, rows)
    daily.replace_resolved(
        conn,
        user_id,
        metric,
        first,
        last,
        resolved_days(conn, user_id, definition, live, clock, rows),
    )


def resolved_days(
    conn: Connection,
    user_id: int,
    definition: MetricDef,
    live: Sequence[series.Series],
    clock: Clock,
    rows: Sequence[daily.Value],
) -> dict[date, tuple[Resolved, str]]:
    ladder = daily.ladder(conn, user_id, definition.id)
    stamp = ladder_stamp(ladder)
    types = device_types(conn, user_id)
    by_day: dict[date, list[Candidate]] = {}
    for row in rows:
        kind = types.get(row.source_id, "")
        candidate = Candidate(row.source_id, kind, row.method, row.value, row.n)
        by_day.setdefault(row.day, []).append(candidate)
    united = unite_days(conn, user_id, definition, live, clock, ladder, types, by_day)
    found: dict[date, tuple[Resolved, str]] = {}
    for day, candidates in by_day.items():
        best = united.get(day) or resolve(candidates, ladder)
        if best is not None:
            found[day] = (best, stamp)
    return found


def unite_days(
    conn: Connection,
    user_id: int,
    definition: MetricDef,
    live: Sequence[series.Series],
    clock: Clock,
    ladder: Sequence[str],
    types: dict[int, str],
    by_day: dict[date, list[Candidate]],
) -> dict[date, Resolved]:
    """Days of a cumulative metric that more than one source measured, minute by minute."""
    if definition.kind != "cumulative" or len(live) < 2:
        return {}
    ordered = sorted(live, key=lambda s: rank(s.source_id, types.get(s.source_id, ""), ladder))
    found: dict[date, Resolved] = {}
    for day, candidates in by_day.items():
        if len({candidate.source_id for candidate in candidates}) < 2:
            continue
        packs = [series.minutes_of_day(conn, user_id, one, clock, day) for one in ordered]
        minutes, sums, origin = unite(packs)
        if minutes.size:
            only = ordered[int(origin[0])].source_id if np.unique(origin).size == 1 else None
            value = float(sums.sum()) * definition.resolution
            found[day] = Resolved(value, int(minutes.size), only, "reported")
    return found


def device_types(conn: Connection, user_id: int) -> dict[int, str]:
    return {
        source: device.type
        for source, device in entities.devices_of(conn, user_id).items()
        if isinstance(device, Device)
    }


# Twins -------------------------------------------------------------------------------------------


def group_twins(conn: Connection, user_id: int, kind: str) -> None:
    """Group the records of the same event. Written whole: twins are a picture, not a history."""
    sessions = [session_of(row) for row in entities.select_kind(conn, user_id, kind)]
    groups = twin_groups([s for s in sessions if s is not None], daily.choices(conn, user_id))
    daily.replace_twins(conn, user_id, kind, [[s.id for s in group] for group in groups])


def session_of(row: Any) -> Session | None:
    if row.start_at is None or row.end_at is None:
        return None
    entity = entities.decode(row)
    if isinstance(entity, Sleep):
        return Session(
            row.entity_id, row.start_at, row.end_at, row.connection_id, richness=len(entity.stages)
        )
    assert isinstance(entity, Activity)
    totals = entity.reported
    return Session(
        row.entity_id,
        row.start_at,
        row.end_at,
        row.connection_id,
        device=entity.device or "",
        distance=totals.distance,
        heart_rate=totals.avg_heart_rate,
        richness=len(row.body) + len(entity.laps),
    )
