"""Samples folded to the wearer's days, along the wearer's clock.

Sums, means and extremes come from packed minutes: clocks are whole minutes apart from UTC, so they
equal those of the samples. A minute belongs to the day in which it begins, also where a clock is
set in the middle of one. The folds `last` and `time_weighted` need the samples themselves.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from openfit_schema.metrics import MetricDef
from openfit_schema.time import Clock
from sqlalchemy import Connection

from openfit.store.series.blocks import NONE, Int
from openfit.store.series.reading import minutes, packs_between, parts_between
from openfit.store.series.rows import Series
from openfit.store.series.totals import MINUTE
from openfit.store.series.units import Float, in_unit

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
DayValue = tuple[date, float, int]  # with the number of samples behind it


@dataclass(frozen=True, eq=False)
class Days:
    """When which of some days was, in ms since 1970 UTC, in order of time."""

    dates: Sequence[date]
    start: Int
    end: Int
    of: Int  # index of the date

    @classmethod
    def along(cls, clock: Clock, first: date, last: date) -> "Days":
        dates = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        spans = sorted(
            (*millis(span), index)
            for index, day in enumerate(dates)
            for span in clock.day_span(day)
        )
        start, end, of = np.array(spans, np.int64).reshape(-1, 3).T
        return cls(dates, start, end, of)

    def place(self, t: Int) -> tuple[Int, NDArray[np.bool_]]:
        """The index of each instant's date, and which of them lie in these days at all."""
        span = np.searchsorted(self.start, t, side="right") - 1
        inside = (span >= 0) & (t < self.end[span])
        return self.of[span[inside]], inside


def millis(span: tuple[datetime, datetime]) -> tuple[int, int]:
    start, end = span
    return (start - EPOCH) // MILLISECOND, (end - EPOCH) // MILLISECOND


def fold_days(
    conn: Connection,
    user_id: int,
    one: Series,
    definition: MetricDef,
    clock: Clock,
    first: date,
    last: date,
) -> list[DayValue]:
    """The values of the wearer's days that have samples, by the fold of the type."""
    days = Days.along(clock, first, last)
    if not days.start.size:
        return []
    if definition.fold == "last":
        n, values = last_values(conn, user_id, one, days)
    elif definition.fold == "time_weighted":
        hold = round((definition.hold_seconds or 0) * 1000)
        n, values = weighted_means(conn, user_id, one, days, hold)
    else:
        n, values = from_minutes(conn, user_id, one, days, definition.fold)
    found = np.flatnonzero(np.isfinite(values))
    return [(days.dates[i], float(values[i]), int(n[i])) for i in found.tolist()]


def from_minutes(
    conn: Connection, user_id: int, one: Series, days: Days, fold: str
) -> tuple[Int, Float]:
    count = len(days.dates)
    rows, n, total = (np.zeros(count, np.int64) for _ in range(3))
    low = np.full(count, np.iinfo(np.int64).max)
    high = np.full(count, np.iinfo(np.int64).min)
    for pack in packs_between(conn, user_id, one, int(days.start[0]), int(days.end[-1])):
        day, inside = days.place(pack.at * MINUTE)
        np.add.at(rows, day, 1)
        np.add.at(n, day, pack.n[inside])
        np.add.at(total, day, pack.sum[inside])
        np.minimum.at(low, day, pack.min[inside])
        np.maximum.at(high, day, pack.max[inside])
    folded = {"sum": total, "mean": total / np.maximum(n, 1), "min": low, "max": high}[fold]
    return n, np.where(rows > 0, in_unit(folded, one.scale), np.nan)


def last_values(conn: Connection, user_id: int, one: Series, days: Days) -> tuple[Int, Float]:
    n = np.zeros(len(days.dates), np.int64)
    values = np.full(n.size, np.nan)
    for part in parts_between(conn, user_id, one, int(days.start[0]), int(days.end[-1])):
        day, inside = days.place(part.t)
        np.add.at(n, day, 1)
        values[day] = in_unit(part.v[inside], one.scale)
    return n, values


def weighted_means(
    conn: Connection, user_id: int, one: Series, days: Days, hold: int
) -> tuple[Int, Float]:
    """Each sample weighs as long as it stands: until the next one, at most `hold` ms."""
    n, weight, total = (np.zeros(len(days.dates), np.int64) for _ in range(3))
    for t, v, stood in standing(conn, user_id, one, days, hold):
        day, inside = days.place(t)
        np.add.at(n, day, 1)
        np.add.at(weight, day, stood[inside])
        np.add.at(total, day, (v * stood)[inside])
    means = total / np.maximum(weight, 1)
    return n, np.where(n > 0, in_unit(means, one.scale), np.nan)


def standing(
    conn: Connection, user_id: int, one: Series, days: Days, hold: int
) -> Iterator[tuple[Int, Int, Int]]:
    """Times, values and how long each stood; also of the first samples after the days, which end
    the last one before."""
    last_t, last_v = NONE, NONE
    for part in parts_between(conn, user_id, one, int(days.start[0]), int(days.end[-1]) + hold):
        t, v = np.concatenate([last_t, part.t]), np.concatenate([last_v, part.v])
        yield t[:-1], v[:-1], np.minimum(np.diff(t), hold)
        last_t, last_v = t[-1:], v[-1:]
    yield last_t, last_v, np.full(last_t.size, hold)


def minutes_of_day(
    conn: Connection, user_id: int, one: Series, clock: Clock, day: date
) -> tuple[Int, Int]:
    """Minutes of a day that have something, and their sums in stored integers."""
    spans = [millis(span) for span in clock.day_span(day)]
    found = [minutes(conn, user_id, one, start, end) for start, end in spans]
    at = np.concatenate([NONE, *(part.at for part in found)])
    return at, np.concatenate([NONE, *(part.sum for part in found)])
