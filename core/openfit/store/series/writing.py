"""Writing samples: blocks and the totals that follow from them, always in one transaction.

A series' row is locked before its blocks are read: two writers of one series wait for each other,
and every total is that of the blocks beside it.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any, TypeVar

import numpy as np
from sqlalchemy import Connection, and_, bindparam, select

from openfit.intake.samples import Samples
from openfit.store.engine import upsert
from openfit.store.series import blocks, codec, rows
from openfit.store.series.blocks import Block, Cut, Int
from openfit.store.series.rows import Series, SeriesRef
from openfit.store.series.units import scaled
from openfit.store.series.writer import Writer
from openfit.store.tables import block, feeds, series

BATCH = 256  # blocks a statement; only one at a time is unpacked
NOWHERE = (2**62, -(2**62))  # the span of a feed that gave nothing: it widens to any other
Thing = TypeVar("Thing")


def put(
    conn: Connection,
    user_id: int,
    ref: SeriesRef,
    samples: Samples,
    *,
    receipt: int,
    order: int,
    covers: tuple[int, int] | None = None,
    generation: int | None = None,
) -> set[date]:
    """Merge samples into a series; answers the days of UTC on which a reader sees a change.

    With `covers` they are all there is in that span, and lower revisions go. With `generation`
    they go to the series that is being written afresh, not to the one that is read.
    """
    one, new = rows.ensure(conn, user_id, ref, generation, samples.t)
    delivery = delivered(one, samples, (order, receipt), covers)
    note_feed(conn, user_id, one, receipt, span_of(delivery), new=new)
    writer = Writer(conn, user_id, one)
    for buckets in batched(buckets_of(one, delivery)):
        stored = {} if new else {row.bucket: row for row in load(conn, user_id, one, buckets)}
        for bucket in buckets:
            row = stored.get(bucket)
            before = codec.decode(row.payload) if row else blocks.empty(one.cumulative)
            after = blocks.merge(before, part(one, delivery, bucket), one.slot_ms)
            writer.change(bucket, row.version if row else 0, before, after)
        writer.flush()
    return writer.touched


def delivered(
    one: Series, samples: Samples, revision: blocks.Revision, covers: tuple[int, int] | None
) -> Block:
    d = samples.d
    if one.cumulative and d is None:
        d = np.zeros_like(samples.t)
    cuts = (Cut(*covers, revision),) if covers else ()
    v = scaled(samples.v, one.scale)
    return blocks.fresh(samples.t, v, d if one.cumulative else None, revision, cuts)


def buckets_of(one: Series, delivery: Block) -> list[int]:
    found = set(reached(delivery.t, one.block_ms))
    for cut in delivery.cuts:
        found.update(range(cut.start // one.block_ms, (cut.end - 1) // one.block_ms + 1))
    return sorted(found)


def reached(t: Int, width: int) -> Iterator[int]:
    """The blocks that rising times lie in; cheap, as there are few of them and many times."""
    at = 0
    while at < t.size:
        bucket = int(t[at]) // width
        yield bucket
        at = int(np.searchsorted(t, (bucket + 1) * width))


def part(one: Series, delivery: Block, bucket: int) -> Block:
    """What falls into one block. A cut is kept in every block it reaches, even an empty one."""
    start, end = bucket * one.block_ms, (bucket + 1) * one.block_ms
    first, last = np.searchsorted(delivery.t, (start, end))
    cuts = blocks.clipped(delivery.cuts, start, end)
    return blocks.with_cuts(delivery.take(slice(first, last)), cuts)


def batched(things: Sequence[Thing]) -> Iterator[Sequence[Thing]]:
    return (things[at : at + BATCH] for at in range(0, len(things), BATCH))


BLOCKS = (
    select(block.c.bucket, block.c.version, block.c.payload)
    .where(rows.is_row(block, bindparam("user"), bindparam("row")))
    .where(block.c.bucket.in_(bindparam("buckets", expanding=True)))
    .order_by(block.c.bucket)
)


def load(conn: Connection, user_id: int, one: Series, buckets: Sequence[int]) -> Sequence[Any]:
    return conn.execute(BLOCKS, {"user": user_id, "row": one.row_id, "buckets": buckets}).all()


# Which raw item gave what ------------------------------------------------------------------------


def span_of(delivery: Block) -> tuple[int, int]:
    """The first and last instant that a delivery can have changed."""
    edges = [int(delivery.t[0]), int(delivery.t[-1])] if delivery.t.size else []
    edges += [edge for cut in delivery.cuts for edge in (cut.start, cut.end)]
    return (min(edges), max(edges)) if edges else NOWHERE


FEED = select(feeds.c.from_at, feeds.c.to_at).where(
    rows.is_row(feeds, bindparam("user"), bindparam("row")), feeds.c.receipt == bindparam("receipt")
)


def note_feed(
    conn: Connection,
    user_id: int,
    one: Series,
    receipt: int,
    span: tuple[int, int],
    *,
    new: bool = False,
) -> None:
    which = {"user": user_id, "row": one.row_id, "receipt": receipt}
    known = None if new else conn.execute(FEED, which).first()
    start, end = known or NOWHERE
    row = {
        "user_id": user_id,
        "series_id": one.row_id,
        "receipt": receipt,
        "from_at": min(start, span[0]),
        "to_at": max(end, span[1]),
    }
    if known is None or (row["from_at"], row["to_at"]) != tuple(known):
        upsert(conn, feeds, [row])


# Taking away -------------------------------------------------------------------------------------


def strip(
    conn: Connection, user_id: int, receipt: int, *, activities_only: bool = False
) -> dict[str, set[date]]:
    """Take away what one raw item gave; answers the days of UTC touched, by metric.

    What it had covered is not in the blocks any more: where other items gave samples of the same
    time, the series is marked to be written afresh.
    """
    query = (
        select(series, feeds.c.from_at, feeds.c.to_at)
        .join(feeds, and_(feeds.c.user_id == user_id, feeds.c.series_id == series.c.series_id))
        .where(series.c.user_id == user_id, feeds.c.receipt == receipt)
        .order_by(series.c.series_id)
        .with_for_update(of=series)
    )
    if activities_only:
        query = query.where(series.c.activity_id != "")
    touched: dict[str, set[date]] = {}
    for row in conn.execute(query).all():
        one, span = rows.of_row(row), (row.from_at, row.to_at)
        days = strip_series(conn, user_id, one, receipt, span)
        touched.setdefault(one.metric, set()).update(days)
    return touched


def forget_feeds(conn: Connection, user_id: int, receipt: int) -> None:
    """Of a raw item whose samples are all another's now."""
    mine = and_(feeds.c.user_id == user_id, feeds.c.receipt == receipt)
    conn.execute(feeds.delete().where(mine))


