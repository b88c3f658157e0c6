"""What leaves: everything of a user in an order that depends on content alone, row by row."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    Connection,
    Engine,
    Row,
    Select,
    Table,
    and_,
    exists,
    func,
    or_,
    select,
)

from openfit.store import entities as entity_store
from openfit.store.series import Series, codec
from openfit.store.series.blocks import Int
from openfit.store.series.totals import DAY
from openfit.store.series.units import in_unit
from openfit.store.tables import (
    block,
    daily_resolved,
    entities,
    feeds,
    raw_bodies,
    raw_items,
    results,
)

ALWAYS = (-(2**62), 2**62)  # ms
ROWS = 500
BLOCKS = 16  # a day of 1 Hz is some tens of kB as stored, and 2 MB unpacked
SERIES = 200  # of activities: each has a few blocks
Span = tuple[int, int]
Day = tuple[Series, int, Int, NDArray[np.float64], Int | None]


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """One moment of the database, however long it is looked at. Writers go on meanwhile.

    SQLite's log (the -wal file) cannot be folded back into the database beyond that moment, so it
    grows by what is written; PostgreSQL keeps the rows that were changed since.
    """
    sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as conn:
        if not sqlite:
            conn = conn.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        with conn.begin():
            conn.execute(select(raw_bodies.c.sha256).limit(1)).first()  # here the moment is taken
            yield conn
    if sqlite:
        shorten_log(engine)


def shorten_log(engine: Engine) -> None:
    """Give back what the log took, unless somebody is using it just now."""
    with engine.connect() as conn:
        conn.exec_driver_sql("COMMIT")
        conn.exec_driver_sql("PRAGMA busy_timeout = 0")
        try:
            conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").all()
        finally:
            conn.exec_driver_sql("PRAGMA busy_timeout = 30000")
            conn.exec_driver_sql("BEGIN")


def streamed(conn: Connection, query: Select[Any], rows: int = ROWS) -> Iterator[Row[Any]]:
    return iter(conn.execute(query.execution_options(yield_per=rows)))


def rows_of(conn: Connection, table: Table, user_id: int) -> Iterator[Row[Any]]:
    """All of a user's rows, by their key."""
    keys = list(table.primary_key.columns)
    yield from streamed(conn, select(table).where(table.c.user_id == user_id).order_by(*keys))


# Samples -----------------------------------------------------------------------------------------


def days(
    conn: Connection, user_id: int, wanted: Sequence[Series], first: int, end: int
) -> Iterator[Day]:
    """The samples of series in [first, end), a day of UTC at a time."""
    for some in together(wanted):
        found = groupby(blocks_of(conn, user_id, some, first, end), lambda row: row.series_id)
        if len(some) == 1:
            for _, rows in found:
                yield from by_day(some[0], rows, first, end)
            continue
        known = {row_id: [Packed._make(row) for row in rows] for row_id, rows in found}
        for one in some:
            yield from by_day(one, known.get(one.row_id, []), first, end)


class Packed(NamedTuple):
    """A block as it is stored."""

    series_id: int
    bucket: int
    payload: bytes


def together(wanted: Sequence[Series]) -> Iterator[Sequence[Series]]:
    """Series of activities are asked for by the hundred, those of every day one by one."""
    for of_activities, some in groupby(wanted, lambda one: one.activity_id != ""):
        run, size = list(some), SERIES if of_activities else 1
        yield from (run[at : at + size] for at in range(0, len(run), size))


