"""Days: which must be derived again, which are covered, and the wearer's clock over time."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

import msgspec
from openfit_schema.time import Clock, offset_text
from openfit_schema.time import Segment as ClockSegment
from openfit_sdk import Covered
from sqlalchemy import Connection, Row, delete, insert, select, update

from openfit.deriving.wearer import Segment
from openfit.store import people
from openfit.store.columns import MINE
from openfit.store.engine import upsert
from openfit.store.tables import coverage, dirty, entities, profile, users, zone

ACTIVITIES, HISTORY = "!activity", "!history"  # marks that are worked off by analysing
ANALYSED = (ACTIVITIES, HISTORY)


def utc_day(millis: int) -> date:
    return datetime.fromtimestamp(millis / 1000, UTC).date()


def mark(conn: Connection, user_id: int, metric: str, days: Iterable[date]) -> None:
    """Days of UTC on which something of this metric changed: they will be derived again."""
    mark_spans(conn, user_id, metric, runs(sorted(set(days))))


def mark_spans(
    conn: Connection, user_id: int, what: str, spans: Sequence[tuple[date, date]]
) -> None:
    if not spans:
        return
    seq = people.advance(conn, user_id, len(spans))
    rows = [
        {
            "user_id": user_id,
            "seq": seq + n,
            "metric": what,
            "day_from": first.isoformat(),
            "day_to": last.isoformat(),
        }
        for n, (first, last) in enumerate(spans)
    ]
    conn.execute(insert(dirty), rows)


def runs(days: Sequence[date]) -> list[tuple[date, date]]:
    """Stretches of neighbouring days; a hole of under a week is bridged, as deriving a few days
    too many costs less than many ranges."""
    found: list[tuple[date, date]] = []
    for day in days:
        if found and (day - found[-1][1]).days <= 7:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def due(conn: Connection, user_id: int) -> list[Row[tuple[object, ...]]]:
    """Marks to derive, the latest days first."""
    query = select(dirty).where(dirty.c.user_id == user_id, dirty.c.metric.not_in(ANALYSED))
    return list(conn.execute(query.order_by(dirty.c.day_to.desc(), dirty.c.metric, dirty.c.seq)))


def any_due(conn: Connection, user_id: int) -> bool:
    """Whether days of this user are still to be derived, or the clock they are cut by."""
    query = select(dirty.c.seq).where(dirty.c.user_id == user_id, dirty.c.metric.not_in(ANALYSED))
    return clock_is_stale(conn, user_id) or conn.execute(query.limit(1)).first() is not None


def users_due(conn: Connection) -> list[int]:
    waiting = select(dirty.c.user_id).where(dirty.c.metric.not_in(ANALYSED)).distinct()
    stale = select(users.c.user_id).where(users.c.clock_stale)
    return sorted({*conn.execute(waiting).scalars(), *conn.execute(stale).scalars()})


def done(conn: Connection, user_id: int, seqs: Sequence[int]) -> None:
    """These marks are worked off. What was marked meanwhile has a number of its own."""
    for at in range(0, len(seqs), 500):
        some = seqs[at : at + 500]
        conn.execute(delete(dirty).where(dirty.c.user_id == user_id, dirty.c.seq.in_(some)))


def to_analyze(conn: Connection, user_id: int, what: str) -> list[Row[tuple[object, ...]]]:
    """Marks to analyse, the latest days first: today before history."""
    query = select(dirty).where(dirty.c.user_id == user_id, dirty.c.metric == what)
    return list(conn.execute(query.order_by(dirty.c.day_to.desc(), dirty.c.seq)))


def analyzed_from(conn: Connection, user_id: int, seq: int, day: date) -> None:
    """What lies before this day is still to be analysed."""
    conn.execute(
        update(dirty)
        .where(dirty.c.user_id == user_id, dirty.c.seq == seq)
        .values(day_to=(day - timedelta(days=1)).isoformat())
    )


def cover(
    conn: Connection,
    user_id: int,
    connection_id: str,
    covered: Sequence[Covered],
    now_ms: int,
) -> None:
    rows = [
        {
            "user_id": user_id,
            "connection_id": connection_id,
            "stream": span.stream,
            "day": day.isoformat(),
            "state": span.state,
            "checked_at": now_ms,
        }
        for span in covered
        for day in days_between(span.start.date(), span.end.date())
    ]
    if rows:
        upsert(conn, coverage, rows)


def days_between(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


# The wearer's clock ------------------------------------------------------------------------------


def clock(conn: Connection, user_id: int) -> Clock:
    """The wearer's clock as it was last built; UTC while nothing is known of it."""
    found = [
        ClockSegment(
            start=datetime.fromtimestamp(row.from_utc / 1000, UTC),
            utc_offset=None if row.zone_name else offset_text(row.utc_offset),
            zone=row.zone_name,
            basis=row.basis,
        )
        for row in conn.execute(CLOCK, {"user": user_id})
    ]
    return Clock(found) if found else Clock.fixed("+00:00")


CLOCK = select(zone).where(zone.c.user_id == MINE).order_by(zone.c.from_utc)


def stated_offsets(conn: Connection, user_id: int) -> list[tuple[int, int]]:
    """What records say of the wearer's clock: (instant, minutes), in order of time."""
    query = (
        select(entities.c.start_at, entities.c.utc_offset)
        .where(
            entities.c.user_id == user_id,
            entities.c.lead,
            entities.c.basis == "stated",
            entities.c.utc_offset.is_not(None),
            entities.c.start_at.is_not(None),
        )
        .order_by(entities.c.start_at, entities.c.utc_offset)
    )
    return [(row.start_at, row.utc_offset) for row in conn.execute(query)]


def home_zones(conn: Connection, user_id: int) -> list[tuple[str, str]]:
    """The dated home zone of the profile: (valid from, zone name as JSON text)."""
    query = (
        select(profile.c.valid_from, profile.c.value)
        .where(profile.c.user_id == user_id, profile.c.field == "zone")
        .order_by(profile.c.valid_from)
    )
    return [(row.valid_from, row.value) for row in conn.execute(query)]


def clock_stale(conn: Connection, user_id: int, stale: bool) -> None:
    conn.execute(update(users).where(users.c.user_id == user_id).values(clock_stale=stale))


def clock_is_stale(conn: Connection, user_id: int) -> bool:
    query = select(users.c.clock_stale).where(users.c.user_id == user_id)
    return bool(conn.execute(query).scalar())


def replace_clock(conn: Connection, user_id: int, segments: Sequence[Segment]) -> bool:
    """Store the clock; True if it runs differently from the one before."""
    query = select(zone).where(zone.c.user_id == user_id).order_by(zone.c.from_utc)
    before = [
        Segment(row.from_utc, row.utc_offset, row.zone_name, row.basis)
        for row in conn.execute(query)
    ]
    if before == list(segments):
        return False
    conn.execute(delete(zone).where(zone.c.user_id == user_id))
    rows = [msgspec.structs.asdict(segment) | {"user_id": user_id} for segment in segments]
    conn.execute(insert(zone), rows)
    return True
