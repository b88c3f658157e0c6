"""The journal: tags and a note for a day, what was written when, and how often."""

from datetime import date, datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, Row

from openfit.errors import Refused
from openfit.hub import Hub, now_ms
from openfit.person import tags as tagging
from openfit.store import daily, entities, texts
from openfit.store import journal as store
from openfit.store.engine import retrying, write

LONGEST_NOTE = 1000


class JournalDay(Struct, frozen=True):
    """What was written of a day. Of one that nothing was written of, `updated_at` is null."""

    day: date
    tags: list[str]
    note: str
    updated_at: datetime | None


class JournalPage(Struct, frozen=True):
    """`next_cursor` is null at the end."""

    items: list[JournalDay]
    next_cursor: str | None


class TagCount(Struct, frozen=True):
    """A tag: how many days and activities carry it, and when it was last used."""

    tag: str
    days: int
    activities: int
    last_day: date


class TagList(Struct, frozen=True):
    items: list[TagCount]


def of_row(row: Row[Any]) -> JournalDay:
    return JournalDay(
        date.fromisoformat(row.day),
        msgspec.json.decode(row.tags, type=list[str]),
        row.note,
        entities.instant(row.updated_at),
    )


def read(conn: Connection, user_id: int, day: date) -> JournalDay:
    row = store.get(conn, user_id, day)
    return JournalDay(day, [], "", None) if row is None else of_row(row)


def write_day(hub: Hub, user_id: int, day: date, tags: list[str], note: str) -> JournalDay:
    """Say what is to be remembered of a day. Neither tags nor note: nothing is."""
    kept, said = tagging.cleaned(tags), note.replace("\x00", "").strip()
    if len(said) > LONGEST_NOTE:
        raise Refused(
            f"The note of {day} has {len(said)} characters; up to {LONGEST_NOTE} are kept.",
            code="note_too_long",
            next_step="Shorten it. A workout has notes of its own.",
        )

    def commit() -> JournalDay:
        with write(hub.engine) as conn:
            if kept or said:
                store.put(conn, user_id, day, kept, said, now_ms())
            else:
                store.remove(conn, user_id, day)
            texts.put_day(conn, user_id, day, said, kept)
            return read(conn, user_id, day)

    return retrying(commit)


def listed(
    conn: Connection,
    user_id: int,
    first: date,
    last: date,
    *,
    tag: str | None = None,
    before: str | None = None,
    limit: int = 100,
) -> tuple[list[JournalDay], str | None]:
    """Days that something was written of, the latest first, and the day to go on from."""
    if tag is None:
        rows = store.between(conn, user_id, first, last, before=before, limit=limit + 1)
        found = [of_row(row) for row in rows]
    else:
        rows = store.between(conn, user_id, first, last, before=before)
        found = [day for day in map(of_row, rows) if tag in day.tags][: limit + 1]
    more = found[limit - 1].day.isoformat() if len(found) > limit else None
    return found[:limit], more


def tags(conn: Connection, user_id: int, *, days: bool, activities: bool) -> TagList:
    """All tags, the most used first."""
    counts: dict[str, list[int]] = {}
    latest: dict[str, str] = {}

    def count(place: int, day: str, used: list[str]) -> None:
        for tag in used:
            counts.setdefault(tag, [0, 0])[place] += 1
            latest[tag] = max(day, latest.get(tag, day))

    for day, used in store.all_tags(conn, user_id) if days else []:
        count(0, day, used)
    for day, used in daily.tagged_activities(conn, user_id) if activities else []:
        count(1, day, used)
    ordered = sorted(counts, key=lambda tag: (-sum(counts[tag]), tag))
    found = [
        TagCount(tag, counts[tag][0], counts[tag][1], date.fromisoformat(latest[tag]))
        for tag in ordered
    ]
    return TagList(found)
