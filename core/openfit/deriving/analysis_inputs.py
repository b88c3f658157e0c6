"""What an analysis is given: loaded through the merged view, in the form in which it travels."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
from openfit_sdk.inputs import (
    ActivityInput,
    DayColumns,
    Input,
    SeriesColumns,
    SessionColumns,
    Wish,
)
from openfit_sdk.schema import Activity
from sqlalchemy import Connection, Row, func, select

from openfit.store import daily, entities, profile, results, series
from openfit.store.tables import daily_resolved

LONGEST_MS = 2**31 - 1  # 24 days
MOST_SAMPLES = 250_000  # of an activity, over all that is asked for: three days at 1 Hz


class TooLong(Exception):
    """An activity with more samples than travel at once."""


def of_activity(
    conn: Connection,
    user_id: int,
    row: Row[Any],
    activity: Activity,
    day: date,
    wishes: Iterable[Wish],
    person: profile.Profile,
) -> dict[str, Input]:
    """Inputs of one activity by what asks for them; what there is none of is left out."""
    wanted = list(wishes)
    samples = best_series(conn, user_id, row.entity_id, {w.name for w in wanted})
    if sum(n for _, n in samples.values()) > MOST_SAMPLES:
        raise TooLong
    found: dict[str, Input] = {}
    for wish in wanted:
        text = ""
        given: Input | None = None
        if wish.kind == "activity":
            text, given = "activity", ActivityInput(activity)
        elif wish.kind == "series" and wish.name in samples:
            text = f"series:{wish.name}@activity"
            given = columns(conn, user_id, samples[wish.name][0])
        elif wish.kind == "profile":
            text, given = f"profile:{wish.name}", person.at(wish.name, day)
        elif wish.kind == "daily":
            text = f"daily:{wish.name}@{wish.window}"
            first = day - timedelta(days=wish.days - 1)
            given = daily_values(conn, user_id, wish.name, first, day)
        if given is not None:
            found[text] = given
    return found


def best_series(
    conn: Connection, user_id: int, activity_id: str, metrics: Collection[str]
) -> dict[str, tuple[series.Series, int]]:
    """Of each metric the device's own samples before ours, and the fuller of two recordings."""
    found: dict[str, tuple[series.Series, int]] = {}
    for one, n in series.of_activity(conn, user_id, activity_id):
        if one.metric not in metrics or not n:
            continue
        rival = found.get(one.metric)
        order = (one.method != "computed", n, -one.series_id)
        if rival is None or order > (rival[0].method != "computed", rival[1], -rival[0].series_id):
            found[one.metric] = (one, n)
    return found


def columns(conn: Connection, user_id: int, one: series.Series) -> SeriesColumns | None:
    t, v = series.read(conn, user_id, one, 0, None)
    if not t.size:
        return None
    start = int(t[0])
    if int(t[-1]) - start > LONGEST_MS:
        raise TooLong
    return SeriesColumns(start, (t - start).astype("<i4").tobytes(), v.astype("<f8").tobytes())


def daily_values(
    conn: Connection, user_id: int, metric: str, first: date, last: date
) -> DayColumns | None:
    """The resolved value of each day; None where no day has one."""
    query = select(daily_resolved.c.day, daily_resolved.c.value).where(
        daily.between(daily_resolved, user_id, metric, first, last)
    )
    return day_columns(first, last, conn.execute(query).all())


def day_columns(first: date, last: date, rows: Sequence[Any]) -> DayColumns | None:
    if not rows:
        return None
    days, values = zip(*rows, strict=True)
    column = np.full((last - first).days + 1, np.nan)
    column[(np.array(days, "datetime64[D]") - np.datetime64(first)).astype(int)] = values
    return DayColumns(first, column.astype("<f8").tobytes())


# Over days ---------------------------------------------------------------------------------------


def of_history(
    conn: Connection, user_id: int, wishes: Iterable[Wish], today: date
) -> dict[str, Input]:
    """Inputs of what runs over all days: from the first session's day to the last, or today."""
    found: dict[str, Input] = {}
    first, last = today, today
    for wish in wishes:
        if wish.kind == "result":
            rows = leading_sessions(conn, user_id, wish.name)
            if rows:
                found[f"result:{wish.name}@history"] = session_columns(rows)
                first, last = min(first, rows[0].day), max(last, rows[-1].day)
    if found:
        found["days@history"] = observed(conn, user_id, first, last)
    return found


def leading_sessions(conn: Connection, user_id: int, result_id: str) -> list[results.Session]:
    """Of twins, the surest: two recordings of a ride are one load."""
    groups = daily.twin_groups(conn, user_id)
    surest: dict[str, results.Session] = {}
    for one in results.sessions(conn, user_id, result_id):
        group = groups.get(one.activity_id, one.activity_id)
        rival = surest.get(group)
        if rival is None or preference(one, group) > preference(rival, group):
            surest[group] = one
    return sorted(surest.values(), key=lambda one: (one.day, one.activity_id))


def preference(one: results.Session, leader: str) -> tuple[float, bool]:
    return one.confidence, one.activity_id == leader


def session_columns(rows: list[results.Session]) -> SessionColumns:
    values = [np.nan if row.value is None else row.value for row in rows]
    return SessionColumns(
        np.array([row.day.toordinal() for row in rows], "<i8").tobytes(),
        np.array(values, "<f8").tobytes(),
        np.array([row.confidence for row in rows], "<f8").tobytes(),
    )


def observed(conn: Connection, user_id: int, first: date, last: date) -> DayColumns:
    """How many metrics have a value on each day."""
    query = (
        select(daily_resolved.c.day, func.count())
        .where(
            daily_resolved.c.user_id == user_id,
            daily_resolved.c.day >= first.isoformat(),
            daily_resolved.c.day <= last.isoformat(),
        )
        .group_by(daily_resolved.c.day)
    )
    seen = [(day, float(n)) for day, n in conn.execute(query)]
    nothing = np.zeros((last - first).days + 1, "<f8")
    for day, n in seen:
        nothing[(date.fromisoformat(day) - first).days] = n
    return DayColumns(first, nothing.tobytes())


def day_in(row: Row[Any], clock: Any) -> date:
    """The wearer's day of an activity, as lists show it."""
    if row.day:
        return date.fromisoformat(row.day)
    return date.fromisoformat(clock.day_of(entities.instant(row.start_at)).isoformat())
