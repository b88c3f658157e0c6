"""Training load over days: true time constants, days that are not known, and how sure it is."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openfit.analytics import ANALYSES
from openfit.analytics.load import exponential
from openfit_sdk.analysis import run
from openfit_sdk.inputs import DayColumns, SessionColumns

FIRST = date(2026, 1, 1)


def history(loads: list[float | None], observed: list[float] | None = None, confidence=1.0) -> dict:
    """Results by id and day, of one session a day; None is a session of unknown load and a
    missing one (NaN) a day without any."""
    days = [n for n, load in enumerate(loads) if load is None or load == load]
    values = [np.nan if loads[n] is None else loads[n] for n in days]
    given = {
        "result:session_load@history": SessionColumns(
            np.array([FIRST.toordinal() + n for n in days], "<i8").tobytes(),
            np.array(values, "<f8").tobytes(),
            np.array([0.0 if v != v else confidence for v in values], "<f8").tobytes(),
        ),
        "days@history": DayColumns(
            FIRST, np.array(observed or [1.0] * len(loads), "<f8").tobytes()
        ),
    }
    found: dict = {}
    for result in run(ANALYSES, "history", given):
        found.setdefault(result.id, {})[(result.day - FIRST).days] = result
    return found


REST = float("nan")


def test_after_its_time_constant_a_steady_load_has_come_63_percent_of_the_way():
    assert exponential(np.full(42, 100.0), 42)[-1] == pytest.approx(100 * (1 - np.exp(-1)))
    assert exponential(np.full(7, 100.0), 7)[-1] == pytest.approx(100 * (1 - np.exp(-1)))


def test_without_load_it_decays_by_the_time_constant():
    values = np.concatenate([[100.0], np.zeros(42)])
    found = exponential(values, 42)
    assert found[42] / found[0] == pytest.approx(np.exp(-1))


@given(st.lists(st.floats(0, 500), min_size=2, max_size=60), st.data())
def test_a_day_that_is_not_known_neither_adds_nor_forgets(loads, data):
    at = data.draw(st.integers(0, len(loads)))
    with_hole = np.array([*loads[:at], np.nan, *loads[at:]])
    found = np.delete(exponential(with_hole, 42), at)
    assert found == pytest.approx(exponential(np.array(loads), 42))


def test_form_is_yesterdays_fitness_less_yesterdays_fatigue():
    found = history([80.0] * 30)
    chronic, acute, form = (found[id] for id in ("chronic_load", "acute_load", "training_balance"))
    assert form[20].value == pytest.approx(chronic[19].value - acute[19].value)
    assert form[20].value < 0


def test_a_week_is_needed_and_sureness_grows_with_what_is_known():
    found = history([80.0] * 90)["chronic_load"]
    assert found[5].reason == "need_days:have=6,need=7"
    assert found[6].confidence == pytest.approx(1 - np.exp(-7 / 42))
    assert found[41].confidence == pytest.approx(1 - np.exp(-1))


def test_rest_after_sessions_of_unknown_load_is_no_lack_of_fitness():
    found = history([None, None, *[REST] * 20, 80.0, REST])
    for id in ("chronic_load", "acute_load"):
        assert {found[id][day].reason for day in range(6, 22)} == {"no_known_load"}
        assert found[id][22].value > 0
        assert 0 < found[id][23].value < found[id][22].value
    assert found["training_balance"][22].reason == "no_known_load"


def test_sessions_of_a_day_are_added():
    twice = {
        "result:session_load@history": SessionColumns(
            np.array([FIRST.toordinal()] * 2, "<i8").tobytes(),
            np.array([30.0, 12.0]).tobytes(),
            np.array([1.0, 0.5]).tobytes(),
        ),
        "days@history": DayColumns(FIRST, np.array([1.0]).tobytes()),
    }
    [found] = [one for one in run(ANALYSES, "history", twice) if one.id == "daily_load"]
    assert (found.value, found.confidence, found.drivers) == (42, 0.75, {"sessions": 2})


def test_a_session_of_unknown_load_makes_the_day_unknown_and_not_light():
    found = history([50.0] * 10 + [None] + [50.0] * 10)
    unknown = found["daily_load"][10]
    assert (unknown.value, unknown.reason) == (None, "unknown_session:known=0,unknown=1")
    assert found["acute_load"][10].value == found["acute_load"][9].value
    assert found["acute_load"][10].confidence < found["acute_load"][9].confidence


def test_a_day_of_which_nothing_was_recorded_is_rest_with_a_doubt():
    found = history([50.0, REST, REST], [1.0, 2.0, 0.0])["daily_load"]
    assert [(found[n].value, found[n].confidence) for n in (1, 2)] == [(0, 1.0), (0, 0.5)]


def test_without_a_session_there_is_nothing_to_say():
    assert list(run(ANALYSES, "history", {})) == []
