"""Metrics over a span, side by side, correlated, compared and as trends, on both databases."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from openfit.config import Config
from openfit.hub import open_hub
from openfit.views.day_records import Run, day_records
from openfit_sdk.schema import Activity, Device, Metric, Wellness
from pytest import approx
from support.persons import asking, person

FIRST = date(2026, 1, 1)
HOUR = timedelta(hours=1)


@pytest.fixture
def hub(tmp_path, database_url):
    return open_hub(Config(data=tmp_path / "data", database_url=database_url))


@pytest.fixture
def ada(hub):
    with asking(hub) as client:
        yield person(client, hub)


def day(n):
    return FIRST + timedelta(days=n)


def summary(n, device="watch", **values):
    return Wellness(key=f"{device} {day(n)}", device=device, day=day(n), values=values)


def rate(n, device="watch", seconds=86_400, step=60):
    """Heart rate of one day: 60, and for one second in every hour 180."""
    v = np.where(np.arange(0, seconds, step) % 3600 == 0, 180.0, 60.0)
    return Metric(
        key=f"{device} rate {n}",
        type="heart_rate",
        device=device,
        start=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=n),
        interval_ms=step * 1000,
        v=v,
    )


DEVICES = (
    Device(key="watch", type="watch", vendor="Acme", model="One"),
    Device(key="ring", type="ring", name="Ring"),
)


def test_the_hub_chooses_the_resolution_and_peaks_survive(ada):
    ada.store(*DEVICES, *(rate(n) for n in range(70)))
    for span, resolution in [(1, "raw"), (30, "minute"), (70, "hour")]:
        view = ada.get(
            "/metrics/heart_rate", to=str(day(span - 1)), points=500, **{"from": str(day(0))}
        )
        [source] = view["sources"]
        assert (view["resolution"], source["resolution"]) == (resolution, resolution)
        assert len(source["t"]) <= 500
        assert max(source.get("high", source["v"])) == 180
        assert min(source.get("low", source["v"])) == 60
        assert [one["day"] for one in view["days"]] == [str(day(n)) for n in range(span)]
    assert source["label"] == "Acme One"
    hours = [v for v in source["v"]]
    assert hours[0] == approx(62.0)  # 59 minutes of 60 and one of 180


def test_sources_stand_apart_and_can_be_chosen(ada):
    ada.store(*DEVICES, rate(0), rate(0, "ring", step=300))
    both = ada.get("/metrics/heart_rate")["sources"]
    assert {one["label"] for one in both} == {"Acme One", "Ring"}
    [ring] = [one["source_id"] for one in both if one["label"] == "Ring"]
    [only] = ada.get("/metrics/heart_rate", sources=ring)["sources"]
    assert (only["label"], len(only["t"])) == ("Ring", 288)
    assert ada.get("/metrics/heart_rate", sources="12")["sources"] == []
    assert ada.get("/metrics/heart_rate", 400, sources="ring")["code"] == "sources"
    assert ada.get("/metrics/nonsense", 404)["code"] == "no_metric"


def test_days_in_columns_say_who_won(ada):
    ada.store(*DEVICES, summary(0, resting_heart_rate=50.0), summary(2, resting_heart_rate=52.0))
    ada.store(*DEVICES, *(summary(n, "ring", resting_heart_rate=49.0 + n) for n in (0, 1)))
    found = ada.get("/metrics/resting_heart_rate/daily")
    assert found["days"] == [str(day(n)) for n in range(3)]
    labels = [source["label"] for source in found["sources"]]
    assert [labels[winner] for winner in found["winner"]] == ["Ring", "Ring", "Acme One"]
    assert found["values"] == [49.0, 50.0, 52.0]
    by_label = {source["label"]: source["values"] for source in found["sources"]}
    assert by_label == {"Acme One": [50.0, None, 52.0], "Ring": [49.0, 50.0, None]}
    short = ada.get("/metrics/resting_heart_rate/daily", apart=False, to=str(day(0)))
    assert (short["days"], short["sources"], short["winner"]) == ([str(day(0))], [], [None])


def filled(ada, days=40):
    chance = np.random.default_rng(7)
    base = chance.normal(size=days)
    for device, shift in (("watch", 0.0), ("ring", 2.0)):
        ada.store(
            *DEVICES,
            *(
                summary(
                    n,
                    device,
                    resting_heart_rate=float(
                        round(50 + shift + base[n] + shift * chance.normal() / 20, 1)
                    ),
                    steps=float(round(8000 - 900 * base[n])),
                    weight=70.0,
                )
                for n in range(days)
                if n % 10 != 3
            ),
        )
    return base


def test_correlation_is_what_numpy_says_and_more(ada):
    filled(ada)
    found = ada.get("/metrics/correlate", metrics="resting_heart_rate,steps,weight")
    heart, steps, weight = found["series"]
    assert len(found["days"]) == len(heart["values"]) == 40
    assert heart["values"][3] is None and heart["normalized"][3] is None
    known = np.array([v for v in heart["normalized"] if v is not None])
    assert (known.mean(), known.std(ddof=1)) == approx((0, 1), abs=1e-4)
    assert (weight["normalized"], weight["reason"]) == (None, "no_variation")
    pairs = {(pair["a"], pair["b"]): pair for pair in found["pairs"]}
    one = pairs["resting_heart_rate", "steps"]
    x, y = ([v for v in s["values"] if v is not None] for s in (heart, steps))
    assert (one["n"], one["reason"]) == (36, None)
    assert one["pearson"]["r"] == approx(np.corrcoef(x, y)[0, 1], abs=1e-6)
    assert one["pearson"]["low"] < one["pearson"]["r"] < one["pearson"]["high"]
    assert found["tested"] == 1
    assert one["pearson"]["p_adjusted"] == one["pearson"]["p"]
    flat = pairs["steps", "weight"]
    assert (flat["pearson"], flat["reason"]) == (None, "no_variation")


def test_too_few_days_are_no_correlation(ada):
    ada.store(*DEVICES, *(summary(n, resting_heart_rate=50.0 + n, steps=100.0) for n in range(9)))
    found = ada.get("/metrics/correlate", metrics="resting_heart_rate,steps")
    [pair] = found["pairs"]
    assert (pair["pearson"], pair["spearman"], pair["n_effective"]) == (None, None, None)
    assert (pair["reason"], found["tested"]) == ("need_days:have=9,need=10", 0)
    for metrics in ("steps", "steps,steps", ",".join(f"m{n}" for n in range(9))):
        assert ada.get("/metrics/correlate", 400, metrics=metrics)["code"] == "metrics"
    refused = ada.get("/metrics/correlate", 400, metrics="steps,nonsense")
    assert refused["code"] == "no_metric"
    assert "resting_heart_rate, steps" in refused["next_step"]
    empty = ada.get("/metrics/correlate", metrics="weight,vo2_max")
    assert (empty["days"], empty["series"][0]["reason"]) == ([], "no_values")


def test_two_sources_of_one_metric_are_compared(ada):
    filled(ada)
    found = ada.get("/analytics/cross-device", metric="resting_heart_rate")
    [pair] = found["pairs"]
    sign = 1 if pair["a"]["label"] == "Ring" else -1
    assert (pair["n"], len(pair["days"]), len(pair["difference"])) == (36, 36, 36)
    assert sign * pair["agreement"]["bias"]["value"] == approx(2.0, abs=0.05)
    assert pair["agreement"]["lower"]["low"] < pair["agreement"]["upper"]["high"]
    ids = f"{pair['b']['source_id']},{pair['a']['source_id']}"
    [turned] = ada.get("/analytics/cross-device", metric="resting_heart_rate", sources=ids)["pairs"]
    assert turned["agreement"]["bias"]["value"] == approx(-pair["agreement"]["bias"]["value"])
    few = ada.get("/analytics/cross-device", metric="resting_heart_rate", to=str(day(8)))
    assert few["pairs"][0]["agreement"] is None
    assert few["pairs"][0]["reason"] == "need_days:have=8,need=10"
    none = ada.get("/analytics/cross-device", metric="vo2_max")
    assert (none["pairs"], none["reason"]) == ([], "need_sources:have=0,need=2")
    named = ",".join(f"resting_heart_rate@{one}" for one in ids.split(","))
    both = ada.get("/metrics/correlate", metrics=named)
    assert both["pairs"][0]["pearson"]["r"] == approx(1.0, abs=0.05)


def test_a_trend_against_the_window_before(ada):
    ada.store(*DEVICES, *(summary(n, weight=80.0 - n / 10) for n in range(20) if n != 15))
    [trend] = ada.get(
        "/analytics/trends", metric="weight", to=str(day(19)), **{"from": str(day(10))}
    )["items"]
    assert (trend["n_days"], trend["coverage"], trend["previous_days"]) == (9, 0.9, 10)
    assert trend["mean"] == approx(np.mean([80 - n / 10 for n in range(10, 20) if n != 15]))
    assert trend["delta"] == approx(trend["mean"] - trend["previous_mean"])
    assert (trend["change"], trend["latest_day"]) == ("down", str(day(19)))
    assert trend["slope"]["per_week"] == approx(-0.7)
    assert trend["slope"]["low"] <= trend["slope"]["per_week"] <= trend["slope"]["high"]


def test_what_cannot_be_said_has_a_reason(ada):
    ada.store(*DEVICES, summary(18, weight=80.0), summary(19, weight=81.0))
    query = {"metric": "weight,steps", "to": str(day(19)), "range": "7d"}
    weight, steps = ada.get("/analytics/trends", **query)["items"]
    assert (weight["mean"], weight["delta"], weight["change"]) == (80.5, None, None)
    assert weight["delta_reason"] == "need_days:have=0,need=3"
    assert (weight["slope"], weight["slope_reason"]) == (None, "need_days:have=2,need=7")
    assert (steps["n_days"], steps["mean"], steps["latest"]) == (0, None, None)


def test_less_than_a_hundredth_is_flat(ada):
    ada.store(*DEVICES, *(summary(n, weight=80.0 if n < 10 else 80.7) for n in range(20)))
    asked = {"metric": "weight", "from": str(day(10)), "to": str(day(19))}
    [trend] = ada.get("/analytics/trends", **asked)["items"]
    assert (trend["change"], trend["delta"]) == ("flat", approx(0.7))


@pytest.mark.parametrize(
    ("scale", "first", "count"),
    [("week", "2026-03-09", 7), ("month", "2026-02-09", 5), ("quarter", "2026-01-01", 3),
     ("year", "2025-04-01", 12)],
)  # fmt: skip
def test_buckets_of_a_scale(ada, scale, first, count):
    ada.store(*DEVICES, *(summary(n, steps=1000.0 + n) for n in range(60, 75)))
    found = ada.get("/analytics/trends", metric="steps", scale=scale, anchor="2026-03-15")
    [trend] = found["items"]
    buckets = trend["buckets"]
    assert (found["start"], len(buckets)) == (first, count)
    assert sum(bucket["n_days"] for bucket in buckets) == trend["n_days"]
    for a, b in zip(buckets, buckets[1:], strict=False):
        assert date.fromisoformat(a["end"]) + timedelta(days=1) == date.fromisoformat(b["start"])
    by_calendar = scale in ("quarter", "year")  # then the anchor's month is there to its end
    assert buckets[-1]["max"] == (1074.0 if by_calendar else 1073.0)
    assert all(one["mean"] is None for one in buckets if not one["n_days"])


def test_days_that_reached_the_goal_that_held_on_them(ada):
    """8,000 from the second day on, 10,000 from the fifth: nothing is said of the first."""
    steps = [20_000, 9_000, 7_000, 8_000, 9_500, 10_000, 12_000]
    ada.store(*DEVICES, *(summary(n, steps=float(one)) for n, one in enumerate(steps)))
    asked = {"metric": "steps,weight", "scale": "week", "anchor": str(day(6))}
    assert [one["goal"] for one in ada.get("/analytics/trends", **asked)["items"]] == [None, None]
    for n, goal in ((1, 8000), (4, 10_000)):
        ada.send("PATCH", "/profile", {"since": str(day(n)), "step_goal": goal})
    found, weight = ada.get("/analytics/trends", **asked)["items"]
    assert found["goal"] == {"value": 10_000, "met": 4, "days": 6}
    assert [one["goal"] and one["goal"]["met"] for one in found["buckets"]] == [
        None, 1, 0, 1, 0, 1, 1
    ]  # fmt: skip
    assert weight["goal"] is None


def test_zones_add_up_over_activities_and_count_a_twin_once(ada):
    ada.send("PUT", "/profile/max_heart_rate", {"value": 190, "since": "2025-01-01"})
    begun = datetime(2026, 1, 2, 10, tzinfo=UTC)
    for device, account in (("watch", "a"), ("ring", "b")):
        ada.store(
            Device(key=device, type=device),
            Activity(key="run", device=device, sport="running", start=begun, end=begun + HOUR),
            Metric(
                key="rate",
                type="heart_rate",
                device=device,
                start=begun,
                interval_ms=1000,
                v=np.full(3600, 150.0),
                activity="run",
            ),
            account=account,
        )
    zones = ada.get("/history", range="7d", to=str(day(3)))["zones"]
    assert (zones["activities"], zones["reason"]) == (1, None)
    assert sum(zones["minutes"]) == approx(60, abs=0.1)
    assert len(zones["minutes"]) == 6 and max(zones["minutes"]) == approx(60, abs=0.1)
    before = ada.get("/history", range="7d", to=str(day(-30)))["zones"]
    assert before == {"minutes": None, "activities": 0, "reason": "no_activity_with_zones"}


def test_another_users_sources_are_nobodys(ada, hub):
    filled(ada, 12)
    eve = person(ada.client, hub, "Eve")
    [pair] = ada.get("/analytics/cross-device", metric="steps")["pairs"]
    ids = f"{pair['a']['source_id']},{pair['b']['source_id']}"
    assert eve.get("/metrics/steps", sources=ids)["sources"] == []
    assert eve.get("/metrics/steps/daily")["days"] == []
    assert eve.get("/metrics")["items"] == []
    [empty] = eve.get("/analytics/cross-device", metric="steps", sources=ids)["pairs"]
    assert (empty["n"], empty["days"]) == (0, [])
    assert empty["a"]["label"] == ""


def test_the_greatest_and_the_least_day_of_every_metric(ada, hub):
    told = [(70.0, 3000.0), (69.0, 9000.0), (71.0, 9000.0), (69.0, 100.0)]
    for n, (weight, steps) in enumerate(told):
        ada.store(*DEVICES, summary(n, weight=weight, steps=steps))
    found = {one["metric"]: one for one in ada.get("/analytics/day-records")["metrics"]}
    weight, steps = found["weight"], found["steps"]
    assert (weight["highest"], weight["lowest"]) == (
        {"day": str(day(2)), "value": 71.0},
        {"day": str(day(1)), "value": 69.0},  # the first of two
    )
    assert (steps["highest"], steps["days"]) == ({"day": str(day(1)), "value": 9000.0}, 4)
    assert (steps["lowest"], steps["lowest_reason"]) == (None, "days_partly_worn")
    ada.store(*DEVICES, summary(1, "ring", weight=60.0))
    ada.send("PUT", "/ladders/weight", {"ranking": ["ring"]})
    with hub.engine.connect() as conn:  # before the worker came by
        records = day_records(hub, conn, ada.user_id, day(3), lambda family: family == "body")
    assert [(one.metric, one.lowest.value) for one in records.metrics] == [("weight", 60.0)]
    assert records.streaks == []


def test_days_in_a_row_that_reached_their_goal(ada, hub):
    """The goal rises on the sixth day; the third has no value, so it parts two runs."""
    steps = {0: 9000, 1: 8000, 3: 8000, 4: 9500, 5: 10_000, 6: 7000, 7: 12_000}
    ada.store(*DEVICES, *(summary(n, steps=float(one)) for n, one in steps.items()))

    def streak(today):
        with hub.engine.connect() as conn:
            return day_records(hub, conn, ada.user_id, today, lambda family: True).streaks

    assert streak(day(7)) == []
    for n, goal in ((0, 8000), (5, 10_000)):
        ada.send("PATCH", "/profile", {"since": str(day(n)), "step_goal": goal})
    [found] = streak(day(7))
    assert (found.goal, found.metric) == ("step_goal", "steps")
    assert found.longest == Run(3, day(3), day(5))
    assert found.current == Run(1, day(7), day(7))
    [later], [gone] = streak(day(8)), streak(day(9))
    assert (later.current, gone.current) == (Run(1, day(7), day(7)), None)
    assert streak(day(6))[0].current == Run(3, day(3), day(5))  # today may still reach it
