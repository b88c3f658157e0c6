"""The last week, month, quarter or year at a glance; and one day with all that happened in it."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from msgspec import Struct
from openfit_sdk.schema import Event
from sqlalchemy import Connection

from openfit.hub import Hub
from openfit.store import entities, series
from openfit.views import calendar, journal, sleep, trends, values, wellness, zones
from openfit.views.calendar import CalendarDay
from openfit.views.labels import Named, SourceLabel, label_of
from openfit.views.reading import ActivityRow
from openfit.views.sleep import SleepDay
from openfit.views.today import activities_of
from openfit.views.trends import Trend
from openfit.views.values import Column, Wish
from openfit.views.zones import ZoneTotals

SHORTEST_NIGHT = 120.0  # minutes asleep; less is no night
MINUTE = 60_000
GAP = 5  # minutes without a sample that part two stretches


class HistoryMetric(Struct, frozen=True, kw_only=True):
    """A metric over the range: its summary, its sum where days add up, and a value for each day
    of the range, null where there is none."""

    summary: Trend
    total: float | None
    values: list[float | None]


class Night(Struct, frozen=True):
    """A night of at least two hours asleep."""

    day: date
    id: str
    asleep_minutes: float
    in_bed_minutes: float | None
    efficiency: float | None


class History(Struct, frozen=True, kw_only=True):
    """`known_days` of `total_days` hold any value at all."""

    start: date
    end: date
    known_days: int
    total_days: int
    metrics: list[HistoryMetric]
    nights: list[Night]
    activities: list[CalendarDay]
    zones: ZoneTotals | None


def history(
    hub: Hub, conn: Connection, user_id: int, first: date, last: date, sees: wellness.Sees
) -> History:
    length = (last - first).days + 1
    found = wellness.resolved_days(conn, user_id, first - timedelta(days=length), last)
    listed: list[HistoryMetric] = []
    known: set[str] = set()
    for metric, days in found.items():
        definition = hub.plugins.metric(metric)
        if definition is None or not sees(definition.family):
            continue
        here = [one for one in days if one.day >= first.isoformat()]
        if not here:
            continue
        known.update(one.day for one in here)
        both = Column(
            Wish(metric),
            definition.name,
            definition.unit,
            definition.family,
            definition.better,
            *values.split([(one.day, one.value) for one in days]),
        )
        listed.append(history_metric(both, first, last, definition.fold == "sum"))
    return History(
        start=first,
        end=last,
        known_days=len(known),
        total_days=length,
        metrics=listed,
        nights=nights(hub, conn, user_id, first, last) if sees("sleep") else [],
        activities=(calendar.calendar(conn, user_id, first, last).days if sees("workout") else []),
        zones=zones.totals(conn, user_id, first, last) if sees("training") else None,
    )


def history_metric(both: Column, first: date, last: date, adds_up: bool) -> HistoryMetric:
    begin = values.number_of(first)
    inside = both.day >= begin
    row: list[float | None] = [None] * ((last - first).days + 1)
    for day, value in zip(both.day[inside].tolist(), both.value[inside].tolist(), strict=True):
        row[day - begin] = value
    total = float(both.value[inside].sum()) if adds_up else None
    return HistoryMetric(summary=trends.trend(both, first, last, []), total=total, values=row)


def nights(hub: Hub, conn: Connection, user_id: int, first: date, last: date) -> list[Night]:
    found = []
    slept = sleep.read_days(conn, user_id, first, last)
    for day in sleep.days_of(Named(hub, conn, user_id), slept):
        for row in day.sleeps:
            told = [row.reported[stage] for stage in sleep.ASLEEP if stage in row.reported]
            asleep = sum(told) if told else row.values.get("sleep_minutes")
            asleep = row.computed.asleep_minutes if asleep is None else asleep
            if row.role == "night" and asleep is not None and asleep >= SHORTEST_NIGHT:
                in_bed = row.computed.in_bed_minutes
                share = round(100 * asleep / in_bed, 2) if in_bed else None
                found.append(Night(day.day, row.id, round(asleep, 3), in_bed, share))
    return found


# One day -----------------------------------------------------------------------------------------


class DaySpan(Struct, frozen=True):
    """A stretch of time; the end is not part of it."""

    start: datetime
    end: datetime


class DayEvent(Struct, frozen=True, kw_only=True):
    id: str
    type: str
    start: datetime
    end: datetime | None
    value: float | None
    text: str | None
    source: SourceLabel


class SourceCoverage(Struct, frozen=True):
    """When a source measured anything all day long: minutes with samples, and stretches of them;
    a gap of over five minutes parts two."""

    source: SourceLabel
    metrics: list[str]
    minutes: int
    stretches: list[DaySpan]


class DayTimeline(Struct, frozen=True, kw_only=True):
    """A day of the wearer. `spans` is when it was that day: none for one that was skipped at the
    date line, two for one lived twice; 23 or 25 hours where the clock changed."""

    day: date
    spans: list[DaySpan]
    sleep: SleepDay | None
    activities: list[ActivityRow]
    journal: journal.JournalDay | None
    events: list[DayEvent]
    values: wellness.Wellness
    coverage: list[SourceCoverage]


def timeline(
    hub: Hub, conn: Connection, user_id: int, day: date, sees: wellness.Sees
) -> DayTimeline:
    views = Named(hub, conn, user_id)
    spans = [DaySpan(start, end) for start, end in views.clock.day_span(day)]
    slept = sleep.read_days(conn, user_id, day, day) if sees("sleep") else []
    return DayTimeline(
        day=day,
        spans=spans,
        sleep=next(iter(sleep.days_of(views, slept)), None),
        activities=activities_of(conn, user_id, day) if sees("workout") else [],
        journal=journal.read(conn, user_id, day) if sees("journal") else None,
        events=events(conn, user_id, views, spans) if sees("device") else [],
        values=wellness.wellness(hub, conn, user_id, day, day, sees),
        coverage=coverage(hub, conn, user_id, views, day, spans, sees),
    )


def events(
    conn: Connection, user_id: int, views: Named, spans: Sequence[DaySpan]
) -> list[DayEvent]:
    found = []
    for span in spans:
        low, high = (entities.millis(at) or 0 for at in (span.start, span.end))
        for row in reversed(entities.begun(conn, user_id, "event", low, high, 500)):
            event = entities.decode(row)
            assert isinstance(event, Event)
            found.append(
                DayEvent(
                    id=row.entity_id,
                    type=event.type,
                    start=event.start,
                    end=event.end,
                    value=event.value,
                    text=event.text,
                    source=label_of(views, row.source_id),
                )
            )
    return found


def coverage(
    hub: Hub,
    conn: Connection,
    user_id: int,
    views: Named,
    day: date,
    spans: Sequence[DaySpan],
    sees: wellness.Sees,
) -> list[SourceCoverage]:
    if not spans:
        return []
    low, high = (entities.millis(at) or 0 for at in (spans[0].start, spans[-1].end))
    minutes: dict[int, list[Any]] = {}
    metrics: dict[int, list[str]] = {}
    for one, first, last in series.extents(conn, user_id):
        definition = hub.plugins.metric(one.metric)
        if first >= high or last < low or definition is None or not sees(definition.family):
            continue
        at, _ = series.minutes_of_day(conn, user_id, one, views.clock, day)
        if at.size:
            minutes.setdefault(one.source_id, []).append(at)
            metrics.setdefault(one.source_id, []).append(one.metric)
    return [
        covered(label_of(views, source), metrics[source], np.unique(np.concatenate(several)))
        for source, several in minutes.items()
    ]


def covered(source: SourceLabel, metrics: list[str], at: Any) -> SourceCoverage:
    edges = np.flatnonzero(np.diff(at) > GAP) + 1
    stretches = [
        DaySpan(entities.instant(int(a) * MINUTE), entities.instant((int(b) + 1) * MINUTE))
        for a, b in zip(at[np.append(0, edges)], at[np.append(edges, at.size) - 1], strict=True)
    ]
    return SourceCoverage(source, sorted(set(metrics)), int(at.size), stretches)
