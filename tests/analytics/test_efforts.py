"""Best efforts against the slow way of finding them."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openfit.analytics.efforts import (
    best_means,
    best_power,
    best_seconds,
    best_time,
    heart_rate_held,
)
from openfit_sdk.analysis import Series
from openfit_sdk.schema import Activity

START = datetime(2026, 3, 1, 7, tzinfo=UTC)
powers = st.lists(st.one_of(st.integers(0, 900), st.none()), min_size=1, max_size=60)


def series(values, step=1.0) -> Series:
    times = START.timestamp() + np.arange(len(values)) * step
    return Series(times, np.array(values, dtype=float))


def run_of(speed: float, seconds: int, sport="running") -> tuple[Activity, Series]:
    activity = Activity(key="a", sport=sport, start=START, end=START + timedelta(seconds=seconds))
    return activity, series(np.arange(seconds + 1) * speed)


@given(powers, st.integers(1, 20))
def test_the_best_mean_is_the_best_of_all_windows(values, window):
    grid = np.array([np.nan if v is None else v for v in values], dtype=float)
    windows = [grid[n : n + window] for n in range(grid.size - window + 1)]
    whole = [w.mean() for w in windows if np.isfinite(w).all()]
    found = best_means(grid, np.ones(grid.size), window)
    assert (found is None) == (not whole)
    if found is not None:
        assert found.value == pytest.approx(max(whole))
        assert grid[int(found.at) : int(found.at) + window].mean() == pytest.approx(max(whole))


@given(
    st.lists(st.tuples(st.floats(0.5, 20), st.floats(0, 100)), min_size=1, max_size=40),
    st.floats(1, 200),
)
def test_no_stretch_that_begins_anywhere_is_faster(steps, distance):
    times = np.concatenate([[0.0], np.cumsum([t for t, _ in steps])])
    metres = np.concatenate([[0.0], np.cumsum([m for _, m in steps])])
    found = best_seconds(times, metres, distance)
    if metres[-1] < distance:
        assert found is None
        return
    anywhere = np.linspace(0, times[-1], 2000)
    begun = np.interp(anywhere, times, metres)
    reached = begun + distance <= metres[-1]
    took = np.interp(begun[reached] + distance, metres, times) - anywhere[reached]
    assert found.value <= took.min() + 1e-6
    assert 0 <= found.measured <= 1


def test_a_steady_run_takes_what_its_speed_says():
    activity, distance = run_of(speed=4.0, seconds=3000)
    found = {one.id: one for one in best_time(activity=activity, distance=distance)}
    assert found["best_time_5000_metres"].value == pytest.approx(1250)
    assert found["best_time_1609_metres"].value == pytest.approx(1609.344 / 4)
    assert "best_time_21097_metres" not in found


def test_what_nobody_can_run_is_no_record():
    activity, distance = run_of(speed=12.0, seconds=1000)
    [found] = [
        one
        for one in best_time(activity=activity, distance=distance)
        if one.id == "best_time_1000_metres"
    ]
    assert (found.value, found.reason) == (None, "implausible:have=12,most=7.58")


def test_a_hole_in_the_track_is_time_that_passed_and_costs_sureness():
    seconds = np.concatenate([np.arange(51.0), np.arange(150.0, 201)])
    metres = np.concatenate([np.arange(51.0) * 4, 300 + np.arange(51.0) * 4])
    distance = Series(START.timestamp() + seconds, metres)
    activity, _ = run_of(4, 300)
    [found] = [one for one in best_time(activity=activity, distance=distance) if one.value]
    assert found.value == pytest.approx(175)
    assert found.confidence == pytest.approx(75 / 175)


def test_an_odometer_that_jumps_back_does_not_make_a_record():
    activity, _ = run_of(4, 400)
    metres = np.arange(401) * 4.0
    metres[200:210] -= 500
    found = best_time(activity=activity, distance=series(metres))
    assert {one.id: round(one.value) for one in found}["best_time_400_metres"] == 100


def test_sports_without_usual_distances_have_no_times_and_no_reason():
    activity, distance = run_of(4, 400, sport="yoga")
    assert best_time(activity=activity, distance=distance) == []


def test_power_of_a_sprint_inside_a_steady_ride():
    watts = [150.0] * 300 + [600.0] * 15 + [150.0] * 300
    found = {one.id: one for one in best_power(power=series(watts))}
    assert found["best_power_15_seconds"].value == 600
    assert found["best_power_15_seconds"].drivers["at"] == 300
    assert found["best_power_30_seconds"].value == pytest.approx(375)
    assert "best_power_1200_seconds" not in found


def test_a_spike_of_the_meter_is_no_record():
    found = {one.id: one for one in best_power(power=series([200.0] * 10 + [65000.0] * 5))}
    assert found["best_power_5_seconds"].reason == "implausible:have=65000,most=2500"


def test_sparse_power_is_less_sure():
    found = {one.id: one for one in best_power(power=series([200.0] * 100, step=4.0))}
    assert found["best_power_60_seconds"].confidence == pytest.approx(0.25)


def test_a_heart_rate_is_held_when_it_does_not_fall_for_thirty_seconds():
    beats = [140.0] * 60 + [172.0] * 30 + [201.0] * 5 + [150.0] * 60
    found = heart_rate_held(heart_rate=series(beats))
    assert (found.value, found.drivers["at"]) == (172, 60)
    assert heart_rate_held(heart_rate=series([150.0] * 20)).reason == "need_seconds:have=20,need=30"
