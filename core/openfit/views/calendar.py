"""Activities by day: how many, how long, how far, how hard."""

from datetime import date

from msgspec import Struct
from sqlalchemy import Connection

from openfit.store import days, entities, finding, results
from openfit.store.finding import Wanted
from openfit.store.tables import entities as rows

LOAD = "session_load"


class CalendarDay(Struct, frozen=True):
    """One day's activities, twins as one. `seconds`, `distance` and `load` are sums over those
    that have one; null where none has. `load` is of the analysis session_load."""

    day: date
    count: int
    seconds: float | None
    distance: float | None
    load: float | None
    sports: list[str]


class Calendar(Struct, frozen=True, kw_only=True):
    """Days without an activity are not there. The metres and seconds of a day are as reported,
    else as computed from samples."""

    start: date
    end: date
    days: list[CalendarDay]


def calendar(conn: Connection, user_id: int, first: date, last: date) -> Calendar:
    query = finding.asking(conn, user_id, Wanted(first=first, last=last), collapsed=True)
    assert query is not None
    clock = days.clock(conn, user_id)
    columns = (rows.c.entity_id, rows.c.day, rows.c.start_at, rows.c.body)
    found = conn.execute(query.with_only_columns(*columns)).all()
    changes = finding.corrected(conn, user_id)
    loads = results.values_of(conn, user_id, LOAD, first, last)
    sums: dict[str, list[tuple[str, float | None, float | None, float | None]]] = {}
    for row in found:
        one = finding.brief(row, changes.get(row.entity_id, []))
        day = row.day or clock.day_of(entities.instant(row.start_at)).isoformat()
        sums.setdefault(day, []).append(
            (one.sport, one.duration, one.distance, loads.get(row.entity_id))
        )
    return Calendar(
        start=first,
        end=last,
        days=[calendar_day(day, several) for day, several in sorted(sums.items())],
    )


def calendar_day(
    day: str, several: list[tuple[str, float | None, float | None, float | None]]
) -> CalendarDay:
    sports, seconds, distance, load = zip(*several, strict=True)
    return CalendarDay(
        date.fromisoformat(day),
        len(several),
        total(seconds),
        total(distance),
        total(load),
        sorted(set(sports)),
    )


def total(values: tuple[float | None, ...]) -> float | None:
    known = [value for value in values if value is not None]
    return round(sum(known), 2) if known else None
