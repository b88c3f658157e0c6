"""What the manifest says of the analyses is what they are, and they run in a real host."""

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from openfit.analytics import ANALYSES
from openfit_sdk.analysis import Analysis, analysis, ordered, run
from openfit_sdk.inputs import ActivityInput, Known, SeriesColumns, Wish
from openfit_sdk.manifest import read_manifest
from openfit_sdk.schema import Activity
from openfit_sdk.spawn import Host

MANIFEST = read_manifest("openfit.analytics")
START = datetime(2026, 3, 1, 7, tzinfo=UTC)


def columns(value: float, seconds: int = 3600) -> SeriesColumns:
    t, v = np.arange(seconds) * 1000, np.full(seconds, value)
    start = int(START.timestamp() * 1000)
    return SeriesColumns(start, t.astype("<i4").tobytes(), v.astype("<f8").tobytes())


INPUTS = {
    "activity": ActivityInput(
        Activity(key="a", sport="running", start=START, end=START + timedelta(hours=1))
    ),
    "series:heart_rate@activity": columns(140.0),
    "profile:max_heart_rate": Known(190.0),
    "profile:resting_heart_rate": Known(50.0),
    "profile:sex": Known("female"),
}


def test_the_manifest_lists_every_analysis_with_its_version():
    assert MANIFEST.analyses == {one.id: one.version for one in ANALYSES}


def test_the_manifest_lists_all_that_they_are_given_and_no_more():
    made = {f"result:{id}@{one.scope}" for one in ANALYSES for id in one.outputs or (one.id,)}
    asked = {wish for one in ANALYSES for wish in one.inputs.values()}
    assert set(MANIFEST.reads) == asked - made


@pytest.mark.parametrize("one", ANALYSES, ids=lambda one: one.id)
def test_an_analysis_asks_for_what_there_is(one: Analysis):
    assert all(Wish.parse(text) for text in one.inputs.values())


@pytest.mark.parametrize("one", ANALYSES, ids=lambda one: one.id)
def test_without_any_input_there_is_no_value(one: Analysis):
    nothing = dict.fromkeys(one.inputs) | (
        {"activity": INPUTS["activity"].activity} if "activity" in one.inputs else {}
    )
    assert [result for result in one.results(nothing) if result.value is not None] == []


def test_each_runs_after_those_whose_results_it_reads():
    ids = [one.id for one in ordered(ANALYSES)]
    assert ids.index("trimp") < ids.index("session_load") < ids.index("daily_load")
    assert ids.index("acute_load") < ids.index("training_balance")


def test_analyses_that_wait_for_each_other_are_an_error():
    circle = [
        analysis(id=a, version=1, unit="1", tier="HIGH", other=f"result:{b}@activity")(lambda o: o)
        for a, b in (("a", "b"), ("b", "a"))
    ]
    with pytest.raises(ValueError, match="a, b"):
        ordered(circle)


def test_one_that_fails_abstains_and_costs_no_other(capsys):
    @analysis(id="bad", version=1, unit="1", tier="HIGH", activity="activity")
    def bad(activity):
        return bad.result(1 / 0, confidence=1)

    @analysis(id="good", version=1, unit="1", tier="HIGH", activity="activity")
    def good(activity):
        return good.result(2, confidence=1)

    found = {one.id: one for one in run([bad, good], "activity", INPUTS)}
    assert (found["bad"].reason, found["good"].value) == ("failed_zerodivisionerror", 2)
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_inputs_cannot_be_changed_by_one_for_the_next():
    @analysis(id="spoils", version=1, unit="1", tier="HIGH", hr="series:heart_rate@activity")
    def spoils(hr):
        hr.values[:] = 0
        return spoils.abstain("spoilt")

    [found] = run([spoils], "activity", INPUTS)
    assert found.reason == "failed_valueerror"


def test_they_run_in_a_host_of_their_own(tmp_path):
    host = Host.start("openfit.analytics", scratch=tmp_path)
    try:
        declared = {one.id: one for one in host.call("analyses")}
        pages = host.pages("analyze", scope="activity", inputs=INPUTS)
        found = {result.id: result for page in pages for result in page}
    finally:
        host.close()
    assert (declared["trimp"].unit, declared["trimp"].scope) == ("{score}", "activity")
    x = 90 / 140
    assert found["trimp"].value == pytest.approx(60 * x * 0.86 * math.exp(1.67 * x), rel=1e-4)
    assert found["trimp"].inputs == list(declared["trimp"].inputs.values())
    assert found["normalized_power"].reason == "need_power"
