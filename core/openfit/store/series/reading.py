"""Reading samples: as they are, or at a resolution that fits the span."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Table, bindparam, select

from openfit.store.columns import MINE
from openfit.store.series import beats, codec, totals
from openfit.store.series.blocks import NONE, Block, Int
from openfit.store.series.rows import Series, is_row
from openfit.store.series.totals import DAY, HOUR, MINUTE, Totals
from openfit.store.series.units import Float, in_unit
from openfit.store.tables import block, minute_block, rollup

Resolution = Literal["raw", "minute", "hour", "day"]

FOREVER = 2**62
STREAMED = 64  # blocks
COARSEST: tuple[tuple[int, Resolution], ...] = (
    (2 * DAY, "raw"),
    (60 * DAY, "minute"),
    (3 * 366 * DAY, "hour"),
)


@dataclass(frozen=True)
class Window:
    """Columns for a chart: ms since 1970 UTC, and means there (sums of a cumulative type). Of
    means, `low` and `high` are the least and the greatest sample behind each. Of intervals
    between beats, `breaks` are the indexes of those that do not follow the one before."""

    resolution: Resolution
    t: Int
    v: Float
    low: Float | None = None
    high: Float | None = None
    breaks: list[int] | None = None


def resolution(span_ms: int) -> Resolution:
    return next((name for longest, name in COARSEST if span_ms <= longest), "day")


def window(
    conn: Connection,
    user_id: int,
    one: Series,
    start: int,
    end: int,
    points: int,
    *,
    intervals: bool = False,
) -> Window:
    """[start, end) with at most about `points` points. Gaps are absent, and told where the samples
    are `intervals` between beats."""
    chosen = "raw" if one.activity_id else resolution(end - start)
    if chosen == "raw":
        t, v = read(conn, user_id, one, start, end)
        return of_beats(one, t, v, points) if intervals else thinned(t, v, points)
    found = coarse(conn, user_id, one, chosen, start, end)
    if found.low is None or found.high is None:
        shown = thin(found.t, found.v, points)
        return Window(chosen, found.t[shown], found.v[shown])
    shown = thin(found.t, found.low, points, found.high)
    low, high = found.low[shown], found.high[shown]
    return Window(chosen, found.t[shown], found.v[shown], low, high)


def thinned(t: Int, v: Float, points: int) -> Window:
    shown = thin(t, v, points)
    return Window("raw", t[shown], v[shown])


def of_beats(one: Series, t: Int, v: Float, points: int) -> Window:
    broken = beats.breaks(t, v, one.slot_ms)
    shown = beats.shown_beside(thin(t, v, points), broken, points)
    return Window("raw", t[shown], v[shown], breaks=beats.carried(broken, shown))


def read(
    conn: Connection, user_id: int, one: Series, start: int, end: int | None
) -> tuple[Int, Float]:
    """Samples in [start, end): ms since 1970 UTC, and values in the unit of the type."""
    parts = list(parts_between(conn, user_id, one, start, FOREVER if end is None else end))
    t = np.concatenate([part.t for part in parts] or [NONE])
    v = np.concatenate([part.v for part in parts] or [NONE])
    return t, in_unit(v, one.scale)


def read_days(
    conn: Connection, user_id: int, one: Series
) -> Iterator[tuple[int, Int, Float, Int | None]]:
    """All samples, a day of UTC at a time: its start, times, values, durations."""
    query = select(block.c.bucket, block.c.payload).where(
        is_row(block, user_id, one.row_id), block.c.n > 0
    )
    query = query.order_by(block.c.bucket).execution_options(yield_per=STREAMED)
    rows = conn.execute(query)
    for day, some in groupby(rows, lambda row: row.bucket * one.block_ms // DAY):
        parts = [codec.decode(row.payload) for row in some]
        t, v = (np.concatenate([getattr(part, name) for part in parts]) for name in ("t", "v"))
        d = [part.d for part in parts if part.d is not None]
        yield day * DAY, t, in_unit(v, one.scale), np.concatenate(d) if d else None


def parts_between(
    conn: Connection, user_id: int, one: Series, start: int, end: int
) -> Iterator[Block]:
    """The samples of [start, end), unpacked one block at a time."""
    for payload in payloads(conn, user_id, one, block, start, end):
        found = codec.decode(payload)
        first, last = np.searchsorted(found.t, (start, end))
        yield found.take(slice(first, last))


def coarse(
    conn: Connection, user_id: int, one: Series, chosen: Resolution, start: int, end: int
) -> Window:
    if chosen == "minute":
        unit, found = MINUTE, minutes(conn, user_id, one, start, end)
    else:
        unit = HOUR if chosen == "hour" else DAY
        found = rolled_up(conn, user_id, one, chosen, start // unit, -(-end // unit))
    v = in_unit(found.sum, one.scale)
    if one.cumulative:
        return Window(chosen, found.at * unit, v)
    low, high = in_unit(found.min, one.scale), in_unit(found.max, one.scale)
    return Window(chosen, found.at * unit, v / found.n, low, high)


def minutes(conn: Connection, user_id: int, one: Series, start: int, end: int) -> Totals:
    """Totals of the minutes that begin in [start, end)."""
    found = totals.joined(list(packs_between(conn, user_id, one, start, end)))
    first, last = np.searchsorted(found.at * MINUTE, (start, end))
    return Totals(*(column[first:last] for column in found.columns))


def packs_between(
    conn: Connection, user_id: int, one: Series, start: int, end: int
) -> Iterator[Totals]:
    """The packed minutes of every block that may reach into [start, end)."""
    back = totals.LONGEST_SPREAD if one.cumulative else 0
    return map(totals.decode, payloads(conn, user_id, one, minute_block, start - back, end))


def payloads(
    conn: Connection, user_id: int, one: Series, table: Table, start: int, end: int
) -> Iterator[bytes]:
    """In order of time. Long spans are streamed, so that no year is in memory at once."""
    first, last = start // one.block_ms, (end - 1) // one.block_ms
    which = {"user": user_id, "row": one.row_id, "first": first, "last": last}
    streamed = {"yield_per": STREAMED} if last - first > STREAMED else {}
    return iter(conn.execute(PAYLOADS[table.name], which, execution_options=streamed).scalars())


PAYLOADS = {
    table.name: select(table.c.payload)
    .where(is_row(table, MINE, bindparam("row")))
    .where(table.c.bucket.between(bindparam("first"), bindparam("last")))
    .order_by(table.c.bucket)
    for table in (block, minute_block)
}
ROLLED_UP = (
    select(rollup.c.bucket, rollup.c.n, rollup.c.sum, rollup.c.min, rollup.c.max)
    .where(is_row(rollup, MINE, bindparam("row")), rollup.c.res == bindparam("res"))
    .where(rollup.c.bucket >= bindparam("first"), rollup.c.bucket < bindparam("end"))
    .order_by(rollup.c.bucket)
)


def rolled_up(
    conn: Connection, user_id: int, one: Series, res: str, first: int, end: int
) -> Totals:
    which = {"user": user_id, "row": one.row_id, "res": res, "first": first, "end": end}
    found = conn.execute(ROLLED_UP, which).all()
    columns = zip(*found, strict=True) if found else [()] * 5
    return Totals(*(np.fromiter(column, np.int64, len(found)) for column in columns))


def thin(t: Int, v: Float, points: int, high: Float | None = None) -> NDArray[np.intp]:
    """Which samples to draw: all, or the least and the greatest of each of some stretches, and
    the two ends. With `high`, `v` is the least behind each sample and `high` the greatest."""
    if t.size <= points:
        return np.arange(t.size)
    stretches = max(1, (points - 2) // 2)
    edges = np.linspace(0, t.size, stretches + 1).astype(np.intp)
    size = int(np.diff(edges).max())
    inside = np.minimum(edges[:-1, None] + np.arange(size), edges[1:, None] - 1)
    rows = np.arange(stretches)
    least = v[inside].argmin(axis=1)
    most = (v if high is None else high)[inside].argmax(axis=1)
    return np.unique(np.concatenate([[0, t.size - 1], inside[rows, least], inside[rows, most]]))
