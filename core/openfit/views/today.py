"""Today so far and the night before it: what is known, how fresh, and beside one's own weeks."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from openfit_schema.entities import Tier
from openfit_schema.metrics import MetricDef
from sqlalchemy import Connection

from openfit.hub import Hub
from openfit.store import entities, profile, series
from openfit.store.finding import Wanted
from openfit.views import claims, journal, reading, sleep, trends, wellness
from openfit.views.labels import Named, SourceLabel, label_of
from openfit.views.reading import ActivityRow
from openfit.views.series_view import DayValue
from openfit.views.sleep import SleepDay

BASELINE_DAYS = 28
LEAST_DAYS = 14
LIVE_MINUTES = 10
MINUTE = 60_000
LIVE = "heart_rate"


class Baseline(Struct, frozen=True):
    """The person's own last 28 days before today: median, and the band of the middle half."""

    median: float
    low: float
    high: float
    n: int


class DayGoal(Struct, frozen=True):
    """What the person wants to reach on the day; `met` is null while there is no value."""

    value: float
    met: bool | None


class TodayValue(Struct, frozen=True, kw_only=True):
    """One metric today. Without a value there is a reason, and when it was last known. A sum is
    of the day so far (`partial`), so it is not held against whole days. `at` is the last sample
    behind it; null where a source gave the day as a whole. `confidence` is 0 without a value, and
    null with a `confidence_reason` where the source does not say how sure it is."""

    metric: str
    name: str
    unit: str
    family: str
    better: str
    value: float | None
    reason: str | None
    confidence: float | None
    confidence_reason: str | None
    tier: Tier | None
    method: str | None
    source: SourceLabel | None
    at: datetime | None
    age_seconds: int | None
    partial: bool
    last_day: date
    last_value: float
    baseline: Baseline | None
    baseline_reason: str | None
    position: Literal["below", "within", "above"] | None
    goal: DayGoal | None = None


class LiveMinute(Struct, frozen=True):
    """Heart rate of the latest minute that has any, within the last ten: the mean of what a
    source measured in it."""

    at: datetime
    mean: float
    min: float
    max: float
    n: int
    source: SourceLabel
    unit: str
    confidence: float | None
    confidence_reason: str | None
    tier: Tier | None


class Today(Struct, frozen=True, kw_only=True):
    """`sleep` are the sleeps that ended today; null with a reason while none is known."""

    day: date
    now: datetime
    utc_offset_minutes: int
    values: list[TodayValue]
    sleep: SleepDay | None
    sleep_reason: str | None
    activities: list[ActivityRow]
    journal: journal.JournalDay | None
    live: LiveMinute | None
    live_reason: str | None


def today(hub: Hub, conn: Connection, user_id: int, now: datetime, sees: wellness.Sees) -> Today:
    views = Named(hub, conn, user_id)
    day = views.clock.day_of(now)
    night = sleep_today(conn, user_id, views, day) if sees("sleep") else None
    minute = live_minute(hub, conn, user_id, views, now) if sees("heart") else None
    known = values_of(hub, conn, user_id, views, day, now, sees)
    stated = profile.read(conn, user_id) if sees("profile") else None
    return Today(
        day=day,
        now=now,
        utc_offset_minutes=round(views.clock.offset_at(now).total_seconds() / 60),
        values=[held(one, stated, day) for one in known],
        sleep=night,
        sleep_reason=None if night else "no_sleep_ended_today",
        activities=activities_of(conn, user_id, day) if sees("workout") else [],
        journal=journal.read(conn, user_id, day) if sees("journal") else None,
        live=minute,
        live_reason=None if minute else f"no_samples:minutes={LIVE_MINUTES}",
    )


def activities_of(conn: Connection, user_id: int, day: date) -> list[ActivityRow]:
    """Those of one day, the first one first."""
    wanted = Wanted(first=day, last=day)
    found, _ = reading.activities(conn, user_id, limit=100, wanted=wanted)
    return found[::-1]


def sleep_today(conn: Connection, user_id: int, views: Named, day: date) -> SleepDay | None:
    return next(iter(sleep.days_of(views, sleep.read_days(conn, user_id, day, day))), None)