def strip_series(
    conn: Connection, user_id: int, one: Series, receipt: int, span: tuple[int, int]
) -> set[date]:
    mine = and_(rows.is_row(feeds, user_id, one.row_id), feeds.c.receipt == receipt)
    conn.execute(feeds.delete().where(mine))
    others = conn.execute(
        select(feeds.c.from_at, feeds.c.to_at).where(rows.is_row(feeds, user_id, one.row_id))
    ).all()
    if any(start <= span[1] and span[0] <= end for start, end in others):
        rows.set_stale(conn, user_id, one)
    touched = rewrite(conn, user_id, one, span, lambda old: blocks.strip(old, receipt))
    if not others:
        rows.drop(conn, user_id, [one.row_id])
    return touched


def erase(
    conn: Connection, user_id: int, source_id: int, metric: str, span: tuple[int, int]
) -> set[date]:
    """Take a source's samples of a metric in [start, end) away, in every generation.

    Keeping them away is the caller's: they are masked when they are delivered again.
    """
    query = select(series).where(
        series.c.user_id == user_id, series.c.source_id == source_id, series.c.metric == metric
    )
    touched: set[date] = set()
    for one in rows.listed(conn, query.order_by(series.c.series_id).with_for_update()):
        touched |= rewrite(conn, user_id, one, span, lambda old: blocks.erase(old, *span))
    return touched


def rewrite(
    conn: Connection,
    user_id: int,
    one: Series,
    span: tuple[int, int],
    change: Callable[[Block], Block],
) -> set[date]:
    """Change every block that a span of time reaches."""
    reached = block.c.bucket.between(span[0] // one.block_ms, span[1] // one.block_ms)
    query = select(block.c.bucket).where(rows.is_row(block, user_id, one.row_id), reached)
    writer = Writer(conn, user_id, one)
    for buckets in batched(conn.execute(query.order_by(block.c.bucket)).scalars().all()):
        for row in load(conn, user_id, one, buckets):
            before = codec.decode(row.payload)
            writer.change(row.bucket, row.version, before, change(before))
        writer.flush()
    return writer.touched
