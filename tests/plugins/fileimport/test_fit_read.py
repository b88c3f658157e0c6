"""From FIT messages to entities."""

import gzip
import hashlib

import numpy as np
import pytest
from openfit_fileimport import fit
from openfit_schema import check
from openfit_sdk import Report
from openfit_sdk.schema import Activity, Device, Metric, Sleep
from support.fit_writer import ENUM, EPOCH, START, STRING, U8, U16, U32, Writer, activity

SHA = "ab" * 32


def read(body):
    return list(fit.read(body, SHA))


def of(kind, entities):
    return [entity for entity in entities if isinstance(entity, kind)]


def metrics(entities):
    return {(m.type, m.method): m for m in of(Metric, entities)}


def file_id(writer, kind):
    return writer.define(0, 0, [(0, ENUM, 1), (1, U16, 1), (2, U16, 1), (3, 0x8C, 1)]).write(
        0, kind, 1, 1836, 77
    )


def test_an_activity_has_its_totals_pause_lap_device_and_offset():
    entities = read(activity())
    [found] = of(Activity, entities)
    [device] = of(Device, entities)
    assert (found.sport, found.utc_offset, found.device) == ("running", "+02:00", device.key)
    assert found.reported.distance == 180.0
    assert (found.reported.elapsed_seconds, found.reported.timer_seconds) == (80.0, 60.0)
    assert (found.reported.energy, found.reported.avg_heart_rate) == (42, 139)
    assert [(p.end - p.start).total_seconds() for p in found.pauses] == [21.0]
    assert [(lap.trigger, lap.totals.distance) for lap in found.laps] == [("session_end", 180.0)]
    assert found.computed.distance == pytest.approx(181.0, abs=0.1)  # on the map
    assert (device.vendor, device.type, device.serial == "123456789") == (
        "garmin",
        "bike_computer",
        False,
    )


def test_channels_come_in_the_units_of_their_types():
    found = metrics(read(activity()))
    heart, altitude = found["heart_rate", "reported"], found["altitude", "reported"]
    assert heart.v[:3].tolist() == [120, 121, 122]
    assert heart.t[:3].tolist() == [0, 1000, 2000]
    assert altitude.v[:2].tolist() == [0.0, 1.0]  # (500 + n) * 5, scale 5, offset 500
    assert found["speed", "reported"].v[0] == 3.0
    assert found["track_distance", "reported"].v[-1] == 177.0
    assert found["latitude", "reported"].v[0] == pytest.approx(500_000_000 * 180 / 2**31)
    assert found["ambient_temperature", "reported"].v[0] == 18
    assert {activity for activity in {m.activity for m in found.values()}} == {f"{SHA[:32]}:0"}
    assert heart.revision == 30


def test_every_entity_is_sound_by_the_schema():
    for entity in read(activity()):
        if not isinstance(entity, Report):
            assert check.rejected(check.problems(entity)) == []


def test_the_same_bytes_give_the_same_keys_and_other_bytes_others():
    assert read(activity()) == read(activity())
    other = list(fit.read(activity(), "cd" * 32))
    assert {e.key for e in of(Activity, other)}.isdisjoint(
        e.key for e in of(Activity, read(activity()))
    )


def test_a_recording_that_was_cut_off_is_an_activity_by_its_samples():
    entities = read(activity()[:1200])
    [found] = of(Activity, entities)
    report = entities[-1]
    assert found.reported == type(found.reported)()
    assert found.computed.elapsed_seconds > 10
    assert (report.status, report.code) == ("partial", "truncated")
    assert report.at_byte <= 1200


def test_legs_of_a_multisport_recording_share_a_group_and_no_samples():
    w = file_id(Writer(), 4).define(2, 20, [(253, U32, 1), (3, U8, 1)])
    for n in range(100):
        w.write(2, START + n, 100 + n)
    w.define(4, 18, [(253, U32, 1), (2, U32, 1), (5, ENUM, 1), (7, U32, 1)])
    w.write(4, START + 40, START, 5, 40_000).write(4, START + 50, START + 40, 3, 10_000)
    w.write(4, START + 99, START + 50, 2, 49_000)
    entities = read(w.bytes())
    legs = of(Activity, entities)
    assert [leg.sport for leg in legs] == ["swimming", "transition", "cycling"]
    assert len({leg.group for leg in legs}) == 1
    beats = [m for m in of(Metric, entities) if m.type == "heart_rate"]
    assert [len(m.v) for m in beats] == [40, 10, 50]


