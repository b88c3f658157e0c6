"""Finding activities: by day, sport, source, words, length, what they hold, and tag.

What the database keeps in columns is asked of it; sport and totals are in the bodies, of which only
these few fields are read, newest first, until the page is full.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, Literal

import msgspec
from msgspec import Struct
from openfit_schema.time import Clock
from openfit_sdk.schema import Timed, Totals
from sqlalchemy import Connection, Integer, Row, Select, and_, bindparam, or_, select

from openfit.store import connections, daily, days, entities, texts
from openfit.store.columns import MINE
from openfit.store.series.rows import live
from openfit.store.tables import edits, series, sources
from openfit.store.tables import entities as rows
from openfit.store.words import asked

Has = Literal["track", "power", "heart_rate", "notes"]
HELD_BY = {"track": "latitude", "power": "power", "heart_rate": "heart_rate"}
MARGIN = 2 * 86_400_000  # ms: no wearer's day lies further from that of UTC
SOME = 100  # rows fetched at a time
IN_BODY = ("name", "notes", "sport")


class Wanted(Struct, frozen=True, kw_only=True):
    """What an activity has to be like. Metres and seconds; the bounds belong to it."""

    first: date | None = None
    last: date | None = None
    sports: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()  # connections, integrations, or devices' source ids and keys
    query: str = ""
    min_distance: float | None = None
    max_distance: float | None = None
    min_duration: float | None = None
    max_duration: float | None = None
    has: tuple[Has, ...] = ()
    tags: tuple[str, ...] = ()

    @property
    def looks_inside(self) -> bool:
        bounds = (self.min_distance, self.max_distance, self.min_duration, self.max_duration)
        return bool(self.sports) or "notes" in self.has or any(one is not None for one in bounds)


ANY = Wanted()


class BriefTotals(Struct, frozen=True):
    distance: float | None = None
    timer_seconds: float | None = None
    elapsed_seconds: float | None = None


class Brief(Struct, frozen=True):
    """The few fields of an activity that lists are chosen by; the rest is skipped."""

    sport: str
    name: str | None = None
    notes: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    reported: BriefTotals = BriefTotals()
    computed: BriefTotals | None = None

    @property
    def distance(self) -> float | None:
        """Metres, as reported, else as the hub computed them from samples."""
        ours = self.computed.distance if self.computed else None
        return ours if self.reported.distance is None else self.reported.distance

    @property
    def duration(self) -> float | None:
        """Seconds of the device's timer, else with its pauses, else from start to end."""
        told = self.reported.timer_seconds
        told = self.reported.elapsed_seconds if told is None else told
        if told is None and self.start and self.end:
            return (self.end - self.start).total_seconds()
        return told


briefs = msgspec.json.Decoder(Brief)


def brief(row: Any, changes: Sequence[Any] = ()) -> Brief:
    """With what a person corrected of it."""
    found = briefs.decode(row.body)
    said = {one.field: msgspec.json.decode(one.value) for one in changes if one.field in IN_BODY}
    return msgspec.structs.replace(found, **said) if said else found


class Listed(Timed, tag="activity", frozen=True, kw_only=True):
    """What a list shows of an activity. The rest of it, laps and lengths, is not even parsed."""

    sport: str
    sub_sport: str | None = None
    name: str | None = None
    group: str | None = None
    reported: Totals = Totals()
    computed: Totals | None = None


listed = msgspec.json.Decoder(Listed)


def find(
    conn: Connection,
    user_id: int,
    wanted: Wanted,
    *,
    before: tuple[int, str] | None = None,
    limit: int,
    collapsed: bool,
) -> list[Row[Any]]:
    """The newest `limit` activities that are as wanted; `before` is the (start, id) of the last
    one seen."""
    if wanted == ANY:
        which: dict[str, Any] = {"user": user_id, "limit": limit}
        if before is not None:
            which |= {"at": before[0], "seen": before[1]}
        return list(conn.execute(page(collapsed, before is not None), which))
    query = asking(conn, user_id, wanted, collapsed)
    if query is None:
        return []
    if not wanted.looks_inside:
        return list(conn.execute(ordered(after(query, before)).limit(limit)))
    found: list[Any] = []
    for row in matching(conn, user_id, query, wanted, before):
        found.append(row)
        if len(found) == limit:
            break
    return found


def matching(
    conn: Connection, user_id: int, query: Select[Any], wanted: Wanted, before: Any
) -> Iterator[Any]:
    """Read no further than asked for."""
    changes = corrected(conn, user_id)
    streamed = ordered(after(query, before)).execution_options(yield_per=SOME)
    with conn.execute(streamed) as found:
        for row in found:
            if fits(brief(row, changes.get(row.entity_id, [])), wanted):
                yield row


def corrected(conn: Connection, user_id: int) -> dict[str, list[Any]]:
    """What a person corrected of the fields that lists are chosen by; few are, of all there are."""
    query = select(edits.c.entity_id, edits.c.field, edits.c.value).where(
        edits.c.user_id == user_id, edits.c.undone.is_(False), edits.c.field.in_(IN_BODY)
    )
    found: dict[str, list[Any]] = {}
    for row in conn.execute(query.order_by(edits.c.edit_id)):
        found.setdefault(row.entity_id, []).append(row)
    return found


