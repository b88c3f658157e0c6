"""Spans of days as routes take them: `from` and `to` (both belong to it), or `range=30d`."""

from datetime import date, timedelta
from typing import Annotated, Literal

from litestar.params import QueryParameter
from openfit.errors import Refused
from openfit.hub import Hub, now_ms
from openfit.store import days, entities

From = Annotated[
    date | None, QueryParameter(name="from", description="The first day, of the wearer")
]
To = Annotated[date | None, QueryParameter(name="to", description="The last day, itself included")]
Range = Literal["7d", "30d", "90d", "365d"]

EARLIEST, LATEST = date(1900, 1, 1), date(9998, 12, 31)


def today_of(hub: Hub, user_id: int) -> date:
    """The wearer's day at this moment."""
    with hub.engine.connect() as conn:
        return days.clock(conn, user_id).day_of(entities.instant(now_ms()))


def span(
    hub: Hub, user_id: int, first: date | None, last: date | None, range: str | None, default: int
) -> tuple[date, date]:
    """The days that were asked for; what is left open counts from today."""
    end = last or (today_of(hub, user_id) if range or first is None else None)
    length = int(range.removesuffix("d")) if range else default
    if end is None:
        end = max(today_of(hub, user_id), first) if first else today_of(hub, user_id)
    start = first or max(EARLIEST, end - timedelta(days=length - 1))
    return ordered(start, end)


def ordered(start: date, end: date) -> tuple[date, date]:
    if start > end:
        raise Refused(
            f"The span ends on {end}, before it begins on {start}.",
            code="span",
            next_step="Give the earlier day in `from` and the later one in `to`.",
        )
    return clamped(start), clamped(end)


def clamped(day: date) -> date:
    """Inside what clocks can reckon with; nobody measured anything outside of it."""
    return min(max(day, EARLIEST), LATEST)


def some_day(day: date) -> date:
    """One day of a calendar that clocks can reckon with."""
    if clamped(day) != day:
        raise Refused(
            f"{day} is no day that anyone wore anything on.",
            code="day",
            next_step=f"Name one from {EARLIEST} to {LATEST}.",
        )
    return day


def open_span(first: date | None, last: date | None) -> tuple[date, date]:
    """All days where nothing else is said."""
    return ordered(first or EARLIEST, last or LATEST)
