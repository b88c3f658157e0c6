"""Full-text search over what people wrote: names and notes of activities, the journal, tags."""

from datetime import date, datetime
from typing import Literal

from msgspec import Struct
from openfit_sdk.schema import Activity
from sqlalchemy import Connection

from openfit.store import entities, texts
from openfit.store.texts import OF_DAY, Hit
from openfit.store.words import Snippet, asked, snippet


class Found(Struct, frozen=True, kw_only=True):
    """An activity or a day of the journal that holds all the words. `marks` of the snippet are
    [start, end) of the words in it, so that no markup is needed."""

    kind: Literal["activity", "day"]
    day: date
    snippet: Snippet
    id: str | None  # of the activity
    title: str | None  # the activity's name
    sport: str | None
    start: datetime | None


class SearchPage(Struct, frozen=True):
    """`words` is what was looked for, folded; the last of them may go on."""

    words: list[str]
    items: list[Found]
    next_cursor: str | None


def search(
    conn: Connection,
    user_id: int,
    query: str,
    *,
    days: bool,
    activities: bool,
    before: tuple[str, str] | None,
    limit: int,
) -> tuple[list[str], list[Found], tuple[str, str] | None]:
    """What holds all the words, the latest first, and the place to go on from."""
    wanted = asked(query)
    if not wanted or not (days or activities):
        return wanted, [], None
    hits = texts.search(
        conn,
        user_id,
        wanted,
        of_days=days,
        of_activities=activities,
        before=before,
        limit=limit + 1,
    )
    last = hits[limit - 1] if len(hits) > limit else None
    shown = [found for hit in hits[:limit] if (found := found_of(conn, user_id, hit, wanted))]
    return wanted, shown, last and (last.day, last.place)


def found_of(conn: Connection, user_id: int, hit: Hit, wanted: list[str]) -> Found | None:
    """None for an activity that was taken away a moment ago."""
    day, part = date.fromisoformat(hit.day), snippet(hit.body, wanted)
    if hit.place.startswith(OF_DAY):
        return Found(kind="day", day=day, snippet=part, id=None, title=None, sport=None, start=None)
    row = entities.get(conn, user_id, hit.place)
    if row is None:
        return None
    changes = entities.edits_of(conn, user_id, [hit.place]).get(hit.place, [])
    activity = entities.decode(row, changes)
    assert isinstance(activity, Activity)
    return Found(
        kind="activity",
        day=day,
        snippet=part,
        id=hit.place,
        title=activity.name,
        sport=activity.sport,
        start=activity.start,
    )