def test_swim_lengths_and_the_pool_are_kept():
    w = file_id(Writer(), 4)
    w.define(
        1, 101, [(253, U32, 1), (2, U32, 1), (3, U32, 1), (5, U16, 1), (7, ENUM, 1), (12, ENUM, 1)]
    )
    w.write(1, START + 30, START, 30_000, 18, 0, 1).write(
        1, START + 45, START + 30, 15_000, 0xFFFF, 0xFF, 0
    )
    w.define(4, 18, [(253, U32, 1), (2, U32, 1), (5, ENUM, 1), (7, U32, 1), (44, U16, 1)])
    w.write(4, START + 45, START, 5, 45_000, 2500)
    [swim] = of(Activity, read(w.bytes()))
    assert swim.pool_length == 25.0
    first, rest = swim.lengths
    assert (first.seconds, first.stroke, first.strokes, first.active) == (
        30.0,
        "freestyle",
        18,
        True,
    )
    assert (rest.stroke, rest.strokes, rest.active) == (None, None, False)


def test_beats_lie_after_the_record_before_them_and_nothing_is_made_of_the_absent():
    w = file_id(Writer(), 4).define(2, 20, [(253, U32, 1), (3, U8, 1)]).define(3, 78, [(0, U16, 5)])
    for n in range(10):
        w.write(2, START + n, 75).write(3, [800, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF])
    rr = metrics(read(w.bytes()))["rr_interval", "reported"]
    assert rr.v.tolist() == [800] * 10
    assert np.diff(rr.t).tolist() == [800] * 9


def test_a_straps_own_memory_fills_in_the_heart_rate_of_a_swim():
    w = file_id(Writer(), 4).define(2, 20, [(253, U32, 1), (5, U32, 1)])
    for n in range(20):
        w.write(2, START + n, n * 100)
    w.define(3, 132, [(253, U32, 1), (0, U16, 1), (6, U8, 1), (9, U32, 1)])
    w.write(3, START, 0, 88, 5000)
    w.define(4, 132, [(6, U8, 2), (10, 0x0D, 3)])
    first, second = (5000 + 1024) & 0xFFF, (5000 + 2048) & 0xFFF
    packed = bytes([first & 0xFF, first >> 8 | (second & 0xF) << 4, second >> 4])
    w.write(4, [90, 92], packed)
    heart = metrics(read(w.bytes()))["heart_rate", "reported"]
    assert (heart.t.tolist(), heart.v.tolist()) == ([0, 1000, 2000], [88, 90, 92])


def developer(native):
    w = file_id(Writer(), 4)
    w.define(5, 207, [(3, U8, 1)]).write(5, 0)
    fields = [
        (0, U8, 1),
        (1, U8, 1),
        (2, U8, 1),
        (3, STRING, 16),
        (8, STRING, 8),
        (14, U16, 1),
        (15, U8, 1),
    ]
    w.define(6, 206, fields)
    w.write(6, 0, 1, 0x84, b"Leg Spring", b"kN/m", *((20, 7) if native else (0xFFFF, 0xFF)))
    w.define(2, 20, [(253, U32, 1), (3, U8, 1), (7, U16, 1)], developer=[(1, 2, 0)])
    for n, power in enumerate([0xFFFF, 240]):
        w.write(2, START + n, 140, power, (210 + n).to_bytes(2, "little"))
    return metrics(read(w.bytes()))


def test_a_developer_field_gets_a_type_of_its_own():
    found = developer(native=False)
    assert found["fit.leg_spring", "reported"].v.tolist() == [210, 211]
    assert found["power", "reported"].v.tolist() == [240]


def test_a_developer_field_stands_in_for_an_absent_native_one_and_never_replaces_it():
    assert developer(native=True)["power", "reported"].v.tolist() == [210, 240]


def test_monitoring_becomes_steps_over_spans_across_midnight_and_heart_rate():
    w = file_id(Writer(), 32).define(1, 103, [(253, U32, 1)]).write(1, START)
    w.define(2, 55, [(253, U32, 1), (3, U32, 1), (5, ENUM, 1)])
    for minute, cycles in ((0, 100), (15, 400), (30, 10), (45, 60)):
        w.write(2, START + minute * 60, cycles, 6)
    w.define(3, 55, [(26, U16, 1), (27, U8, 1)])
    for minute, bpm in ((46, 60), (47, 61), (48, 0)):
        w.write(3, (START + minute * 60) & 0xFFFF, bpm)
    found = metrics(read(w.bytes()))
    steps, heart = found["steps", "reported"], found["heart_rate", "reported"]
    assert steps.v.tolist() == [300, 10, 50]
    assert steps.d.tolist() == [900_000] * 3
    assert (heart.v.tolist(), heart.t.tolist()) == ([60, 61], [0, 60_000])
    assert heart.start.timestamp() == START + EPOCH + 46 * 60
    assert heart.activity is None


