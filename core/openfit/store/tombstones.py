"""What a user deleted and what therefore stays away, whatever is delivered again."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from msgspec.structs import replace
from openfit_sdk.schema import Wellness
from sqlalchemy import Connection, Row, and_, func, insert, select, update

from openfit.intake.samples import Samples
from openfit.store import days, people, series
from openfit.store.tables import entities, tombstones

EVERY = "*"  # all metrics of a source
EPOCH, DAY_MS = date(1970, 1, 1).toordinal(), 86_400_000


@dataclass(frozen=True)
class Hidden:
    """Deleted spans of samples, by source and metric, in ms since 1970 UTC."""

    spans: dict[tuple[int, str], list[tuple[int, int]]] = field(default_factory=dict)

    def mask(self, ref: series.SeriesRef, found: Samples) -> Samples:
        """Without the samples that lie in a deleted span."""
        spans = self.over(ref.source_id, ref.metric)
        if not spans:
            return found
        keep = np.ones(found.t.size, dtype=bool)
        for start, end in spans:
            keep &= (found.t < start) | (found.t >= end)
        d = None if found.d is None else found.d[keep]
        return Samples(found.t[keep], found.v[keep], d)

    def over(self, source_id: int, metric: str) -> list[tuple[int, int]]:
        """Deleted spans of this metric, and of everything that the source gave."""
        return self.spans.get((source_id, metric), []) + self.spans.get((source_id, EVERY), [])

    def of_day(self, source_id: int, metric: str, day: date) -> bool:
        """Whether what a source says of a day as a whole was deleted: by its noon."""
        noon = (day.toordinal() - EPOCH) * DAY_MS + DAY_MS // 2
        return any(start <= noon < end for start, end in self.over(source_id, metric))


def left_of(hidden: Hidden, source_id: int, summary: Wellness) -> Wellness:
    """What a source says of a day, without the metrics whose day was deleted."""
    values = {
        metric: value
        for metric, value in summary.values.items()
        if not hidden.of_day(source_id, metric, summary.day)
    }
    return summary if len(values) == len(summary.values) else replace(summary, values=values)


def hidden(conn: Connection, user_id: int) -> Hidden:
    query = select(tombstones).where(
        tombstones.c.user_id == user_id,
        tombstones.c.source_id.is_not(None),
        tombstones.c.lifted.is_(False),
    )
    spans: dict[tuple[int, str], list[tuple[int, int]]] = {}
    for row in conn.execute(query):
        spans.setdefault((row.source_id, row.metric), []).append((row.from_at, row.to_at))
    return Hidden(spans)


def hide_entity(conn: Connection, user_id: int, entity_id: str, now_ms: int) -> int:
    """An entity goes, with its samples, and does not come back with the next delivery."""
    number = add(conn, user_id, now_ms, entity_id=entity_id)
    mark_entity(conn, user_id, entity_id)
    return number


def add(conn: Connection, user_id: int, now_ms: int, **what: object) -> int:
    number = people.advance(conn, user_id)
    row = {"user_id": user_id, "tombstone_id": number, "made_at": now_ms}
    conn.execute(insert(tombstones).values(row | what))
    return number


def of_entity(conn: Connection, user_id: int, entity_id: str) -> list[int]:
    """Numbers of the deletions of an entity that hold."""
    query = select(tombstones.c.tombstone_id).where(
        tombstones.c.user_id == user_id,
        tombstones.c.entity_id == entity_id,
        tombstones.c.lifted.is_(False),
    )
    return list(conn.execute(query).scalars())


def deleted(conn: Connection, user_id: int, kind: str) -> list[Row[Any]]:
    """What is hidden and still held by an original, the last deleted first."""
    made_at = func.max(tombstones.c.made_at).label("deleted_at")
    hidden_ids = (
        select(tombstones.c.entity_id, made_at)
        .where(
            tombstones.c.user_id == user_id,
            tombstones.c.entity_id.is_not(None),
            tombstones.c.lifted.is_(False),
        )
        .group_by(tombstones.c.entity_id)
        .subquery()
    )
    query = (
        select(entities, hidden_ids.c.deleted_at)
        .join(hidden_ids, hidden_ids.c.entity_id == entities.c.entity_id)
        .where(entities.c.user_id == user_id, entities.c.lead, entities.c.kind == kind)
        .order_by(hidden_ids.c.deleted_at.desc(), entities.c.entity_id)
    )
    return list(conn.execute(query))


def lift(conn: Connection, user_id: int, number: int) -> None:
    """Undo a deletion. Samples are written afresh from the raw items that hold them."""
    mine = and_(tombstones.c.user_id == user_id, tombstones.c.tombstone_id == number)
    row = conn.execute(select(tombstones).where(mine)).one()
    conn.execute(update(tombstones).where(mine).values(lifted=True))
    if row.entity_id is not None:
        mark_entity(conn, user_id, row.entity_id)
    else:
        metric = None if row.metric == EVERY else row.metric
        series.mark_stale(conn, user_id, row.source_id, metric)


def mark_entity(conn: Connection, user_id: int, entity_id: str) -> None:
    """Twins and days of a hidden or returning entity are derived again."""
    query = select(entities.c.kind, entities.c.start_at).where(
        entities.c.user_id == user_id, entities.c.entity_id == entity_id
    )
    for row in conn.execute(query):
        if row.start_at is not None:
            days.mark(conn, user_id, row.kind, [days.utc_day(row.start_at)])
