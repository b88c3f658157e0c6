"""Payloads are read for ever, and are small."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openfit.store import zstd
from openfit.store.series import blocks, codec
from openfit.store.series.blocks import Block, Cut

GOLDEN = Path(__file__).with_name("golden")
NOON = 1_774_785_600_000
NUMBERS = st.integers(-(2**36), 2**36)


def golden_block() -> Block:
    """Everything a payload can hold: gaps, both signs, wide and narrow numbers, two revisions."""
    n = np.arange(3000)
    return Block(
        t=NOON + n * 1000 + (n // 700) * 90_000,
        v=(n * n % 251) - 120 + (n == 1234) * 3_000_000_000,
        rev=(n % 97 == 0).astype(np.int64),
        d=np.where(n % 2, 1000, 60_000),
        revisions=((0, 17), (1_774_785_600_000, 4)),
        cuts=(Cut(NOON, NOON + 500, (0, 17)), Cut(NOON + 900_000, NOON + 1_000_000, (5, 4))),
    )


@pytest.mark.parametrize("name, number", [("zstd", codec.ZSTD), ("zlib", codec.ZLIB)])
def test_payloads_written_by_the_first_release_are_read(name, number):
    payload = (GOLDEN / f"block-{name}.bin").read_bytes()
    assert payload[0] == number
    assert blocks.same(codec.decode(payload), golden_block())


@pytest.mark.parametrize("number", codec.CODECS)
def test_what_is_written_now_is_read_alike(number):
    block = golden_block()
    assert blocks.same(codec.decode(codec.encode(block, number)), block)


@given(st.lists(NUMBERS), st.sampled_from([1, 7, 1000, 86_400_000]))
def test_any_column_survives(numbers, step):
    column = np.array(numbers, np.int64) * step
    _, (found,) = codec.unpack(codec.pack([column]))
    assert found.tolist() == column.tolist()


def test_an_empty_block_keeps_its_cuts():
    block = Block(blocks.NONE, blocks.NONE, blocks.NONE, cuts=(Cut(1, 5, (2, 3)),))
    assert blocks.same(codec.decode(codec.encode(block)), block)


def test_a_day_of_heart_rate_takes_a_third_of_a_byte_a_sample():
    chance = np.random.default_rng(7)
    n = np.arange(86_400)
    rate = 70 + 20 * np.sin(n / 3000) + chance.normal(0, 0.4, n.size)
    worn = chance.random(n.size) > 0.03
    t, v = (NOON + n * 1000)[worn], np.rint(rate).astype(np.int64)[worn]
    payload = codec.encode(blocks.fresh(t, v, None, (0, 1)))
    assert len(payload) < 0.35 * t.size


def test_a_payload_that_was_cut_short_is_not_read_as_a_shorter_one():
    packed = zstd.compress(bytes(range(256)) * 40)
    assert zstd.decompress(packed) == bytes(range(256)) * 40
    with pytest.raises(Exception, match="end is missing"):
        zstd.decompress(packed[:-6])