def test_scales_cuffs_stress_and_sleep():
    w = file_id(Writer(), 9)
    w.define(1, 30, [(253, U32, 1), (0, U16, 1), (1, U16, 1)])
    w.write(1, START, 7135, 1820).write(1, START + 60, 65534, 0xFFFF)
    w.define(2, 51, [(253, U32, 1), (0, U16, 1), (1, U16, 1)]).write(2, START, 121, 79)
    w.define(3, 227, [(0, 0x83, 1), (1, U32, 1)]).write(3, 25, START).write(3, -2, START + 180)
    w.define(4, 275, [(253, U32, 1), (0, ENUM, 1)])
    for minute, level in ((0, 2), (30, 3), (60, 4), (90, 1)):
        w.write(4, START + minute * 60, level)
    entities = read(w.bytes())
    found = {type: m.v.tolist() for (type, _), m in metrics(entities).items()}
    assert found == {
        "weight": [71.35],
        "body_fat": [18.2],
        "blood_pressure_systolic": [121],
        "blood_pressure_diastolic": [79],
        "stress": [25],
    }
    [night] = of(Sleep, entities)
    assert [stage.stage for stage in night.stages] == ["light", "deep", "rem", "wake"]


def test_settings_are_understood_but_hold_nothing_to_show():
    [_, report] = read(file_id(Writer(), 2).bytes())
    assert (report.status, report.code) == ("unsupported", "nothing_to_show")
    assert report.message.startswith("This FIT file (settings) holds no activity")


def test_a_recording_without_a_date_says_why_it_cannot_be_shown():
    w = file_id(Writer(), 4).define(2, 20, [(253, U32, 1), (3, U8, 1)]).write(2, 4711, 90)
    assert read(w.bytes())[-1].code == "no_date"


def test_every_real_file_gives_sound_entities_or_a_reason(test_data):
    for path in sorted((test_data / "files" / "fit").glob("*.fit*")):
        body = path.read_bytes()
        body = gzip.decompress(body) if path.suffix == ".gz" else body
        if not fit.looks_like(body[:12]):
            continue
        entities = list(fit.read(body, hashlib.sha256(body).hexdigest()))
        assert isinstance(entities[-1], Report), path.name
        for entity in entities[:-1]:
            rejected = check.rejected(check.problems(entity))
            assert [p for p in rejected if p.code != "impossible"] == [], path.name


def test_counters_begin_at_midnight_so_the_first_count_is_not_lost():
    midnight = START - START % 86_400 + 86_400
    w = file_id(Writer(), 32).define(1, 103, [(253, U32, 1), (0, U32, 1)])
    w.write(1, midnight, midnight)
    w.define(2, 55, [(253, U32, 1), (3, U32, 1), (5, ENUM, 1)]).write(2, midnight + 600, 1500, 1)
    steps = metrics(read(w.bytes()))["steps", "reported"]
    assert (steps.v.tolist(), steps.d.tolist()) == ([1500], [600_000])


def test_vo2_max_is_dated_by_its_update():
    w = file_id(Writer(), 4).define(1, 229, [(0, U32, 1), (2, U16, 1)]).write(1, START, 523)
    found = metrics(read(w.bytes()))["vo2_max", "reported"]
    assert (found.v.tolist(), found.start.timestamp()) == ([52.3], START + EPOCH)


def test_one_flipped_time_does_not_make_an_activity_of_decades():
    w = file_id(Writer(), 4).define(2, 20, [(253, U32, 1), (3, U8, 1)])
    for n in range(50):
        w.write(2, START + n, 100)
    w.write(2, START + 0x40000000, 100)
    [found] = of(Activity, read(w.bytes()))
    assert (found.end - found.start).total_seconds() == 49


def test_sensors_that_took_part_are_named():
    w = file_id(Writer(), 4).define(2, 20, [(253, U32, 1), (3, U8, 1)]).write(2, START, 100)
    w.define(1, 23, [(253, U32, 1), (0, U8, 1), (2, U16, 1), (3, 0x8C, 1), (4, U16, 1)])
    w.write(1, START, 0, 1, 77, 1836).write(1, START, 1, 32, 4711, 31)
    [found] = of(Activity, read(w.bytes()))
    [sensor] = found.ext["fileimport.sensors"]
    assert (sensor["vendor"], sensor["model"], len(sensor["serial"])) == ("wahoo_fitness", "31", 16)


def test_sensors_are_averaged_over_time_not_over_samples():
    w = file_id(Writer(), 4).define(2, 20, [(253, U32, 1), (3, U8, 1)])
    for at, bpm in ((0, 100), (1, 100), (2, 160), (12, 100)):
        w.write(2, START + at, bpm)
    computed = of(Activity, read(w.bytes()))[0].computed
    assert computed.avg_heart_rate == pytest.approx((100 * 2 + 160 * 10) / 12, abs=0.01)
    assert computed.max_heart_rate == 160
