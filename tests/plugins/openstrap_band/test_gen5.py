"""Records of gen 5: what is known of them, within its bounds."""

import struct

import pytest
from openfit_openstrap_band import decode
from openfit_openstrap_band.reading import gen5, optics, research, summaries
from support import band

T = band.START


def packet(version, length, *parts, flags=0x80, kind=0x2F):
    """A record with these (place, format, values…)."""
    inner = bytearray(length)
    struct.pack_into("<BBBIIH", inner, 0, kind, version, flags, 7, T, 99)
    for at, form, *values in parts:
        struct.pack_into("<" + form, inner, at, *values)
    return bytes(inner)


def summary(*parts):
    return decode(packet(18, 112, *parts))


def test_a_summary_says_what_was_measured():
    found = summary(
        (14, "BB2h", 61, 2, 800, 30_000),
        (28, "BB", 0x8D, 65),
        (33, "f", 0.00921),
        (37, "3f", -0.72515, 0.4944, 0.4969),
        (49, "HB", 50, 170),
        (55, "B", 2),
        (61, "3h", 247, -15, 3057),
        (67, "3H", 1, 2, 3),
        (73, "B", 0x20),
        (98, "BBbb", 101, 111, 30, -128),
        (105, "f", -5.2307),
    )
    assert isinstance(found, summaries.Summary)
    assert (found.version, found.ts, found.subsec, found.counter) == (18, T, 99, 7)
    assert (found.heart_rate, found.rr, found.optical_rate) == (61, (800, None), 25)
    assert (found.motion, found.acceleration) == (0.0092, (-0.7251, 0.4944, 0.4969))
    assert (found.cell_temperature, found.ambient_temperature) == (24.7, -1.5)
    assert (found.skin_temperature, found.activity, found.sleep_state) == (30.57, 2, "sleep")
    assert (found.motion_counter, found.cadence, found.other_heart_rate) == (50, 170, 65)
    assert (found.sensor_means, found.signal_to_noise) == ((101, 111), (30, None))
    assert (found.channel_states, found.signal_log_variance) == ((1, 2, 3), -5.2307)


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ((14, "B", 24), "heart_rate", None),
        ((14, "B", 231), "heart_rate", None),
        ((14, "B", 230), "heart_rate", 230),
        ((15, "B", 5), "rr", ()),
        ((33, "f", float("nan")), "motion", None),
        ((33, "f", 16.5), "motion", None),
        ((33, "f", -0.1), "motion", None),
        ((37, "f", float("inf")), "acceleration", None),
        ((41, "f", -16.5), "acceleration", None),
        ((55, "B", 3), "activity", None),
        ((65, "h", -5000), "skin_temperature", None),
        ((65, "h", -4999), "skin_temperature", -49.99),
        ((73, "B", 0x30), "sleep_state", "up"),
        ((105, "f", float("nan")), "signal_log_variance", None),
    ],
)
def test_what_lies_outside_its_bounds_is_absent_and_the_rest_kept(part, name, value):
    found = summary((14, "B", 61), part)
    assert getattr(found, name) == value
    assert found.ts == T


def motion(count, turns, kind=0x2F):
    return decode(
        packet(
            21, 1232, (16, "H", count), (20, "h", 4096), (622, "H", turns), (632, "h", 9), kind=kind
        )
    )


@pytest.mark.parametrize("kind", [0x2F, 0x2B])
def test_motion_is_as_long_as_it_says(kind):
    found = motion(100, 40, kind)
    assert isinstance(found, gen5.Motion)
    assert [len(axis) for axis in found.acceleration] == [100] * 3
    assert [len(axis) for axis in found.rotation] == [40] * 3
    assert (found.acceleration[0][0], found.rotation[0][0]) == (4096, 9)


@pytest.mark.parametrize(("count", "turns"), [(0, 40), (101, 40), (40, 0), (40, 101)])
def test_motion_of_another_shape_is_none(count, turns):
    assert motion(count, turns) is None


