"""What happens to the bytes of notifications on their way, and what a sync makes of it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openfit_openstrap_band.radio.talk import Trouble
from plugins.openstrap_band.talking import Hub, Link
from plugins.openstrap_band.virtual_band import Band
from support import band as frames

WALL = float(frames.START + 600)
RECORDS = [frames.second(frames.START + n, 60 + n, counter=n + 1) for n in range(12)]


class Air:
    """One chunk, the nth, does not arrive as it was sent."""

    def __init__(self, nth: int, change) -> None:
        self.nth, self.change, self.seen, self.done = nth, change, 0, False

    def __call__(self, chunk: bytes) -> list[bytes]:
        self.seen += 1
        self.done |= self.seen == self.nth
        return self.change(chunk) if self.seen == self.nth else [chunk]


def sync(air: Air, chunk: int = 37) -> tuple[Band, Hub]:
    band, hub = Band(list(RECORDS), clock=WALL, burst=5), Hub()
    Link(band, hub, WALL, chunk=chunk, air=air).run()
    return band, hub


def whole(band: Band, hub: Hub) -> bool:
    return band.trimmed == RECORDS and set(RECORDS) <= hub.held and band.refused == []


class Endless(Band):
    """A band that sends long records, and never the end of a burst."""

    def history(self):
        for n in range(3000):
            inner = b"\x2f\x63\x05" + n.to_bytes(4, "little") + bytes(3993)
            yield "data", frames.framed(inner)


def test_a_burst_without_an_end_is_left_before_it_fills_the_memory():
    band, hub = Endless([], clock=WALL), Hub()
    with pytest.raises(Trouble, match="sends without end"):
        Link(band, hub, WALL, chunk=4096).run()
    assert band.acknowledged == []


CHANGES = {
    "lost": lambda chunk: [],
    "twice": lambda chunk: [chunk, chunk],
    "cut": lambda chunk: [chunk[: len(chunk) // 2]],
    "among garbage": lambda chunk: [b"\xaa\x10\x00\x00garbage", chunk, b"\xaa" * 7],
    "flipped": lambda chunk: [bytes([chunk[0] ^ 0x10]) + chunk[1:]],
}


@pytest.mark.parametrize("how", CHANGES)
@pytest.mark.parametrize("nth", range(1, 58, 3))
def test_one_chunk_that_does_not_arrive_as_it_was_sent_costs_no_record(how, nth):
    air = Air(nth, CHANGES[how])
    band, hub = sync(air)
    assert air.done and whole(band, hub)


@settings(max_examples=40)
@given(st.integers(1, 55), st.integers(5, 37), st.data())
def test_nor_does_any_bit_of_one(nth, size, data):
    """Whatever is stored as readable is a frame that the band sent."""

    def flip(chunk: bytes) -> list[bytes]:
        at = data.draw(st.integers(0, 8 * len(chunk) - 1))
        number = int.from_bytes(chunk, "little") ^ 1 << at
        return [number.to_bytes(len(chunk), "little")]

    band, hub = sync(Air(nth, flip), size)
    assert whole(band, hub)
    assert {one for one in hub.readable if one[0] == 0x2F} == {*RECORDS}
