"""The wearer's clock over time, from what records state and the dated home zone. Pure.

At home, the home zone with its daylight saving holds; a record that states another offset says
that the wearer is away, until a record states home's again. Without a home zone the last stated
offset holds until the next.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from msgspec import Struct


class Segment(Struct, frozen=True):
    """From this instant (ms) on, the wearer's clock ran so."""

    from_utc: int
    utc_offset: int  # minutes
    zone_name: str | None
    basis: str


BEGINNING = 0  # the first segment holds before it, too


def segments(stated: Sequence[tuple[int, int]], homes: Sequence[tuple[int, str]]) -> list[Segment]:
    """Clock segments from (instant, minutes) statements and (valid from, zone name) homes.

    Both in order of time. Independent of the order in which the statements came to be known.
    """
    points = sorted([(at, 1, minutes) for at, minutes in stated] + home_points(homes))
    found: list[Segment] = []
    home: str | None = None
    for at, kind, value in points:
        if kind == 0:
            home = str(value)
            segment = at_home(at, home)
        else:
            segment = where(at, int(value), home)
        if found and found[-1].from_utc == at:  # of two words on one instant the last stands
            found.pop()
        if found and found[-1].from_utc == at:
            found.pop()  # two statements of one instant: the later in the order above holds
        if not found or not same_clock(found[-1], segment):
            found.append(segment)
    return backdated(found)


def home_points(homes: Sequence[tuple[int, str]]) -> list[tuple[int, int, int | str]]:
    return [(at, 0, name) for at, name in homes]


def at_home(at: int, zone_name: str) -> Segment:
    return Segment(at, zone_offset(zone_name, at), zone_name, "implied")


def where(at: int, minutes: int, home: str | None) -> Segment:
    if home is not None and zone_offset(home, at) == minutes:
        return Segment(at, minutes, home, "stated")
    return Segment(at, minutes, None, "stated")


def same_clock(a: Segment, b: Segment) -> bool:
    if a.zone_name or b.zone_name:
        return a.zone_name == b.zone_name
    return a.utc_offset == b.utc_offset


def backdated(found: list[Segment]) -> list[Segment]:
    """What is known first holds before it, too: nothing better is known of that time."""
    if not found:
        return [Segment(BEGINNING, 0, None, "unknown")]
    first = found[0]
    return [Segment(BEGINNING, first.utc_offset, first.zone_name, "implied"), *found[1:]]


def zone_offset(zone_name: str, at: int) -> int:
    delta = datetime.fromtimestamp(at / 1000, UTC).astimezone(ZoneInfo(zone_name)).utcoffset()
    return 0 if delta is None else round(delta.total_seconds() / 60)
