"""One record at a time: what it says, and what it must not say."""

import pytest
from openfit_openstrap_band.records import decode
from openfit_openstrap_band.seconds import Chain, Second
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
