"""What full-text search looks through: a row for each activity and each day that has words.

`body` is what a person reads, and behind a separator the same words folded: so both databases find
`Zürich` by `zurich`, whatever their own rules are. Rows of activities are derived like days are:
whatever changes marks days, and these are written anew from what is stored.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct
from openfit_schema.time import Clock
from sqlalchemy import Connection, and_, delete, or_, select, text

from openfit.store import days, entities
from openfit.store.engine import upsert
from openfit.store.series.rows import number
from openfit.store.tables import edits, texts
from openfit.store.tables import entities as entity_rows
from openfit.store.words import words_of

MARK = "!text"  # days whose texts are to be written anew
FOLDED = "\x1e"
BLANK = str.maketrans({FOLDED: " ", "\x00": " "})  # neither is part of a word
OF_DAY = "day:"
WORDED = ("name", "notes", "tags")
LONGEST = 20_000  # characters of a text that can be searched
ONE_DAY = timedelta(days=1)


class Words(Struct):
    """All that search wants of an activity; the rest of the body is skipped, not decoded."""

    name: str | None = None
    notes: str | None = None


class Hit(NamedTuple):
    place: str
    day: str
    body: str


def row_of(user_id: int, place: str, day: str, parts: Iterable[str | None]) -> dict[str, Any]:
    said = "\n".join(part.translate(BLANK) for part in parts if part)[:LONGEST]
    return {
        "user_id": user_id,
        "place": place,
        "text_id": number(user_id, place),
        "day": day,
        "body": said + FOLDED + " ".join(words_of(said)) if said else "",
    }


def read_part(body: str) -> str:
    return body.partition(FOLDED)[0]


def put_day(conn: Connection, user_id: int, day: date, note: str, tags: list[str]) -> None:
    """The words of a day of the journal; without any its row goes."""
    row = row_of(user_id, OF_DAY + day.isoformat(), day.isoformat(), [note, hashed(tags)])
    write(conn, user_id, [row])


def hashed(tags: Iterable[str]) -> str:
    return " ".join(f"#{tag}" for tag in tags)


def write(conn: Connection, user_id: int, rows: Sequence[dict[str, Any]]) -> None:
    forget(conn, user_id, [row["place"] for row in rows if not row["body"]])
    upsert(conn, texts, [row for row in rows if row["body"]])


def forget(conn: Connection, user_id: int, places: Sequence[str]) -> None:
    for at in range(0, len(places), 500):
        some = texts.c.place.in_(places[at : at + 500])
        conn.execute(delete(texts).where(texts.c.user_id == user_id, some))


# Activities --------------------------------------------------------------------------------------


def refill(conn: Connection, user_id: int, first: date, last: date, clock: Clock) -> int:
    """Write anew the texts of activities that begin in these days of UTC; answers how many rows
    changed."""
    wanted = {row["place"]: row for row in activity_rows(conn, user_id, first, last, clock)}
    nearby = and_(
        texts.c.user_id == user_id,
        texts.c.place.not_like(OF_DAY + "%"),
        or_(
            texts.c.day.between(text_of(first - ONE_DAY), text_of(last + ONE_DAY)),
            texts.c.place.in_(wanted) if len(wanted) < 500 else texts.c.place.is_(None),
        ),
    )
    known = {row.place: (row.day, row.body) for row in conn.execute(select(texts).where(nearby))}
    changed = [
        row for place, row in wanted.items() if known.get(place) != (row["day"], row["body"])
    ]
    write(conn, user_id, [row for row in changed if row["body"] or row["place"] in known])
    left = [place for place in known if place not in wanted]
    gone = [place for place in left if not is_shown(conn, user_id, place)]
    forget(conn, user_id, gone)
    return len(changed) + len(gone)


def text_of(day: date) -> str:
    return day.isoformat()


def is_shown(conn: Connection, user_id: int, entity_id: str) -> bool:
    return entities.get(conn, user_id, entity_id) is not None


def activity_rows(
    conn: Connection, user_id: int, first: date, last: date, clock: Clock
) -> list[dict[str, Any]]:
    start = at_midnight(first)
    end = at_midnight(min(last, date.max - ONE_DAY) + ONE_DAY)
    query = select(
        entity_rows.c.entity_id, entity_rows.c.day, entity_rows.c.start_at, entity_rows.c.body
    ).where(
        entities.visible(user_id),
        entity_rows.c.kind == "activity",
        entity_rows.c.start_at >= start,
        entity_rows.c.start_at < end,
    )
    said = words_said(conn, user_id)
    return [
        activity_row(user_id, row, said.get(row.entity_id, {}), clock)
        for row in conn.execute(query)
    ]


def at_midnight(day: date) -> int:
    return entities.millis(datetime.combine(day, time(), UTC)) or 0


def put_activity(conn: Connection, user_id: int, entity_id: str) -> None:
    """One activity's words, at once: who corrects a name looks for it a moment later."""
    row = entities.get(conn, user_id, entity_id)
    if row is None or row.kind != "activity":
        forget(conn, user_id, [entity_id])
        return
    said = words_said(conn, user_id, entity_id).get(entity_id, {})
    write(conn, user_id, [activity_row(user_id, row, said, days.clock(conn, user_id))])


