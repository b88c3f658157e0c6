"""A night second by second: heart rate, beats and motion as each source measured them.

From noon to noon of the wearer's clock. Nothing is made up between samples: each column says where
something is missing, and no stages are told here.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from msgspec import Struct
from openfit_sdk.schema import Event
from sqlalchemy import Connection

from openfit.hub import Hub
from openfit.store import entities, finding, series
from openfit.views import seconds, sleep
from openfit.views.history import DaySpan
from openfit.views.labels import Named
from openfit.views.seconds import Course, Samples
from openfit.views.series_view import unit_of
from openfit.views.wellness import Sees

HALF_DAY = 12 * 3_600_000
FINE = 5000  # ms between samples, up to which a night was measured second by second
ONE_DAY = timedelta(days=1)
HEART, BEATS = "heart_rate", "rr_interval"
AXES = ("acceleration_x", "acceleration_y", "acceleration_z")
ON, OFF = "wrist_on", "wrist_off"
TOLD = (ON, OFF, "charging_on", "charging_off")
Extent = tuple[series.Series, int, int]
Span = tuple[int, int]


class NightSource(Struct, frozen=True, kw_only=True):
    """Null is what the source did not measure in this span. `motion` is how far the acceleration
    came from each second to the next. `off_wrist` is from where the source was told to be taken off
    until it was put on again."""

    source_id: str
    connection_id: str
    label: str
    heart_rate: Course | None
    beats: Course | None
    motion: Course | None
    off_wrist: list[DaySpan]


class NightEvent(Struct, frozen=True, kw_only=True):
    at: datetime
    type: str
    source_id: str


class NightSleep(Struct, frozen=True):
    """The night's sleep that some source told and that ended on this day."""

    id: str
    start: datetime
    end: datetime | None


class NightView(Struct, frozen=True, kw_only=True):
    """`begin` and `end` are the noons, `first` and `last` where one measured second by second, or
    at all where nobody did. `earlier` and `later` are days beside, unless
    all that was ever measured lies on the other side; `latest` is the last night."""

    day: date
    begin: datetime
    end: datetime
    first: datetime | None
    last: datetime | None
    earlier: date | None
    later: date | None
    latest: date | None
    sources: list[NightSource]
    events: list[NightEvent]
    sleep: NightSleep | None


class Held(NamedTuple):
    """What a source has of a whole night."""

    source_id: int
    heart_rate: Samples
    beats: Samples
    motion: Samples

    @property
    def columns(self) -> list[Samples]:
        return [one for one in (self.heart_rate, self.beats, self.motion) if one.t.size]


def night(
    hub: Hub,
    conn: Connection,
    user_id: int,
    day: date | None,
    now: datetime,
    sees: Sees,
    *,
    span: tuple[datetime | None, datetime | None] = (None, None),
    points: int,
    beats: int,
) -> NightView:
    """The night that ended on this day, or else the latest; its samples between two instants,
    where these are given."""
    views = Named(hub, conn, user_id)
    known = extents(hub, conn, user_id, sees)
    latest = latest_of(views, known)
    shown = day or latest or views.clock.day_of(now)
    noons = noon(views, shown - ONE_DAY), noon(views, shown)
    held = held_of(conn, user_id, known, noons)
    edges = edges_of(held)
    told = events(conn, user_id, views, noons) if sees("device") else []
    looked_at = within(noons, span)
    return NightView(
        day=shown,
        begin=entities.instant(noons[0]),
        end=entities.instant(noons[1]),
        first=entities.instant(edges[0]) if edges else None,
        last=entities.instant(edges[-1]) if edges else None,
        earlier=shown - ONE_DAY if any(first < noons[0] for _, first, _ in known) else None,
        later=shown + ONE_DAY if any(last >= noons[1] for *_, last in known) else None,
        latest=latest,
        sources=[source_of(hub, views, one, told, noons, looked_at, points, beats) for one in held],
        events=told,
        sleep=slept(conn, user_id, views, shown) if sees("sleep") else None,
    )


def extents(hub: Hub, conn: Connection, user_id: int, sees: Sees) -> list[Extent]:
    """Of one series for each source and metric: as reported, where there are several."""
    found: dict[tuple[str, int], Extent] = {}
    for metric in (HEART, BEATS, *AXES):
        definition = hub.plugins.metric(metric)
        if definition is None or not sees(definition.family):
            continue
        for one, first, last in series.extents(conn, user_id, metric):
            key = metric, one.source_id
            if key not in found or one.method == "reported":
                found[key] = one, first, last
    return list(found.values())


