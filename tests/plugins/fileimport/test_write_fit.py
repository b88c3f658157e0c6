"""Activities as FIT files: what two other readers see in them, and what comes back to us."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import fitdecode
import fitparse
import msgspec
import numpy as np
import pytest
from hypothesis import given
from openfit_fileimport.fit import profile
from openfit_sdk import BadInput
from openfit_sdk.schema import METRICS, Activity, Totals
from support import outings
from support.outings import KEY, START, WATCH, by_type, instants, metric, of, read, written

FILES = Path("files/fit")
EPOCH = 631_065_600
# Fields of `record`, and by how much a value in them may be off.
RESOLUTIONS = {
    "latitude": 90 / 2**31,
    "longitude": 90 / 2**31,
    "heart_rate": 0.5,
    "power": 0.5,
    "cadence": 1 / 256,
    "altitude": 0.1,
    "speed": 0.0005,
    "track_distance": 0.005,
    "ambient_temperature": 0.5,
    "left_right_balance": 0.5,
    "step_length": 0.00005,
    "vertical_oscillation": 0.05,
}
Message = tuple[int, dict[tuple[int, int], object]]


def plain(value):
    return list(value) if isinstance(value, tuple | bytes) else value


def by_fitparse(body: bytes) -> Iterator[Message]:
    for message in fitparse.FitFile(BytesIO(body), check_crc=True).get_messages():
        yield (
            message.mesg_num,
            {
                (f.def_num, getattr(f.field_def, "dev_data_index", -1)): plain(f.raw_value)
                for f in message.fields
                if f.field_def is not None and f.raw_value is not None
            },
        )


def by_fitdecode(body: bytes) -> Iterator[Message]:
    crc = fitdecode.CrcCheck.RAISE
    with fitdecode.FitReader(BytesIO(body), check_crc=crc) as frames:
        for frame in frames:
            if frame.frame_type == fitdecode.FIT_FRAME_DATA:
                yield (
                    frame.global_mesg_num,
                    {
                        (f.def_num, getattr(f.field_def, "dev_data_index", -1)): plain(f.raw_value)
                        for f in frame.fields
                        if f.field_def is not None and f.raw_value is not None
                    },
                )


def same_to_both(body: bytes) -> list[Message]:
    """All messages, which the two agree on to the last field."""
    one, other = list(by_fitparse(body)), list(by_fitdecode(body))
    assert one == other
    return one


def column(messages: list[Message], name: str, field: str) -> list[float]:
    """A field of a kind of message, scaled; NaN where it has none."""
    kind = profile.message_numbers()[name]
    number, rule = profile.fields(kind)[field]
    stored = [fields.get((number, -1)) for found, fields in messages if found == kind]
    return [np.nan if x is None else x / rule.scale - rule.offset for x in stored]


@given(outings.outings())
def test_two_readers_see_what_was_meant(outing):
    activity, metrics, devices = outing
    messages = same_to_both(written(activity, metrics, devices))
    t = np.unique(np.concatenate([instants(m) for m in metrics]))
    assert column(messages, "record", "timestamp") == (t // 1000 - EPOCH).tolist()
    for one in metrics:
        expected = np.full(t.size, np.nan)
        expected[np.searchsorted(t, instants(one))] = one.v
        field, scale = FIELDS.get(one.type, (None, 1))
        if field is not None:
            found = np.array(column(messages, "record", field)) * scale
            np.testing.assert_allclose(found, expected, atol=RESOLUTIONS[one.type] * 1.001)
    [timer] = column(messages, "session", "total_timer_time")
    assert timer == pytest.approx(activity.reported.timer_seconds or np.nan, nan_ok=True)
    [number] = column(messages, "session", "sport")
    assert number == {"running": 1, "cycling": 2}.get(activity.sport, 0)


FIELDS = {
    "latitude": ("position_lat", 180 / 2**31),
    "longitude": ("position_long", 180 / 2**31),
    "heart_rate": ("heart_rate", 1),
    "power": ("power", 1),
    "altitude": ("enhanced_altitude", 1),
    "speed": ("enhanced_speed", 1),
    "track_distance": ("distance", 1),
    "ambient_temperature": ("temperature", 1),
    "step_length": ("step_length", 0.001),
}


@given(outings.outings())
def test_it_comes_back_as_the_same_activity(outing):
    activity, metrics, devices = outing
    [found], samples, [device], [report] = read(written(activity, metrics, devices))
    assert report.status == "ok"
    assert bare(found) == bare(activity)
    assert found.pauses == activity.pauses
    assert (device.key, device.model) == (WATCH.key, WATCH.model)
    assert_same_samples(of(found, samples), metrics)


def bare(activity: Activity) -> Activity:
    """What comes back exactly: all but what is computed again."""
    return msgspec.structs.replace(activity, computed=None, ext={})


def assert_same_samples(found, expected):
    found, expected = by_type(found), by_type(expected)
    assert found.keys() == expected.keys()
    for key, one in expected.items():
        np.testing.assert_array_equal(instants(found[key]), instants(one))
        off = RESOLUTIONS.get(key[0], 0) * 1.001 if key[1] == "reported" else 0.01
        np.testing.assert_allclose(found[key].v, one.v, rtol=1e-6, atol=off)


READ_BY_BOTH = 100_000  # bytes; longer recordings hold more of the same, and both take seconds


def real_files(test_data) -> list[Path]:
    return sorted((test_data / FILES).glob("*.fit"))


def test_every_real_activity_is_read_by_both_and_comes_back(test_data):
    seen = 0
    for path in real_files(test_data):
        activities, metrics, devices, _ = read(path.read_bytes())
        for activity in activities:
            body = written(activity, metrics, devices)
            if len(body) <= READ_BY_BOTH:
                same_to_both(body)
            [found], samples, _, [report] = read(body)
            assert report.status == "ok", path.name
            assert bare(found) == bare(activity), path.name
            assert [lap.totals for lap in found.laps] == [lap.totals for lap in activity.laps]
            assert (found.pauses, found.sets) == (activity.pauses, activity.sets), path.name
            reported = [m for m in of(activity, metrics) if m.method == "reported"]
            again = [m for m in of(found, samples) if m.method == "reported"]
            assert_same_samples(again, reported)
            assert by_type(of(found, samples)).keys() == by_type(of(activity, metrics)).keys()
            seen += 1
    assert seen > 30


def test_what_was_computed_is_not_written_as_if_a_device_had_said_it():
    activity = Activity(
        key=KEY, start=START, end=START + timedelta(seconds=9), sport="running",
        computed=Totals(distance=123.0, elapsed_seconds=9.0, avg_heart_rate=99),
    )  # fmt: skip
    samples = [metric("heart_rate", [0, 9000], [99, 99]),
               metric("speed", [0, 9000], [3, 3], method="computed")]  # fmt: skip
    messages = same_to_both(written(activity, samples, []))
    for field in ("total_distance", "total_elapsed_time", "avg_heart_rate"):
        assert np.isnan(column(messages, "session", field)).all(), field
    assert np.isnan(column(messages, "record", "enhanced_speed")).all()


def test_values_that_a_field_cannot_hold_are_left_out_and_none_is_clipped():
    activity = Activity(key=KEY, start=START, end=START + timedelta(seconds=9), sport="running")
    samples = [metric("heart_rate", [0, 1000, 2000], [254, 255, 300])]
    messages = same_to_both(written(activity, samples, []))
    assert column(messages, "record", "heart_rate")[0] == 254
    assert np.isnan(column(messages, "record", "heart_rate")[1:]).all()


def test_a_date_that_fit_has_no_number_for_is_refused():
    activity = Activity(key=KEY, start=datetime(1997, 1, 1, tzinfo=UTC), sport="running")
    with pytest.raises(BadInput, match="1998") as refusal:
        written(activity, [], [])
    assert refusal.value.code == "dates"


def test_an_activity_without_any_sample_is_written():
    activity = Activity(key=KEY, start=START, sport="yoga")
    body = written(activity, [], [])
    assert column(same_to_both(body), "record", "timestamp") == []
    [found], [], [], [report] = read(body)
    assert (bare(found), report.status) == (bare(activity), "ok")


def test_beats_keep_their_instants():
    chance = np.random.default_rng(5)
    intervals = chance.integers(400, 1600, 300)
    t = np.cumsum(intervals) + np.repeat([0, 60_000], 150)
    activity = Activity(key=KEY, device=WATCH.key, start=START, sport="running",
                        end=START + timedelta(milliseconds=int(t[-1])))  # fmt: skip
    samples = [metric("rr_interval", t, intervals), metric("heart_rate", [0, 5000], [60, 61])]
    [found], again, _, _ = read(written(activity, samples, [WATCH]))
    assert_same_samples(of(found, again), samples)


def test_the_metrics_that_fit_has_no_field_for_come_back_under_their_own_names():
    types = ["heading", "air_pressure", "smo2"]
    types = [type for type in types if type in METRICS]
    activity = Activity(key=KEY, device=WATCH.key, start=START, sport="running",
                        end=START + timedelta(seconds=2))  # fmt: skip
    samples = [metric(type, [0, 1000], [61.2, 62.3]) for type in types]
    [found], again, _, _ = read(written(activity, samples, [WATCH]))
    assert_same_samples(of(found, again), samples)
    assert len(again) == len(types) > 1
