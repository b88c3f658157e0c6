"""Which series there are: a row for the samples of one metric from one source."""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    delete,
    func,
    select,
    update,
)

from openfit.store.columns import KNOWN, MINE
from openfit.store.engine import insert_new
from openfit.store.series.blocks import Int
from openfit.store.series.totals import DAY, HOUR, MINUTE
from openfit.store.tables import block, connections, feeds, minute_block, rollup, series, tombstones

FIRST = 10_000  # samples that tell the rate of a series
KEYED_BY_SERIES = (rollup, minute_block, block, feeds, series)


@dataclass(frozen=True, kw_only=True)
class SeriesRef:
    """What a series is of. `activity_id` is empty for what is measured all day."""

    metric: str
    source_id: int
    activity_id: str
    method: str
    connection_id: str
    scale: float  # the stored integer times this is the value
    unit: str
    cumulative: bool
    slot_ms: int = 0  # samples of one such stretch were measured together; 0: each by itself

    @property
    def series_id(self) -> int:
        """The same in every generation, and wherever it is computed."""
        return number(self.metric, self.source_id, self.activity_id, self.method)


@dataclass(frozen=True, kw_only=True)
class Series(SeriesRef):
    """A series as it is stored. Written afresh, it is another row of a higher generation."""

    row_id: int
    generation: int
    block_ms: int


def number(*parts: object) -> int:
    """63 bits, since both databases' integers have a sign."""
    text = "\0".join(map(str, parts))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def of_row(row: Row[Any]) -> Series:
    return Series(
        metric=row.metric,
        source_id=row.source_id,
        activity_id=row.activity_id,
        method=row.method,
        connection_id=row.connection_id,
        scale=row.scale,
        unit=row.unit,
        cumulative=row.cumulative,
        slot_ms=row.slot_ms,
        row_id=row.series_id,
        generation=row.generation,
        block_ms=row.block_ms,
    )


def listed(conn: Connection, query: Select[Any]) -> list[Series]:
    return [of_row(row) for row in conn.execute(query)]


def is_row(table: Any, user_id: Any, row_id: Any) -> ColumnElement[bool]:
    return and_(table.c.user_id == user_id, table.c.series_id == row_id)


OF_REF = (
    select(series)
    .where(
        series.c.user_id == bindparam("user"),
        series.c.metric == bindparam("metric"),
        series.c.source_id == bindparam("source_id"),
        series.c.activity_id == bindparam("activity_id"),
        series.c.method == bindparam("method"),
    )
    .with_for_update()
)
LIVE = OF_REF.where(series.c.live)
OF_GENERATION = OF_REF.where(series.c.generation == bindparam("generation"))


def ensure(
    conn: Connection, user_id: int, ref: SeriesRef, generation: int | None, t: Int
) -> tuple[Series, bool]:
    """The series to write to, locked until the transaction ends, made when it is not there; and
    whether it was."""
    query = LIVE if generation is None else OF_GENERATION
    which = asdict(ref) | {"user": user_id, "generation": generation}
    found = conn.execute(query, which).first()
    if found is not None:
        return in_slots(conn, user_id, of_row(found), ref.slot_ms), False
    new = add(conn, user_id, ref, generation, block_width(t))
    return of_row(conn.execute(query, which).one()), new


def in_slots(conn: Connection, user_id: int, one: Series, slot_ms: int) -> Series:
    """A series whose samples came one by one, and from now on in slots."""
    if one.slot_ms or not slot_ms:
        return one
    mine = is_row(series, user_id, one.row_id)
    conn.execute(update(series).where(mine).values(slot_ms=slot_ms))
    return replace(one, slot_ms=slot_ms)


def add(
    conn: Connection, user_id: int, ref: SeriesRef, generation: int | None, block_ms: int
) -> bool:
    """Two writers that come here at once make one row: it has the same number for both. True for
    the one that made it."""
    return insert_new(conn, series, row_of(user_id, ref, generation, block_ms))


def row_of(user_id: int, ref: SeriesRef, generation: int | None, block_ms: int) -> dict[str, Any]:
    return asdict(ref) | {
        "user_id": user_id,
        "series_id": number(ref.series_id, generation or 0),
        "generation": generation or 0,
        "live": generation is None,
        "block_ms": DAY if ref.cumulative else block_ms,
    }


def block_width(t: Int) -> int:
    """By the rate of the first samples, so that a block stays under some 200,000. Only a matter
    of layout: what is read does not depend on it."""
    usual = float(np.median(np.diff(t[:FIRST]))) if t.size > 1 else DAY
    if usual >= 500:
        return DAY
    return HOUR if usual >= 1000 / 32 else MINUTE