def fits(one: Brief, wanted: Wanted) -> bool:
    return (
        (not wanted.sports or one.sport in wanted.sports)
        and ("notes" not in wanted.has or bool(one.notes and one.notes.strip()))
        and within(one.distance, wanted.min_distance, wanted.max_distance)
        and within(one.duration, wanted.min_duration, wanted.max_duration)
    )


def within(value: float | None, low: float | None, high: float | None) -> bool:
    """What has no value lies within no bounds."""
    if low is None and high is None:
        return True
    return value is not None and (low is None or value >= low) and (high is None or value <= high)


# What the database is asked ----------------------------------------------------------------------


SHOWN = (
    rows.c.entity_id,
    rows.c.connection_id,
    rows.c.source_id,
    rows.c.start_at,
    rows.c.day,
    rows.c.body,
)


@cache
def page(collapsed: bool, going_on: bool) -> Select[Any]:
    """A page of all activities, which is asked for most: made once."""
    query = of_user(MINE, collapsed, *SHOWN)
    if going_on:
        query = after(query, (bindparam("at"), bindparam("seen")))
    return ordered(query).limit(bindparam("limit", type_=Integer))


def of_user(user_id: Any, collapsed: bool, *columns: Any) -> Select[Any]:
    query = select(*columns or (rows,)).where(entities.visible(user_id), rows.c.kind == "activity")
    return query.where(rows.c.entity_id.not_in(entities.followers(user_id))) if collapsed else query


def ordered(query: Select[Any]) -> Select[Any]:
    return query.order_by(rows.c.start_at.desc(), rows.c.entity_id)


def after(query: Select[Any], before: tuple[Any, Any] | None) -> Select[Any]:
    if before is None:
        return query
    at, seen = before  # the first condition is what the index goes by
    return query.where(rows.c.start_at <= at, (rows.c.start_at < at) | (rows.c.entity_id > seen))


def asking(
    conn: Connection, user_id: int, wanted: Wanted, collapsed: bool, columns: Any = rows
) -> Select[Any] | None:
    """The query without its order; None where nothing can be as wanted."""
    chosen = columns if isinstance(columns, tuple) else (columns,)
    query = of_user(user_id, collapsed and not wanted.sources, *chosen)
    if wanted.first is not None or wanted.last is not None:
        query = query.where(in_days(days.clock(conn, user_id), wanted.first, wanted.last))
    if wanted.sources:
        query = query.where(from_sources(conn, user_id, wanted.sources))
    if wanted.query:
        words = asked(wanted.query)
        if not words:
            return None
        query = query.where(rows.c.entity_id.in_(texts.activity_ids(conn, user_id, words)))
    for one in wanted.has:
        if one in HELD_BY:
            query = query.where(rows.c.entity_id.in_(holding(user_id, HELD_BY[one])))
    if wanted.tags:
        query = query.where(rows.c.entity_id.in_(tagged(conn, user_id, wanted.tags)))
    return query


def holding(user_id: int, metric: str) -> Select[Any]:
    return select(series.c.activity_id).where(live(user_id), series.c.metric == metric)


def tagged(conn: Connection, user_id: int, tags: Sequence[str]) -> list[str]:
    found = daily.tags_of(conn, user_id)
    return [entity_id for entity_id, has in found.items() if set(tags) <= set(has)]


def in_days(clock: Clock, first: date | None, last: date | None) -> Any:
    """Days as the record states them, else by the wearer's clock."""
    stated, told = [], []
    if first is not None:
        begin = beginning(clock, first)
        stated += [rows.c.day >= first.isoformat(), rows.c.start_at >= begin - MARGIN]
        told += [rows.c.start_at >= begin]
    if last is not None:
        end = beginning(clock, last + timedelta(days=1))
        stated += [rows.c.day <= last.isoformat(), rows.c.start_at < end + MARGIN]
        told += [rows.c.start_at < end]
    return or_(and_(rows.c.day.is_not(None), *stated), and_(rows.c.day.is_(None), *told))


def beginning(clock: Clock, day: date) -> int:
    """When a day began, ms; that of the next where the wearer skipped it at the date line."""
    spans = clock.day_span(day) or clock.day_span(day + timedelta(days=1))
    return entities.millis(spans[0][0]) or 0


def from_sources(conn: Connection, user_id: int, named: Sequence[str]) -> Any:
    """A connection by its id, all of an integration, or a device by its source id or key."""
    ids = [
        row.connection_id
        for row in connections.of_user(conn, user_id)
        if row.connection_id in named or row.integration in named
    ]
    query = select(sources.c.source_id, sources.c.device).where(sources.c.user_id == user_id)
    of_devices = [
        row.source_id
        for row in conn.execute(query)
        if str(row.source_id) in named or (row.device and row.device in named)
    ]
    return or_(rows.c.connection_id.in_(ids), rows.c.source_id.in_(of_devices))


def sports(conn: Connection, user_id: int) -> dict[str, int]:
    """How many activities there are of each sport."""
    query = asking(conn, user_id, Wanted(), collapsed=True)
    assert query is not None
    found = conn.execute(query.with_only_columns(rows.c.entity_id, rows.c.body)).all()
    changes = corrected(conn, user_id)
    counts: dict[str, int] = {}
    for row in found:
        sport = brief(row, changes.get(row.entity_id, [])).sport
        counts[sport] = counts.get(sport, 0) + 1
    return counts
