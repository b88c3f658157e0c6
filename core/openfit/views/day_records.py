"""The greatest and the least day of every metric, and days in a row on which a goal was reached."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from msgspec import Struct
from openfit_schema.metrics import MetricDef
from sqlalchemy import Connection

from openfit.deriving.merge import ladder_stamp
from openfit.hub import Hub
from openfit.store import daily, profile
from openfit.views import series_view, trends
from openfit.views.wellness import Sees

ONE_DAY = timedelta(days=1)
PARTLY = "days_partly_worn"  # the least of sums says when the device lay in a drawer


class DayRecord(Struct, frozen=True):
    """The first day on which it was reached."""

    day: date
    value: float


class MetricRecords(Struct, frozen=True, kw_only=True):
    """`days` have a value. Of what adds up over a day there is no least, but a reason."""

    metric: str
    name: str
    unit: str
    family: str
    better: str
    days: int
    highest: DayRecord
    lowest: DayRecord | None
    lowest_reason: str | None


class Run(Struct, frozen=True):
    """Days in a row, by the calendar: one without a value ends it."""

    days: int
    start: date
    end: date


class Streak(Struct, frozen=True, kw_only=True):
    """`goal` is the field of the profile, each day held against what it was then. `current` ends
    today or yesterday, as today may still reach it."""

    goal: str
    metric: str
    longest: Run | None
    current: Run | None


class DayRecords(Struct, frozen=True):
    metrics: list[MetricRecords]
    streaks: list[Streak]


def day_records(hub: Hub, conn: Connection, user_id: int, today: date, sees: Sees) -> DayRecords:
    listed = of_metrics(hub, conn, user_id, sees)
    stated = profile.read(conn, user_id) if sees("profile") else None
    seen = {one.metric for one in listed}
    held = [(m, field) for m, field in trends.GOALS.items() if stated and m in seen]
    return DayRecords(
        listed,
        [
            streak
            for metric, field in held
            if stated and (streak := streak_of(conn, user_id, stated, metric, field, today))
        ],
    )


def of_metrics(hub: Hub, conn: Connection, user_id: int, sees: Sees) -> list[MetricRecords]:
    found = extremes(conn, user_id)
    return [
        of_metric(definition, found[metric])
        for metric in sorted(found)
        if (definition := hub.plugins.metric(metric)) is not None and sees(definition.family)
    ]


def extremes(conn: Connection, user_id: int) -> dict[str, daily.Extremes]:
    """By metric. What an older ladder resolved is resolved here and now."""
    found = daily.extremes(conn, user_id)
    known = daily.all_ladders(conn, user_id)
    for metric, stamps in daily.stamps(conn, user_id).items():
        if stamps != {ladder_stamp(known.get(metric) or known.get("*") or [])}:
            days = series_view.day_values(conn, user_id, metric, None, None)
            pairs = [(one.value, date.fromisoformat(one.day)) for one in days]
            if pairs:
                least, most = min(pairs), max(pairs, key=lambda pair: (pair[0], -ordinal(pair)))
                found[metric] = daily.Extremes(len(pairs), *least[::-1], *most[::-1])
    return found


def ordinal(pair: tuple[float, date]) -> int:
    return pair[1].toordinal()


def of_metric(definition: MetricDef, found: daily.Extremes) -> MetricRecords:
    adds_up = definition.fold == "sum" and definition.family != "sleep"
    return MetricRecords(
        metric=definition.id,
        name=definition.name,
        unit=definition.unit,
        family=definition.family,
        better=definition.better,
        days=found.days,
        highest=DayRecord(found.most_day, found.most),
        lowest=None if adds_up else DayRecord(found.least_day, found.least),
        lowest_reason=PARTLY if adds_up else None,
    )


def streak_of(
    conn: Connection, user_id: int, stated: profile.Profile, metric: str, field: str, today: date
) -> Streak | None:
    if trends.wanted(stated, field, today) is None:
        return None
    reached = [
        day
        for one in series_view.day_values(conn, user_id, metric, None, today)
        if (want := trends.wanted(stated, field, day := date.fromisoformat(one.day))) is not None
        and one.value >= want
    ]
    every = list(runs(reached))
    longest = max(every, key=lambda run: run.days, default=None)
    current = every[-1] if every and every[-1].end >= today - ONE_DAY else None
    return Streak(goal=field, metric=metric, longest=longest, current=current)


def runs(days: Sequence[date]) -> Iterable[Run]:
    """Of days in order."""
    begun = 0
    for n, day in enumerate(days):
        if n + 1 == len(days) or days[n + 1] != day + ONE_DAY:
            yield Run(n + 1 - begun, days[begun], day)
            begun = n + 1
