"""Every frame of a burst is in a raw item, byte for byte, and of the kind that reads it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openfit_openstrap_band import decode
from openfit_openstrap_band.radio.bursts import Burst, items
from openfit_openstrap_band.wire.frames import Frame, parse
from plugins.openstrap_band.air import in_reach, synced_items
from plugins.openstrap_band.on_air import OnAir
from plugins.openstrap_band.virtual_band import Band
from support import band as frames

HOUR = frames.START // 3600


def burst(*inners: bytes, generation: int = 4) -> Burst:
    found = Burst()
    for inner in inners:
        frame = parse(frames.framed(inner, generation), generation)
        assert frame is not None
        found.add(frame)
    return found


def pieces(item) -> list[bytes]:
    found, at = [], 0
    for size in item.pieces.sizes:
        found.append(item.body[at : at + size])
        at += size
    return found


def by_kind(found: Burst) -> dict[str, list[bytes]]:
    return {item.kind: pieces(item) for item in items(found)}


SECOND = frames.second()
MOTION = frames.motion(packet=0x2F)
EVENT = frames.event(9)
STRANGE = bytes([0x2F, 99]) + bytes(94)


def test_records_events_and_motion_go_where_each_is_read():
    found = by_kind(burst(SECOND, EVENT, MOTION, STRANGE))
    assert found == {"frames": [SECOND, STRANGE], "events": [EVENT], "imu": [MOTION]}


def test_motion_is_kept_by_the_hour_and_read_with_all_of_it():
    later = frames.motion(frames.START + 3600, packet=0x2F)
    hours = {item.id: item.joins for item in items(burst(MOTION, later))}
    assert len(hours) == 2 and {*hours.values()} == {"all"}


def test_gen5_frames_keep_their_envelope_without_which_they_tell_no_generation():
    inner = frames.summary()
    [item] = items(burst(inner, generation=5))
    [kept] = pieces(item)
    assert kept == frames.framed(inner, 5)
    assert decode(kept) is not None and decode(kept).heart_rate == 60


def test_a_frame_of_an_unknown_revision_is_kept_whole():
    frame = Frame(5, frames.summary(), True, True, revision=2)
    found = Burst()
    found.add(frame)
    [[kept]] = by_kind(found).values()
    assert kept[1] == 2 and kept[8:-4] == frame.inner and decode(kept) is None


def test_what_was_damaged_is_kept_and_never_read():
    found = Burst()
    found.add(Frame(4, SECOND, True, False))
    assert by_kind(found) == {"unreadable": [SECOND]} and found.damaged == 1
    assert found.counted == 0 and found.record_times == []


@settings(max_examples=30)
@given(
    st.lists(st.binary(min_size=4, max_size=60).filter(lambda one: one[0] != 0xAA), max_size=20),
    st.sampled_from([4, 5]),
)
def test_any_frames_are_kept_once_whatever_they_are(inners, generation):
    found = burst(*inners, generation=generation)
    kept = [piece for item in items(found) for piece in pieces(item)]
    inner = kept if generation == 4 else [one[8:-4] for one in kept]
    assert sorted(inner) == sorted({one + bytes(-len(one) % 4) for one in inners})


@pytest.mark.parametrize("chunk", [20, 244])
def test_long_records_come_through_notifications_of_any_length(monkeypatch, chunk):
    flash = [frames.motion(frames.START + n, packet=0x2F, counter=n + 1) for n in range(3)]
    band = Band(list(flash), clock=frames.START + 600.0)
    with in_reach(monkeypatch, OnAir(band, chunk=chunk)):
        [hour] = [item for item in synced_items() if item.kind == "imu"]
    assert pieces(hour) == flash == band.trimmed
    assert hour.joins == "all" and hour.id.endswith(f"T{HOUR % 24:02}")
