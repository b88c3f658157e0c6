"""Beside the list of activities: the sports there are, and what was deleted."""

from datetime import datetime

from msgspec import Struct
from sqlalchemy import Connection

from openfit.store import entities, finding, tombstones


class SportCount(Struct, frozen=True):
    sport: str
    count: int


class SportList(Struct, frozen=True):
    items: list[SportCount]


class DeletedActivity(Struct, frozen=True):
    """A deleted activity as it would come back."""

    id: str
    sport: str
    name: str | None
    start: datetime
    deleted_at: datetime


class DeletedList(Struct, frozen=True):
    items: list[DeletedActivity]


def sports(conn: Connection, user_id: int) -> SportList:
    counts = finding.sports(conn, user_id)
    ordered = sorted(counts, key=lambda sport: (-counts[sport], sport))
    return SportList([SportCount(sport, counts[sport]) for sport in ordered])


def deleted(conn: Connection, user_id: int) -> DeletedList:
    rows = tombstones.deleted(conn, user_id, "activity")
    changes = entities.edits_of(conn, user_id, [row.entity_id for row in rows])
    briefs = [finding.brief(row, changes.get(row.entity_id, [])) for row in rows]
    return DeletedList(
        [
            DeletedActivity(
                row.entity_id,
                one.sport,
                one.name,
                entities.instant(row.start_at),
                entities.instant(row.deleted_at),
            )
            for row, one in zip(rows, briefs, strict=True)
        ]
    )
