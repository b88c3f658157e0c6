"""How fast work went of late, so that what is left of it can be said in time."""

from typing import Literal

import msgspec
from sqlalchemy import Connection, and_, select

from openfit.store.engine import upsert
from openfit.store.tables import paces

EVERY = 5_000  # ms between two marks
KEPT = 13  # marks: a minute and a little
FRESH = 60_000  # ms after which a pace says nothing about now
ENOUGH = 5_000  # ms to have watched before anything is said

Reason = Literal["too_early", "waiting"]
Mark = tuple[int, int]  # ms since 1970, bytes or days done since counting began


def marks_of(conn: Connection, user_id: int, connection_id: str, work: str) -> list[Mark]:
    mine = and_(
        paces.c.user_id == user_id, paces.c.connection_id == connection_id, paces.c.work == work
    )
    found = conn.execute(select(paces.c.marks).where(mine)).scalar()
    return [] if found is None else msgspec.json.decode(found, type=list[Mark])


def advance(
    conn: Connection, user_id: int, connection_id: str, work: str, done: int, now: int
) -> None:
    """So much more is done. The last mark moves with the work; every few seconds it stays."""
    marks = marks_of(conn, user_id, connection_id, work)
    row = {"user_id": user_id, "connection_id": connection_id, "work": work}
    text = msgspec.json.encode(moved(marks, done, now)).decode()
    upsert(conn, paces, [row | {"marks": text}])


def moved(marks: list[Mark], done: int, now: int) -> list[Mark]:
    if not marks or not 0 <= now - marks[-1][0] < FRESH:
        return [(now - 1, 0), (now, done)]  # a pause is no part of the pace
    total = marks[-1][1] + done
    settled = marks[:-1] if marks[-1][0] - marks[-2][0] < EVERY else marks
    return [*settled, (now, total)][-KEPT:]


def rate(marks: list[Mark], now: int) -> float | None:
    """Done a second in the last minute; None while there is too little to go by."""
    recent = [mark for mark in marks if now - mark[0] <= FRESH]
    if len(recent) < 2 or recent[-1][0] - recent[0][0] < ENOUGH:
        return None
    done = recent[-1][1] - recent[0][1]
    return done * 1000 / (recent[-1][0] - recent[0][0]) if done > 0 else None


def remaining(left: int, marks: list[Mark], now: int) -> tuple[int | None, Reason | None]:
    """Seconds for what is left, or why they are not said."""
    if left <= 0:
        return 0, None
    pace = rate(marks, now)
    if pace is not None:
        return round(left / pace), None
    stale = bool(marks) and now - marks[-1][0] > FRESH
    return None, "waiting" if stale or not marks else "too_early"


def forget(conn: Connection, user_id: int, connection_id: str, work: str) -> None:
    conn.execute(
        paces.delete().where(
            paces.c.user_id == user_id, paces.c.connection_id == connection_id, paces.c.work == work
        )
    )
