"""Frames: what goes in comes out, and nothing that comes in can hurt the hub."""

import os
import socket
from array import array
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openfit_sdk import Covered, RawItem, Report, SyncResult, pages, wire
from openfit_sdk.schema import Covers, Metric
from openfit_sdk.wire import Call, Failure, FrameError, Page

START = datetime(2026, 3, 1, tzinfo=UTC)
TO_HUB = wire.decoder(wire.ToHub)
TO_HOST = wire.decoder(wire.ToHost)
RESULTS = [TO_HUB, *(wire.decoder(kind) for kind in wire.RESULTS.values())]
REAL = [
    Page([]),
    Failure(kind="transient", message="later", retry_after=1.5),
    Report(status="partial", code="truncated", message="ends early", at_byte=7),
    Metric(key="k", type="heart_rate", start=START, t=array("q", [0, 9]), v=array("d", [1, 2])),
    SyncResult(
        [RawItem(kind="r", id="1", body=b"{}")],
        {"s": "7"},
        [Covered(stream="s", start=START, end=START)],
    ),
]


@pytest.fixture
def channel():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_a_frame_and_its_descriptors_arrive(channel):
    ours, theirs = channel
    reading, writing = os.pipe()
    os.write(writing, b"through a pipe")
    sent = Call("normalize", {"cursor": wire.Raw(wire.encode({"a": "b"}))})
    wire.send(ours, sent, (reading,))
    frame, [fd] = wire.receive(theirs, TO_HOST)
    assert (frame, os.read(fd, 99)) == (sent, b"through a pipe")
    for each in (fd, reading, writing):
        os.close(each)


def test_a_frame_that_is_too_large_is_not_sent(channel):
    ours, _ = channel
    with pytest.raises(FrameError, match="16,777,216 is the most"):
        wire.send(ours, Failure(kind="permanent", message="x" * wire.MAX_FRAME))


def test_a_large_frame_that_is_announced_is_not_waited_for(channel):
    ours, theirs = channel
    ours.sendall((wire.MAX_FRAME + 1).to_bytes(4, "little"))
    with pytest.raises(FrameError, match="16,777,217 bytes was announced"):
        wire.receive(theirs, TO_HUB, 5.0)


@pytest.mark.parametrize("cut", [0, 2, 4, 6])
def test_a_channel_that_ends_within_a_frame_is_at_its_end(cut, channel):
    ours, theirs = channel
    ours.sendall(b"\x05\x00\x00\x00hello"[:cut])
    ours.close()
    with pytest.raises(EOFError):
        wire.receive(theirs, TO_HUB)


def test_descriptors_of_a_broken_frame_are_closed(channel):
    ours, theirs = channel
    reading, writing = os.pipe()
    socket.send_fds(ours, [b"\x01\x00\x00\x00"], [writing])
    ours.sendall(b"\xff")
    os.close(writing)
    with pytest.raises(FrameError):
        wire.receive(theirs, TO_HUB)
    assert os.read(reading, 1) == b""  # nobody holds the other end any more
    os.close(reading)


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_but_a_frame_error(body):
    for kind in RESULTS:
        refuse_or_decode(body, kind)


@given(
    st.sampled_from(REAL),
    st.lists(st.tuples(st.integers(0, 500), st.integers(0, 255)), min_size=1, max_size=4),
)
def test_no_changed_bytes_raise_anything_but_a_frame_error(real, changes):
    body = bytearray(wire.encode(real))
    for at, byte in changes:
        body[at % len(body)] = byte
    for kind in RESULTS:
        refuse_or_decode(bytes(body), kind)


def refuse_or_decode(body, kind):
    try:
        wire.decode(body, kind)
    except FrameError as error:
        assert str(error)


def test_endless_nesting_is_a_frame_error():
    with pytest.raises(FrameError, match="RecursionError"):
        wire.decode(b"\x82\xa5frame\xa4page\xa5items" + b"\x91" * 50_000, TO_HUB)


@given(
    st.lists(st.integers(1, 5000), min_size=1, max_size=60),
    st.integers(1, 20),
    st.booleans(),
    st.booleans(),
)
def test_parts_hold_every_sample_once_and_cover_once(steps, most, regular, cumulative):
    t = array("q", [sum(steps[:n]) for n in range(len(steps))])
    metric = Metric(
        key="k",
        type="steps" if cumulative else "heart_rate",
        start=START,
        t=None if regular else t,
        interval_ms=250 if regular else None,
        d=array("q", [1] * len(t)) if cumulative else None,
        v=array("q", range(len(t))),
        covers=Covers(start=START, end=START + timedelta(days=1)),
    )
    found = list(parts_of_at_most(most, metric))
    assert all(len(part.v) <= most for part in found)
    assert [sample for part in found for sample in samples(part)] == samples(metric)
    assert [part.covers for part in found] == [metric.covers] + [None] * (len(found) - 1)
    assert len({part.key for part in found}) == len(found)


def parts_of_at_most(most, metric):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "PART_SAMPLES", most)
        yield from pages.parts(metric)


def samples(metric):
    step = timedelta(milliseconds=metric.interval_ms or 0)
    instants = (
        [metric.start + n * step for n in range(len(metric.v))]
        if metric.t is None
        else [metric.start + timedelta(milliseconds=ms) for ms in metric.t]
    )
    return list(zip(instants, metric.d or [None] * len(metric.v), metric.v, strict=True))


@given(st.lists(st.integers(0, 400_000), max_size=20))
def test_pages_keep_the_order_and_stay_small(sizes):
    items = [Report(status="ok", code=str(n), message="x" * size) for n, size in enumerate(sizes)]
    cut = list(pages.pages(items))
    assert [bytes(item) for page in cut for item in page] == [wire.encode(item) for item in items]
    assert all(sum(map(len, map(bytes, page))) <= pages.PAGE_BYTES for page in cut)
