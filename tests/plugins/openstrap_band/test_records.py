"""One record at a time: what it says, and what it must not say."""

import pytest
from openfit_openstrap_band import decode
from openfit_openstrap_band.reading import imu
from openfit_openstrap_band.reading.base import Archived
from openfit_openstrap_band.reading.seconds import Chain, Second
from support import band

BARE = {
    "version": 24,
    "ts": band.START,
    "subsec": 7,
    "counter": 12,
    "heart_rate": 61,
    "rr": (801, None),
    "acceleration": (0.25, -0.5, 0.75),
    "ppg_green": 4000,
    "spo2_red": 534,
    "spo2_infrared": 644,
    "ambient_light": 646,
}


def second(**values):
    return band.second(
        heart_rate=61, rr=(801, 30_000), acceleration=(0.25, -0.5, 0.75), counter=12, subsec=7
    )


@pytest.mark.parametrize("wrap", [bytes, band.framed])
def test_a_record_of_a_second_says_what_was_measured(wrap):
    record = decode(wrap(second()))
    assert isinstance(record, Second)
    assert {name: getattr(record, name) for name in BARE} == BARE
    assert record.tail == second()[13:]


@pytest.mark.parametrize(
    ("values", "absent"),
    [
        ({"heart_rate": 0}, "heart_rate"),
        ({"ppg_green": 0}, "ppg_green"),
        ({"spo2_red": 0}, "spo2_red"),
        ({"spo2_infrared": 0}, "spo2_infrared"),
        ({"ambient_light": 0}, "ambient_light"),
        ({"acceleration": (0, 0, 0)}, "acceleration"),
    ],
)
def test_zero_where_nothing_was_measured_is_no_value(values, absent):
    assert getattr(decode(band.second(**values)), absent) is None


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("axis", range(3))
def test_a_record_with_an_impossible_gravity_is_none(bad, axis):
    vector = [0.1, 0.2, 0.3]
    vector[axis] = bad
    assert decode(band.second(acceleration=vector)) is None


def test_rounding_is_half_towards_plus_infinity():
    record = decode(band.second(acceleration=(0.00006103515625, -0.0000305, 0.5)))
    assert record.acceleration == (0.0001, 0.0, 0.5)


def test_more_beats_than_a_record_holds_are_none():
    assert decode(band.second(rr=(800, 810), declared=9)).rr == ()
    assert decode(band.second(rr=(800,) * 8)).rr == (800,) * 8


@pytest.mark.parametrize(("version", "at"), [(7, 27), (9, 17), (18, 14), (200, 17)])
def test_other_versions_give_rate_and_gravity_where_both_are_plausible(version, at):
    record = decode(band.second(version=version, heart_rate=72, rate_at=at, rr=(800,)))
    assert (record.heart_rate, record.rr, record.acceleration) == (72, (), band.GRAVITY)
    assert record.ppg_green is None
    for values in ({"heart_rate": 24}, {"heart_rate": 231}, {"acceleration": (0, 0, 0.49)}):
        wrong = {"heart_rate": 72} | values
        assert decode(band.second(version=version, rate_at=at, **wrong)) is None


def test_a_chain_remembers_what_a_firmware_sends():
    chain = Chain()
    assert chain.decode(band.second(version=12, length=88)).heart_rate == 60
    assert chain.decode(band.second(length=96)).heart_rate == 60
    assert chain.decode(band.second(length=71)) is None
    assert chain.decode(band.burst()).ts == band.START
    assert chain.remembered == {12: "short_frame_72b", 24: "legacy_89b"}


@pytest.mark.parametrize("length", range(0, 72))
def test_what_is_cut_short_is_none(length):
    assert decode(band.second()[:length]) is None


@pytest.mark.parametrize("length", range(20, 8, -1))
def test_a_live_packet_says_what_of_it_is_there(length):
    record = decode(band.live(heart_rate=61, rr=(800, 100, 812, 820), length=length))
    slots = max(0, length - 10) // 2 if length >= 10 else 0
    assert record.heart_rate == 61
    assert record.rr == (800, None, 812, 820)[:slots]
    assert record.worn is (True if length > 18 else None)
    assert record.location == (1 if length > 19 else None)


