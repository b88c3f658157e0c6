"""Samples of new activities: a few statements for all their series instead of some for each."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, insert, select

from openfit.intake.samples import Samples
from openfit.store.series import blocks
from openfit.store.series.rows import Series, SeriesRef, block_width, row_of
from openfit.store.series.writer import Rows, Writer
from openfit.store.series.writing import buckets_of, delivered, part, put, span_of
from openfit.store.tables import block, feeds, series

Named = tuple[str, int, str, str]


@dataclass(frozen=True)
class Delivery:
    """Samples for a series, with what `put` takes beside them."""

    ref: SeriesRef
    samples: Samples
    order: int
    covers: tuple[int, int] | None


def put_all(
    conn: Connection, user_id: int, deliveries: Sequence[Delivery], *, receipt: int
) -> None:
    """Many deliveries of one raw item, all to series of activities.

    The caller holds the user's row: nobody else makes the same series in the meantime.
    """
    taken = existing(conn, user_id, {one.ref.activity_id for one in deliveries})
    new: list[Delivery] = []
    others: list[Delivery] = []
    for one in deliveries:
        (others if name(one.ref) in taken else new).append(one)
        taken.add(name(one.ref))
    insert_all(conn, user_id, new, receipt)
    for one in others:
        put(
            conn,
            user_id,
            one.ref,
            one.samples,
            receipt=receipt,
            order=one.order,
            covers=one.covers,
        )


def existing(conn: Connection, user_id: int, activity_ids: set[str]) -> set[Named]:
    """Series of these activities in any generation."""
    columns = (series.c.metric, series.c.source_id, series.c.activity_id, series.c.method)
    query = select(*columns).where(
        series.c.user_id == user_id, series.c.activity_id.in_(sorted(activity_ids))
    )
    return {(row.metric, row.source_id, row.activity_id, row.method) for row in conn.execute(query)}


def name(ref: SeriesRef) -> Named:
    return ref.metric, ref.source_id, ref.activity_id, ref.method


def insert_all(conn: Connection, user_id: int, new: Sequence[Delivery], receipt: int) -> None:
    rows: dict[Any, Rows] = {series: [], feeds: [], block: []}
    for one in new:
        row = row_of(user_id, one.ref, None, block_width(one.samples.t))
        named = {"row_id": row["series_id"], "block_ms": row["block_ms"]}
        made = Series(**asdict(one.ref), **named, generation=0)
        delivery = delivered(made, one.samples, (one.order, receipt), one.covers)
        start, end = span_of(delivery)
        mine = {"user_id": user_id, "series_id": made.row_id}
        rows[series].append(row)
        rows[feeds].append(mine | {"receipt": receipt, "from_at": start, "to_at": end})
        writer, before = Writer(conn, user_id, made), blocks.empty(made.cumulative)
        for bucket in buckets_of(made, delivery):
            after = blocks.merge(before, part(made, delivery, bucket), made.slot_ms)
            writer.change(bucket, 0, before, after)
        rows[block] += writer.blocks
    for table, found in rows.items():
        if found:
            conn.execute(insert(table), found)
