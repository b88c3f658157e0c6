"""The demo's watch, ring and phone: a plugin like any other, but that it makes up what it says."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from openfit_sdk import AuthState, Cursor, RawItem, Settings, SyncResult, hookimpl
from openfit_sdk.schema import AnyEntity

from openfit.demo.devices import reading, records
from openfit.demo.story import Story

REACHED = "reached"
AGAIN = timedelta(days=2)


@hookimpl
def authenticate() -> AuthState:
    return AuthState()


@hookimpl
def sync(cursor: Cursor, settings: Settings, now: datetime) -> Iterator[SyncResult]:
    """All days in one page, the latest last: the hub reads first what came last. After that only
    what is new and the days before it, as a service hands it out."""
    story = Story(date.fromisoformat(settings["until"]), int(settings["seed"]))
    since = story.midnight(story.first)
    if REACHED in cursor:
        since = datetime.fromisoformat(cursor[REACHED]) - AGAIN
    device = records.DEVICES[settings["device"]]
    found = [one for day in days(story, since, now) for one in device(story, day, now)]
    yield SyncResult(found, next_cursor={REACHED: now.isoformat()})


def days(story: Story, since: datetime, now: datetime) -> Iterator[date]:
    """Her days from the one that holds `since` to the one that is running."""
    day = max(story.first, since.astimezone(UTC).date() - timedelta(days=1))
    while story.midnight(day) < now:
        if story.midnight(day + timedelta(days=1)) > since:
            yield day
        day += timedelta(days=1)


@hookimpl
def normalize(raw_item: RawItem) -> Iterator[AnyEntity]:
    yield from reading.entities(raw_item)
