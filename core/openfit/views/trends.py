"""Where a daily value is going: a window against the one before it, its slope, and in buckets."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Literal

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection

from openfit.hub import Hub
from openfit.store.profile import Profile
from openfit.views import inference, values
from openfit.views.values import Column, Wish

Scale = Literal["week", "month", "quarter", "year"]
Change = Literal["up", "down", "flat"]

DEAD_BAND = 0.01  # of the window before: less is no change
GOALS = {"steps": "step_goal"}  # fields of the profile
LEAST_DAYS = 3  # of either window, for a delta
LEAST_FOR_SLOPE = 7
ONE_DAY = timedelta(days=1)


class Goal(Struct, frozen=True):
    """What the person wants to reach, as it stands on the last day; `met` of `days` with a value
    reached the goal that held on them."""

    value: float
    met: int
    days: int


class Bucket(Struct, frozen=True):
    """Days of one stretch. Without a value mean, least and greatest are null."""

    start: date
    end: date
    n_days: int
    mean: float | None
    min: float | None
    max: float | None
    goal: Goal | None = None


class Slope(Struct, frozen=True):
    """Change in a week by least squares, with its 95 % interval (days taken as independent)."""

    per_week: float
    low: float
    high: float
    p: float


class Trend(Struct, frozen=True, kw_only=True):
    """A metric over a window, against the equal window before it. `change` calls less than 1 %
    flat. `coverage` is the share of days with a value. What cannot be said is null, and the
    reasons say why: `delta_reason` for the comparison, `slope_reason` for the slope."""

    metric: str
    name: str
    unit: str
    better: str
    start: date
    end: date
    n_days: int
    coverage: float
    mean: float | None
    min: float | None
    max: float | None
    latest: float | None
    latest_day: date | None
    previous_mean: float | None
    previous_days: int
    delta: float | None
    delta_percent: float | None
    change: Change | None
    delta_reason: str | None
    slope: Slope | None
    slope_reason: str | None
    buckets: list[Bucket]
    goal: Goal | None = None


class TrendList(Struct, frozen=True):
    start: date
    end: date
    scale: Scale | None
    items: list[Trend]


def trends(
    hub: Hub,
    conn: Connection,
    user_id: int,
    wishes: Sequence[Wish],
    first: date,
    last: date,
    scale: Scale | None,
    stated: Profile | None = None,
) -> TrendList:
    """Of each wish, from a window's first day to its last; held against the goals of a profile."""
    spans = list(buckets(scale, last)) if scale else []
    start, end = (spans[0][0], spans[-1][1]) if spans else (first, last)
    length = (end - start).days + 1
    items = []
    for wish in wishes:
        both = values.column(hub, conn, user_id, wish, before(start, length), end)
        items.append(held(trend(both, start, end, spans), both, stated))
    return TrendList(start, end, scale, items)


def held(found: Trend, both: Column, stated: Profile | None) -> Trend:
    """With how often the goal of its metric was reached, where there is one."""
    field = GOALS.get(both.wish.metric)
    if stated is None or field is None:
        return found
    buckets = [
        replace(one, goal=goal(both, stated, field, one.start, one.end)) for one in found.buckets
    ]
    return replace(found, goal=goal(both, stated, field, found.start, found.end), buckets=buckets)


def goal(both: Column, stated: Profile, field: str, start: date, end: date) -> Goal | None:
    at_end = wanted(stated, field, end)
    if at_end is None:
        return None
    first, last = np.searchsorted(both.day, (values.number_of(start), values.number_of(end) + 1))
    reached = [
        value >= want
        for day, value in zip(both.day[first:last].tolist(), both.value[first:last], strict=True)
        if (want := wanted(stated, field, values.day_of(day))) is not None
    ]
    return Goal(at_end, sum(map(bool, reached)), len(reached))


def wanted(stated: Profile, field: str, day: date) -> float | None:
    known = stated.at(field, day)
    return float(known.value) if known and isinstance(known.value, int | float) else None


def before(day: date, length: int) -> date:
    """As many days before, or as many as the calendar has."""
    return day - min(length, (day - date.min).days) * ONE_DAY


def buckets(scale: Scale, anchor: date) -> Iterator[tuple[date, date]]:
    """A week by days and a month by weeks, both ending with the anchor; a quarter and a year by
    the months of the calendar, the anchor's the last."""
    if scale == "week":
        yield from ((anchor - n * ONE_DAY, anchor - n * ONE_DAY) for n in range(6, -1, -1))
    elif scale == "month":
        yield from ((anchor - (n + 6) * ONE_DAY, anchor - n * ONE_DAY) for n in range(28, -1, -7))
    else:
        months = 3 if scale == "quarter" else 12
        for back in range(months - 1, -1, -1):
            yield month_of(anchor, back)


def month_of(day: date, back: int) -> tuple[date, date]:
    year, month = divmod(day.year * 12 + day.month - 1 - back, 12)
    next_year, next_month = divmod(day.year * 12 + day.month - back, 12)
    return date(year, month + 1, 1), date(next_year, next_month + 1, 1) - ONE_DAY


def trend(both: Column, start: date, end: date, spans: Sequence[tuple[date, date]]) -> Trend:
    now = both.day >= values.number_of(start)
    day, value, before = both.day[now], both.value[now], both.value[~now]
    length, n = (end - start).days + 1, int(value.size)
    delta, percent, change, why = compared(value, before)
    line = inference.line(day.astype(np.float64), value) if n >= LEAST_FOR_SLOPE else None
    return Trend(
        metric=str(both.wish),
        name=both.name,
        unit=both.unit,
        better=both.better,
        start=start,
        end=end,
        n_days=n,
        coverage=round(n / length, 4),
        mean=mean_of(value),
        min=float(value.min()) if n else None,
        max=float(value.max()) if n else None,
        latest=float(value[-1]) if n else None,
        latest_day=values.day_of(int(day[-1])) if n else None,
        previous_mean=mean_of(before),
        previous_days=int(before.size),
        delta=delta,
        delta_percent=percent,
        change=change,
        delta_reason=why,
        slope=Slope(line.slope * 7, line.low * 7, line.high * 7, line.p) if line else None,
        slope_reason=None if line else f"need_days:have={n},need={LEAST_FOR_SLOPE}",
        buckets=[bucket(both, *span) for span in spans],
    )


def mean_of(value: values.Floats) -> float | None:
    return float(value.mean()) if value.size else None


def compared(
    value: values.Floats, before: values.Floats
) -> tuple[float | None, float | None, Change | None, str | None]:
    fewest = min(value.size, before.size)
    if fewest < LEAST_DAYS:
        return None, None, None, f"need_days:have={fewest},need={LEAST_DAYS}"
    old = float(before.mean())
    delta = float(value.mean()) - old
    if old == 0:  # nothing is a percentage of nothing
        change: Change = "flat" if delta == 0 else "up" if delta > 0 else "down"
        return delta, None, change, None
    if abs(delta) < DEAD_BAND * abs(old):
        return delta, 100 * delta / abs(old), "flat", None
    return delta, 100 * delta / abs(old), "up" if delta > 0 else "down", None


def bucket(both: Column, start: date, end: date) -> Bucket:
    first, last = np.searchsorted(both.day, (values.number_of(start), values.number_of(end) + 1))
    value = both.value[first:last]
    n = int(value.size)
    low, high = (float(value.min()), float(value.max())) if n else (None, None)
    return Bucket(start, end, n, mean_of(value), low, high)
