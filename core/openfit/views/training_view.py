"""Training load over days, records over all sources, and the results of one activity."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from msgspec import Struct
from openfit_sdk.schema import Activity, Result
from sqlalchemy import Connection, Row

from openfit.hub import now_ms
from openfit.store import daily, days, entities, results
from openfit.views import reading

LOADS = ("daily_load", "acute_load", "chronic_load", "training_balance")
SHOWN_DAYS = 365

# What is compared over activities: the greater is the better, or the less.
HIGHEST = (
    "total_distance", "total_time", "total_ascent", "heart_rate_held", "best_power_5_seconds",
    "best_power_15_seconds", "best_power_30_seconds", "best_power_60_seconds",
    "best_power_120_seconds", "best_power_300_seconds", "best_power_600_seconds",
    "best_power_1200_seconds", "best_power_1800_seconds", "best_power_3600_seconds",
)  # fmt: skip
LOWEST = (
    "best_time_100_metres", "best_time_200_metres", "best_time_400_metres",
    "best_time_800_metres", "best_time_1000_metres", "best_time_1500_metres",
    "best_time_1609_metres", "best_time_5000_metres", "best_time_10000_metres",
    "best_time_20000_metres", "best_time_21097_metres", "best_time_40000_metres",
    "best_time_42195_metres", "best_time_100000_metres",
)  # fmt: skip
CONTENDERS = 6  # of a result and sport: twins of the best one are no second best


class ResultList(Struct, frozen=True):
    """What analyses found of one activity. `pending`: something changed and they run again."""

    items: list[Result]
    pending: bool


class LoadSeries(Struct, frozen=True, kw_only=True):
    """One load figure by day, in columns as long as `days` of the answer. Where there is no
    value there is a reason."""

    id: str
    unit: str
    tier: str
    algorithm: str
    inputs: list[str]
    values: list[float | None]
    confidence: list[float]
    reasons: list[str | None]


class TrainingLoad(Struct, frozen=True, kw_only=True):
    start: date
    end: date
    days: list[date]
    series: list[LoadSeries]
    pending: bool


class RecordHolder(Struct, frozen=True):
    """An activity and what it reached."""

    activity: str
    day: str
    value: float
    name: str | None = None
    start: datetime | None = None


class Record(Struct, frozen=True, kw_only=True):
    """The best of all activities of a sport, whichever source recorded it."""

    id: str
    sport: str
    unit: str
    better: str
    value: float
    confidence: float
    tier: str
    algorithm: str
    inputs: list[str]
    drivers: dict[str, float]
    holder: RecordHolder
    before: RecordHolder | None = None


class RecordList(Struct, frozen=True):
    items: list[Record]
    pending: bool


def of_activity(conn: Connection, user_id: int, activity_id: str) -> ResultList:
    reading.found(conn, user_id, activity_id)
    return ResultList(
        results.of_activity(conn, user_id, activity_id), waiting(conn, user_id, days.ACTIVITIES)
    )


def waiting(conn: Connection, user_id: int, *kinds: str) -> bool:
    """Whether something of these kinds is still to be analysed, or days to be derived."""
    undone = any(days.to_analyze(conn, user_id, kind) for kind in kinds)
    return undone or bool(days.due(conn, user_id))


def training_load(
    conn: Connection, user_id: int, first: date | None, last: date | None
) -> TrainingLoad:
    """Daily load, fatigue, fitness and form, a year back unless said otherwise."""
    today = days.clock(conn, user_id).day_of(entities.instant(now_ms()))
    end = last or today
    start = first or end - timedelta(days=SHOWN_DAYS - 1)
    found = {id: results.days_of(conn, user_id, id, start, end) for id in LOADS}
    known = sorted({one.day for several in found.values() for one in several if one.day})
    return TrainingLoad(
        start=start,
        end=end,
        days=known,
        series=[in_columns(id, several, known) for id, several in found.items() if several],
        pending=waiting(conn, user_id, days.ACTIVITIES, days.HISTORY),
    )


def in_columns(id: str, several: list[Result], known: Iterable[date]) -> LoadSeries:
    by_day = {one.day: one for one in several}
    ordered = [by_day.get(day) for day in known]
    return LoadSeries(
        id=id,
        unit=several[0].unit,
        tier=several[0].tier,
        algorithm=several[0].algorithm or "",
        inputs=several[0].inputs,
        values=[
            None if one is None or one.value is None else round(one.value, 2) for one in ordered
        ],
        confidence=[0.0 if one is None else round(one.confidence, 3) for one in ordered],
        reasons=["not_analysed" if one is None else one.reason for one in ordered],
    )


# Records -----------------------------------------------------------------------------------------


def records(conn: Connection, user_id: int, sport: str | None) -> RecordList:
    """The best of each effort and sport over all sources. Of twins only one counts."""
    rows = [
        *results.best(conn, user_id, HIGHEST, lower=False, limit=CONTENDERS),
        *results.best(conn, user_id, LOWEST, lower=True, limit=CONTENDERS),
    ]
    groups = daily.twin_groups(conn, user_id)
    contenders: dict[tuple[str, str], list[Row[Any]]] = {}
    for row in rows:
        held = contenders.setdefault((row.result_id, row.sport), [])
        group = groups.get(row.activity_id, row.activity_id)
        if group not in {groups.get(one.activity_id, one.activity_id) for one in held}:
            held.append(row)
    listed = [
        record(conn, user_id, held)
        for (_, of_sport), held in contenders.items()
        if sport is None or of_sport == sport
    ]
    return RecordList(
        sorted(listed, key=lambda one: (one.sport, place(one.id))),
        waiting(conn, user_id, days.ACTIVITIES),
    )


def place(result_id: str) -> int:
    return (LOWEST + HIGHEST).index(result_id)


def record(conn: Connection, user_id: int, held: list[Row[Any]]) -> Record:
    best = results.decoded(held[0].body)
    assert best.value is not None
    return Record(
        id=best.id,
        sport=held[0].sport,
        unit=best.unit,
        better="lower" if best.id in LOWEST else "higher",
        value=best.value,
        confidence=best.confidence,
        tier=best.tier,
        algorithm=best.algorithm or "",
        inputs=best.inputs,
        drivers=best.drivers,
        holder=holder(conn, user_id, held[0]),
        before=holder(conn, user_id, held[1]) if len(held) > 1 else None,
    )


def holder(conn: Connection, user_id: int, row: Row[Any]) -> RecordHolder:
    found = entities.get(conn, user_id, row.activity_id)
    if found is None:
        return RecordHolder(row.activity_id, row.day, row.value)
    changes = entities.edits_of(conn, user_id, [row.activity_id]).get(row.activity_id, [])
    activity = entities.decode(found, changes)
    assert isinstance(activity, Activity)
    return RecordHolder(row.activity_id, row.day, row.value, activity.name, activity.start)
