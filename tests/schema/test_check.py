from array import array
from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace
from openfit_schema import (
    Activity,
    Covers,
    Device,
    Event,
    Lap,
    Length,
    Metric,
    Result,
    Sleep,
    Stage,
    Totals,
    TrainingLoad,
    Wellness,
    Zones,
    define,
    keep_possible,
    problems,
    rejected,
)
from openfit_schema.metrics import parse

NOON = datetime(2026, 5, 17, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
NAN = float("nan")


def pulse(v=(60, 61, 62), **fields):
    if "t" not in fields and "interval_ms" not in fields:
        fields["t"] = [n * 1000 for n in range(len(v))]
    return Metric(**{"key": "m", "type": "heart_rate", "start": NOON, "v": list(v)} | fields)


def steps(**fields):
    given = {"key": "m", "type": "steps", "start": NOON, "v": [10, 20], "t": [0, 60_000]}
    return Metric(**given | {"d": [60_000, 60_000]} | fields)


def run(**fields):
    return Activity(**{"key": "a", "start": NOON, "end": NOON + HOUR, "sport": "running"} | fields)


def night(*stages, **fields):
    parts = [
        Stage(start=NOON + a * HOUR, end=NOON + b * HOUR, stage=stage) for a, b, stage in stages
    ]
    given = {"key": "s", "start": NOON, "end": NOON + 8 * HOUR, "stages": parts}
    return Sleep(**given | fields)


def day(**values):
    return Wellness(key="w", day=date(2026, 5, 17), values=values)


def result(**fields):
    given = {"key": "r", "method": "computed", "algorithm": "x/1", "id": "strain", "value": 9.0}
    given |= {"unit": "{score}", "confidence": 0.8, "tier": "HIGH", "day": date(2026, 5, 17)}
    return Result(**given | fields)


GOOD = {
    "samples": pulse(),
    "even samples": pulse(t=None, interval_ms=1000),
    "no samples in a covered range": pulse(v=(), covers=Covers(start=NOON, end=NOON + HOUR)),
    "covered samples": pulse(covers=Covers(start=NOON, end=NOON + HOUR)),
    "intervals": steps(),
    "even intervals": steps(t=None, d=None, interval_ms=60_000),
    "run": run(laps=[Lap(start=NOON), Lap(start=NOON + HOUR / 2)], utc_offset="+05:45"),
    "cold run": run(reported=Totals(avg_temperature=-12.0)),
    "night": night((0, 1, "wake"), (1, 3, "deep"), (3, 8, "light"), kind="main"),
    "day": day(steps=11_000.0, resting_heart_rate=48.0),
    "result": result(),
    "abstained": result(value=None, confidence=0.0, reason="need_days:have=1,need=5"),
    "own result": result(id="acme.glow", unit="lx"),
    "form": TrainingLoad(key="l", day=date(2026, 5, 17), load="balance", value=-8.0, model="x"),
    "device": Device(key="d", type="watch", battery=3.0),
    "event": Event(key="e", type="wrist_off", start=NOON),
}

REJECTED = {
    "no time axis": (pulse(t=None), "$.t", "time_axis"),
    "two time axes": (pulse(interval_ms=1000, t=[0, 1, 2]), "$.t", "time_axis"),
    "unequal lengths": (pulse(t=[0, 1]), "$.t", "length"),
    "time stands still": (pulse(t=[0, 5, 5]), "$.t[2]", "not_rising"),
    "time runs back": (pulse(t=[0, 5, 4]), "$.t[2]", "not_rising"),
    "before start": (pulse(t=[-1, 0, 1]), "$.t[0]", "negative"),
    "fractional time": (pulse(t=[0, 0.5, 1]), "$.t", "not_integer"),
    "durations of instants": (pulse(d=[1, 1, 1]), "$.d", "durations"),
    "no durations": (steps(d=None), "$.d", "durations"),
    "too few durations": (steps(d=[1]), "$.d", "length"),
    "negative duration": (steps(d=[60_000, -1]), "$.d[1]", "negative"),
    "fractional duration": (steps(d=[1, 1.5]), "$.d", "not_integer"),
    "NaN sample": (pulse(v=[60.0, NAN, 61.0]), "$.v[1]", "not_finite"),
    "sentinel": (pulse(v=[60, 255, 0]), "$.v[2]", "impossible"),
    "unknown type": (pulse(type="hart_rate"), "$.type", "unknown_type"),
    "backward cover": (
        pulse(covers=Covers(start=NOON + HOUR, end=NOON)),
        "$.covers.end",
        "ends_before_start",
    ),
    "sample not covered": (
        pulse(covers=Covers(start=NOON, end=NOON + timedelta(seconds=2))),
        "$.covers",
        "outside_covers",
    ),
    "ends before start": (run(end=NOON - HOUR), "$.end", "ends_before_start"),
    "lap ends before start": (
        run(laps=[Lap(start=NOON, end=NOON - HOUR)]),
        "$.laps[0].end",
        "ends_before_start",
    ),
    "negative distance": (
        run(reported=Totals(distance=-1.0)),
        "$.reported.distance",
        "negative",
    ),
    "negative length": (
        run(lengths=[Length(start=NOON, seconds=-1.0)]),
        "$.lengths[0].seconds",
        "negative",
    ),
    "infinite total": (
        run(computed=Totals(distance=float("inf"))),
        "$.computed.distance",
        "not_finite",
    ),
    "negative zone": (
        run(zones=[Zones(type="power", seconds=[1.0, -1.0])]),
        "$.zones[0].seconds[1]",
        "negative",
    ),
    "bounds without zones": (
        run(zones=[Zones(type="power", seconds=[1.0], bounds=[1.0, 2.0])]),
        "$.zones[0].bounds",
        "length",
    ),
    "basis without offset": (run(offset_basis="stated"), "$.offset_basis", "offset_basis"),
    "offset of unknown basis": (
        run(utc_offset="+01:00", offset_basis="unknown"),
        "$.offset_basis",
        "offset_basis",
    ),
    "no such offset": (run(utc_offset="+15:00"), "$.utc_offset", "impossible"),
    "crooked offset": (run(utc_offset="+01:10"), "$.utc_offset", "impossible"),
    "stages out of order": (
        night((3, 4, "rem"), (1, 2, "deep")),
        "$.stages[1].start",
        "not_in_order",
    ),
    "stages overlap": (night((1, 3, "rem"), (2, 4, "deep")), "$.stages[1].start", "overlap"),
    "woke before sleeping": (
        night(asleep_start=NOON + HOUR, asleep_end=NOON),
        "$.asleep_end",
        "ends_before_start",
    ),
    "negative minutes": (night(minutes={"deep": -1.0}), "$.minutes.deep", "negative"),
    "impossible score": (
        night(values={"oura.sleep_score": 101.0}),
        "$.values.oura.sleep_score",
        "impossible",
    ),
    "a fraction for percent is caught": (day(spo2=0.97), "$.values.spo2", "impossible"),
    "a plain unknown type": (day(glow=1.0), "$.values", "unknown_type"),
    "NaN in a summary": (day(weight=NAN), "$.values.weight", "not_finite"),
    "wrong unit": (result(unit="ms"), "$.unit", "unit"),
    "result off the scale": (result(value=30.0), "$.value", "impossible"),
    "result of no time": (result(day=None), "$.day", "no_time"),
    "no algorithm": (result(algorithm=None), "$.algorithm", "algorithm"),
    "algorithm of a vendor": (run(algorithm="x/1"), "$.algorithm", "algorithm"),
    "negative load": (
        TrainingLoad(key="l", day=date(2026, 5, 17), load="acute", value=-1.0, model="x"),
        "$.value",
        "negative",
    ),
    "overfull battery": (Device(key="d", type="watch", battery=130.0), "$.battery", "impossible"),
    "ext without integration": (run(ext={"feel": 1}), "$.ext", "ext_key"),
}

FLAGGED = {
    "implausible sample": (pulse(v=[60, 240]), "$.v[1]", "implausible"),
    "overlapping intervals": (steps(d=[60_001, 1]), "$.d[0]", "overlap"),
    "laps out of order": (
        run(laps=[Lap(start=NOON + HOUR), Lap(start=NOON)]),
        "$.laps[1].start",
        "not_in_order",
    ),
    "spike in a summary": (
        run(reported=Totals(max_speed=500.0)),
        "$.reported.max_speed",
        "impossible",
    ),
    "unknown sport": (run(sport="quidditch"), "$.sport", "unknown_word"),
    "unknown sub-sport": (run(sub_sport="aerial"), "$.sub_sport", "unknown_word"),
    "unknown device": (Device(key="d", type="hat"), "$.type", "unknown_word"),
    "unknown event": (Event(key="e", type="epiphany", start=NOON), "$.type", "unknown_word"),
    "stage outside the night": (night((7, 9, "wake")), "$.stages[0].end", "outside_sleep"),
    "a plugin's undeclared type": (day(**{"acme.glow": 1.0}), "$.values", "unknown_type"),
    "a light person": (day(weight=20.0), "$.values.weight", "implausible"),
}


@pytest.mark.parametrize("entity", GOOD.values(), ids=GOOD)
def test_good_entities_have_no_problems(entity):
    assert problems(entity) == []


@pytest.mark.parametrize(("entity", "path", "code"), REJECTED.values(), ids=REJECTED)
def test_what_must_not_be_stored_is_rejected_with_its_place(entity, path, code):
    found = rejected(problems(entity))
    assert [(problem.path, problem.code) for problem in found] == [(path, code)]


@pytest.mark.parametrize(("entity", "path", "code"), FLAGGED.values(), ids=FLAGGED)
def test_what_is_doubtful_is_kept_and_flagged(entity, path, code):
    assert [(p.path, p.code, p.level) for p in problems(entity)] == [(path, code, "flagged")]


def test_a_problem_says_value_range_and_unit():
    [problem] = problems(pulse(v=[60, 400, 500]))
    assert problem.message == "heart_rate 400 is outside 20 to 300 /min, as 2 of 3 are"


def test_a_plugins_own_types_are_checked_with_its_catalogue():
    row = 'name = "", unit = "lx", kind = "score", fold = "last", possible = [0, 9]'
    catalogue = define(parse(f'[acme]\n"acme.glow" = {{ {row} }}'.encode()))
    [problem] = problems(day(**{"acme.glow": 10.0}), catalogue)
    assert problem.code == "impossible"


# One spike does not cost the rest


def test_impossible_samples_are_left_out_and_the_rest_is_kept():
    kept = keep_possible(pulse(v=array("H", [60, 0, 999, 62]), t=array("i", [0, 10, 20, 30])))
    assert (kept.v, kept.t) == (array("H", [60, 62]), array("i", [0, 30]))
    assert problems(kept) == []


def test_even_samples_get_times_of_their_own_when_one_is_left_out():
    kept = keep_possible(pulse(v=[60, 0, 62], t=None, interval_ms=500))
    assert (kept.v.tolist(), kept.t.tolist(), kept.interval_ms) == ([60, 62], [0, 1000], None)


def test_even_intervals_keep_their_length_when_one_is_left_out():
    kept = keep_possible(steps(v=[10, -5, 30], t=None, d=None, interval_ms=60_000))
    assert (kept.v.tolist(), kept.t.tolist()) == ([10, 30], [0, 120_000])
    assert kept.d.tolist() == [60_000, 60_000]
    assert problems(kept) == []


def test_good_samples_are_the_same_object():
    good = pulse()
    assert keep_possible(good) is good
    assert keep_possible(replace(good, type="acme.glow")).v is good.v
