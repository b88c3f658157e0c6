"""Analyses: a kernel, a wrapper that abstains, and the suite that holds them to it."""

import numpy as np
import pytest
from openfit_sdk.analysis import FloatArray, Result, Series, analysis
from openfit_sdk.testing import AnalysisSuite

MIN_BEATS = 3


def mean_rate(rr: FloatArray) -> float:
    return float(60_000 / np.mean(rr))


@analysis(
    id="example.mean_rate", version=2, unit="/min", tier="HIGH", beats="series:rr_interval@night"
)
def nightly_mean_rate(beats: Series) -> Result:
    if len(beats) < MIN_BEATS:
        return nightly_mean_rate.abstain("need_beats", have=len(beats), need=MIN_BEATS)
    return nightly_mean_rate.result(mean_rate(beats.values), confidence=min(1, len(beats) / 10))


def beats(*intervals):
    return Series(np.cumsum(intervals) / 1000, np.array(intervals, dtype=float))


class TestMeanRate(AnalysisSuite):
    analysis = nightly_mean_rate
    enough = {"beats": beats(1000, 1000, 1000, 1000)}
    too_little = {"beats": beats(1000)}


def test_a_result_says_what_it_is_and_how_sure():
    result = nightly_mean_rate(beats=beats(1000, 500, 1500, 1000))
    assert (result.value, result.confidence, result.unit) == (60.0, 0.4, "/min")
    assert (result.algorithm, result.inputs) == (
        "example.mean_rate/2",
        ["series:rr_interval@night"],
    )


def test_an_abstention_gives_its_reason_as_a_code():
    result = nightly_mean_rate(beats=beats(900))
    assert (result.value, result.confidence) == (None, 0.0)
    assert result.reason == "need_beats:have=1,need=3"


@pytest.mark.parametrize(
    ("times", "values", "said"),
    [
        ([0.0, 1.0], [1.0], "equally long"),
        ([1.0, 1.0], [1.0, 2.0], "rise strictly"),
        ([0.0, 1.0], [1.0, np.nan], "left out, not NaN"),
    ],
)
def test_a_series_is_what_it_says(times, values, said):
    with pytest.raises(ValueError, match=said):
        Series(np.array(times), np.array(values))
