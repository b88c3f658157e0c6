"""Zones, training impulse and power load of one activity, against answers worked out by hand."""

import math
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openfit.analytics.max_hr import maximum, resting
from openfit.analytics.power import normalized, normalized_power, training_stress_score
from openfit.analytics.session import session_load
from openfit.analytics.signal import by_second, coverage, held
from openfit.analytics.trimp import banister, trimp
from openfit.analytics.zones import heart_rate_zones, zone_seconds
from openfit_sdk.analysis import Days, Known, Series
from openfit_sdk.schema import Activity, Pause, Totals
from openfit_sdk.testing import AnalysisSuite

START = datetime(2026, 3, 1, 7, tzinfo=UTC)
BORN = Known("1986-03-01")


def activity(minutes: float = 60, **more) -> Activity:
    return Activity(
        key="a", sport="running", start=START, end=START + timedelta(minutes=minutes), **more
    )


def steady(value: float, seconds: int = 3600, step: float = 1.0) -> Series:
    times = START.timestamp() + np.arange(0, seconds, step)
    return Series(times, np.full(times.size, float(value)))


def test_a_sample_stands_until_the_next_and_not_over_a_gap():
    assert held(np.array([0.0, 1, 2, 100, 101]), 30).tolist() == [1, 1, 30, 1, 1]
    assert held(np.array([5.0]), 30).tolist() == [1]
    assert held(np.zeros(0), 30).size == 0


def test_seconds_hold_a_value_for_a_while_and_then_know_nothing():
    grid, measured = by_second(np.array([10.2, 10.8, 12.0, 16.0]), np.array([1.0, 3, 5, 7]), 2)
    assert grid.tolist()[:4] == [2, 2, 5, 5]
    assert np.isnan(grid[4:6]).all()
    assert (grid[6], measured.tolist()) == (7, [1, 0, 1, 0, 0, 0, 1])


def test_pauses_are_no_part_of_what_must_be_covered():
    paused = activity(pauses=[Pause(start=START, end=START + timedelta(minutes=30))])
    assert coverage(1800, paused) == 1
    assert coverage(1800, activity()) == 0.5
    assert coverage(1800, activity(reported=Totals(timer_seconds=2400))) == 0.75
    assert coverage(10, Activity(key="a", sport="running", start=START)) == 1


# Thresholds --------------------------------------------------------------------------------------


def test_a_formula_is_never_taken_for_a_measurement():
    stated = maximum(Known(191.0), BORN, START.date())
    formula = maximum(None, BORN, START.date())
    assert (stated.value, stated.confidence, stated.tier) == (191, 1.0, "HIGH")
    assert (formula.value, formula.confidence, formula.tier) == (180.0, 0.6, "ESTIMATE")
    assert maximum(None, None, START.date()) is None


def test_age_turns_on_the_birthday():
    before, after = (
        maximum(None, BORN, date(2026, month, day)) for month, day in ((2, 28), (3, 1))
    )
    assert (before.value, after.value) == pytest.approx((208 - 0.7 * 39, 180))


def test_resting_heart_rate_is_the_median_of_measured_days_else_as_stated():
    days = Days(date(2026, 2, 1), np.array([50, np.nan, 52, 60]))
    assert resting(Known(45.0), days).value == 52
    assert resting(Known(45.0), Days(days.first, days.values[:3])).value == 45
    assert resting(None, None) is None


# Zones -------------------------------------------------------------------------------------------


def test_a_value_on_a_bound_belongs_to_the_zone_above_it():
    values = np.array([99.0, 100, 119, 120, 200])
    found = zone_seconds(values, np.array([1.0, 2, 4, 8, 16]), [100, 120, 140, 160, 180])
    assert found.tolist() == [1, 6, 8, 0, 0, 16]


class TestZones(AnalysisSuite):
    analysis = heart_rate_zones
    enough = {"activity": activity(), "heart_rate": steady(150), "own": None,
              "max_hr": Known(200.0), "born": None}  # fmt: skip
    too_little = enough | {"max_hr": None}

    def test_enough_gives_a_value_with_its_why(self):
        found = self.analysis(**self.enough)
        assert [round(one.value, 6) for one in found] == [0, 0, 0, 60, 0, 0]
        assert [one.drivers["lower"] for one in found] == [0, 100, 120, 140, 160, 180]
        assert {(one.unit, one.tier, one.confidence) for one in found} == {("min", "HIGH", 1.0)}

    def test_too_little_abstains_with_a_reason(self):
        [found] = self.analysis(**self.too_little)
        assert (found.value, found.confidence, found.reason) == (None, 0, "need_max_heart_rate")


def test_own_zones_go_before_shares_of_the_highest_heart_rate():
    own = Known([100.0, 110, 120, 151, 170])
    found = heart_rate_zones(**TestZones.enough | {"own": own})
    assert [round(one.value) for one in found] == [0, 0, 0, 60, 0, 0]
    assert found[4].drivers["lower"] == 151


def test_half_a_heart_rate_is_half_as_sure_and_adds_nothing():
    found = heart_rate_zones(**TestZones.enough | {"heart_rate": steady(150, seconds=1800)})
    assert (round(found[3].value), found[3].confidence) == (30, 0.5)


# Training impulse --------------------------------------------------------------------------------


