"""Merging is a maximum: any order, split and repetition of deliveries ends in the same block."""

from functools import reduce

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from openfit.store.series import blocks
from openfit.store.series.blocks import Block, Cut

REVISIONS = st.tuples(st.integers(0, 3), st.integers(1, 4))


@st.composite
def deliveries(draw):
    """What one raw item gives of a block: samples, or a span that it covers, or both."""
    times = sorted(draw(st.sets(st.integers(0, 12), max_size=8)))
    values = [draw(st.integers(-2, 2)) for _ in times]
    spans = [draw(st.integers(0, 3)) for _ in times]
    revision = draw(REVISIONS)
    covered = draw(st.none() | st.tuples(st.integers(0, 11), st.integers(1, 6)))
    cuts = [Cut(covered[0], covered[0] + covered[1], revision)] if covered else []
    columns = (np.array(column, np.int64) for column in (times, values, spans))
    return blocks.fresh(*columns, revision, cuts)


def merged(some: list[Block]) -> Block:
    return reduce(blocks.merge, some, blocks.empty(cumulative=True))


def weight(revision, *sample) -> tuple:
    """Arrival decides only where the plugin states no order."""
    order, receipt = revision
    return (order, sample, receipt) if order else (0, receipt, sample)


def is_cut(t, revision, cut: Cut) -> bool:
    order, receipt = cut.revision
    return cut.start <= t < cut.end and revision < (order, 0 if order else receipt)


def as_said(some: list[Block]) -> dict[int, tuple]:
    """The rule, one instant at a time."""
    best: dict[int, tuple] = {}
    for one in some:
        for t, v, rev, d in zip(*one.columns, strict=True):
            revision = one.revisions[rev]
            rival = best.get(t)
            if rival is None or weight(revision, v, d) > weight(*rival):
                best[t] = (revision, v, d)
    cuts = [cut for one in some for cut in one.cuts]
    return {
        t: (v, d)
        for t, (revision, v, d) in best.items()
        if not any(is_cut(t, revision, cut) for cut in cuts)
    }


def seen(block: Block) -> dict[int, tuple]:
    return dict(zip(block.t, zip(block.v, block.d, strict=True), strict=True))


@given(st.lists(deliveries(), max_size=5), st.randoms())
def test_any_order_and_repetition_ends_in_the_same_block(some, chance):
    again = some + chance.sample(some, len(some) // 2)
    chance.shuffle(again)
    assert blocks.same(merged(some), merged(again))
    assert seen(merged(some)) == as_said(some)


@given(deliveries(), deliveries(), deliveries())
def test_merge_is_associative(a, b, c):
    left = blocks.merge(blocks.merge(a, b), c)
    right = blocks.merge(a, blocks.merge(b, c))
    assert blocks.same(left, right)


@given(st.lists(deliveries(), min_size=1, max_size=4), st.integers(0, 13))
def test_a_split_delivery_is_the_same_delivery(some, at):
    halves = [part for one in some for part in (one.take(one.t < at), one.take(one.t >= at))]
    assert blocks.same(merged(some), merged(halves))


def test_appending_does_not_depend_on_which_half_comes_first():
    a = blocks.fresh(np.arange(5), np.arange(5), None, (0, 1))
    b = blocks.fresh(np.arange(5, 9), np.arange(4), None, (0, 2))
    assert blocks.merge(a, b).t.tolist() == list(range(9))
    assert blocks.same(blocks.merge(a, b), blocks.merge(b, a))


@given(st.lists(deliveries(), max_size=5), st.integers(1, 4))
def test_stripping_what_nothing_else_touched_leaves_the_others(some, receipt):
    def fed(one: Block, by: bool) -> bool:
        return (one.revisions[0][1] == receipt) == by

    others = [one for one in some if fed(one, False)]
    shifted = [moved(one, 100) for one in some if fed(one, True)]
    assert blocks.same(blocks.strip(merged(others + shifted), receipt), merged(others))


def moved(one: Block, by: int) -> Block:
    cuts = tuple(Cut(cut.start + by, cut.end + by, cut.revision) for cut in one.cuts)
    return Block(one.t + by, one.v, one.rev, one.d, one.revisions, cuts)


@given(deliveries(), st.integers(0, 12), st.integers(0, 12))
def test_erasing_takes_a_span_and_remembers_nothing(one, start, end):
    whole = merged([one])
    left = blocks.erase(whole, start, end)
    assert seen(left) == {t: v for t, v in seen(whole).items() if not start <= t < end}
    assert seen(blocks.merge(left, one)) == seen(whole)


# Slots -------------------------------------------------------------------------------------------

SLOT = 4


def merged_slots(some: list[Block]) -> Block:
    return reduce(lambda a, b: blocks.merge(a, b, SLOT), some, blocks.empty(cumulative=True))


@st.composite
def records(draw):
    """A delivery without cuts, as a device's records give them."""
    one = draw(deliveries())
    return blocks.with_cuts(one, ())


def in_slots(block: Block) -> dict[int, list[tuple]]:
    found: dict[int, list[tuple]] = {}
    for t, v, rev in zip(block.t, block.v, block.rev, strict=True):
        found.setdefault(t // SLOT, []).append((int(t), int(v), block.revisions[rev]))
    return found


@given(st.lists(records(), max_size=5), st.randoms())
def test_slots_end_the_same_in_any_order_and_repetition(some, chance):
    again = some + chance.sample(some, len(some) // 2)
    chance.shuffle(again)
    assert blocks.looks_same(merged_slots(some), merged_slots(again))


@given(records(), records(), records())
def test_merging_slots_is_associative(a, b, c):
    left = blocks.merge(blocks.merge(a, b, SLOT), c, SLOT)
    right = blocks.merge(a, blocks.merge(b, c, SLOT), SLOT)
    assert blocks.looks_same(left, right)


@given(st.lists(records(), min_size=1, max_size=5))
def test_a_slot_is_one_delivery_s_and_of_the_greatest_order(some):
    given_in = [in_slots(one) for one in some]
    for slot, held in in_slots(merged_slots(some)).items():
        offers = [one[slot] for one in given_in if slot in one]
        samples = [(t, v) for t, v, _ in held]
        assert samples in [[(t, v) for t, v, _ in offer] for offer in offers]
        assert held[0][2][0] == max(offer[0][2][0] for offer in offers)


def test_a_record_of_more_beats_does_not_leave_some_behind_the_better_one():
    live = blocks.fresh(np.array([0, 1, 2]), np.array([800, 810, 790]), None, (1, 7))
    history = blocks.fresh(np.array([0, 1]), np.array([805, 801]), None, (9, 3))
    for some in ([live, history], [history, live]):
        found = blocks.merge(*some, 1000)
        assert (found.t.tolist(), found.v.tolist()) == ([0, 1], [805, 801])
