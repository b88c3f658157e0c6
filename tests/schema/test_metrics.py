import re

import pytest
from openfit_schema import METRICS, MetricDef, UnknownMetric, define, metric
from openfit_schema.metrics import parse

FIXED = {
    "heart_rate": "/min",
    "cadence": "/min",
    "power": "W",
    "speed": "m/s",
    "track_distance": "m",
    "altitude": "m",
    "latitude": "deg",
    "longitude": "deg",
    "grade": "%",
    "ambient_temperature": "Cel",
    "core_body_temperature": "Cel",
    "skin_temperature": "Cel",
    "respiration_rate": "/min",
    "rr_interval": "ms",
    "steps": "{steps}",
    "distance": "m",
    "active_energy": "kcal",
    "total_energy": "kcal",
    "basal_energy": "kcal",
    "floors_climbed": "{floors}",
    "resting_heart_rate": "/min",
    "max_heart_rate": "/min",
    "stress": "{score}",
    "garmin.body_battery": "{score}",
    "spo2": "%",
    "hrv_rmssd_5min": "ms",
    "hrv_rmssd_night": "ms",
    "hrv_rmssd_spot": "ms",
    "hrv_sdnn_5min": "ms",
    "hrv_sdnn_night": "ms",
    "hrv_sdnn_spot": "ms",
    "weight": "kg",
    "body_fat": "%",
    "body_water": "%",
    "bone_mass": "kg",
    "muscle_mass": "kg",
    "bmi": "kg/m2",
    "visceral_fat_rating": "{rating}",
    "metabolic_age": "a",
    "blood_pressure_systolic": "mm[Hg]",
    "blood_pressure_diastolic": "mm[Hg]",
    "blood_pressure_mean": "mm[Hg]",
    "vo2_max": "mL/min/kg",
    "vertical_oscillation": "mm",
    "ground_contact_time": "ms",
    "vertical_ratio": "%",
    "step_length": "m",
    "left_right_balance": "%",
    "gps_accuracy": "m",
    "accumulated_power": "J",
    "depth": "m",
    "intensity_minutes": "min",
    "active_minutes": "min",
}
# Every UCUM atom and annotation in use, so that a slip of the pen is seen.
ATOM = (
    r"(?:\{[a-z]+\}|1|%|mm\[Hg\]|\[MET\]|\[iU\]|\[ppm\]|dB\[SPL\]|m\[g\]|[mu]?g|kg|Cel|[mk]?m2?|cm|[mu]?s|ms2"
    r"|min|h|d|a|W|J|kcal|kN|N|deg|[mu]?V|uS|bar|hPa|lx|m?mol|[md]?L|/)"
)
UCUM = re.compile(rf"/?{ATOM}(?:[./]{ATOM})*")


def luhn(loinc):
    """LOINC's check digit is Luhn's, over the digits before the hyphen."""
    digits, check = loinc.split("-")
    doubled = [int(d) * (2 if i % 2 == 0 else 1) for i, d in enumerate(reversed(digits))]
    return (10 - sum(n // 10 + n % 10 for n in doubled) % 10) % 10 == int(check)


def test_the_catalogue_covers_what_the_vendors_name():
    assert len(METRICS) >= 300
    assert {id: metric(id).unit for id in FIXED} == FIXED


@pytest.mark.parametrize("definition", METRICS.values(), ids=METRICS)
def test_a_row_is_in_order(definition):
    assert UCUM.fullmatch(definition.unit), definition.unit
    assert definition.loinc is None or luhn(definition.loinc)
    assert definition.relative or definition.possible is not None
    assert definition.family != "vendor" or "." in definition.id
    assert ("." in definition.id) == (definition.family == "vendor")
    if definition.possible and definition.kind == "cumulative":
        assert definition.possible[0] == 0


def test_hrv_carries_its_window_in_the_type():
    windows = {id.rsplit("_", 1)[1] for id in METRICS if id.startswith("hrv_")}
    assert windows - {"stability"} == {"night", "5min", "spot"}


def test_a_loinc_code_is_shared_only_by_windows_of_one_quantity():
    by_code = {}
    for definition in METRICS.values():
        if definition.loinc:
            by_code.setdefault(definition.loinc, []).append(definition.id)
    shared = [ids for ids in by_code.values() if len(ids) > 1]
    assert shared == [["hrv_sdnn_5min", "hrv_sdnn_night", "hrv_sdnn_spot"]]


def test_raw_counts_are_relative_and_have_no_unit_of_measure():
    raw = [d for d in METRICS.values() if d.id.endswith("_raw")]
    assert len(raw) >= 8
    assert all(d.relative and d.unit == "{count}" for d in raw)


def test_an_unknown_type_is_an_error_that_names_the_nearest():
    with pytest.raises(UnknownMetric) as caught:
        metric("hart_rate")
    assert str(caught.value).startswith("No metric type is called 'hart_rate'. Did you mean heart_")


MOOD = MetricDef(
    id="acme.mood", name="ACME mood", unit="{score}", kind="score", fold="last", family="vendor"
)


def test_a_plugin_defines_its_own_types_without_touching_the_catalogue():
    catalogue = define([MOOD])
    assert metric("acme.mood", catalogue) == MOOD
    assert "acme.mood" not in METRICS
    assert define([MOOD], catalogue) == catalogue


def test_a_plugin_can_neither_take_a_plain_name_nor_change_a_type():
    with pytest.raises(ValueError, match="needs a namespace"):
        define([MetricDef(id="mood2", name="", unit="1", kind="score", fold="last", family="x")])
    other = MetricDef(id="acme.mood", name="", unit="1", kind="score", fold="last", family="x")
    with pytest.raises(ValueError, match="defined twice, and differently"):
        define([MOOD, other])


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ('fold = "time_weighted"', "hold_seconds"),
        ('fold = "sum", hold_seconds = 3', "hold_seconds"),
        ('fold = "mean", kind = "cumulative"', "is summed"),
        ('fold = "last", resolution = 0', "above 0"),
        ('fold = "last", possible = [0, 1], plausible = [0, 2]', "plausible range"),
        ('fold = "last", colour = "red"', "unknown field `colour`"),
    ],
)
def test_a_row_that_contradicts_itself_is_refused(row, says):
    kind = "" if "kind" in row else 'kind = "score", '
    with pytest.raises(Exception, match=says):
        parse(f'[x]\n"acme.x" = {{ name = "X", unit = "1", {kind}{row} }}'.encode())
