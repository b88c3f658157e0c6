"""Columns at the door: what may be stored, and what is said of the rest."""

from datetime import UTC, datetime, timedelta

import pytest
from openfit.intake.samples import LARGEST, columns
from openfit_schema.metrics import METRICS, MetricDef
from openfit_sdk import BadInput
from openfit_sdk.schema import Covers, Metric

NOON = datetime(2026, 3, 30, 12, tzinfo=UTC)
AGES = Covers(start=NOON.replace(year=1), end=NOON)
MS = round(NOON.timestamp() * 1000)


def heart_rate(**more):
    return columns(Metric(key="k", type="heart_rate", start=NOON, **more), METRICS["heart_rate"])


def test_times_are_offsets_an_interval_or_the_start_itself():
    assert heart_rate(v=[60, 61], t=[0, 7]).t.tolist() == [MS, MS + 7]
    assert heart_rate(v=[60, 61], interval_ms=1000).t.tolist() == [MS, MS + 1000]
    assert heart_rate(v=[60]).t.tolist() == [MS]


def test_an_impossible_value_is_left_out_and_counted():
    found = heart_rate(v=[60, 0, 61], t=[0, 1, 2], d=[5, 6, 7])
    assert (found.t.tolist(), found.v.tolist()) == ([MS, MS + 2], [60.0, 61.0])
    assert (found.d.tolist(), found.rejected) == ([5, 7], 1)


def test_without_durations_a_cumulative_value_belongs_to_its_interval():
    steps = Metric(key="k", type="steps", start=NOON, v=[9, 8], interval_ms=60_000)
    assert columns(steps, METRICS["steps"]).d.tolist() == [60_000, 60_000]


def test_what_cannot_be_summed_exactly_is_rejected():
    wide = MetricDef(id="vendor.raw", name="Raw", unit="1", kind="instant", fold="mean", family="x")
    metric = Metric(key="k", type="vendor.raw", start=NOON, v=[LARGEST, LARGEST * 2], t=[0, 1])
    assert (columns(metric, wide).v.tolist(), columns(metric, wide).rejected) == ([LARGEST], 1)


@pytest.mark.parametrize(
    "more, why",
    [
        ({"v": [60, 61], "t": [0]}, "1 times for 2 values"),
        ({"v": [60, 61], "t": [5, 5]}, "do not rise"),
        ({"v": [60, 61]}, "neither t nor interval_ms"),
        ({"v": [60, 61], "t": [0, 1], "d": [1]}, "1 durations for 2 values"),
        ({"v": [60], "t": [0], "d": [-1]}, "below 0"),
        ({"v": [60], "t": [2**60]}, "years 1 to 9999"),
        ({"v": [60], "t": [0], "covers": AGES}, "more than 150 years"),
    ],
)
def test_columns_that_do_not_fit_are_refused_with_the_reason(more, why):
    with pytest.raises(BadInput, match=why):
        heart_rate(**more)


def test_the_calendar_ends_where_dates_do():
    last = datetime.max.replace(tzinfo=UTC) - timedelta(seconds=1)
    with pytest.raises(BadInput, match="years 1 to 9999"):
        columns(
            Metric(key="k", type="heart_rate", start=last, v=[60, 60], interval_ms=5000),
            METRICS["heart_rate"],
        )
