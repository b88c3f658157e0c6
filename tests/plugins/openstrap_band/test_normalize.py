"""Frames become series and events, dated or set aside, the same in any order and company."""

from datetime import UTC, datetime

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openfit_openstrap_band import normalize
from openfit_sdk import BadInput, RawItem, Report
from openfit_sdk.schema import METRICS, Device, Event, Metric, problems
from support import band
from support.band_items import NOW, held, item, read, reports, series

T = band.START


def test_a_second_becomes_a_sample_of_each_series():
    found = read(band.second(heart_rate=61, rr=(801, 812), acceleration=(0.25, -0.5, 0.7504)))
    expected = {
        "heart_rate": {(100, T * 1000, 61)},
        "rr_interval": {(100, T * 1000, 801), (100, T * 1000 + 1, 812)},
        "acceleration_x": {(100, T * 1000, 250)},
        "acceleration_y": {(100, T * 1000, -500)},
        "acceleration_z": {(100, T * 1000, 750.4)},
        "ppg_green_raw": {(100, T * 1000, 4000)},
        "spo2_red_raw": {(100, T * 1000, 534)},
        "spo2_infrared_raw": {(100, T * 1000, 644)},
        "ambient_light_raw": {(100, T * 1000, 646)},
    }
    kinds = {one.type for one in found if isinstance(one, Metric)}
    assert {kind: series(found, kind) for kind in kinds} == expected
    assert [type(one) for one in found if not isinstance(one, Metric)] == [Device]


def test_every_entity_is_of_the_schema():
    walk = band.walk(60)
    found = read(
        *(band.motion(T + n, walk[:, n * 100 : n * 100 + 100], rr=(800,)) for n in range(60)),
        band.second(rr=(800,) * 8),
        band.live(T + 70, rr=(800,), worn=0),
        band.summary(T + 71, rr=(700,)),
        *(band.event(id, T) for id in range(1, 125)),
        band.event(3, T, bytes.fromhex("02570300003c0f000001000000000000000000")),
        kind="imu",
        id=datetime.fromtimestamp(T, UTC).strftime("%Y-%m-%dT%H"),
    )
    kinds = {one.type for one in found if isinstance(one, Metric)}
    assert kinds >= {"steps", "activity_intensity", "wear", "skin_temperature", "battery"}
    assert kinds <= set(METRICS)
    assert [list(problems(one)) for one in found if not isinstance(one, Report)] == [
        [] for one in found if not isinstance(one, Report)
    ]


def test_what_was_not_measured_is_not_there():
    found = read(
        band.second(
            heart_rate=0,
            rr=(100,),
            acceleration=(0, 0, 0),
            ppg_green=0,
            spo2_red=0,
            spo2_infrared=0,
            ambient_light=0,
        )
    )
    assert [type(one) for one in found] == [Device]


def test_a_beat_that_cannot_be_leaves_its_place_empty():
    found = read(band.second(rr=(800, 30_000, 812)))
    assert series(found, "rr_interval") == {(100, T * 1000, 800), (100, T * 1000 + 2, 812)}
    assert {one.slot_ms for one in found if isinstance(one, Metric)} == {None, 500}


def test_other_kinds_of_record_have_lower_ranks():
    found = read(
        band.live(heart_rate=70, rr=(850,), worn=1),
        band.motion(heart_rate=71, rr=(840,), gravity=(0, 0.5, 0.5)),
        band.second(version=9, heart_rate=72),
        band.second(heart_rate=73),
        band.framed(band.summary(T + 1, heart_rate=74, rr=(810,)), 5),
    )
    expected = {(20, T, 70), (60, T, 71), (80, T, 72), (100, T, 73), (100, T + 1, 74)}
    assert series(found, "heart_rate") == {(rank, ts * 1000, v) for rank, ts, v in expected}
    assert {rank for rank, *_ in series(found, "rr_interval")} == {20, 60, 100}
    assert (60, T * 1000, 500) in series(found, "acceleration_y")
    assert series(found, "wear") == {(20, T * 1000, 100)}
    assert series(found, "skin_temperature") == {(100, (T + 1) * 1000, 30.57)}
    assert series(found, "activity_intensity") == {(60, T * 1000, 0.0)}


def test_wear_is_said_by_live_packets_alone():
    found = read(band.live(worn=0), band.live(T + 1, worn=5), band.second(heart_rate=0))
    assert series(found, "wear") == {(20, T * 1000, 0)}


def test_deprecated_and_unknown_numbers_become_no_metric():
    """700 stands where others see a temperature."""
    found = read(band.second())
    values = {v for one in found if isinstance(one, Metric) for v in one.v}
    assert 700 not in values


