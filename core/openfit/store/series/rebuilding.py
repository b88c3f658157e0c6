"""Series written afresh: a higher generation grows beside what is read, and takes its place."""

import hashlib
from collections.abc import Collection
from datetime import date

from sqlalchemy import ColumnElement, Connection, and_, func, select, update

from openfit.store.series.rows import Series, drop, is_row, listed
from openfit.store.series.totals import DAY, LONGEST_SPREAD
from openfit.store.series.writer import utc_day
from openfit.store.tables import block, feeds, series


def stale(conn: Connection, user_id: int, connection_id: str) -> list[Series]:
    """Series of which something was taken away that had covered other samples."""
    mine = of_connection(user_id, connection_id)
    return listed(conn, select(series).where(mine, series.c.live, series.c.stale))


def of_connection(user_id: int, connection_id: str) -> ColumnElement[bool]:
    return and_(series.c.user_id == user_id, series.c.connection_id == connection_id)


def feeders(conn: Connection, user_id: int, series_ids: Collection[int]) -> list[int]:
    """Receipts of the raw items that gave samples to these series, in order of arrival."""
    live = select(series).where(series.c.user_id == user_id, series.c.live)
    row_ids = [one.row_id for one in listed(conn, live) if one.series_id in series_ids]
    found: set[int] = set()
    for row_id in row_ids:
        query = select(feeds.c.receipt).where(is_row(feeds, user_id, row_id))
        found.update(conn.execute(query).scalars())
    return sorted(found)


def begin_rebuild(conn: Connection, user_id: int, connection_id: str) -> int:
    """The generation to write to. What an earlier rebuild left unfinished is thrown away."""
    mine = of_connection(user_id, connection_id)
    unfinished = select(series.c.series_id).where(mine, series.c.live.is_(False))
    drop(conn, user_id, conn.execute(unfinished).scalars().all())
    newest = conn.execute(select(func.max(series.c.generation)).where(mine)).scalar()
    return int(newest or 0) + 1


def swap(
    conn: Connection,
    user_id: int,
    connection_id: str,
    generation: int,
    *,
    only: Collection[int] | None = None,
) -> dict[str, set[date]]:
    """Show the new generation in place of the old: of all series of a connection, or of some.

    A series that has no new generation is gone. Answers the days of UTC that differ, by metric.
    """
    mine = of_connection(user_id, connection_id)
    rows = listed(conn, select(series).where(mine).with_for_update())
    new = {one.series_id: one for one in rows if one.generation == generation}
    old = {
        one.series_id: one
        for one in rows
        if one.generation != generation and (only is None or one.series_id in only)
    }
    touched: dict[str, set[date]] = {}
    for series_id in old.keys() | new.keys():
        days = differing_days(conn, user_id, old.get(series_id), new.get(series_id))
        metric = (old.get(series_id) or new[series_id]).metric
        touched.setdefault(metric, set()).update(days)
    drop(conn, user_id, [one.row_id for one in old.values()])
    conn.execute(update(series).where(mine, series.c.generation == generation).values(live=True))
    return touched


def differing_days(
    conn: Connection, user_id: int, old: Series | None, new: Series | None
) -> set[date]:
    """Days of UTC that a block reaches which is not byte for byte in both."""
    before, after = (prints(conn, user_id, one) if one else set() for one in (old, new))
    return {utc_day(at // DAY + n) for at, _, reach in before ^ after for n in range(reach + 1)}


def prints(conn: Connection, user_id: int, one: Series) -> set[tuple[int, bytes, int]]:
    """Of each block: where it starts, its fingerprint, and how many days its intervals go on."""
    query = (
        select(block.c.bucket, block.c.payload)
        .where(is_row(block, user_id, one.row_id))
        .execution_options(yield_per=64)
    )
    reach = LONGEST_SPREAD // DAY if one.cumulative else 0
    return {
        (row.bucket * one.block_ms, hashlib.blake2b(row.payload, digest_size=16).digest(), reach)
        for row in conn.execute(query)
    }