# Lists -------------------------------------------------------------------------------------------


@lru_cache(KNOWN)
def live(user_id: Any) -> ColumnElement[bool]:
    """What may be seen: not what is being written, nor what belongs to a deleted activity."""
    deleted = select(tombstones.c.entity_id).where(
        tombstones.c.user_id == user_id,
        tombstones.c.entity_id.is_not(None),
        tombstones.c.lifted.is_(False),
    )
    return and_(series.c.user_id == user_id, series.c.live, series.c.activity_id.not_in(deleted))


def continuous(conn: Connection, user_id: int, metric: str) -> list[Series]:
    query = select(series).where(
        live(user_id), series.c.metric == metric, series.c.activity_id == ""
    )
    return listed(conn, query.order_by(series.c.source_id, series.c.method))


def all_live(conn: Connection, user_id: int) -> list[Series]:
    columns = (series.c.metric, series.c.source_id, series.c.activity_id, series.c.method)
    return listed(conn, select(series).where(live(user_id)).order_by(*columns))


def of_activity(conn: Connection, user_id: int, activity_id: str) -> list[tuple[Series, int]]:
    """The series of an activity and how many samples each has."""
    rows = conn.execute(OF_ACTIVITY, {"user": user_id, "activity": activity_id}).all()
    found = [(of_row(row), int(row.n)) for row in rows if row.n]
    return sorted(found, key=lambda one: (one[0].metric, one[0].method, one[0].source_id))


# None of these is put in order by the database: SQLite would then walk all series of a user in
# that order instead of going by the index of activities.
OF_ACTIVITY = select(
    series,
    select(func.sum(block.c.n))
    .where(is_row(block, MINE, series.c.series_id))
    .scalar_subquery()
    .label("n"),
).where(live(MINE), series.c.activity_id == bindparam("activity"))


def extents(
    conn: Connection, user_id: int, metric: str | None = None
) -> list[tuple[Series, int, int]]:
    """What is measured all day and holds samples, with the instants of the first and the last."""
    if metric is None:
        rows = conn.execute(WITH_EDGES, {"user": user_id}).all()
    else:
        rows = conn.execute(WITH_EDGES_OF_METRIC, {"user": user_id, "metric": metric}).all()
    found = [(of_row(row), row.t_min, row.t_max) for row in rows if row.t_min is not None]
    return sorted(found, key=lambda one: (one[0].metric, one[0].source_id, one[0].row_id))


def edge(column: Any, *, last: bool) -> Any:
    """A look at one end of the key instead of a walk over all blocks."""
    bucket = block.c.bucket.desc() if last else block.c.bucket
    found = select(column).where(is_row(block, MINE, series.c.series_id), block.c.n > 0)
    return found.order_by(bucket).limit(1).scalar_subquery().label(column.name)


WITH_EDGES = select(series, edge(block.c.t_min, last=False), edge(block.c.t_max, last=True)).where(
    live(MINE), series.c.activity_id == ""
)
WITH_EDGES_OF_METRIC = WITH_EDGES.where(series.c.metric == bindparam("metric"))


# Leaving -----------------------------------------------------------------------------------------


def drop(conn: Connection, user_id: int, row_ids: Iterable[int]) -> None:
    """The series, and all that is keyed by them."""
    gone = [{"gone": row_id} for row_id in row_ids]
    if not gone:
        return
    for table in KEYED_BY_SERIES:
        conn.execute(delete(table).where(is_row(table, user_id, bindparam("gone"))), gone)


def drop_activities(conn: Connection, user_id: int, activity_ids: Iterable[str]) -> None:
    for activity_id in activity_ids:
        query = select(series.c.series_id).where(
            series.c.user_id == user_id, series.c.activity_id == activity_id
        )
        drop(conn, user_id, conn.execute(query).scalars().all())


def mark_stale(conn: Connection, user_id: int, source_id: int, metric: str | None) -> None:
    """Have a source's series of this metric, or of all, written afresh from their raw items."""
    query = select(series).where(series.c.user_id == user_id, series.c.source_id == source_id)
    if metric is not None:
        query = query.where(series.c.metric == metric)
    for one in listed(conn, query):
        set_stale(conn, user_id, one)


def set_stale(conn: Connection, user_id: int, one: Series) -> None:
    conn.execute(update(series).where(is_row(series, user_id, one.row_id)).values(stale=True))
    waiting = and_(
        connections.c.user_id == user_id,
        connections.c.connection_id == one.connection_id,
        connections.c.rebuild == "",
    )
    conn.execute(update(connections).where(waiting).values(rebuild="series"))