def test_a_live_packet_shorter_than_its_rate_is_none():
    assert decode(band.live()[:8]) is None


@pytest.mark.parametrize(("sent", "rate"), [(0, None), (1, 1), (250, 250), (251, None)])
def test_a_live_rate_outside_its_bounds_is_absent(sent, rate):
    record = decode(band.live(heart_rate=sent))
    assert (record.heart_rate, record.heart_rate_byte) == (rate, sent)


@pytest.mark.parametrize(("sent", "worn"), [(1, True), (0, False), (2, None), (232, None)])
def test_worn_is_said_by_one_byte_alone(sent, worn):
    assert decode(band.live(heart_rate=0, worn=sent)).worn is worn


def test_more_than_four_live_beats_are_none():
    assert decode(band.live(rr=(800,) * 4)).rr == (800,) * 4
    assert decode(band.live(rr=(800,) * 4, declared=5)).rr == ()


@pytest.mark.parametrize("packet", [0x2B, 0x2F])
def test_a_second_of_motion_has_a_head_and_samples(packet):
    walk = band.walk(1)
    record = decode(
        band.motion(acceleration=walk, rr=(800, 2600), gravity=(0, 0.5, 0.5), packet=packet)
    )
    assert (record.ts, record.heart_rate, record.rr) == (band.START, 60, (800, None))
    assert record.gravity == (0, 0.5, 0.5)
    assert imu.in_g(record.acceleration) == pytest.approx(walk, abs=1 / 8192)
    assert len(record.rotation) == 3


@pytest.mark.parametrize(
    ("length", "samples", "turns"),
    [(18, 0, 0), (684, 0, 0), (685, 3, 0), (1287, 3, 0), (1288, 3, 3)],
)
def test_motion_that_is_cut_keeps_its_head(length, samples, turns):
    record = decode(band.motion(length=length))
    assert (record.heart_rate, len(record.acceleration), len(record.rotation)) == (
        60,
        samples,
        turns,
    )
    assert record.gravity == (None if length < 74 else band.GRAVITY)


@pytest.mark.parametrize(("at", "value"), [(35, 1), (46, 1), (62, 1)])
def test_gravity_of_motion_is_believed_with_its_copy_alone(at, value):
    inner = bytearray(band.motion())
    inner[at] ^= value
    assert decode(bytes(inner)).gravity is None


def test_a_part_of_a_second_knows_its_place():
    record = decode(band.imu_part(band.START, 7, band.at_rest(10)))
    assert (record.ts, record.index) == (band.START, 7)
    assert record.acceleration == ((0,) * 10, (0,) * 10, (4096,) * 10)
    assert decode(band.imu_part(band.START, 7, band.at_rest(10))[:83]) is None


@pytest.mark.parametrize("inner", [band.burst(), band.motion(version=11)])
def test_of_archived_kinds_only_the_header_is_read(inner):
    record = decode(inner)
    assert isinstance(record, Archived)
    assert (record.ts, record.counter) == (band.START, 1)
    assert not hasattr(record, "heart_rate")


@pytest.mark.parametrize("count", [0, 1, 100, 101])
def test_the_optical_signal_is_as_long_as_it_says(count):
    inner = bytearray(band.optical(band.START, range(100)))
    inner[16] = count
    record = decode(bytes(inner))
    assert (record and len(record.channel_a)) == (count if 1 <= count <= 100 else None)


@pytest.mark.parametrize("kind", [0x23, 0x24, 0x30, 0x31, 0x32, 0x36, 0x34])
def test_a_packet_whose_sequence_looks_like_a_version_is_no_record(kind):
    for made in (band.second(), band.motion(), band.summary(), band.burst()):
        assert decode(bytes([kind]) + made[1:]) is None
