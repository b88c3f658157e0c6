"""The wearer's clock over a span of days: which offset from UTC held, and where it changed."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from msgspec import Struct
from openfit_schema.time import Clock, Segment, offset_text
from sqlalchemy import Connection

from openfit.store import days

MARGIN = timedelta(days=2)  # no wearer's day lies further from that of UTC
WEEK = timedelta(days=7)  # no zone changes its offset and back within it
SECOND = timedelta(seconds=1)
NOWHERE = datetime.min.replace(tzinfo=UTC)  # where a clock begins that nothing is known of


class OffsetFrom(Struct, frozen=True):
    """From `start` on, until the next one, the wearer's clock stood at this offset."""

    start: datetime
    utc_offset: str
    zone: str | None
    basis: str


class Offsets(Struct, frozen=True):
    """In order; the first one holds at the beginning of the span. Where nothing is known of the
    wearer's whereabouts it is UTC, of basis `unknown`."""

    items: list[OffsetFrom]


def offsets(conn: Connection, user_id: int, first: date, last: date) -> Offsets:
    clock = days.clock(conn, user_id)
    low = datetime.combine(first, time(), UTC) - MARGIN
    high = datetime.combine(last, time(), UTC) + MARGIN
    known = clock.segments[0].start != NOWHERE
    found: list[OffsetFrom] = []
    for at in changes(clock, low, high):
        segment, offset = clock.segment_at(at), offset_at(clock, at)
        if not found or offset != found[-1].utc_offset:
            basis = segment.basis if known else "unknown"
            found.append(OffsetFrom(at, offset, segment.zone, basis))
    return Offsets(found)


def offset_at(clock: Clock, at: datetime) -> str:
    return offset_text(round(clock.offset_at(at).total_seconds() / 60))


def changes(clock: Clock, low: datetime, high: datetime) -> Iterator[datetime]:
    """The beginning of the span, and every instant at which its offset may change."""
    starts = [segment.start for segment in clock.segments if low < segment.start < high]
    for start, end in pairwise([low, *starts, high]):
        yield start
        segment = clock.segment_at(start)
        if segment.zone is not None:
            yield from of_zone(segment, start, end)


def of_zone(segment: Segment, start: datetime, end: datetime) -> Iterator[datetime]:
    while start < end:
        probe = min(start + WEEK, end)
        if segment.offset_at(start) != segment.offset_at(probe):
            yield change_between(segment, start, probe)
        start = probe


def change_between(segment: Segment, low: datetime, high: datetime) -> datetime:
    """The first second of another offset; zones change on whole ones."""
    before = segment.offset_at(low)
    while high - low > SECOND:
        middle = (low + (high - low) / 2).replace(microsecond=0)
        middle = middle if middle > low else low + SECOND
        if segment.offset_at(middle) == before:
            low = middle
        else:
            high = middle
    return high