def values_of(
    hub: Hub,
    conn: Connection,
    user_id: int,
    views: Named,
    day: date,
    now: datetime,
    sees: wellness.Sees,
) -> list[TodayValue]:
    """Of everything that had a value today or in the weeks before."""
    first = day - timedelta(days=BASELINE_DAYS)
    found = wellness.resolved_days(conn, user_id, first, day)
    fresh = {(one.metric, one.source_id): last for one, _, last in series.extents(conn, user_id)}
    listed = []
    for metric, values in found.items():
        definition = hub.plugins.metric(metric)
        if definition is not None and sees(definition.family):
            listed.append(value_of(definition, values, fresh, views, day, now))
    return listed


def value_of(
    definition: MetricDef,
    values: Sequence[DayValue],
    fresh: dict[tuple[str, int], int],
    views: Named,
    day: date,
    now: datetime,
) -> TodayValue:
    last = values[-1]
    here = last if last.day == day.isoformat() else None
    before = [one.value for one in values if one.day < day.isoformat()]
    baseline = baseline_of(before)
    partial = definition.fold == "sum" and definition.family != "sleep"  # a night is over
    source = int(here.source_id) if here and here.source_id else None
    at = fresh.get((definition.id, source)) if source is not None else latest(fresh, definition.id)
    said = claims.claim(definition, here.method if here else None)
    known = at is not None and here is not None and here.method != "computed"
    return TodayValue(
        metric=definition.id,
        name=definition.name,
        unit=definition.unit,
        family=definition.family,
        better=definition.better,
        value=here.value if here else None,
        reason=None if here else "nothing_yet_today",
        confidence=said.confidence,
        confidence_reason=said.reason,
        tier=said.tier,
        method=here.method if here else None,
        source=label_of(views, source) if source is not None else None,
        at=entities.instant(at) if known and at is not None else None,
        age_seconds=age(now, at) if known and at is not None else None,
        partial=partial,
        last_day=date.fromisoformat(last.day),
        last_value=last.value,
        baseline=baseline,
        baseline_reason=None if baseline else f"need_days:have={len(before)},need={LEAST_DAYS}",
        position=place(here.value, baseline) if here and baseline and not partial else None,
    )


def held(one: TodayValue, stated: profile.Profile | None, day: date) -> TodayValue:
    """With the goal of its metric, where there is one."""
    field = trends.GOALS.get(one.metric)
    want = trends.wanted(stated, field, day) if stated and field else None
    if want is None:
        return one
    return replace(one, goal=DayGoal(want, None if one.value is None else one.value >= want))


def latest(fresh: dict[tuple[str, int], int], metric: str) -> int | None:
    return max((at for (one, _), at in fresh.items() if one == metric), default=None)


def age(now: datetime, at: int) -> int:
    return max(0, round(now.timestamp() - at / 1000))


def baseline_of(before: Sequence[float]) -> Baseline | None:
    if len(before) < LEAST_DAYS:
        return None
    low, middle, high = np.quantile(before, (0.25, 0.5, 0.75)).tolist()
    return Baseline(middle, low, high, len(before))


def place(value: float, baseline: Baseline) -> Literal["below", "within", "above"]:
    if value < baseline.low:
        return "below"
    return "above" if value > baseline.high else "within"


def live_minute(
    hub: Hub, conn: Connection, user_id: int, views: Named, now: datetime
) -> LiveMinute | None:
    end = (entities.millis(now) or 0) + 1
    best: LiveMinute | None = None
    for one in series.continuous(conn, user_id, LIVE):
        t, v = series.read(conn, user_id, one, end - LIVE_MINUTES * MINUTE, end)
        if not t.size:
            continue
        minute = int(t[-1]) // MINUTE
        some = v[t // MINUTE == minute]
        at = entities.instant(minute * MINUTE)
        if best is None or at > best.at:
            mean, low, high = round(float(some.mean()), 2), float(some.min()), float(some.max())
            source, definition = label_of(views, one.source_id), hub.plugins.metric(LIVE)
            assert definition is not None
            said = claims.claim(definition, one.method)
            best = LiveMinute(
                at=at,
                mean=mean,
                min=low,
                max=high,
                n=int(some.size),
                source=source,
                unit=definition.unit,
                confidence=said.confidence,
                confidence_reason=said.reason,
                tier=said.tier,
            )
    return best