def noon(views: Named, day: date) -> int:
    """Twelve on the wearer's clock: clocks change at night."""
    return finding.beginning(views.clock, day + ONE_DAY) - HALF_DAY


def latest_of(views: Named, known: Sequence[Extent]) -> date | None:
    """Whoever looks in the afternoon means the night that was, not the one to come."""
    if not known:
        return None
    day = views.clock.day_of(entities.instant(max(last for *_, last in known)))
    return day if min(first for _, first, _ in known) < noon(views, day) else day + ONE_DAY


def within(noons: Span, span: tuple[datetime | None, datetime | None]) -> Span:
    start, end = (entities.millis(at) for at in span)
    return (
        noons[0] if start is None else max(noons[0], start),
        noons[1] if end is None else min(noons[1], end),
    )


# Samples ------------------------------------------------------------------------------------------


def held_of(conn: Connection, user_id: int, known: Sequence[Extent], noons: Span) -> list[Held]:
    start, end = noons
    by_source: dict[int, dict[str, series.Series]] = {}
    for one, first, last in known:
        if first < end and last >= start:
            by_source.setdefault(one.source_id, {})[one.metric] = one
    found = [held(conn, user_id, id, of, noons) for id, of in sorted(by_source.items())]
    return [one for one in found if one.columns]


def held(
    conn: Connection, user_id: int, source_id: int, of: dict[str, series.Series], noons: Span
) -> Held:
    read = {metric: series.read(conn, user_id, one, *noons) for metric, one in of.items()}
    none = seconds.NONE
    axes = [read[axis] for axis in AXES if axis in read]
    return Held(
        source_id=source_id,
        heart_rate=seconds.steady(*read[HEART]) if HEART in read else none,
        beats=seconds.intervals(*read[BEATS], of[BEATS].slot_ms) if BEATS in read else none,
        motion=seconds.motion(axes) if len(axes) == len(AXES) else none,
    )


def edges_of(held: Iterable[Held]) -> list[int]:
    """In order, of what was measured second by second; what comes by minutes goes on all day."""
    every = [one for source in held for one in source.columns]
    fine = [one for one in every if seconds.usual_step(one.t) <= FINE]
    return sorted(int(at) for one in fine or every for at in (one.t[0], one.t[-1]))


def source_of(
    hub: Hub,
    views: Named,
    held: Held,
    told: Sequence[NightEvent],
    noons: Span,
    span: Span,
    points: int,
    beats: int,
) -> NightSource:
    def seen(found: Samples, metric: str, most: int) -> Course | None:
        return seconds.course(found, unit_of(hub, metric), span, most)

    own = [one for one in told if one.source_id == str(held.source_id)]
    return NightSource(
        source_id=str(held.source_id),
        connection_id=views.connections[held.source_id],
        label=views.label(held.source_id),
        heart_rate=seen(held.heart_rate, HEART, points),
        beats=seen(held.beats, BEATS, beats),
        motion=seen(held.motion, AXES[0], points),
        off_wrist=list(off_wrist(own, entities.instant(noons[1]))),
    )


# What was told ------------------------------------------------------------------------------------


def events(conn: Connection, user_id: int, views: Named, noons: Span) -> list[NightEvent]:
    found = []
    for row in reversed(entities.begun(conn, user_id, "event", *noons, None)):
        event = entities.decode(row)
        if isinstance(event, Event) and event.type in TOLD:
            found.append(NightEvent(at=event.start, type=event.type, source_id=str(row.source_id)))
    return found


def off_wrist(told: Sequence[NightEvent], end: datetime) -> Iterable[DaySpan]:
    """From each taking off to the next putting on, else to the end."""
    off: datetime | None = None
    for one in told:
        if one.type == OFF and off is None:
            off = one.at
        elif one.type == ON and off is not None:
            yield DaySpan(off, one.at)
            off = None
    if off is not None:
        yield DaySpan(off, end)


def slept(conn: Connection, user_id: int, views: Named, day: date) -> NightSleep | None:
    for found in sleep.days_of(views, sleep.read_days(conn, user_id, day, day)):
        for one in found.sleeps:
            if one.id == found.night:
                return NightSleep(one.id, one.start, one.end)
    return None
