"""Dirty days become daily values: rolled up along the wearer's clock, then resolved by ladder.

Everything here recomputes from stored samples and may be repeated; nothing is added to.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any

import msgspec
import numpy as np
from openfit_schema.metrics import MetricDef
from openfit_schema.time import Clock
from openfit_sdk.schema import Activity, Device, Sleep
from sqlalchemy import Connection

from openfit.deriving import analyzing, wearer
from openfit.deriving.merge import (
    Candidate,
    Resolved,
    Session,
    ladder_stamp,
    rank,
    resolve,
    twin_groups,
    unite,
)
from openfit.hub import Hub
from openfit.store import daily, days, entities, results, series, texts
from openfit.store.engine import retrying, write

SESSIONS = ("activity", "sleep")


def run(hub: Hub, user_id: int, *, most: int | None = None) -> int:
    """Derive what is due for one user, the latest days first; answers how many steps were done.

    A step is one metric and a year of its days at the most, a transaction of its own. With `most`
    the rest stays marked.
    """
    retrying(lambda: prepare(hub, user_id))
    with hub.engine.connect() as conn:
        steps = days.due(conn, user_id)[:most]
        clock = days.clock(conn, user_id)
    for step in steps:
        retrying(partial(derive, hub, user_id, step, clock))
    return len(steps)


def prepare(hub: Hub, user_id: int) -> None:
    """Marks as they came become steps: overlapping ones as one, long ones in pieces."""
    with write(hub.engine) as conn:
        marks = days.due(conn, user_id)
        spans = [(mark.metric, span_of(mark)) for mark in marks]
        if refresh_clock(conn, user_id):
            spans += whole_history(conn, user_id)
        for kind in SESSIONS:
            sessions = [span for span in spans if span[0] == kind]
            if sessions:
                group_twins(conn, user_id, kind)
            for _, (first, last) in merged(sessions):
                analyzing.follow(hub, conn, user_id, kind, first, last)
        refill_texts(conn, user_id, spans)
        steps = pieces([span for span in spans if span[0] not in (*SESSIONS, texts.MARK)])
        if sorted(spans) != sorted(steps):
            days.done(conn, user_id, [mark.seq for mark in marks])
            for metric, span in steps:
                days.mark_spans(conn, user_id, metric, [span])


def refill_texts(conn: Connection, user_id: int, spans: Sequence["Span"]) -> None:
    """What search looks through, of the days whose activities changed."""
    worded = [(texts.MARK, span) for what, span in spans if what in ("activity", texts.MARK)]
    if worded:
        clock = days.clock(conn, user_id)
        for _, (first, last) in merged(worded):
            texts.refill(conn, user_id, first, last, clock)


def derive(hub: Hub, user_id: int, step: Any, clock: Clock) -> None:
    with write(hub.engine) as conn:
        first, last = span_of(step)
        roll_up(hub, conn, user_id, step.metric, clock, first - ONE_DAY, last + ONE_DAY)
        analyzing.follow(hub, conn, user_id, step.metric, first, last)
        days.done(conn, user_id, [step.seq])


Span = tuple[str, tuple[date, date]]
ONE_DAY = timedelta(days=1)  # a day of UTC touches the wearer's days on both of its sides
PIECE = timedelta(days=366)


def span_of(mark: Any) -> tuple[date, date]:
    return date.fromisoformat(mark.day_from), date.fromisoformat(mark.day_to)


def pieces(spans: Iterable[Span]) -> list[Span]:
    """Each metric's days once, in pieces of a year."""
    return [
        (metric, (max(first, last - (n + 1) * PIECE + ONE_DAY), last - n * PIECE))
        for metric, (first, last) in merged(spans)
        for n in range((last - first) // PIECE + 1)
    ]


def merged(spans: Iterable[Span]) -> list[Span]:
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


def whole_history(conn: Connection, user_id: int) -> list[Span]:
    """After a change of clock every series is cut into days anew: cheap, from minute packs."""
    spans = [
        (one.metric, (days.utc_day(start), days.utc_day(end)))
        for one, start, end in series.extents(conn, user_id)
    ]
    begun = results.extent(conn, user_id)
    if begun is not None:  # an activity's day may be another now
        spans.append(("activity", (days.utc_day(begun[0]), days.utc_day(begun[1]))))
    return spans


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
