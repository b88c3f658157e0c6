"""Lists of activities: filters, calendar, corrections that are undone, twins, what comes back."""

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from openfit.config import Config
from openfit.hub import open_hub
from openfit_sdk.schema import Activity, Device, Metric, Totals
from support.persons import asking, person

DAY_ONE = datetime(2026, 3, 1, 7, tzinfo=UTC)


@pytest.fixture
def hub(tmp_path, database_url):
    return open_hub(Config(data=tmp_path / "data", database_url=database_url))


@pytest.fixture
def ada(hub):
    with asking(hub) as client:
        yield person(client, hub)


def outing(key, day=1, hour=7, sport="running", distance=None, seconds=1800, **more):
    start = datetime(2026, 3, day, hour, tzinfo=UTC)
    given = {"utc_offset": "+00:00", "device": "watch"} | more
    return Activity(
        key=key,
        sport=sport,
        start=start,
        end=start + timedelta(seconds=seconds),
        reported=Totals(distance=distance, timer_seconds=seconds),
        **given,
    )


def samples(key, metric, day=1):
    start = datetime(2026, 3, day, 7, tzinfo=UTC)
    return Metric(
        key=f"{metric} {key}",
        type=metric,
        start=start,
        interval_ms=1000,
        v=[10.0, 20.0, 30.0],
        activity=key,
        device="watch",
    )


def keys(page):
    return [item["name"] for item in page["items"]]


@pytest.fixture
def several(ada):
    ada.store(
        Device(key="watch", type="watch"),
        outing("a", 1, name="a", distance=5000, notes="windy"),
        outing("b", 2, name="b", sport="cycling", distance=40_000, seconds=5400),
        outing("c", 3, name="c", sport="strength", seconds=2400),
        outing("d", 4, name="d", distance=10_000, seconds=3000),
        samples("a", "heart_rate"),
        samples("b", "power", 2),
        samples("d", "latitude", 4),
        samples("d", "heart_rate", 4),
    )
    return ada


FILTERS = [
    ({}, "dcba"),
    ({"from": "2026-03-02", "to": "2026-03-03"}, "cb"),
    ({"from": "2026-03-03"}, "dc"),
    ({"to": "2026-03-01"}, "a"),
    ({"sport": "running"}, "da"),
    ({"sport": ["cycling", "strength"]}, "cb"),
    ({"sport": "nonsense"}, ""),
    ({"type": "running"}, "da"),
    ({"type": ["cycling", "running"]}, "dba"),
    ({"type": "nonsense"}, ""),
    ({"min_distance": 5000}, "dba"),
    ({"max_distance": 5000}, "a"),
    ({"min_duration": 2400, "max_duration": 3000}, "dc"),
    ({"has": "track"}, "d"),
    ({"has": "heart_rate"}, "da"),
    ({"has": ["heart_rate", "track"]}, "d"),
    ({"has": "power"}, "b"),
    ({"has": "notes"}, "a"),
    ({"q": "wind"}, "a"),
    ({"q": "wind", "sport": "cycling"}, ""),
    ({"q": "***"}, ""),
    ({"source": "bench"}, "dcba"),
    ({"source": "watch"}, "dcba"),
    ({"source": "nobody"}, ""),
]


def test_filters(several):
    for asked, found in FILTERS:
        assert (asked, keys(several.get("/activities", **asked))) == (asked, list(found))


def test_filters_hold_over_pages(several):
    for limit, sport in product((1, 2), ("running", "cycling")):
        seen, cursor = [], {}
        while True:
            page = several.get("/activities", limit=limit, sport=sport, **cursor)
            seen += keys(page)
            if "next_cursor" not in page:
                break
            cursor = {"cursor": page["next_cursor"]}
        assert seen == {"running": ["d", "a"], "cycling": ["b"]}[sport]


def test_a_day_is_the_wearers_own(ada):
    """22:30 in Auckland on the 9th is the morning of the 9th in UTC; stated or by the clock."""
    ada.store(
        outing("stated", 8, 13, name="stated", utc_offset="+13:00"),
        outing("clock", 8, 14, name="clock", utc_offset=None),
    )
    assert set(keys(ada.get("/activities", **{"from": "2026-03-09"}))) == {"stated", "clock"}
    assert keys(ada.get("/activities", to="2026-03-08")) == []


def test_tags_are_corrections_and_filter(several):
    [d, *_, a] = several.get("/activities")["items"]
    for one in (a, d):
        several.send("PATCH", f"/activities/{one['id']}", {"tags": ["Race", "#2026"]})
    several.send("PATCH", f"/activities/{d['id']}", {"tags": ["race"]})
    assert keys(several.get("/activities", tag="RACE")) == ["d", "a"]
    assert keys(several.get("/activities", tag=["race", "2026"])) == ["a"]
    assert several.get("/activities")["items"][0]["tags"] == ["race"]
    assert several.get("/search", q="2026")["items"][0]["id"] == a["id"]
    assert several.get("/journal/tags")["items"] == [
        {"tag": "race", "days": 0, "activities": 2, "last_day": "2026-03-04"},
        {"tag": "2026", "days": 0, "activities": 1, "last_day": "2026-03-01"},
    ]
    several.send("PATCH", f"/activities/{a['id']}", {"tags": []})
    assert keys(several.get("/activities", tag="race")) == ["d"]


