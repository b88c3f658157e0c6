"""Changed blocks on their way to the database, with the totals that follow from each."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Connection, and_, bindparam, delete, func, insert, select

from openfit.store.engine import upsert
from openfit.store.series import blocks, codec, totals
from openfit.store.series.blocks import Block
from openfit.store.series.rows import Series, is_row
from openfit.store.series.totals import DAY, HOUR, Totals
from openfit.store.tables import block, minute_block, rollup

UNITS = {"hour": HOUR, "day": DAY}
EPOCH = date(1970, 1, 1)

Rows = list[dict[str, Any]]


class Writer:
    """Gathers changes of one series and writes them some at a time."""

    def __init__(self, conn: Connection, user_id: int, one: Series) -> None:
        self.conn, self.user_id, self.one = conn, user_id, one
        self.touched: set[date] = set()
        self.clear()

    def clear(self) -> None:
        self.blocks: Rows = []
        self.packs: Rows = []
        self.rollups: Rows = []
        self.emptied: list[int] = []
        self.outdated: Rows = []  # stretches of rollups that are replaced

    def change(self, bucket: int, version: int, before: Block, after: Block) -> None:
        """`version` is 0 for a block that is not stored yet. What is equal is not written."""
        if blocks.same(before, after):
            return
        if not blocks.looks_same(before, after):
            self.touched |= days_of(bucket * self.one.block_ms, before, after)
        if after.t.size or after.cuts:
            self.blocks.append(self.key(bucket) | {"version": version + 1} | columns(after))
        else:
            self.emptied.append(bucket)
        if not self.one.activity_id:  # an activity is drawn from its samples
            self.total(bucket, after, stored=version > 0)

    def key(self, bucket: int) -> dict[str, Any]:
        return {"user_id": self.user_id, "series_id": self.one.row_id, "bucket": bucket}

    def total(self, bucket: int, after: Block, *, stored: bool) -> None:
        pack = totals.encode(totals.by_minute(after))
        self.packs.append(self.key(bucket) | {"payload": pack})
        start, end = bucket * self.one.block_ms, (bucket + 1) * self.one.block_ms
        for res, unit in UNITS.items():
            if unit <= self.one.block_ms:
                self.rollups += self.rollup_rows(res, totals.by(unit, after))
            if unit > self.one.block_ms or stored:
                self.outdated.append({"of": res, "first": start // unit, "end": -(-end // unit)})

    def rollup_rows(self, res: str, found: Totals) -> Rows:
        names = ("bucket", "n", "sum", "min", "max")
        values = zip(*(column.tolist() for column in found.columns), strict=True)
        return [self.key(0) | {"res": res} | dict(zip(names, row, strict=True)) for row in values]

    def flush(self) -> None:
        upsert(self.conn, block, self.blocks)
        upsert(self.conn, minute_block, self.packs)
        self.remove(self.emptied)
        self.replace_rollups()
        self.clear()

    def remove(self, buckets: Iterable[int]) -> None:
        gone = [{"gone": bucket} for bucket in buckets]
        for table in (block, minute_block) if gone else ():
            mine = is_row(table, self.user_id, self.one.row_id)
            self.conn.execute(delete(table).where(mine, table.c.bucket == bindparam("gone")), gone)

    def replace_rollups(self) -> None:
        if self.outdated:
            self.conn.execute(
                delete(rollup).where(
                    is_row(rollup, self.user_id, self.one.row_id),
                    rollup.c.res == bindparam("of"),
                    rollup.c.bucket >= bindparam("first"),
                    rollup.c.bucket < bindparam("end"),
                ),
                self.outdated,
            )
        wider = {(row["of"], row["first"]) for row in self.outdated}
        found = [self.summed(res, at) for res, at in wider if UNITS[res] > self.one.block_ms]
        values = self.rollups + [row for row in found if row is not None]
        if values:
            self.conn.execute(insert(rollup), values)

    def summed(self, res: str, at: int) -> dict[str, Any] | None:
        """An hour or day that is made of several blocks."""
        per = UNITS[res] // self.one.block_ms
        query = select(
            func.sum(block.c.n),
            func.sum(block.c.v_sum),
            func.min(block.c.v_min),
            func.max(block.c.v_max),
        ).where(
            is_row(block, self.user_id, self.one.row_id),
            and_(block.c.bucket >= at * per, block.c.bucket < (at + 1) * per),
        )
        n, total, low, high = self.conn.execute(query).one()
        if not n:
            return None
        values = {"n": int(n), "sum": int(total), "min": low, "max": high}
        return self.key(at) | {"res": res} | values


def columns(found: Block) -> dict[str, Any]:
    """What a row says of a block besides its payload."""
    row: dict[str, Any] = {"n": int(found.t.size), "payload": codec.encode(found)}
    if not found.t.size:
        return row | dict.fromkeys(("t_min", "t_max", "v_min", "v_max", "v_sum"))
    t, v = found.t, found.v
    row |= {"t_min": int(t[0]), "t_max": int(t[-1])}
    return row | {"v_min": int(v.min()), "v_max": int(v.max()), "v_sum": int(v.sum())}


def days_of(start: int, *of: Block) -> set[date]:
    """The days of UTC that a block reaches: its own, and those its intervals go on into."""
    first = last = start // DAY
    for found in of:
        if found.d is not None and found.t.size:
            reach = np.where(found.d > totals.LONGEST_SPREAD, 0, found.d)
            last = max(last, int((found.t + reach).max()) // DAY)
    return {utc_day(day) for day in range(first, last + 1)}


def utc_day(number: int) -> date:
    return EPOCH + timedelta(days=number)