def test_an_hour_at_half_the_reserve():
    hour, rate = np.array([3600.0]), np.array([125.0])
    man = 60 * 0.5 * 0.64 * math.exp(1.92 * 0.5)
    woman = 60 * 0.5 * 0.86 * math.exp(1.67 * 0.5)
    assert banister(rate, hour, 50, 200, "male") == pytest.approx(man)
    assert banister(rate, hour, 50, 200, "female") == pytest.approx(woman)
    assert banister(rate, hour, 50, 200, None) == pytest.approx((man + woman) / 2)


@given(st.lists(st.floats(30, 220), min_size=1, max_size=50))
def test_the_impulse_does_not_depend_on_how_time_is_cut(rates):
    rate = np.array(rates)
    whole = banister(rate, np.full(rate.size, 2.0), 50, 190, "male")
    cut = banister(np.repeat(rate, 2), np.ones(2 * rate.size), 50, 190, "male")
    assert cut == pytest.approx(whole)


class TestTrimp(AnalysisSuite):
    analysis = trimp
    enough = {"activity": activity(), "heart_rate": steady(125), "max_hr": Known(200.0),
              "born": None, "resting_hr": Known(50.0), "measured": None,
              "sex": Known("male")}  # fmt: skip
    too_little = enough | {"resting_hr": None}


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"heart_rate": None}, "need_heart_rate"),
        ({"max_hr": None}, "need_max_heart_rate"),
        ({"resting_hr": None}, "need_resting_heart_rate"),
        ({"resting_hr": Known(185.0)}, "thresholds_too_close"),
        ({"heart_rate": steady(125, seconds=1200)}, "need_coverage:have=0.333,need=0.5"),
    ],
)
def test_the_impulse_is_kept_back_without(changed, reason):
    assert trimp(**TestTrimp.enough | changed).reason == reason


def test_sex_unknown_and_age_for_a_maximum_cost_confidence_each():
    sure = trimp(**TestTrimp.enough)
    unknown = trimp(**TestTrimp.enough | {"sex": None})
    by_age = trimp(**TestTrimp.enough | {"max_hr": None, "born": BORN})
    assert (sure.confidence, unknown.confidence, by_age.confidence) == (1, 0.8, 0.6)
    assert (sure.tier, by_age.tier) == ("HIGH", "ESTIMATE")


# Power -------------------------------------------------------------------------------------------


def test_normalized_power_of_a_steady_ride_is_its_power():
    value, windows = normalized(np.full(3600, 200.0))
    assert (value, windows) == (pytest.approx(200), 3571)


def test_normalized_power_of_two_halves():
    value, _ = normalized(np.repeat([100.0, 300.0], 100_000))
    assert value == pytest.approx(((100**4 + 300**4) / 2) ** 0.25, rel=1e-4)


def test_a_mean_over_a_gap_is_left_out():
    power = np.full(100, 200.0)
    power[50] = np.nan
    assert normalized(power) == (pytest.approx(200), 21 + 20)
    assert math.isnan(normalized(np.full(29, 200.0))[0])


class TestNormalizedPower(AnalysisSuite):
    analysis = normalized_power
    enough = {"activity": activity(), "power": steady(200)}
    too_little = {"activity": activity(), "power": steady(200, seconds=300)}


def test_a_meter_that_says_nothing_but_zero_measured_nobody():
    assert normalized_power(activity=activity(), power=steady(0)).reason == "need_power"


class TestStress(AnalysisSuite):
    analysis = training_stress_score
    enough = {"activity": activity(), "average": normalized_power(**TestNormalizedPower.enough),
              "threshold": Known(250.0)}  # fmt: skip
    too_little = enough | {"threshold": None}


def test_an_hour_at_threshold_scores_100():
    average = normalized_power(activity=activity(), power=steady(250))
    found = training_stress_score(activity=activity(), average=average, threshold=Known(250.0))
    assert found.value == pytest.approx(100)
    assert found.drivers["intensity_factor"] == pytest.approx(1)


# Session load ------------------------------------------------------------------------------------

PERSON = {
    "max_hr": Known(190.0), "born": None, "resting_hr": Known(50.0), "measured": None,
    "sex": Known("female"), "threshold": Known(165.0),
}  # fmt: skip


class TestSessionLoad(AnalysisSuite):
    analysis = session_load
    enough = {"activity": activity(), "impulse": trimp(**TestTrimp.enough), "score": None} | PERSON
    too_little = enough | {"impulse": None}


def test_an_hour_at_threshold_power_weighs_what_an_hour_at_threshold_heart_rate_does():
    average = normalized_power(activity=activity(), power=steady(250))
    score = training_stress_score(activity=activity(), average=average, threshold=Known(250.0))
    found = session_load(activity=activity(), impulse=None, score=score, **PERSON)
    by_heart = banister(np.array([165.0]), np.array([3600.0]), 50, 190, "female")
    assert (found.value, found.tier) == (pytest.approx(by_heart), "ESTIMATE")


def test_why_there_is_no_load_is_what_the_heart_rate_lacks():
    impulse = trimp(**TestTrimp.enough | {"max_hr": None})
    found = session_load(activity=activity(), impulse=impulse, score=None, **PERSON)
    assert found.reason == "need_max_heart_rate"