def test_one_correction_is_undone_and_the_one_before_it_holds(several):
    path = f"/activities/{several.get('/activities')['items'][0]['id']}"
    several.send("PATCH", path, {"name": "first"})
    second = several.send("PATCH", path, {"name": "second"})
    assert second["activity"]["name"] == "second"
    edit = second["edits"][-1]["edit_id"]
    assert several.send("DELETE", f"{path}/edits/{edit}")["activity"]["name"] == "first"
    assert several.send("DELETE", f"{path}/edits/{edit}", None, 404)["code"] == "no_edit"
    [first] = several.get(path)["edits"]
    undone = several.send("DELETE", f"{path}/edits/{first['edit_id']}")
    assert (undone["activity"]["name"], undone.get("edits", [])) == ("d", [])


UNFIT = [{"name": "x" * 301}, {"sport": "  "}, {"start": "2026-01-01"}, {"tags": ["x" * 60]}]


def test_a_correction_that_does_not_fit_changes_nothing(several):
    before = several.get("/activities")["items"][0]
    for change in UNFIT:
        several.send("PATCH", f"/activities/{before['id']}", change, 400)
        assert several.get("/activities")["items"][0] == before


def test_a_deleted_activity_comes_back_as_it_was(several):
    path = f"/activities/{several.get('/activities')['items'][0]['id']}"
    before = several.send("PATCH", path, {"name": "kept"})
    several.send("DELETE", path)
    assert several.get(path, 404)["code"] == "no_activity"
    assert keys(several.get("/activities")) == ["c", "b", "a"]
    [gone] = several.get("/activities/deleted")["items"]
    assert (gone["id"], gone["name"]) == (before["id"], "kept")
    assert several.send("POST", f"{path}/restore") == before
    assert several.get("/activities/deleted")["items"] == []
    assert several.send("POST", f"{path}/restore", None, 404)["code"] == "not_deleted"
    assert several.get("/search", q="kept")["items"][0]["id"] == before["id"]


def test_twins_are_split_and_joined_by_hand(ada):
    ada.store(outing("w", name="watch", distance=5000), outing("x", 5, name="other"))
    ada.store(outing("p", name="phone", distance=5010), integration="phone")
    [other, one] = ada.get("/activities")["items"]
    assert one["twins"] == 1
    pair = {item["id"] for item in ada.get("/activities", twins="all")["items"]} - {other["id"]}
    a, b = sorted(pair)
    ada.send("PUT", f"/activities/{a}/twins/{b}", {"choice": "split"})
    ada.settle()
    assert len(ada.get("/activities")["items"]) == 3
    ada.send("DELETE", f"/activities/{b}/twins/{a}")
    ada.send("PUT", f"/activities/{a}/twins/{other['id']}", {"choice": "join"})
    ada.settle()
    assert len(ada.get("/activities")["items"]) == 1
    assert ada.send("PUT", f"/activities/{a}/twins/{a}", {"choice": "join"}, 400)["code"] == "same"
    ada.send("PUT", f"/activities/{a}/twins/nobody", {"choice": "join"}, 404)
    assert len(ada.get("/activities", source="phone")["items"]) == 1


def test_the_calendar_adds_up_days_and_counts_twins_once(several):
    several.store(
        outing("e", 4, 18, name="e", sport="cycling", distance=1500.5, seconds=600),
        outing("f", 3, 9, name="f", seconds=60, distance=None),
    )
    found = several.get("/activities/calendar", **{"from": "2026-03-03", "to": "2026-03-31"})
    assert [(d["day"], d["count"], d["seconds"], d["distance"]) for d in found["days"]] == [
        ("2026-03-03", 2, 2460.0, None),
        ("2026-03-04", 2, 3600.0, 11_500.5),
    ]
    assert found["days"][1]["sports"] == ["cycling", "running"]
    assert found["days"][0]["load"] is None
    listed = several.get("/activities/sports")["items"]
    assert listed[0] == {"sport": "running", "count": 3}


def test_another_user_can_neither_see_nor_change(several, hub):
    eve = person(several.client, hub, "Eve")
    [d, *_] = several.get("/activities")["items"]
    path = f"/activities/{d['id']}"
    edit = several.send("PATCH", path, {"name": "mine"})["edits"][0]["edit_id"]
    assert eve.get("/activities", source="bench")["items"] == []
    for method, one in [
        ("DELETE", f"{path}/edits/{edit}"),
        ("POST", f"{path}/restore"),
        ("PATCH", path),
        ("DELETE", path),
    ]:
        eve.send(method, one, {} if method == "PATCH" else None, 404)
    several.send("DELETE", path)
    assert eve.get("/activities/deleted")["items"] == []
    eve.send("POST", f"{path}/restore", None, 404)
    assert eve.get("/activities/calendar", **{"from": "2026-03-01"})["days"] == []
    assert date(2026, 3, 1) == DAY_ONE.date()