def blocks_of(
    conn: Connection, user_id: int, some: Sequence[Series], first: int, end: int
) -> Iterator[Row[Any]]:
    query = select(block.c.series_id, block.c.bucket, block.c.payload).where(
        block.c.user_id == user_id,
        block.c.series_id.in_([one.row_id for one in some]),
        block.c.n > 0,
    )
    if len(some) == 1 and (first, end) != ALWAYS:
        width = some[0].block_ms
        query = query.where(block.c.bucket.between(first // width, (end - 1) // width))
    return streamed(conn, query.order_by(block.c.series_id, block.c.bucket), BLOCKS)


def by_day(one: Series, rows: Iterable[Any], first: int, end: int) -> Iterator[Day]:
    for day, some in groupby(rows, lambda row: row.bucket * one.block_ms // DAY):
        parts = [codec.decode(row.payload) for row in some]
        if (first, end) != ALWAYS:
            parts = [part.take((part.t >= first) & (part.t < end)) for part in parts]
        t, v = (np.concatenate([getattr(part, name) for part in parts]) for name in ("t", "v"))
        d = [part.d for part in parts if part.d is not None]
        if t.size:
            yield one, day * DAY, t, in_unit(v, one.scale), np.concatenate(d) if d else None


# Entities, results, originals --------------------------------------------------------------------


def seen(conn: Connection, user_id: int, span: Span, first: str, end: str) -> Iterator[Row[Any]]:
    """Leading entities by kind and id; with a span, those that begin in it and what has no time."""
    query = select(entities).where(entity_store.visible(user_id))
    if span != ALWAYS:
        timeless = and_(entities.c.start_at.is_(None), entities.c.day.is_(None))
        by_day = and_(entities.c.start_at.is_(None), in_days(entities.c.day, first, end))
        query = query.where(or_(timeless, by_day, in_span(entities.c.start_at, span)))
    yield from streamed(conn, query.order_by(entities.c.kind, entities.c.entity_id))


def found(conn: Connection, user_id: int, first: str, end: str) -> Iterator[Row[Any]]:
    query = select(results.c.activity_id, results.c.body).where(
        results.c.user_id == user_id, in_days(results.c.day, first, end)
    )
    order = (results.c.activity_id, results.c.result_id, results.c.day)
    yield from streamed(conn, query.order_by(*order))


def between_days(
    conn: Connection, table: Table, user_id: int, first: str, end: str
) -> Iterator[Row[Any]]:
    keys = list(table.primary_key.columns)
    query = select(table).where(table.c.user_id == user_id, in_days(table.c.day, first, end))
    yield from streamed(conn, query.order_by(*keys))


def items(conn: Connection, user_id: int, span: Span) -> Iterator[Row[Any]]:
    """What originals there are, with the size of each."""
    query = select(raw_items, raw_bodies.c.size).join(raw_bodies, same_body())
    query = query.where(raw_items.c.user_id == user_id, feeding(user_id, span))
    order = (raw_items.c.sha256, raw_items.c.kind, raw_items.c.item_id, raw_items.c.receipt)
    yield from streamed(conn, query.order_by(*order))


def bodies(conn: Connection, user_id: int, span: Span) -> Iterator[Row[Any]]:
    """Originals with their small bytes and a name under which they came; big ones lie on disk."""
    said = [
        select(func.min(column)).where(same_body()).scalar_subquery().label(column.name)
        for column in (raw_items.c.name, raw_items.c.media_type)
    ]
    query = select(raw_bodies, *said).where(raw_bodies.c.user_id == user_id)
    if span != ALWAYS:
        named = exists().where(raw_items.c.user_id == user_id, same_body(), feeding(user_id, span))
        query = query.where(named)
    yield from streamed(conn, query.order_by(raw_bodies.c.sha256), 50)


def same_body() -> Any:
    return and_(
        raw_bodies.c.user_id == raw_items.c.user_id, raw_bodies.c.sha256 == raw_items.c.sha256
    )


def feeding(user_id: int, span: Span) -> Any:
    """Raw items that gave something of a span."""
    if span == ALWAYS:
        return raw_items.c.user_id == user_id
    gave = exists().where(
        entities.c.user_id == user_id,
        entities.c.receipt == raw_items.c.receipt,
        in_span(entities.c.start_at, span),
    )
    fed = exists().where(
        feeds.c.user_id == user_id,
        feeds.c.receipt == raw_items.c.receipt,
        feeds.c.from_at < span[1],
        feeds.c.to_at >= span[0],
    )
    return or_(gave, fed)


def in_span(column: Any, span: Span) -> Any:
    return and_(column >= span[0], column < span[1])


def in_days(column: Any, first: str, end: str) -> Any:
    return and_(column >= first, column < end)


def metrics_of_days(conn: Connection, user_id: int, first: str, end: str) -> list[str]:
    query = select(daily_resolved.c.metric).where(
        daily_resolved.c.user_id == user_id, in_days(daily_resolved.c.day, first, end)
    )
    return sorted(conn.execute(query.distinct()).scalars())


def in_order_of_days(conn: Connection, user_id: int, first: str, end: str) -> Iterator[Row[Any]]:
    query = select(daily_resolved).where(
        daily_resolved.c.user_id == user_id, in_days(daily_resolved.c.day, first, end)
    )
    yield from streamed(conn, query.order_by(daily_resolved.c.day, daily_resolved.c.metric))
