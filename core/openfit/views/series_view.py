"""One metric of several sources over a span of time, side by side and as one."""

from collections.abc import Collection
from datetime import UTC, date, datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, bindparam, func, select

from openfit.deriving.derive import device_types
from openfit.deriving.merge import Candidate, ladder_stamp, resolve
from openfit.errors import NotFound
from openfit.hub import Hub
from openfit.store import daily as ladders
from openfit.store import entities, series
from openfit.store.columns import MINE
from openfit.store.tables import daily, daily_resolved
from openfit.views.labels import Named
from openfit.views.reading import metric_name
from openfit.views.streams import rounded

LEAST_POINTS = 50  # of an activity among many
SINGLY = ("raw", "minute")  # resolutions at which every activity has a line of its own


class MetricInfo(Struct, frozen=True, omit_defaults=True):
    type: str
    name: str
    unit: str
    sources: int
    first_day: str | None = None
    last_day: str | None = None


class MetricList(Struct, frozen=True):
    items: list[MetricInfo]


class SourceView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One source's samples: `t` in ms since 1970 UTC. Those of an activity stand alone where they
    are shown as they are. Over longer spans all activities of a source are one line of a value
    each, at its start: resolution "activity". Where `v` are means of minutes, hours or days, the
    least and the greatest sample behind each stand in `low` and `high`. Of intervals between beats
    that are shown as they are, `breaks` are the indexes of those that do not follow the one before:
    something is missing there, and nothing may be worked out across it."""

    source_id: str
    label: str
    method: str
    resolution: str
    t: list[int]
    v: list[float]
    low: list[float] | None = None
    high: list[float] | None = None
    breaks: list[int] | None = None
    activity: str | None = None


class DayValue(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The resolved value of a day and whose it is; without a source it is united from several."""

    day: str
    value: float
    n: int
    method: str
    source_id: str | None = None


class MetricView(Struct, frozen=True, kw_only=True):
    type: str
    name: str
    unit: str
    start: datetime
    end: datetime
    resolution: str
    sources: list[SourceView]
    days: list[DayValue]


def metrics(hub: Hub, conn: Connection, user_id: int) -> MetricList:
    found: dict[str, tuple[set[int], list[str]]] = {}
    extents = [
        (one.metric, one.source_id, first, last)
        for one, first, last in series.extents(conn, user_id)
    ]
    for metric, source, first, last in extents + series.outings_extents(conn, user_id):
        sources, seen = found.setdefault(metric, (set(), []))
        sources.add(source)
        seen += [utc_day(first), utc_day(last)]
    query = select(
        daily.c.metric, daily.c.source_id, func.min(daily.c.day), func.max(daily.c.day)
    ).where(daily.c.user_id == user_id)
    for metric, source, *span in conn.execute(query.group_by(daily.c.metric, daily.c.source_id)):
        sources, seen = found.setdefault(metric, (set(), []))
        sources.add(source)
        seen += span
    return MetricList(
        [
            MetricInfo(
                metric,
                metric_name(hub, metric),
                unit_of(hub, metric),
                len(sources),
                min(seen),
                max(seen),
            )
            for metric, (sources, seen) in sorted(found.items())
        ]
    )


def utc_day(millis: int) -> str:
    return datetime.fromtimestamp(millis / 1000, UTC).date().isoformat()


def unit_of(hub: Hub, metric: str) -> str:
    definition = hub.plugins.metric(metric)
    return "1" if definition is None else definition.unit