def test_a_burst_never_stands_for_a_second():
    assert read(band.burst()) == []


@pytest.mark.parametrize(
    ("ts", "code"),
    [(31_626_932, "clock_not_set"), (0, "clock_not_set"), (T + 3600 + 86_401, "clock_ahead")],
)
def test_records_that_cannot_be_dated_are_set_aside(ts, code):
    found = read(band.second(ts, rr=(800,)), band.live(ts), band.motion(ts), band.event(9, ts))
    assert [one for one in found if isinstance(one, Metric | Event)] == []
    assert set(reports(found)) == {code}
    assert reports(found)[code].status == "skipped"
    assert ": 4 of 4." in reports(found)[code].message


def test_a_day_ahead_is_still_believed_and_beyond_2100_never():
    assert series(read(band.second(T + 3600 + 86_400)), "heart_rate")
    found = read(band.second(4_102_444_801), band.second(), received_at=None)
    assert reports(found)["clock_ahead"].status == "partial"
    assert len(series(found, "heart_rate")) == 1


def test_of_two_records_of_one_second_the_greater_rate_and_the_beats_of_both():
    one, other = band.second(heart_rate=60, rr=(800, 810)), band.second(heart_rate=61, rr=(900,))
    for frames in ((one, other), (other, one), (one, other, one)):
        found = read(*frames)
        assert series(found, "heart_rate") == {(100, T * 1000, 61)}
        rows = [dict(zip(m.t, m.v, strict=True)) for m in found if m.type == "rr_interval"]
        assert sorted(rows, key=str) == [{0: 800, 1: 810}, {0: 900}]


def test_the_first_record_of_a_second_holds_and_no_beat_is_lost():
    """Never a mixture of both; what it does not say the second one does."""
    first = band.second(subsec=512, heart_rate=85, rr=(790,), acceleration=(0.5, -0.5, 0.5))
    second = band.second(
        subsec=32_016, heart_rate=87, rr=(810, 820), acceleration=(0.1, 0.2, 0.9), counter=2
    )
    for frames in ((first, second), (second, first)):
        found = read(*frames)
        assert series(found, "rr_interval") == {
            (100, T * 1000, 790),
            (100, T * 1000 + 500, 810),
            (100, T * 1000 + 501, 820),
        }
        for kind, value in (("heart_rate", 85), ("acceleration_x", 500), ("acceleration_y", -500)):
            assert max(series(found, kind)) == (100, T * 1000, value)
    assert series(read(second), "heart_rate") == {(99, T * 1000, 87)}


def test_the_second_record_of_motion_gives_way_too():
    frames = [band.motion(subsec=at, heart_rate=rate) for at, rate in ((100, 60), (31_600, 90))]
    assert series(read(*frames), "heart_rate") == {(60, T * 1000, 60), (59, T * 1000, 90)}


frames = st.builds(
    band.second,
    st.integers(T, T + 5),
    st.integers(0, 255),
    st.lists(st.integers(100, 2600), max_size=4),
    st.tuples(*[st.sampled_from([0, 0.5, -1.0, 50_000.0])] * 3),
    version=st.sampled_from([24, 12, 9, 18]),
    subsec=st.sampled_from([0, 512, 31_487, 31_488, 32_767]),
)


@settings(max_examples=60)
@given(st.lists(frames | st.builds(band.live, st.integers(T, T + 5)), max_size=8), st.data())
def test_company_and_order_change_nothing(some, data):
    """What a set of frames says is what each says."""
    shuffled = data.draw(st.permutations(some + some[:2]))
    whole, alone = read(*shuffled), [one for frame in some for one in read(frame)]
    for kind in {one.type for one in [*whole, *alone] if isinstance(one, Metric)}:
        if kind == "rr_interval":
            assert series(whole, kind) == series(alone, kind)
        assert held(whole, kind) == held(alone, kind)


def test_a_clock_that_stands_still_is_no_burden():
    """Thousands of records of one second: one sample of each series, and the beats apart."""
    frames = [band.second(T, 60 + n % 40, [300 + n % 2000]) for n in range(4000)]
    found = [one for one in read(*frames) if isinstance(one, Metric)]
    assert series(found, "heart_rate") == {(100, T * 1000, 99)}
    assert len([one for one in found if one.type == "rr_interval"]) == 2000
    assert len([one for one in found if one.type != "rr_interval"]) == 8


