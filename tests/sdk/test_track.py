"""Distance, speed, climbing and time in motion, from the points of a recording."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openfit_sdk.track import EARTH_RADIUS, HYSTERESIS, haversine, streams

METRE = np.degrees(1 / EARTH_RADIUS)  # of latitude
NAN = float("nan")


def seconds(n, step=1):
    return np.arange(n) * step * 1000


def northward(metres):
    """A way along a meridian, metres from its start."""
    way = np.asarray(metres, dtype=float)
    return {"latitude": 46 + way * METRE, "longitude": np.full(way.size, 7.0)}


def test_a_quarter_of_a_great_circle():
    quarter = haversine(*(np.array([each]) for each in (0.0, 0.0, 0.0, 90.0)))
    assert quarter[0] == pytest.approx(EARTH_RADIUS * np.pi / 2)


def test_opposite_points_are_half_the_earth_apart():
    half = haversine(*(np.array([each]) for each in (90.0, 0.0, -90.0, 120.0)))
    assert half[0] == pytest.approx(EARTH_RADIUS * np.pi)


def test_the_date_line_is_no_way_round_the_earth():
    across = streams(seconds(2), latitude=[0, 0], longitude=[179.9999, -179.9999])
    assert across.totals.distance == pytest.approx(0.0002 / METRE)


def test_an_even_run():
    found = streams(seconds(61), **northward(np.arange(61) * 3.0), altitude=np.arange(61) * 0.5)
    assert found.distance == pytest.approx(np.arange(61) * 3.0)
    assert found.speed == pytest.approx(np.full(61, 3.0))
    assert found.totals.distance == pytest.approx(180)
    assert (found.totals.elapsed_seconds, found.totals.moving_seconds) == (60, 60)
    assert (found.totals.ascent, found.totals.descent) == (30, 0)
    assert found.totals.avg_speed == pytest.approx(3)
    assert found.totals.max_speed == pytest.approx(3)


def test_a_break_is_not_joined():
    metres = np.array([0, 3, 6, 500, 503])
    found = streams(seconds(5), **northward(metres), breaks=[3])
    assert found.distance == pytest.approx([0, 3, 6, 6, 9])
    assert found.totals.distance == pytest.approx(9)
    assert found.speed == pytest.approx(np.full(5, 3.0))
    assert found.totals.moving_seconds == 3


def test_a_point_without_a_position_is_passed_over():
    way = northward(np.arange(5) * 2.0)
    way["latitude"][2] = NAN
    found = streams(seconds(5), **way)
    assert found.distance == pytest.approx([0, 2, NAN, 6, 8], nan_ok=True)
    assert found.speed == pytest.approx([2, 2, NAN, 2, 2], nan_ok=True)


def test_a_segment_of_one_point_has_no_speed():
    found = streams(seconds(4), **northward([0, 4, 8, 900]), breaks=[3])
    assert found.speed == pytest.approx([4, 4, 4, NAN], nan_ok=True)


@pytest.mark.parametrize("channels", [{}, {"altitude": [NAN, NAN]}, {"speed": [NAN, NAN]}])
def test_missing_stays_missing(channels):
    found = streams([0, 1000], **channels)
    assert (found.distance, found.speed) == (None, None)
    known = {name for name in found.totals.__struct_fields__ if getattr(found.totals, name)}
    assert known == {"elapsed_seconds"}
    assert found.totals.distance is found.totals.ascent is found.totals.moving_seconds is None


@pytest.mark.parametrize("n", [0, 1])
def test_too_few_points_give_nothing(n):
    found = streams(seconds(n), **northward(np.zeros(n)), altitude=np.zeros(n), breaks=[0])
    assert (found.distance, found.speed) == (None, None)
    assert all(getattr(found.totals, name) is None for name in found.totals.__struct_fields__)


def test_given_channels_are_not_computed_again():
    found = streams(seconds(3), distance=[0, 5, 10], speed=[4, 6, 5])
    assert (found.distance, found.speed) == (None, None)
    assert (found.totals.distance, found.totals.max_speed) == (10, 6)


def test_speed_comes_from_the_odometer_where_there_is_one():
    found = streams(seconds(3), **northward([0, 4, 8]), distance=[0, 5, 10])
    assert found.distance is None
    assert found.speed == pytest.approx([5, 5, 5])


def test_total_distance_is_measured_on_the_map_unless_most_of_it_is_missing():
    odometer = np.arange(5) * 5.0
    full = streams(seconds(5), **northward(np.arange(5) * 4.0), distance=odometer)
    tunnel = northward(np.arange(5) * 4.0)
    tunnel["latitude"][2:] = NAN
    assert full.totals.distance == pytest.approx(16)
    assert streams(seconds(5), **tunnel, distance=odometer).totals.distance == 20


def test_an_odometer_that_starts_again_keeps_its_sum():
    assert streams(seconds(5), distance=[0, 5, 10, 0, 5]).totals.distance == 15


def test_an_odometer_counts_over_breaks_but_not_into_the_speed():
    found = streams(seconds(4), distance=[0, 2, 100, 102], breaks=[2])
    assert found.totals.distance == 102
    assert found.speed == pytest.approx([2, 2, 2, 2])


def test_one_reading_of_the_odometer_does_not_hide_the_positions():
    found = streams(seconds(3), **northward([0, 4, 8]), distance=[NAN, 3, NAN])
    assert found.distance == pytest.approx([0, 4, 8])


def test_standing_at_a_light_is_not_moving_time():
    metres = np.concatenate((np.arange(60) * 4.0, np.full(60, 236.0), 236 + np.arange(60) * 4.0))
    moving = streams(seconds(180), **northward(metres)).totals.moving_seconds
    assert moving == pytest.approx(120, abs=10)


def test_a_sparse_track_is_judged_by_the_mean_over_its_gaps():
    hourly = streams(seconds(3, step=3600), **northward([0, 18_000, 18_100]))
    assert hourly.totals.moving_seconds == 3600


def test_a_speed_alone_is_not_believed_over_a_long_gap():
    found = streams([0, 10_000, 20_000, 620_000], speed=[3, 3, 0.2, 3])
    assert found.totals.moving_seconds == 20


def test_one_fast_second_does_not_make_a_top_speed():
    metres = np.arange(60) * 3.0
    metres[30:] += 20
    assert streams(seconds(60), **northward(metres)).totals.max_speed == pytest.approx(5)


def test_wander_within_the_hysteresis_is_no_climb():
    wander = 100 + 1.4 * np.sin(np.arange(500))
    totals = streams(seconds(500), altitude=wander).totals
    assert (totals.ascent, totals.descent) == (0, 0)


def test_a_hill_counts_in_full():
    hill = np.concatenate((np.arange(0, 50.5, 0.5), np.arange(50, 9.5, -0.5)))
    totals = streams(seconds(hill.size), altitude=hill).totals
    assert (totals.ascent, totals.descent) == (50, 40)


def test_a_lift_between_two_segments_is_no_climb():
    totals = streams(seconds(4), altitude=[100, 90, 500, 480], breaks=[2]).totals
    assert (totals.ascent, totals.descent) == (0, 30)


@pytest.mark.parametrize("t", [[0, 0], [1000, 0], [[0, 1], [2, 3]]])
def test_times_that_do_not_rise_are_refused(t):
    with pytest.raises(ValueError, match="strictly rising"):
        streams(t)


def test_a_channel_of_another_length_is_refused():
    with pytest.raises(ValueError, match="shape"):
        streams(seconds(3), altitude=[1, 2])


heights = st.lists(st.floats(-400, 8000) | st.just(NAN), min_size=2, max_size=60)
metres = st.lists(st.floats(0, 50), min_size=2, max_size=60)


@given(heights)
def test_ascent_less_descent_is_the_net_height(altitude):
    totals = streams(seconds(len(altitude)), altitude=altitude).totals
    known = [height for height in altitude if height == height]
    if len(known) < 2:
        assert totals.ascent is totals.descent is None
    else:
        net = totals.ascent - totals.descent
        assert abs(net - (known[-1] - known[0])) <= HYSTERESIS + 1e-6
        assert totals.ascent >= 0
        assert totals.descent >= 0


@given(heights, st.integers(-500, 500))
def test_climbing_does_not_depend_on_the_height_of_the_start(altitude, lift):
    t, whole = seconds(len(altitude)), np.round(altitude)
    here, there = streams(t, altitude=whole).totals, streams(t, altitude=whole + lift).totals
    assert (here.ascent, here.descent) == (there.ascent, there.descent)


@given(metres, st.data())
def test_a_break_where_nothing_happens_changes_no_total(steps, data):
    """A segment that ends and the next that starts on the same spot."""
    cut = data.draw(st.integers(0, len(steps) - 1))
    way = np.cumsum(steps)
    twice = np.insert(way, cut, way[cut])
    climb = {"altitude": np.round(twice)}
    t = seconds(twice.size)
    joined = streams(t, **northward(twice), **climb).totals
    broken = streams(t, **northward(twice), **climb, breaks=[cut + 1]).totals
    assert broken.ascent == joined.ascent
    assert broken.distance == joined.distance


@given(metres)
def test_distance_never_falls_and_nothing_is_invented(steps):
    way = np.cumsum(steps)
    found = streams(seconds(way.size), **northward(way))
    assert np.all(np.diff(found.distance) >= 0)
    assert found.totals.distance == pytest.approx(way[-1] - way[0], abs=1e-3)
    assert found.totals.moving_seconds <= found.totals.elapsed_seconds
    assert found.totals.max_speed <= max(steps[1:]) + 1e-6


@given(metres, st.data())
def test_what_is_missing_in_stays_missing_out(steps, data):
    way = northward(np.cumsum(steps))
    gone = data.draw(st.lists(st.booleans(), min_size=len(steps), max_size=len(steps)))
    way["longitude"][gone] = NAN
    found = streams(seconds(len(steps)), **way)
    if len(steps) - sum(gone) < 2:
        assert found.distance is found.speed is None
    else:
        assert np.isnan(found.distance).tolist() == gone
        assert np.isnan(found.speed).tolist() == gone
