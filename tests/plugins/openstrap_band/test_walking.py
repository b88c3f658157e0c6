"""Steps and breathing, from whole hours of motion and light."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from openfit_sdk.schema import Metric
from support import band
from support.band_items import read, reports, series

T = band.START
HOUR = T // 3600 * 3600
HOUR_ID = datetime.fromtimestamp(HOUR, UTC).strftime("%Y-%m-%dT%H")


def walked(seconds, begin=HOUR):
    signal = band.walk(seconds)
    return [band.motion(begin + n, signal[:, n * 100 : n * 100 + 100]) for n in range(int(seconds))]


def in_parts(seconds, begin=HOUR):
    signal = band.walk(seconds)
    return [
        band.imu_part(begin + n // 10, n % 10, signal[:, n * 10 : n * 10 + 10])
        for n in range(seconds * 10)
    ]


def steps_of(*frames, **values):
    found = read(*frames, kind="imu", id=HOUR_ID, **values)
    return [one for one in found if isinstance(one, Metric) and one.type == "steps"], found


def minutes(metric):
    start = metric.start.timestamp() - HOUR
    return [
        (start + t / 1000, d / 1000, v)
        for t, d, v in zip(metric.t, metric.d, metric.v, strict=True)
    ]


@pytest.mark.parametrize("frames", [walked, in_parts])
def test_an_hour_of_motion_says_steps_by_the_minute(frames):
    [metric], _ = steps_of(*frames(150, HOUR + 30))
    assert [(start, length) for start, length, _ in minutes(metric)] == [
        (30, 30),
        (60, 60),
        (120, 60),
    ]
    assert sum(metric.v) == pytest.approx(1.8 * 150, abs=3)
    assert metric.covers.start == datetime.fromtimestamp(HOUR, UTC)
    assert metric.covers.end - metric.covers.start == timedelta(hours=1)


def test_motion_twice_over_and_mixed_up_is_walked_once():
    """As stored records, as live ones and as parts; repeated; in any order."""
    stored = [
        band.motion(HOUR + n, band.walk(60)[:, n * 100 :][:, :100], packet=0x2F) for n in range(60)
    ]
    [once], _ = steps_of(*walked(60))
    everything = [*walked(60), *stored, *in_parts(60), *walked(60)]
    np.random.default_rng(1).shuffle(everything)
    [again], _ = steps_of(*everything)
    assert minutes(again) == minutes(once)


def test_too_short_a_signal_does_not_say_that_nobody_walked():
    assert steps_of(*walked(3))[0] == []
    rest = [band.motion(HOUR + n) for n in range(16)]
    [metric], _ = steps_of(*rest)
    assert minutes(metric) == [(0, 16, 0)]
    assert steps_of(*rest[:8], *rest[9:])[0] == []


def test_a_gap_is_not_bridged():
    frames = walked(60)
    [whole], _ = steps_of(*frames)
    [cut], _ = steps_of(*frames[:30], *frames[31:])
    assert len(minutes(cut)) == 2
    assert sum(cut.v) < sum(whole.v)


def test_seconds_alone_hold_no_steps():
    assert steps_of(*[band.second(HOUR + n) for n in range(60)])[0] == []
    found = read(*walked(60))
    assert not [one for one in found if isinstance(one, Metric) and one.type == "steps"]


def test_motion_of_an_unset_clock_has_no_steps():
    frames = [band.motion(31_626_000 + n) for n in range(40)]
    found = read(*frames, kind="imu", id="1971-01-02T01")
    assert [one for one in found if isinstance(one, Metric)] == []
    assert set(reports(found)) == {"clock_not_set"}


def test_breathing_needs_enough_of_the_optical_signal():
    def lit(count, every):
        return [band.optical(HOUR + n * every, [1000 + n % 5] * 100) for n in range(count)]

    for count, every in ((119, 4), (120, 3), (361, 1)):
        _, found = steps_of(*lit(count, every))
        enough = count >= 120 and (count - 1) * every >= 360
        assert len(series(found, "respiration_raw")) == (count if enough else 0)
        assert ("respiration_needs_more" in reports(found)) is not enough
    _, dark = steps_of(*[band.optical(HOUR + n, [0] * 100) for n in range(400)])
    assert series(dark, "respiration_raw") == set()


def test_a_fuller_hour_takes_the_place_of_what_was_known_of_it():
    [less], _ = steps_of(*walked(60)[20:])
    [more], _ = steps_of(*walked(60))
    assert more.revision > less.revision > 0
    assert more.covers == less.covers


def as_a_band_sends_it(seconds):
    """Walking in records of 100 samples that follow each other every 31,500 ticks."""
    walk, found = band.walk(seconds), []
    for n in range(int(seconds)):
        ts, subsec = divmod(n * 31_500, 32_768)
        found.append(band.motion(HOUR + ts, walk[:, n * 100 :][:, :100], subsec=subsec))
    return found


def test_motion_flows_over_the_second_that_has_two_records():
    [metric], _ = steps_of(*as_a_band_sends_it(100))
    assert sum(metric.v) == pytest.approx(180, abs=2)
    [(_, first, _), (_, second, _)] = minutes(metric)
    assert first + second == pytest.approx(100 * 31_500 / 32_768, abs=0.2)
    [again], _ = steps_of(*as_a_band_sends_it(100)[::-1])
    assert minutes(again) == minutes(metric)


def test_parts_fill_what_records_of_a_second_leave_open():
    [whole], _ = steps_of(*walked(60))
    [mixed], _ = steps_of(*walked(60)[:20], *in_parts(60)[200:400], *walked(60)[40:])
    assert minutes(mixed) == minutes(whole)


def test_motion_that_begins_in_an_hour_ends_with_it():
    frames = [band.motion(HOUR + 3570 + n, subsec=20_000) for n in range(30)]
    [metric], _ = steps_of(*frames)
    assert sum(metric.d) == 30_000 - 20_000 * 1000 // 32_768


def test_overlapping_records_of_motion_are_counted_once():
    walk = walked(60)
    shifted = [band.motion(HOUR + n, subsec=9000) for n in range(60)]
    [metric], _ = steps_of(*walk, *shifted)
    [alone], _ = steps_of(*walk)
    assert minutes(metric) == minutes(alone)