def test_an_optical_record_has_five_colours():
    found = decode(
        packet(
            20,
            2128,
            (15, "H", 50),
            (18, "BBHBHBIhBIh", 2, 1, 2500, 2, 40, 3, 100_000, -1000, 4, 200_000, 2400),
            (18 + 21, "2I", 0xFFFFFFFF, 0x0007FFFF),
            (18 + 221, "2I", 0x00080000, 5),
            (18 + 422, "B", 51),
        )
    )
    assert isinstance(found, optics.Optical)
    first, second, *_ = found.blocks
    assert (found.sample_rate, len(found.blocks)) == (50, 5)
    assert first.channels == ((-1, 524_287), (-524_288, 5))
    assert (first.leds, first.led_currents) == ((1, 2), (25_000, 400))
    assert (first.amplifiers, first.ranges) == ((3, 4), (100_000, 200_000))
    assert first.offsets == (-10_000, 24_000)
    assert second.channels == ((), ())


def test_differences_are_put_together_up_to_a_clamp():
    found = decode(
        packet(26, 76, (13, "Hi4h", 1, 1000, 10, 20, -32768, 5), (67, "f", 0.5), (74, "B", 2))
    )
    assert isinstance(found, research.Pip)
    assert (found.window.first, len(found.window.deltas)) == (1000, 24)
    assert (found.acceleration_delta, found.morphology) == (0.5, 2)
    put = research.codes(found.window.first, found.window.deltas)
    assert put.samples[:4] == (1000, 1010, 1030, -31_738)
    assert (put.first_ambiguous, put.trusted, put.out_of_range) == (3, 3, ())


def test_a_sample_that_cannot_be_proves_that_the_sum_went_wrong():
    put = research.codes(524_000, (200, 300, -100))
    assert (put.out_of_range, put.first_ambiguous, put.trusted) == ((2, 3), None, 4)


STALE = 0x55  # of the packet before


@pytest.mark.parametrize(
    ("tag", "windows", "written"),
    [
        (1, [(15, 49)], {"state_word", "flags_snapshot", "unnamed"}),
        (2, [(15, 49)], {"state_word", "flags_snapshot", "unnamed", "extension"}),
        (3, [(15, 24), (67, 24)], {"state_word", "flags_snapshot", "unnamed"}),
        (4, [(15, 49)], {"state_word", "flags_snapshot", "unnamed", "extension"}),
        (5, [(23, 24)], {"state_word", "pip_ts"}),
        (6, [], {"acceleration", "acceleration_tail"}),
    ],
)
def test_research_reads_what_its_tag_writes_and_no_more(tag, windows, written):
    inner = bytearray(packet(22, 176, (13, "B", tag)))
    inner[14:] = bytes([STALE]) * 162
    found = decode(bytes(inner))
    assert isinstance(found, research.Research)
    assert [(each.at, len(each.deltas)) for each in found.windows] == windows
    parts = ("state_word", "flags_snapshot", "unnamed", "extension", "pip_ts", "acceleration")
    names = (*parts, "acceleration_tail")
    assert {name for name in names if getattr(found, name) not in (None, ())} == written


@pytest.mark.parametrize("tag", [0, 7, 255])
def test_research_of_an_unknown_tag_is_none(tag):
    assert decode(packet(22, 176, (13, "B", tag))) is None


@pytest.mark.parametrize(
    ("version", "length"),
    [(18, 108), (20, 2127), (21, 1231), (22, 175), (26, 75), (99, 112), (24, 96)],
)
def test_other_lengths_and_versions_are_none_in_their_envelope(version, length):
    inner = packet(version, length + -length % 4)
    assert gen5.decode(inner[:length]) is None


def test_a_bare_packet_is_of_gen_5_where_only_its_length_can_be():
    assert isinstance(decode(band.summary()), summaries.Summary)
    assert type(decode(band.second(version=18, rate_at=14))).__name__ == "Second"
    assert type(decode(band.framed(band.second(version=18, rate_at=14), 4))).__name__ == "Second"
    assert decode(band.framed(band.second(), 5)) is None
