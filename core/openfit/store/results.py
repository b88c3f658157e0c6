"""Results: what analyses found, of an activity or of a day."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from openfit_schema import wire
from openfit_sdk.schema import Result
from sqlalchemy import Connection, Row, and_, delete, func, select, update

from openfit.store import entities
from openfit.store.engine import upsert
from openfit.store.tables import entities as entity_rows
from openfit.store.tables import results, users

OF_A_DAY = ""  # the activity of a result that belongs to a day alone


class Session(NamedTuple):
    """One analysis' answer for one activity."""

    activity_id: str
    day: date
    value: float | None
    confidence: float


def row_of(
    user_id: int, result: Result, day: date, activity_id: str, sport: str | None
) -> dict[str, Any]:
    return {
        "user_id": user_id,
        "result_id": result.id,
        "day": day.isoformat(),
        "activity_id": activity_id,
        "sport": sport,
        "value": result.value,
        "confidence": result.confidence,
        "body": wire.encode_json(result),
    }


def replace_activity(
    conn: Connection,
    user_id: int,
    activity_id: str,
    day: date,
    sport: str,
    found: Iterable[Result],
) -> None:
    """All results of an activity; those that it had before go."""
    conn.execute(
        delete(results).where(results.c.user_id == user_id, results.c.activity_id == activity_id)
    )
    upsert(conn, results, [row_of(user_id, one, day, activity_id, sport) for one in found])


def forget_activities(conn: Connection, user_id: int) -> None:
    """Results of activities that are not there any more, or not shown."""
    shown = select(entity_rows.c.entity_id).where(
        entities.visible(user_id), entity_rows.c.kind == "activity"
    )
    conn.execute(
        delete(results).where(
            results.c.user_id == user_id,
            results.c.activity_id != OF_A_DAY,
            results.c.activity_id.not_in(shown),
        )
    )


def replace_history(conn: Connection, user_id: int, found: Sequence[Result]) -> int:
    """All results of days. Written are those that differ; answers how many."""
    query = select(results.c.result_id, results.c.day, results.c.body).where(of_days(user_id))
    before = {(row.result_id, row.day): bytes(row.body) for row in conn.execute(query)}
    rows = [row_of(user_id, one, one.day, OF_A_DAY, None) for one in found if one.day is not None]
    changed = [row for row in rows if before.get((row["result_id"], row["day"])) != row["body"]]
    kept = {(row["result_id"], row["day"]) for row in rows}
    upsert(conn, results, changed)
    for result_id, day in before.keys() - kept:
        mine = (results.c.result_id == result_id, results.c.day == day)
        conn.execute(delete(results).where(of_days(user_id), *mine))
    return len(changed)


def of_days(user_id: int) -> Any:
    return and_(results.c.user_id == user_id, results.c.activity_id == OF_A_DAY)


# Reading -----------------------------------------------------------------------------------------


def of_activity(conn: Connection, user_id: int, activity_id: str) -> list[Result]:
    query = select(results.c.body).where(
        results.c.user_id == user_id, results.c.activity_id == activity_id
    )
    return [decoded(body) for body in conn.execute(query.order_by(results.c.result_id)).scalars()]


def decoded(body: bytes) -> Result:
    found = wire.decode_json(body)
    assert isinstance(found, Result)
    return found


def days_of(
    conn: Connection, user_id: int, result_id: str, first: date, last: date
) -> list[Result]:
    query = select(results.c.body).where(
        of_days(user_id),
        results.c.result_id == result_id,
        results.c.day >= first.isoformat(),
        results.c.day <= last.isoformat(),
    )
    return [decoded(body) for body in conn.execute(query.order_by(results.c.day)).scalars()]


def sessions(conn: Connection, user_id: int, result_id: str) -> list[Session]:
    """One analysis' answers for every activity, oldest first."""
    query = (
        select(results.c.activity_id, results.c.day, results.c.value, results.c.confidence)
        .where(
            results.c.user_id == user_id,
            results.c.result_id == result_id,
            results.c.activity_id != OF_A_DAY,
        )
        .order_by(results.c.day, results.c.activity_id)
    )
    return [
        Session(row.activity_id, date.fromisoformat(row.day), row.value, row.confidence)
        for row in conn.execute(query)
    ]


def values_of(
    conn: Connection, user_id: int, result_id: str, first: date, last: date
) -> dict[str, float]:
    """One analysis' values by activity, of these days."""
    query = select(results.c.activity_id, results.c.value).where(
        results.c.user_id == user_id,
        results.c.result_id == result_id,
        results.c.activity_id != OF_A_DAY,
        results.c.value.is_not(None),
        results.c.day >= first.isoformat(),
        results.c.day <= last.isoformat(),
    )
    return {row.activity_id: row.value for row in conn.execute(query)}


def best(
    conn: Connection, user_id: int, ids: Collection[str], *, lower: bool, limit: int
) -> list[Row[Any]]:
    """The best few of each result and sport, best first; the earlier one of two equal ones."""
    order = results.c.value.asc() if lower else results.c.value.desc()
    place = (
        func.row_number()
        .over(
            partition_by=(results.c.result_id, results.c.sport),
            order_by=(order, results.c.day, results.c.activity_id),
        )
        .label("place")
    )
    ranked = (
        select(results, place)
        .where(
            results.c.user_id == user_id,
            results.c.result_id.in_(ids),
            results.c.value.is_not(None),
            results.c.activity_id != OF_A_DAY,
        )
        .subquery()
    )
    query = select(ranked).where(ranked.c.place <= limit)
    return list(conn.execute(query.order_by(ranked.c.result_id, ranked.c.sport, ranked.c.place)))


# What they were made by --------------------------------------------------------------------------


class Stamp(NamedTuple):
    """Which analyses are behind a user's results, and up to which day."""

    analysed_by: str | None
    analysed_to: str | None


def stamp(conn: Connection, user_id: int) -> Stamp:
    query = select(users.c.analysed_by, users.c.analysed_to).where(users.c.user_id == user_id)
    return Stamp(*conn.execute(query).one())


def set_stamp(conn: Connection, user_id: int, **what: str) -> None:
    conn.execute(update(users).where(users.c.user_id == user_id).values(**what))


def extent(conn: Connection, user_id: int) -> tuple[int, int] | None:
    """First and last beginning of an activity, in ms."""
    query = select(func.min(entity_rows.c.start_at), func.max(entity_rows.c.start_at)).where(
        entity_rows.c.user_id == user_id, entity_rows.c.kind == "activity"
    )
    first, last = conn.execute(query).one()
    return None if first is None else (first, last)