def activity_row(user_id: int, row: Any, said: dict[str, Any], clock: Clock) -> dict[str, Any]:
    words = msgspec.json.decode(row.body, type=Words)
    name, notes = said.get("name", words.name), said.get("notes", words.notes)
    day = row.day or clock.day_of(entities.instant(row.start_at)).isoformat()
    return row_of(user_id, row.entity_id, day, [name, notes, hashed(said.get("tags", []))])


def words_said(
    conn: Connection, user_id: int, entity_id: str | None = None
) -> dict[str, dict[str, Any]]:
    """What people corrected that search looks at, by entity; the last word of a field holds."""
    query = select(edits.c.entity_id, edits.c.field, edits.c.value).where(
        edits.c.user_id == user_id, edits.c.undone.is_(False), edits.c.field.in_(WORDED)
    )
    if entity_id is not None:
        query = query.where(edits.c.entity_id == entity_id)
    found: dict[str, dict[str, Any]] = {}
    for row in conn.execute(query.order_by(edits.c.edit_id)):
        found.setdefault(row.entity_id, {})[row.field] = msgspec.json.decode(row.value)
    return found


# Search ------------------------------------------------------------------------------------------


def search(
    conn: Connection,
    user_id: int,
    wanted: Sequence[str],
    *,
    of_days: bool = True,
    of_activities: bool = True,
    before: tuple[str, str] | None = None,
    limit: int | None = None,
) -> list[Hit]:
    """Texts that hold all the words, the latest first; the last word may go on. `before` is the
    (day, place) of the last one seen."""
    query = select(texts.c.place, texts.c.day, texts.c.body).where(
        texts.c.user_id == user_id, matching(conn.dialect.name, wanted)
    )
    if not of_days:
        query = query.where(texts.c.place.not_like(OF_DAY + "%"))
    if not of_activities:
        query = query.where(texts.c.place.like(OF_DAY + "%"))
    if before is not None:
        day, place = before
        query = query.where((texts.c.day < day) | ((texts.c.day == day) & (texts.c.place > place)))
    query = query.order_by(texts.c.day.desc(), texts.c.place)
    rows = conn.execute(query.limit(limit) if limit else query)
    return [Hit(row.place, row.day, read_part(row.body)) for row in rows]


def matching(dialect: str, wanted: Sequence[str]) -> Any:
    """The words are letters and digits alone by now, so that nothing in them is an operator."""
    if dialect == "postgresql":
        terms = " & ".join(f"'{word}'" for word in wanted) + ":*"
        return text("to_tsvector('simple', texts.body) @@ to_tsquery('simple', :terms)").bindparams(
            terms=terms
        )
    terms = " ".join(f'"{word}"' for word in wanted) + " *"
    return text(
        "texts.text_id IN (SELECT rowid FROM text_index WHERE text_index MATCH :terms)"
    ).bindparams(terms=terms)


def activity_ids(conn: Connection, user_id: int, wanted: Sequence[str]) -> Any:
    """A selection of the activities that hold the words."""
    return select(texts.c.place).where(
        texts.c.user_id == user_id,
        texts.c.place.not_like(OF_DAY + "%"),
        matching(conn.dialect.name, wanted),
    )
