"""Days as the wearer lived them: offsets, and the wearer's clock over time."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from math import ceil, floor
from zoneinfo import ZoneInfo

from openfit_schema.entities import Instant, Offset, OffsetBasis, Part, Sleep, utc

Span = tuple[datetime, datetime]  # in UTC, the end exclusive

OFFSET = re.compile(r"([+-])(0\d|1[0-6]):([0-5]\d)")
WIDEST_OFFSET = timedelta(hours=16, minutes=59)
DAY = timedelta(days=1)
PROBE = timedelta(hours=3)  # no zone has ever changed its offset twice within this
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def offset_minutes(offset: Offset) -> int:
    """ "+05:30" is 330."""
    match = OFFSET.fullmatch(offset)
    if match is None:
        raise ValueError(f'{offset!r} is no UTC offset; expected one such as "+05:30"')
    sign, hours, minutes = match.groups()
    return (int(hours) * 60 + int(minutes)) * (-1 if sign == "-" else 1)


def offset_text(minutes: int) -> Offset:
    """330 is "+05:30"."""
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"


def offset_of(instant: datetime) -> Offset:
    """The offset that an aware time carries."""
    offset = instant.utcoffset()
    if offset is None:
        raise ValueError(f"{instant.isoformat()} has no UTC offset")
    return offset_text(round(offset.total_seconds() / 60))


def wearer_day(instant: datetime, utc_offset: Offset) -> date:
    """The wearer's date at an instant."""
    return (utc(instant) + timedelta(minutes=offset_minutes(utc_offset))).date()


class Segment(Part, frozen=True, kw_only=True):
    """From `start` on the wearer's clock stood at `utc_offset`, or followed the rules of `zone`."""

    start: Instant
    utc_offset: Offset | None = None
    zone: str | None = None  # an IANA name; where given, its rules decide
    basis: OffsetBasis = "stated"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.zone is not None:
            _zone(self.zone)
        elif self.utc_offset is None:
            raise ValueError(f"the clock from {self.start.isoformat()} needs an offset or a zone")

    def offset_at(self, instant: datetime) -> timedelta:
        if self.zone is not None:
            return instant.astimezone(_zone(self.zone)).utcoffset() or timedelta()
        return timedelta(minutes=offset_minutes(self.utc_offset or "+00:00"))


class Clock:
    """The wearer's clock over time. Before its first segment that segment is taken to hold."""

    def __init__(self, segments: Iterable[Segment]) -> None:
        self.segments = tuple(sorted(segments, key=lambda segment: segment.start))
        self._starts = [segment.start for segment in self.segments]
        if not self._starts:
            raise ValueError("a clock needs at least one segment")
        if len(set(self._starts)) < len(self._starts):
            raise ValueError("two segments of a clock start at the same instant")

    @classmethod
    def fixed(cls, utc_offset: Offset) -> "Clock":
        return cls([Segment(start=datetime.min.replace(tzinfo=UTC), utc_offset=utc_offset)])

    @classmethod
    def in_zone(cls, zone: str) -> "Clock":
        start = datetime.min.replace(tzinfo=UTC)
        return cls([Segment(start=start, zone=zone, basis="implied")])

    def segment_at(self, instant: datetime) -> Segment:
        return self.segments[max(0, bisect_right(self._starts, instant) - 1)]

    def offset_at(self, instant: datetime) -> timedelta:
        return self.segment_at(instant).offset_at(instant)

    def day_of(self, instant: datetime) -> date:
        instant = utc(instant)
        return (instant + self.offset_at(instant)).date()

    def day_span(self, day: date) -> list[Span]:
        """When it was this day: none for a day skipped at the date line, two for one lived twice.

        A day is 23 or 25 hours long where the clock changes, and of any length when travelling.
        """
        midnight = datetime.combine(day, time(), UTC)
        spans: list[Span] = []
        for start, end in self._pieces(midnight - WIDEST_OFFSET, midnight + DAY + WIDEST_OFFSET):
            offset = self.offset_at(start)
            start, end = max(start, midnight - offset), min(end, midnight + DAY - offset)
            if start < end:
                _append(spans, start, end)
        return spans

    def days(self, start: datetime, end: datetime) -> list[date]:
        """The days that [start, end) touches, in the order of the calendar."""
        start, end = utc(start), utc(end)
        first, last = start.date() - DAY, end.date() + DAY
        every = (first + n * DAY for n in range((last - first).days + 1))
        return [day for day in every if any(a < end and start < b for a, b in self.day_span(day))]

    def _pieces(self, start: datetime, end: datetime) -> Iterator[Span]:
        """[start, end) cut wherever the offset may change."""
        cuts = [at for at in self._starts if start < at < end]
        edges = [start, *cuts, end]
        for a, b in zip(edges, edges[1:], strict=False):
            yield from _steady(self.segment_at(a), a, b)


def sleep_day(sleep: Sleep, clock: Clock | None = None) -> date | None:
    """The day of waking; None while that, or where the wearer was, is not known.

    With a clock, a night over a change of offset is dated by the offset at waking.
    """
    waking = sleep.end or sleep.asleep_end
    if waking is None:
        return None
    if clock is not None:
        return clock.day_of(waking)
    return wearer_day(waking, sleep.utc_offset) if sleep.utc_offset else None


def _append(spans: list[Span], start: datetime, end: datetime) -> None:
    if spans and spans[-1][1] == start:
        start = spans.pop()[0]
    spans.append((start, end))


def _steady(segment: Segment, start: datetime, end: datetime) -> Iterator[Span]:
    """Parts of a span of one segment with one offset each."""
    while start < end:
        change = _next_change(segment, start, end) if segment.zone else end
        yield start, change
        start = change


def _next_change(segment: Segment, start: datetime, end: datetime) -> datetime:
    """The first instant after `start` at another offset, or `end`."""
    offset = segment.offset_at(start)
    while start < end:
        probe = min(start + PROBE, end)
        if segment.offset_at(probe) != offset:
            return _search(segment, start, probe)
        start = probe
    return end


def _search(segment: Segment, before: datetime, after: datetime) -> datetime:
    """The change between two instants of different offsets; zones change on whole seconds."""
    old = segment.offset_at(before)
    first, last = floor(before.timestamp()), ceil(after.timestamp())
    seconds = bisect_left(
        range(first, last),
        True,
        key=lambda n: segment.offset_at(EPOCH + timedelta(seconds=n)) != old,
    )
    return EPOCH + timedelta(seconds=first + seconds)


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(
            f"No time zone is called {name!r}. Use an IANA name such as Europe/Berlin; "
            "if no name works, install the package tzdata"
        ) from error
