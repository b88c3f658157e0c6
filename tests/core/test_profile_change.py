"""Several things said of oneself at once: all of them or none."""

import pytest
from openfit.config import Config
from openfit.hub import open_hub
from support.persons import asking, person


@pytest.fixture
def ada(tmp_path, database_url):
    hub = open_hub(Config(data=tmp_path / "data", database_url=database_url))
    with asking(hub) as client:
        yield person(client, hub)


def holding(answer):
    return {one["field"]: (one["value"], one["since"]) for one in answer["items"]}


def test_what_is_left_out_stays_and_null_takes_back(ada):
    first = {"since": "2026-01-01", "max_heart_rate": 188, "height": 1.74, "step_goal": 9000}
    assert holding(ada.send("PATCH", "/profile", first)) == {
        "max_heart_rate": (188.0, "2026-01-01"),
        "height": (1.74, "2026-01-01"),
        "step_goal": (9000, "2026-01-01"),
    }
    second = {"since": "2026-01-01", "height": None, "birth_date": "1984-05-23", "sex": "female"}
    assert holding(ada.send("PATCH", "/profile", second)) == {
        "max_heart_rate": (188.0, "2026-01-01"),
        "step_goal": (9000, "2026-01-01"),
        "sex": ("female", "2026-01-01"),
        "birth_date": ("1984-05-23", "1900-01-01"),
    }


def test_one_value_that_does_not_fit_leaves_all_as_they_were(ada):
    for wrong in (
        {"max_heart_rate": 180, "step_goal": 999},
        {"max_heart_rate": 180, "step_goal": 1500.5},
        {"max_heart_rate": 180, "height": 174},
        {"max_heart_rate": 180, "name": "Ada"},
        {"max_heart_rate": "fast"},
    ):
        ada.send("PATCH", "/profile", wrong, 400)
        assert ada.get("/profile")["items"] == []


def test_without_a_day_it_holds_from_today(ada):
    [said] = ada.send("PATCH", "/profile", {"sex": "male"})["items"]
    assert said["since"] == ada.get("/today")["day"]
