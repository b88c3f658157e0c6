"""Totals of a block by minute, hour and day of UTC: integers, so that sums of sums are exact. Pure.

An instant counts where it lies. The value of an interval is spread evenly over its minutes, so
that sources can be united and days cut minute by minute; to hours and days of UTC, which only draw
long charts, it counts where it begins.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from openfit.store.series import codec
from openfit.store.series.blocks import NONE, Block, Int

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000

# Longer intervals say nothing about a minute: they count where they begin. A reader of minutes
# thus looks this far back for what an earlier block has spread into them.
LONGEST_SPREAD = 2 * DAY


@dataclass(frozen=True, eq=False)
class Totals:
    """Columns: number of the minute, hour or day since 1970 UTC (rising); samples that begin
    there, none where an interval only goes on; their sum, least and greatest."""

    at: Int
    n: Int
    sum: Int
    min: Int
    max: Int

    @property
    def columns(self) -> tuple[Int, ...]:
        return (self.at, self.n, self.sum, self.min, self.max)


NOTHING = Totals(NONE, NONE, NONE, NONE, NONE)


def encode(totals: Totals) -> bytes:
    return codec.pack(totals.columns)


def decode(payload: bytes) -> Totals:
    return Totals(*codec.unpack(payload)[1])


def by(unit: int, block: Block) -> Totals:
    """Totals by MINUTE, HOUR or DAY, each sample counted where it begins."""
    return grouped(Totals(block.t // unit, np.ones_like(block.v), block.v, block.v, block.v))


def by_minute(block: Block) -> Totals:
    return by(MINUTE, block) if block.d is None else joined([spread(block.t, block.v, block.d)])


def joined(parts: Sequence[Totals]) -> Totals:
    """One row a minute of what several blocks, or overlapping intervals, have for it."""
    if not parts:
        return NOTHING
    columns = [np.concatenate(column) for column in zip(*(p.columns for p in parts), strict=True)]
    if (np.diff(columns[0]) > 0).all():
        return Totals(*columns)
    order = np.argsort(columns[0], kind="stable")
    return grouped(Totals(*(column[order] for column in columns)))


def grouped(rows: Totals) -> Totals:
    """Neighbouring rows of the same `at` as one."""
    if not rows.at.size:
        return NOTHING
    first = np.flatnonzero(np.diff(rows.at, prepend=rows.at[0] - 1))
    return Totals(
        rows.at[first],
        np.add.reduceat(rows.n, first),
        np.add.reduceat(rows.sum, first),
        np.minimum.reduceat(rows.min, first),
        np.maximum.reduceat(rows.max, first),
    )


def spread(t: Int, v: Int, d: Int) -> Totals:
    """A row for each minute that an interval touches."""
    d = np.clip(np.where(d > LONGEST_SPREAD, 0, d), 1, None)
    first = t // MINUTE
    rows = np.maximum((t + d - 1) // MINUTE, first) - first + 1
    of = np.repeat(np.arange(t.size), rows)
    step = np.arange(of.size) - np.repeat(np.cumsum(rows) - rows, rows)
    minute = first[of] + step
    until = np.minimum((minute + 1) * MINUTE, (t + d)[of]) - t[of]
    share = share_until(v[of], d[of], until)
    value = np.diff(share, prepend=0)
    value[step == 0] = share[step == 0]
    return Totals(minute, (step == 0).astype(np.int64), value, value, value)


def share_until(v: Int, d: Int, elapsed: Int) -> Int:
    """How much of `v` falls in the first `elapsed` of `d` ms, in whole numbers that add up to it.
    Split so that no product overflows."""
    whole, rest = np.divmod(v, d)
    return whole * elapsed + rest * elapsed // d
