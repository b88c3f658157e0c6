"""Samples of originals that are not kept any more: they cannot be decoded again, so a series that
is written afresh begins with them."""

from collections.abc import Collection
from dataclasses import replace

import numpy as np
from sqlalchemy import Connection, and_, select

from openfit.store.engine import upsert
from openfit.store.series import blocks, codec, rows
from openfit.store.series.blocks import Block
from openfit.store.series.rows import Series
from openfit.store.series.writer import Writer
from openfit.store.tables import block, feeds, raw_items, series

EXPIRED = "expired"  # the state of a raw item whose bytes are gone
AT_ONCE = 64  # blocks


def carry(conn: Connection, user_id: int, connection_id: str, generation: int) -> None:
    """Into the generation that is about to be written: what expired originals gave."""
    gone = select(raw_items.c.receipt).where(
        raw_items.c.user_id == user_id,
        raw_items.c.connection_id == connection_id,
        raw_items.c.state == EXPIRED,
    )
    receipts = {*conn.execute(gone).scalars()}
    if not receipts:
        return
    fed = select(feeds.c.series_id).where(feeds.c.user_id == user_id, feeds.c.receipt.in_(gone))
    query = select(series).where(
        series.c.user_id == user_id,
        series.c.connection_id == connection_id,
        series.c.live,
        series.c.series_id.in_(fed),
    )
    for one in rows.listed(conn, query):
        carry_one(conn, user_id, one, generation, receipts)


def carry_one(
    conn: Connection, user_id: int, one: Series, generation: int, receipts: Collection[int]
) -> None:
    rows.add(conn, user_id, one, generation, one.block_ms)
    mine = and_(series.c.user_id == user_id, series.c.generation == generation)
    same = [getattr(series.c, name) == getattr(one, name) for name in IDENTITY]
    new = rows.of_row(conn.execute(select(series).where(mine, *same)).one())
    query = select(block.c.bucket, block.c.payload).where(rows.is_row(block, user_id, one.row_id))
    found = conn.execute(query.order_by(block.c.bucket)).all()
    writer = Writer(conn, user_id, new)
    for at in range(0, len(found), AT_ONCE):
        for row in found[at : at + AT_ONCE]:
            kept = part_of(codec.decode(row.payload), receipts)
            writer.change(row.bucket, 0, blocks.empty(one.cumulative), kept)
        writer.flush()
    given = select(feeds).where(rows.is_row(feeds, user_id, one.row_id))
    fed = conn.execute(given.where(feeds.c.receipt.in_(list(receipts)))).all()
    upsert(conn, feeds, [row._asdict() | {"series_id": new.row_id} for row in fed])


IDENTITY = ("metric", "source_id", "activity_id", "method")


def part_of(found: Block, receipts: Collection[int]) -> Block:
    """What some raw items gave of a block."""
    theirs = np.array([revision[1] in receipts for revision in found.revisions], dtype=bool)
    kept = found.take(theirs[found.rev]) if theirs.size else found
    cuts = tuple(cut for cut in found.cuts if cut.revision[1] in receipts)
    return blocks.pruned(replace(kept, cuts=cuts))
