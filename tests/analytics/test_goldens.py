"""The seed's recorded answers: where the method is the same the number is, and where ours differs
it does so on purpose."""

import gzip
import json

import numpy as np
import pytest
from openfit.analytics.trimp import banister
from openfit.analytics.zones import SHARES, zone_seconds

SEX = {"m": "male", "f": "female"}


@pytest.fixture(scope="module")
def goldens(test_data):
    with gzip.open(test_data / "analytics" / "goldens.json.gz") as file:
        return json.load(file)


def cases(goldens, function):
    """Usable heart rates by minute, baseline, profile and answer of each case that states
    its thresholds."""
    for case in goldens["cases"]:
        if case["fn"] != function:
            continue
        where, baseline, *profile = case["args"]
        data = goldens["datasets"][where["$ref"]]
        cut = slice(*where.get("slice", (0, None)))
        rate, worn = (np.array(data[name][cut], float) for name in ("hr_avg", "wrist_on"))
        if baseline["max_hr"]:
            sex = SEX.get((profile[0] if profile else {}).get("sex"))
            yield rate[(worn > 0) & (rate > 0)], baseline, sex, case["out"]


def test_the_training_impulse_is_the_seeds(goldens):
    found = 0
    for rate, baseline, sex, out in cases(goldens, "calcStrain"):
        minutes = np.full(rate.size, 60.0)
        rest, top = baseline["resting_hr"], baseline["max_hr"]
        if not 0 < rest < top:
            continue
        assert banister(rate, minutes, rest, top, sex or "male") == pytest.approx(
            out["trimp"], abs=5e-5
        )
        if sex is None and out["trimp"]:  # the seed takes everyone for a man; we take neither side
            assert banister(rate, minutes, rest, top, None) != pytest.approx(out["trimp"])
        found += 1
    assert found >= 15


def test_minutes_in_zones_are_the_seeds_and_what_lies_below_is_counted_too(goldens):
    found = 0
    for rate, baseline, _, out in cases(goldens, "calcHrZones"):
        bounds = (SHARES * baseline["max_hr"]).tolist()
        minutes = zone_seconds(rate, np.ones(rate.size), bounds)
        assert minutes[1:].tolist() == [out[f"zone{n}_min"] for n in range(1, 6)]
        assert minutes.sum() == rate.size
        found += 1
    assert found >= 15
