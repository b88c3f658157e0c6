"""Totals are whole numbers that add up, and equal what the samples say."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from openfit.store.series import totals
from openfit.store.series.blocks import Block
from openfit.store.series.totals import DAY, HOUR, LONGEST_SPREAD, MINUTE

TIMES = st.sets(st.integers(-5 * MINUTE, 200 * MINUTE), min_size=1, max_size=20).map(sorted)


def block_of(t, v, d=None):
    durations = None if d is None else np.array(d, np.int64)
    return Block(
        np.array(t, np.int64), np.array(v, np.int64), np.zeros(len(t), np.int64), durations
    )


@given(TIMES, st.data())
def test_totals_of_instants_equal_those_of_the_samples(t, data):
    v = data.draw(st.lists(st.integers(-50, 50), min_size=len(t), max_size=len(t)))
    for unit in (MINUTE, HOUR, DAY):
        found = totals.by(unit, block_of(t, v))
        for at, n, total, low, high in zip(*found.columns, strict=True):
            mine = [value for time, value in zip(t, v, strict=True) if time // unit == at]
            assert (n, total, low, high) == (len(mine), sum(mine), min(mine), max(mine))
        assert found.n.sum() == len(t)


@given(TIMES, st.data())
def test_no_part_of_an_interval_is_lost_or_counted_twice(t, data):
    v = data.draw(st.lists(st.integers(-50, 2**36), min_size=len(t), max_size=len(t)))
    d = data.draw(st.lists(st.integers(0, 3 * DAY), min_size=len(t), max_size=len(t)))
    found = totals.by_minute(block_of(t, v, d))
    assert (found.sum.sum(), found.n.sum()) == (sum(v), len(t))
    assert (np.diff(found.at) > 0).all()


def test_an_interval_is_spread_evenly_over_its_minutes():
    found = totals.by_minute(block_of([30_000], [100], [120_000]))
    assert list(zip(found.at, found.n, found.sum, strict=True)) == [
        (0, 1, 25),
        (1, 0, 50),
        (2, 0, 25),
    ]


def test_what_is_too_long_to_be_spread_counts_where_it_begins():
    found = totals.by_minute(block_of([MINUTE], [100], [LONGEST_SPREAD + 1]))
    assert (found.at.tolist(), found.sum.tolist()) == ([1], [100])


def test_totals_survive_their_bytes():
    found = totals.by_minute(block_of([0, 1, MINUTE * 7], [5, -9, 2]))
    again = totals.decode(totals.encode(found))
    assert [a.tolist() for a in again.columns] == [a.tolist() for a in found.columns]
