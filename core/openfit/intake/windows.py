"""The walk through a vendor's history: which slice of time to ask for next. Pure.

Today comes first, then the last days again for late edits, then backwards to where the user wants
history. A slice that is covered is not asked for twice.
"""

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, time, timedelta

from openfit_sdk import Window


def plan(
    now: datetime,
    history_from: date,
    covered: Collection[date],
    *,
    slice_days: int,
    reread_days: int,
) -> Iterator[Window]:
    """Slices to fetch, newest first."""
    today = now.date()
    fresh = today - timedelta(days=max(reread_days, 0))
    last = today
    while last >= history_from:
        first = max(history_from, last - timedelta(days=slice_days - 1))
        if last >= fresh or not all(day in covered for day in days(first, last)):
            yield window(first, last, now)
        last = first - timedelta(days=1)


def days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def window(first: date, last: date, now: datetime) -> Window:
    """Whole days of UTC, a day wider on each side than wearers' clocks can be apart; not beyond
    now."""
    start = datetime.combine(first, time.min, UTC) - timedelta(hours=14)
    end = datetime.combine(last, time.min, UTC) + timedelta(hours=38)
    return Window(start=start, end=min(end, now))
