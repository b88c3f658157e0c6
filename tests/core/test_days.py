"""Sleep, wellness, today, history and one day, on both databases."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openfit.config import Config
from openfit.hub import open_hub
from openfit.views import sleep as sleeping
from openfit.views import today
from openfit_sdk.schema import Activity, Device, Event, Metric, Sleep, Stage, Wellness
from pytest import approx
from support.persons import asking, person

NIGHT = datetime(2026, 3, 1, 22, 0, tzinfo=UTC)
DEVICES = (Device(key="watch", type="watch", name="Watch"), Device(key="ring", type="ring"))


@pytest.fixture
def hub(tmp_path, database_url):
    return open_hub(Config(data=tmp_path / "data", database_url=database_url))


@pytest.fixture
def ada(hub):
    with asking(hub) as client:
        yield person(client, hub)


def stages(start, *lengths):
    """(stage, minutes) one after the other."""
    found = []
    for stage, minutes in lengths:
        end = start + timedelta(minutes=minutes)
        found.append(Stage(start=start, end=end, stage=stage))
        start = end
    return found


def night(key="n", start=NIGHT, minutes=480, **more):
    given = {"utc_offset": "+00:00", "device": "watch"} | more
    return Sleep(key=key, start=start, end=start + timedelta(minutes=minutes), **given)


STAGED = stages(
    NIGHT, ("wake", 20), ("light", 200), ("deep", 80), ("wake", 10), ("rem", 110), ("wake", 60)
)


def test_reported_and_computed_stand_side_by_side(ada):
    ada.store(*DEVICES, night(kind="main", stages=STAGED, minutes=480))
    ada.store(*DEVICES, night("told", NIGHT + timedelta(days=1), minutes=420))
    [unstaged, staged] = ada.get("/sleep")["days"]
    [row] = staged["sleeps"]
    assert (staged["day"], staged["night"], row["role_basis"]) == (
        "2026-03-02",
        row["id"],
        "reported",
    )
    assert row["computed"] == {
        "in_bed_minutes": 480.0,
        "asleep_minutes": 390.0,
        "minutes": {"wake": 90.0, "light": 200.0, "deep": 80.0, "rem": 110.0},
        "efficiency": 81.25,
        "latency_minutes": 20.0,
        "wake_after_onset_minutes": 10.0,
        "reason": None,
    }
    assert row["reported"] == {}
    [bare] = unstaged["sleeps"]
    assert (bare["role"], bare["role_basis"]) == ("night", "longest")
    assert bare["computed"]["asleep_minutes"] is None
    assert bare["computed"]["efficiency"] is None
    assert bare["computed"]["reason"] == "no_stages"
    assert unstaged["asleep_minutes"] is None


def test_a_sources_own_total_comes_before_arithmetic(ada):
    told = {"light": 100.0, "deep": 50.0, "rem": 40.0, "wake": 7.0}
    ada.store(*DEVICES, Sleep(
        key="n", start=NIGHT, end=NIGHT + timedelta(hours=8), utc_offset="+00:00",
        minutes=told, stages=STAGED, device="watch", kind="main",
    ))  # fmt: skip
    [day] = ada.get("/sleep")["days"]
    assert day["asleep_minutes"] == 190.0
    assert day["sleeps"][0]["reported"] == told
    assert day["sleeps"][0]["computed"]["asleep_minutes"] == 390.0


def test_naps_share_the_day_and_nobody_guesses_their_kind(ada):
    noon = datetime(2026, 3, 2, 13, tzinfo=UTC)
    ada.store(
        *DEVICES,
        night(kind="main"),
        night("nap", noon, 30, kind="nap"),
        night("x", noon + timedelta(hours=3), 200),
    )
    [day] = ada.get("/sleep")["days"]
    assert [row["role"] for row in day["sleeps"]] == ["night", "nap", "unknown"]
    assert day["naps"] == 1


def test_days_of_sleep_come_in_pages(ada):
    ada.store(*DEVICES, *(night(str(n), NIGHT + timedelta(days=n * 9)) for n in range(7)))
    seen, cursor = [], {}
    while True:
        page = ada.get("/sleep", limit=2, **cursor)
        seen += [day["day"] for day in page["days"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    wanted = [str(date(2026, 3, 2) + timedelta(days=n * 9)) for n in range(6, -1, -1)]
    assert seen == wanted
    some = ada.get("/sleep", **{"from": wanted[4], "to": wanted[2]})["days"]
    assert [day["day"] for day in some] == wanted[2:5]


def test_a_night_is_corrected_undone_deleted_and_restored(ada):
    ada.store(*DEVICES, night(kind="main", stages=STAGED))
    [row] = ada.get("/sleep")["days"][0]["sleeps"]
    path = f"/sleep/{row['id']}"
    later = "2026-03-01T22:20:00+00:00"
    said = ada.send("PATCH", path, {"start": later, "end": "2026-03-02T00:20:00+00:00"})
    assert said["sleep"]["computed"]["in_bed_minutes"] == 120.0
    assert said["sleep"]["computed"]["minutes"] == {"light": 120.0}
    assert (said["sleep"]["corrected"], len(said["edits"])) == (True, 2)
    ada.store(*DEVICES, night(kind="main", stages=STAGED))  # synced again: the correction holds
    assert ada.get(path)["sleep"]["computed"]["in_bed_minutes"] == 120.0
    for edit in said["edits"]:
        undone = ada.send("DELETE", f"{path}/edits/{edit['edit_id']}")
    assert undone["sleep"]["computed"]["in_bed_minutes"] == 480.0
    wrong = {"start": "2026-03-03T00:00:00+00:00"}
    assert ada.send("PATCH", path, wrong, 400)["code"] == "invalid"
    assert ada.get(path)["edits"] == []
    ada.send("DELETE", path)
    assert ada.get("/sleep")["days"] == []
    assert ada.send("POST", f"{path}/restore")["sleep"]["id"] == row["id"]
    assert len(ada.get(path)["stages"]) == len(STAGED)
    assert ada.get(f"/activities/{row['id']}", 404)["code"] == "no_activity"


def test_another_users_night_is_not_there(ada, hub):
    ada.store(*DEVICES, night())
    [row] = ada.get("/sleep")["days"][0]["sleeps"]
    eve = person(ada.client, hub, "Eve")
    for method, path in [("GET", ""), ("DELETE", ""), ("POST", "/restore"), ("DELETE", "/edits/1")]:
        eve.send(method, f"/sleep/{row['id']}{path}", None, 404)
    eve.send("PATCH", f"/sleep/{row['id']}", {"kind": "nap"}, 404)
    assert eve.get("/sleep")["days"] == []


lengths = st.lists(
    st.tuples(st.sampled_from(["wake", "light", "deep", "rem", "asleep", "unknown"]),
              st.integers(1, 90)), min_size=1, max_size=20,
)  # fmt: skip


@given(lengths, st.integers(0, 60), st.integers(1, 900))
def test_stages_never_add_up_to_more_than_the_time_in_bed(parts, late, minutes):
    start = NIGHT + timedelta(minutes=late)
    found = sleeping.sums(
        Sleep(
            key="n",
            start=start,
            end=start + timedelta(minutes=minutes),
            stages=stages(NIGHT, *parts),
        )
    )
    assert sum(found.minutes.values()) <= found.in_bed_minutes + 1e-6
    if found.asleep_minutes is not None:
        assert 0 <= found.efficiency <= 100
    assert (found.asleep_minutes is None) == (found.reason is not None)


# Values ------------------------------------------------------------------------------------------


def summary(day, device="watch", **values):
    return Wellness(key=f"{device} {day}", device=device, day=day, values=values)


def test_wellness_has_all_values_with_their_sources(ada):
    first, second = date(2026, 3, 1), date(2026, 3, 2)
    ada.store(
        *DEVICES,
        summary(first, resting_heart_rate=50.0, steps=1000.0),
        summary(second, "ring", resting_heart_rate=52.0, respiration_rate=14.5),
    )
    found = ada.get("/wellness", **{"from": "2026-03-01", "to": "2026-03-31"})
    assert found["days"] == ["2026-03-01", "2026-03-02"]
    heart = next(one for one in found["families"] if one["family"] == "heart")
    [resting] = heart["metrics"]
    assert resting["values"] == [50.0, 52.0]
    labels = [found["sources"][n]["label"] for n in resting["sources"]]
    assert labels == ["Watch", "bench"]
    [only] = ada.get("/wellness", family="activity", to="2026-03-02")["families"]
    assert only["metrics"][0]["values"] == [1000.0]


def test_today_holds_a_value_against_its_own_weeks(ada, hub):
    now = datetime(2026, 3, 30, 10, tzinfo=UTC)
    day = now.date()
    ada.store(
        *DEVICES,
        *(summary(day - timedelta(days=n), resting_heart_rate=50.0 + n % 3) for n in range(1, 21)),
        *(summary(day - timedelta(days=n), "ring", weight=70.0) for n in range(3, 8)),
        summary(day, resting_heart_rate=60.0, steps=2500.0),
        night(start=now - timedelta(hours=10), minutes=480),
        Metric(
            key="hr", type="heart_rate", device="watch", start=now - timedelta(minutes=4),
            interval_ms=1000, v=[70.0] * 60 + [80.0, 90.0],
        ),
    )  # fmt: skip
    with hub.engine.connect() as conn:
        found = today.today(hub, conn, ada.user_id, now, lambda family: True)
        closed = today.today(hub, conn, ada.user_id, now, lambda family: family == "sleep")
        later = today.today(hub, conn, ada.user_id, now + timedelta(hours=1), lambda family: True)
    by_metric = {one.metric: one for one in found.values}
    resting = by_metric["resting_heart_rate"]
    assert (resting.value, resting.position, resting.baseline.n) == (60.0, "above", 20)
    assert resting.baseline.low <= resting.baseline.median == 51.0 <= resting.baseline.high
    assert (resting.source.label, resting.at) == ("Watch", None)
    weight = by_metric["weight"]
    assert (weight.value, weight.reason) == (None, "nothing_yet_today")
    assert (weight.last_day, weight.last_value) == (day - timedelta(days=3), 70.0)
    assert (weight.baseline, weight.baseline_reason) == (None, "need_days:have=5,need=14")
    steps = by_metric["steps"]
    assert (steps.partial, steps.position, steps.value) == (True, None, 2500.0)
    assert by_metric["heart_rate"].age_seconds == 4 * 60 - 61
    assert (found.sleep.day, found.sleep_reason) == (day, None)
    assert (found.live.mean, found.live.n, found.live.max) == (approx(85.0), 2, 90.0)
    assert (found.live.unit, found.live.tier, found.live.confidence) == ("/min", "AUTH", None)
    assert (later.live, later.live_reason) == (None, "no_samples:minutes=10")
    assert (closed.values, closed.live, closed.journal) == ([], None, None)
    assert closed.sleep == found.sleep


def test_today_says_how_far_the_goal_of_steps_is(ada, hub):
    now = datetime(2026, 3, 30, 10, tzinfo=UTC)
    day, before = now.date(), now.date() - timedelta(days=1)
    ada.store(*DEVICES, summary(before, steps=9000.0, weight=70.0))

    def goal(at, sees=lambda family: True):
        with hub.engine.connect() as conn:
            found = today.today(hub, conn, ada.user_id, at, sees)
        return {one.metric: one.goal for one in found.values}

    assert goal(now) == {"steps": None, "weight": None}
    ada.send("PATCH", "/profile", {"since": str(before), "step_goal": 8000})
    ada.send("PATCH", "/profile", {"since": str(day), "step_goal": 10_000})
    assert goal(now) == {"steps": today.DayGoal(10_000, None), "weight": None}
    assert goal(now - timedelta(days=1))["steps"] == today.DayGoal(8000, True)
    ada.store(*DEVICES, summary(day, steps=2500.0))
    assert goal(now)["steps"] == today.DayGoal(10_000, False)
    assert goal(now, lambda family: family != "profile")["steps"] is None


def test_every_value_says_what_kind_of_claim_it_is_and_how_sure(ada, hub):
    """Devices tell numbers and not how sure they are: that stays missing, and says so."""
    now = datetime(2026, 3, 30, 10, tzinfo=UTC)
    day, at = now.date(), now - timedelta(hours=2)
    told = {"resting_heart_rate": 60.0, "activity_intensity": 3.0}
    ours = Metric(key="c", type="respiration_rate", method="computed", start=at, t=[0], v=[14.0])
    ada.store(*DEVICES, summary(day, **told), summary(day - timedelta(days=1), spo2=97.0), ours)
    ada.send("POST", "/entries", {"kind": "weight", "at": at.isoformat(), "kilograms": 70})
    ada.settle()
    with hub.engine.connect() as conn:
        found = today.today(hub, conn, ada.user_id, now, lambda family: True)
    claims = {
        one.metric: (one.value, one.tier, one.confidence, one.confidence_reason)
        for one in found.values
    }
    assert claims == {
        "resting_heart_rate": (60.0, "AUTH", None, "not_stated"),
        "activity_intensity": (3.0, "RELATIVE", None, "not_stated"),
        "respiration_rate": (14.0, None, None, "not_stated"),
        "weight": (70.0, "AUTH", 1.0, None),
        "spo2": (None, None, 0.0, None),  # its reason is the value's own
    }
    span = {"from": "2026-03-29", "to": "2026-03-30"}
    shown = {
        one["metric"]: (one["tiers"], one["confidences"])
        for family in ada.get("/wellness", **span)["families"]
        for one in family["metrics"]
    }
    assert shown == {
        "resting_heart_rate": ([None, "AUTH"], [0.0, None]),
        "activity_intensity": ([None, "RELATIVE"], [0.0, None]),
        "respiration_rate": ([None, None], [0.0, None]),
        "weight": ([None, "AUTH"], [0.0, 1.0]),
        "spo2": (["AUTH", None], [None, 0.0]),
    }


def test_today_of_a_newcomer_is_empty_and_says_so(ada):
    found = ada.get("/today")
    assert (found["values"], found["activities"]) == ([], [])
    assert (found["sleep"], found["sleep_reason"]) == (None, "no_sleep_ended_today")
    assert (found["live"], found["live_reason"]) == (None, "no_samples:minutes=10")


def test_history_sums_up_a_range_against_the_one_before(ada):
    last = date(2026, 3, 14)
    ada.store(
        *DEVICES,
        *(summary(last - timedelta(days=n), steps=1000.0 if n < 7 else 500.0) for n in range(14)),
        night("a", NIGHT + timedelta(days=10), kind="main", stages=stages(
            NIGHT + timedelta(days=10), ("light", 300))),
        night("b", NIGHT + timedelta(days=11), 110, kind="main", stages=stages(
            NIGHT + timedelta(days=11), ("light", 100))),
        Activity(key="a", sport="running", start=NIGHT + timedelta(days=9)),
    )  # fmt: skip
    found = ada.get("/history", range="7d", to="2026-03-14")
    assert (found["start"], found["known_days"], found["total_days"]) == ("2026-03-08", 7, 7)
    [steps] = found["metrics"]
    assert (steps["total"], steps["values"]) == (7000.0, [1000.0] * 7)
    assert (steps["summary"]["delta_percent"], steps["summary"]["change"]) == (100.0, "up")
    assert [one["day"] for one in found["nights"]] == ["2026-03-12"]
    assert [one["day"] for one in found["activities"]] == ["2026-03-10"]
    ada.get("/history", 400, range="8d")


def test_one_day_with_all_that_happened(ada):
    start = datetime(2026, 3, 2, tzinfo=UTC)
    rate = Metric(
        key="hr", type="heart_rate", device="watch", start=start + timedelta(hours=8),
        t=[0, 60_000, 120_000, 3_600_000], v=[60.0, 61.0, 62.0, 63.0],
    )  # fmt: skip
    ada.store(
        *DEVICES,
        night(kind="main", stages=STAGED),
        Activity(key="a", sport="running", start=start + timedelta(hours=9), utc_offset="+00:00"),
        Event(key="e", type="wrist_on", start=start + timedelta(hours=7), device="watch"),
        rate,
    )
    ada.send("PUT", "/journal/2026-03-02", {"note": "long run"})
    found = ada.get("/day/2026-03-02")
    assert found["spans"] == [{"start": "2026-03-02T00:00:00Z", "end": "2026-03-03T00:00:00Z"}]
    assert found["sleep"]["sleeps"][0]["kind"] == "main"
    assert [one["sport"] for one in found["activities"]] == ["running"]
    assert found["journal"]["note"] == "long run"
    assert [one["type"] for one in found["events"]] == ["wrist_on"]
    [covered] = found["coverage"]
    assert (covered["source"]["label"], covered["minutes"]) == ("Watch", 4)
    assert covered["stretches"] == [
        {"start": "2026-03-02T08:00:00Z", "end": "2026-03-02T08:03:00Z"},
        {"start": "2026-03-02T09:00:00Z", "end": "2026-03-02T09:01:00Z"},
    ]
    empty = ada.get("/day/2026-04-01")
    assert (empty["sleep"], empty["coverage"], empty["values"]["days"]) == (None, [], [])
    ada.get("/day/yesterday", 400)