def metric(
    hub: Hub,
    conn: Connection,
    user_id: int,
    type: str,
    start: datetime | None,
    end: datetime | None,
    points: int,
    sources: Collection[int] | None = None,
) -> MetricView:
    """Every source's samples, or those of some, and the resolved days between `start` and `end`."""
    definition = hub.plugins.metric(type)
    if definition is None:
        raise NotFound(f"{type} is no metric type.", code="no_metric")
    beats = definition.kind == "interval"
    all_day = [
        found
        for found in series.extents(conn, user_id, type)
        if sources is None or found[0].source_id in sources
    ]
    low, high = span_of(conn, user_id, type, all_day, start, end)
    views = Named(hub, conn, user_id)
    overlapping = [one for one, first, last in all_day if first < high and last >= low]
    resolution = series.resolution(high - low)
    of_outings: list[series.Series] = []
    if resolution in SINGLY:
        of_outings = series.outings_between(conn, user_id, type, low, high)
        together = []
    else:
        together = series.outings(conn, user_id, type, low, high)
    if sources is not None:
        of_outings = [one for one in of_outings if one.source_id in sources]
        together = [found for found in together if found.one.source_id in sources]
    each = max(LEAST_POINTS, points // max(1, len(of_outings)))  # so that all of them are `points`
    windows = [(one, points) for one in overlapping] + [(one, each) for one in of_outings]
    read = [
        source_view(views, one, series.window(conn, user_id, one, low, high, most, intervals=beats))
        for one, most in windows
    ]
    read += [outings_view(views, found, points) for found in together]
    return MetricView(
        type=type,
        name=metric_name(hub, type),
        unit=unit_of(hub, type),
        start=entities.instant(low),
        end=entities.instant(high),
        resolution=resolution,
        sources=[source for source in read if source.t],
        days=resolved(conn, user_id, type, start, end),
    )


def span_of(
    conn: Connection,
    user_id: int,
    type: str,
    all_day: list[tuple[series.Series, int, int]],
    start: datetime | None,
    end: datetime | None,
) -> tuple[int, int]:
    """What was asked for; where an end is left open, all that there is."""
    known = [(first, last) for _, first, last in all_day]
    if start is None or end is None:
        of_activities = series.outings_extents(conn, user_id, type)
        known += [(first, last) for *_, first, last in of_activities]
    low = entities.millis(start) if start else min((first for first, _ in known), default=0)
    high = entities.millis(end) if end else max((last for _, last in known), default=0) + 1
    assert low is not None and high is not None
    return low, high


def source_view(
    views: Named, one: series.Series, window: series.Window, resolution: str | None = None
) -> SourceView:
    shown = resolution or window.resolution
    return SourceView(
        source_id=str(one.source_id),
        label=views.label(one.source_id),
        method=one.method,
        resolution=shown,
        t=window.t.tolist(),
        v=rounded(window.v, one.scale).tolist(),
        low=None if window.low is None else rounded(window.low, one.scale).tolist(),
        high=None if window.high is None else rounded(window.high, one.scale).tolist(),
        breaks=window.breaks,
        activity=one.activity_id if shown != "activity" and one.activity_id else None,
    )


def outings_view(views: Named, found: series.Outings, points: int) -> SourceView:
    shown = series.thin(found.t, found.v, points)
    window = series.Window("raw", found.t[shown], found.v[shown])
    return source_view(views, found.one, window, "activity")


def with_days(view: MetricView, found: list[DayValue]) -> MetricView:
    return msgspec.structs.replace(view, days=found)


def resolved(
    conn: Connection, user_id: int, type: str, start: datetime | None, end: datetime | None
) -> list[DayValue]:
    return day_values(conn, user_id, type, start and start.date(), end and end.date())


def day_values(
    conn: Connection, user_id: int, type: str, first: date | None, last: date | None
) -> list[DayValue]:
    """The value of each day. One that was resolved by an older ladder is resolved here and now,
    until the worker comes by."""
    which = within(user_id, type, first, last)
    rows = conn.execute(RESOLVED_DAYS, which).all()
    ladder = ladders.ladder(conn, user_id, type)
    stamp = ladder_stamp(ladder)
    if all(row[-1] == stamp for row in rows):
        return [
            DayValue(day=day, value=value, n=n, method=method, source_id=source and str(source))
            for day, value, n, method, source, _ in rows
        ]
    types = device_types(conn, user_id)
    by_day: dict[str, list[Candidate]] = {}
    for row in conn.execute(EVERY_DAY, which):
        kind = types.get(row.source_id, "")
        candidate = Candidate(row.source_id, kind, row.method, row.value, row.n)
        by_day.setdefault(row.day, []).append(candidate)
    return [
        day_value(day, best)
        for day, candidates in sorted(by_day.items())
        if (best := resolve(candidates, ladder)) is not None
    ]


def within(user_id: int, type: str, first: date | None, last: date | None) -> dict[str, Any]:
    return {
        "user": user_id,
        "metric": type,
        "first": first.isoformat() if first else "",
        "last": last.isoformat() if last else "9999-12-31",
    }


def by_days(table: Any, *more: Any) -> Any:
    columns = (table.c.day, table.c.value, table.c.n, table.c.method, table.c.source_id)
    return select(*columns, *more).where(
        table.c.user_id == MINE,
        table.c.metric == bindparam("metric"),
        table.c.day.between(bindparam("first"), bindparam("last")),
    )


RESOLVED_DAYS = by_days(daily_resolved, daily_resolved.c.ladder).order_by(daily_resolved.c.day)
EVERY_DAY = by_days(daily)


def day_value(day: str, found: Any) -> DayValue:
    return DayValue(
        day=day,
        value=found.value,
        n=found.n,
        method=found.method,
        source_id=None if found.source_id is None else str(found.source_id),
    )