@settings(max_examples=40)
@given(st.lists(frames, max_size=8))
def test_times_rise_within_each_metric(some):
    for one in read(*some):
        if isinstance(one, Metric):
            assert np.all(np.diff(np.asarray(one.t, np.int64)) > 0)
            assert one.t[0] == 0


def test_events_say_what_happened_once():
    found = read(
        band.event(9, T, seq=1),
        band.event(9, T, seq=9),
        band.event(10, T + 60, subsec=16_384),
        band.event(14, T + 61),
        band.event(57, T + 62),
        band.event(61, T + 63),
    )
    events = [one for one in found if isinstance(one, Event)]
    assert [(one.type, one.start.timestamp()) for one in events] == [
        ("wrist_on", T),
        ("wrist_off", T + 60.5),
        ("double_tap", T + 61),
        ("alarm", T + 62),
    ]
    assert len({one.key for one in events}) == 4


def test_a_battery_event_is_a_level():
    body = bytes.fromhex("02570300003c0f000001000000000000000000")
    found = read(band.event(3, T, body), kind="events")
    assert series(found, "battery") == {(50, T * 1000, 85.5)}
    assert series(found, "battery_voltage") == {(50, T * 1000, 3900)}


def test_frames_that_cannot_be_read_are_counted_by_kind():
    found = read(
        band.second(),
        band.second(acceleration=(float("nan"), 0, 0)),
        band.second(version=200, heart_rate=0),
        band.second(version=200, heart_rate=0),
        b"\x77\x01\x02",
        b"\x77\x02\x02",
        band.framed(band.second())[:-1],
        band.metadata(1),
        band.event(61),
        b"\x24\x01\x02\x03\x01",
    )
    report = reports(found)["undecodable"]
    assert report.status == "partial"
    assert ": 6 of 10 (" in report.message
    assert "records of version 200: 2" in report.message
    assert "packets of type 77: 2" in report.message
    assert "damaged or sealed frames: 1" in report.message


def test_unreadable_pieces_are_told():
    found = read(b"zz", b"\xaa\x01", kind="unreadable")
    assert [one.code for one in found] == ["unreadable"]
    assert ": 2." in found[0].message


def test_lines_of_hex_are_frames_too():
    body = "\n".join([band.second().hex(), band.second(T + 1).hex()]).encode()
    found = list(normalize(RawItem(kind="file", id="f", body=body, received_at=NOW)))
    assert len(series(found, "heart_rate")) == 2
    with pytest.raises(BadInput, match="no frame"):
        list(normalize(RawItem(kind="file", id="f", body=b"<gpx>", name="walk.gpx")))


def test_a_span_of_years_keeps_its_times():
    """Its offsets do not fit into 32 bits."""
    frames = band.second(1_700_000_000), band.second(T)
    assert series(read(*frames), "heart_rate") == {
        (100, 1_700_000_000_000, 60),
        (100, T * 1000, 60),
    }


@pytest.mark.parametrize(
    ("frame", "model"),
    [
        (band.second(), "4.0"),
        (band.framed(band.live(), 4), "4.0"),
        (band.framed(band.live(), 5), "5.0"),
        (band.summary(), "5.0"),
        (band.live(), None),
        (band.event(9), None),
    ],
)
def test_the_device_is_named_where_its_frames_tell(frame, model):
    devices = [one for one in read(frame) if isinstance(one, Device)]
    assert [(one.key, one.model) for one in devices] == [("band", model)] * (model is not None)


def test_the_same_item_says_the_same_again():
    one = item(*band.day(seconds=100))
    assert msgspec.msgpack.encode([repr(found) for found in normalize(one)]) == (
        msgspec.msgpack.encode([repr(found) for found in normalize(one)])
    )


def test_the_real_night_is_on_the_series_as_it_was(test_data):
    """Heart rate and gravity of each second, as a band would have sent it."""
    import csv
    import gzip

    with gzip.open(test_data / "openstrap" / "real-night" / "onehz.csv.gz", "rt") as file:
        rows = list(csv.DictReader(file))[:5000]
    frames = [
        band.second(
            T + int(row["rel_sec"]),
            int(row["hr"]),
            acceleration=[float(row[axis]) for axis in ("ax", "ay", "az")],
        )
        for row in rows
    ]
    found = read(*frames)
    assert series(found, "heart_rate") == {
        (100, (T + int(row["rel_sec"])) * 1000, int(row["hr"])) for row in rows
    }
    said = {at: v for _, at, v in series(found, "acceleration_z")}
    wrong = [
        row
        for row in rows
        if abs(said[(T + int(row["rel_sec"])) * 1000] - float(row["az"]) * 1000) > 0.56
    ]
    assert wrong == []
