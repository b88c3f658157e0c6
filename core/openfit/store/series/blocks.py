"""Blocks of samples, and the rule by which they merge. Pure.

At each instant the sample with the greatest (revision, value) holds. A revision is the order that
a plugin states, which the receipt of the raw item never overrules; where it states none (0), what
came last holds. A cut takes away samples of lower revisions from a span and is remembered, so that
they stay away when they are delivered again. In a series with slots, samples of one slot were
measured together: the greatest takes the slot whole. All are maxima: any order, split or
repetition of deliveries ends in the same block.
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int64]
Mask = NDArray[np.bool_]
Revision = tuple[int, int]  # the order that the plugin gives, then the receipt of the raw item

NONE = np.empty(0, np.int64)


class Cut(NamedTuple):
    """Samples in [start, end) of a lower revision are gone."""

    start: int
    end: int
    revision: Revision


@dataclass(frozen=True, eq=False)
class Block:
    """Columns of equal length: ms since 1970 UTC (strictly rising), scaled values, the index of
    the revision, and for cumulative types the duration in ms."""

    t: Int
    v: Int
    rev: Int
    d: Int | None = None
    revisions: tuple[Revision, ...] = ()  # ascending, so that indices compare as revisions do
    cuts: tuple[Cut, ...] = ()

    @property
    def columns(self) -> tuple[Int, ...]:
        plain = (self.t, self.v, self.rev)
        return plain if self.d is None else (*plain, self.d)

    def take(self, which: Mask | Int | slice) -> "Block":
        d = None if self.d is None else self.d[which]
        return replace(self, t=self.t[which], v=self.v[which], rev=self.rev[which], d=d)


def fresh(t: Int, v: Int, d: Int | None, revision: Revision, cuts: Iterable[Cut] = ()) -> Block:
    """A block of one delivery."""
    return Block(t, v, np.zeros(t.size, np.int64), d, (revision,), tuple(cuts))


def empty(cumulative: bool) -> Block:
    return Block(NONE, NONE, NONE, NONE if cumulative else None)


def merge(a: Block, b: Block, slot_ms: int = 0) -> Block:
    """Commutative, associative and idempotent."""
    cuts = upper(a.cuts + b.cuts)
    a, b = on_common_revisions(a, b)
    if slot_ms and a.t.size and b.t.size:
        a, b = apart(a, b, slot_ms)
    if not a.t.size or not b.t.size or a.t[-1] < b.t[0]:
        joined = concatenated(a, b)
    elif b.t[-1] < a.t[0]:
        joined = concatenated(b, a)
    else:
        joined = overlaid(a, b)
    return pruned(apply_cuts(replace(joined, cuts=cuts)))


def on_common_revisions(a: Block, b: Block) -> tuple[Block, Block]:
    if a.revisions == b.revisions:
        return a, b
    revisions = tuple(sorted({*a.revisions, *b.revisions}))
    return renumbered(a, revisions), renumbered(b, revisions)


def renumbered(block: Block, revisions: tuple[Revision, ...]) -> Block:
    """The same samples on another list of revisions, which holds all that they use."""
    place = {revision: index for index, revision in enumerate(revisions)}
    moved = np.array([place.get(revision, 0) for revision in block.revisions], np.int64)
    rev = moved[block.rev] if moved.size else block.rev
    return replace(block, rev=rev, revisions=revisions)


def concatenated(a: Block, b: Block) -> Block:
    return with_columns(a, map(np.concatenate, zip(a.columns, b.columns, strict=True)))


def overlaid(a: Block, b: Block) -> Block:
    place = np.searchsorted(a.t, b.t)
    both = place < a.t.size
    both[both] = a.t[place[both]] == b.t[both]
    wins = beats(b.take(both), a.take(place[both]))
    columns = []
    for ours, theirs in zip(a.columns, b.columns, strict=True):
        column = ours.copy()
        column[place[both][wins]] = theirs[both][wins]
        columns.append(np.insert(column, place[~both], theirs[~both]))
    return with_columns(a, columns)


def beats(b: Block, a: Block) -> Mask:
    """Where `b` wins, for two blocks of the same instants on a common list of revisions."""
    greater, equal = b.v > a.v, b.v == a.v
    if a.d is not None and b.d is not None:
        greater |= equal & (b.d > a.d)
        equal &= b.d == a.d
    stated = same_order(a, b)
    by_arrival = (b.rev > a.rev) | ((b.rev == a.rev) & greater)
    wins: Mask = np.where(stated, greater | (equal & (b.rev > a.rev)), by_arrival)
    return wins


def same_order(a: Block, b: Block) -> Mask:
    """Where two samples have the same order, and it is one that a plugin stated."""
    orders = np.array([order for order, _ in a.revisions], np.int64)
    ours, theirs = orders[a.rev], orders[b.rev]
    same: Mask = (ours == theirs) & (ours > 0)
    return same


# Slots -------------------------------------------------------------------------------------------


def apart(a: Block, b: Block, slot_ms: int) -> tuple[Block, Block]:
    """Two blocks with samples, each without the slots in which the other wins."""
    of_a, of_b = Slots(a, slot_ms), Slots(b, slot_ms)
    _, in_a, in_b = np.intersect1d(of_a.number, of_b.number, True, return_indices=True)
    if not in_a.size:
        return a, b
    one, other = of_a.leaders(in_a), of_b.leaders(in_b)
    wins_b, wins_a = beats(other, one), beats(one, other)
    return of_a.without(in_a[wins_b]), of_b.without(in_b[wins_a])


class Slots:
    """The slots of a block. One is told from another by a number made of all its samples."""

    def __init__(self, block: Block, slot_ms: int) -> None:
        self.block = block
        slot = block.t // slot_ms
        self.first = np.flatnonzero(np.r_[True, slot[1:] != slot[:-1]])
        self.number = slot[self.first]
        mixed = mix(block.t.view(np.uint64), block.v.view(np.uint64))
        self.content = np.add.reduceat(mixed, self.first).view(np.int64)

    def leaders(self, which: Int) -> Block:
        """A sample for each slot, whose value stands for the content."""
        block = self.block
        rev = np.maximum.reduceat(block.rev, self.first)[which]
        return Block(self.number[which], self.content[which], rev, None, block.revisions)

    def without(self, which: Int) -> Block:
        if not which.size:
            return self.block
        gone = np.zeros(self.first.size, dtype=bool)
        gone[which] = True
        sizes = np.diff(np.r_[self.first, self.block.t.size])
        return self.block.take(~np.repeat(gone, sizes))


def mix(*columns: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """64 bits of each row, in which every bit of its columns counts (splitmix64's finaliser)."""
    found = np.zeros_like(columns[0])
    for column in columns:
        found = (found ^ column) * np.uint64(0xBF58476D1CE4E5B9)
        found = (found ^ (found >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        found ^= found >> np.uint64(31)
    return found


def with_columns(block: Block, columns: Iterable[Int]) -> Block:
    t, v, rev, *d = columns
    return replace(block, t=t, v=v, rev=rev, d=d[0] if d else None)


def pruned(block: Block) -> Block:
    """Without revisions that no sample has: equal samples make equal blocks."""
    used = np.bincount(block.rev, minlength=len(block.revisions)) > 0
    if used.all():
        return block
    kept = (revision for revision, is_used in zip(block.revisions, used, strict=True) if is_used)
    return renumbered(block, tuple(kept))


# Taking away -------------------------------------------------------------------------------------


def upper(cuts: tuple[Cut, ...]) -> tuple[Cut, ...]:
    """The greatest revision that cuts each instant, as spans in order of time that do not touch
    one of the same revision: one form, whatever order the cuts came in."""
    if len(cuts) < 2:
        return cuts
    edges = sorted({edge for cut in cuts for edge in (cut.start, cut.end)})
    found: list[Cut] = []
    for start, end in zip(edges, edges[1:], strict=False):
        over = [cut.revision for cut in cuts if cut.start <= start and end <= cut.end]
        if not over:
            continue
        last = found[-1] if found else None
        if last and last.end == start and last.revision == max(over):
            found[-1] = last._replace(end=end)
        else:
            found.append(Cut(start, end, max(over)))
    return tuple(found)


def apply_cuts(block: Block) -> Block:
    gone = np.zeros(block.t.size, dtype=bool)
    for cut in block.cuts:
        first, end = np.searchsorted(block.t, (cut.start, cut.end))
        order, receipt = cut.revision  # of a stated order only lower ones go
        lowest_to_stay = bisect_left(block.revisions, (order, 0 if order else receipt))
        gone[first:end] |= block.rev[first:end] < lowest_to_stay
    return block.take(~gone) if gone.any() else block


def with_cuts(block: Block, cuts: tuple[Cut, ...]) -> Block:
    return replace(block, cuts=cuts)


def clipped(cuts: Iterable[Cut], start: int, end: int) -> tuple[Cut, ...]:
    """The parts of cuts that lie in [start, end)."""
    parts = (Cut(max(cut.start, start), min(cut.end, end), cut.revision) for cut in cuts)
    return tuple(part for part in parts if part.start < part.end)


def strip(block: Block, receipt: int) -> Block:
    """Without what one raw item gave. What lay hidden under it is not there any more: where other
    items gave samples of the same time, the series must be written afresh."""
    theirs = np.array([revision[1] == receipt for revision in block.revisions], dtype=bool)
    cuts = tuple(cut for cut in block.cuts if cut.revision[1] != receipt)
    kept = block.take(~theirs[block.rev]) if theirs.any() else block
    return pruned(replace(kept, cuts=cuts))


def erase(block: Block, start: int, end: int) -> Block:
    """Without the samples in [start, end), and without remembering that."""
    first, last = np.searchsorted(block.t, (start, end))
    if first == last:
        return block
    keep = np.ones(block.t.size, dtype=bool)
    keep[first:last] = False
    return pruned(block.take(keep))


# Comparing ---------------------------------------------------------------------------------------


def same(a: Block, b: Block) -> bool:
    return (
        (a.revisions, a.cuts) == (b.revisions, b.cuts) and looks_same(a, b) and equal(a.rev, b.rev)
    )


def looks_same(a: Block, b: Block) -> bool:
    """Equal to a reader, who does not see revisions."""
    return equal(a.t, b.t) and equal(a.v, b.v) and (a.d is None or b.d is None or equal(a.d, b.d))


def equal(a: Int, b: Int) -> bool:
    return bool(np.array_equal(a, b))
