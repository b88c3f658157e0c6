"""Activities as GPX and TCX files: their structure, and what comes back."""

from datetime import timedelta
from xml.etree import ElementTree

import gpxpy
import msgspec
import numpy as np
import pytest
from hypothesis import given
from openfit_sdk import BadInput
from openfit_sdk.schema import Activity, Lap, Pause, Totals
from support import outings
from support.outings import KEY, START, WATCH, by_type, instants, metric, of, read, written

GPX = "{http://www.topografix.com/GPX/1/1}"
TPX = "{http://www.garmin.com/xmlschemas/TrackPointExtension/v2}"
TCX = "{http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2}"
EXT = "{http://www.garmin.com/xmlschemas/ActivityExtension/v2}"
CARRIED = {
    "gpx": {"latitude", "longitude", "altitude", "heart_rate", "cadence", "speed", "power",
            "ambient_temperature", "heading"},
    "tcx": {"latitude", "longitude", "altitude", "heart_rate", "cadence", "speed", "power",
            "track_distance"},
}  # fmt: skip
RESOLUTIONS = {"latitude": 5e-8, "longitude": 5e-8, "altitude": 0.005, "heart_rate": 0.5,
               "cadence": 0.5, "speed": 0.0005, "power": 0.5, "ambient_temperature": 0.05,
               "heading": 0.005, "track_distance": 0.005}  # fmt: skip
# The order of elements that the formats' schemas ask for.
POINT = ["Time", "Position", "AltitudeMeters", "DistanceMeters", "HeartRateBpm", "Cadence",
         "SensorState", "Extensions"]  # fmt: skip
LAP = ["TotalTimeSeconds", "DistanceMeters", "MaximumSpeed", "Calories", "AverageHeartRateBpm",
       "MaximumHeartRateBpm", "Intensity", "Cadence", "TriggerMethod", "Track", "Notes",
       "Extensions"]  # fmt: skip
ACTIVITY = ["Id", "Lap", "Notes", "Training", "Creator", "Extensions"]


def facts(activity):
    return msgspec.structs.replace(activity, computed=None, ext={})


def assert_carried(found, expected, format):
    found, expected = by_type(found), by_type(expected)
    for key, one in expected.items():
        if key[0] not in CARRIED[format]:
            continue
        again, times = found[key], instants(one)
        inside = np.isin(times, instants(again))
        assert inside.all() or format == "gpx"  # what has no position has no place in GPX
        values = np.asarray(again.v)[np.isin(instants(again), times)]
        np.testing.assert_allclose(
            values, np.asarray(one.v)[inside], atol=RESOLUTIONS[key[0]] * 1.01
        )


@given(outings.outings(located=True))
def test_gpx_comes_back_as_the_same_activity(outing):
    activity, metrics, devices = outing
    [found], samples, [device], [report] = read(written(activity, metrics, devices, "gpx"))
    assert (report.status, facts(found)) == ("ok", facts(activity))
    assert device.key == WATCH.key
    assert_carried(of(found, samples), metrics, "gpx")


@given(outings.outings())
def test_tcx_comes_back_as_the_same_activity(outing):
    activity, metrics, devices = outing
    [found], samples, [device], reports = read(written(activity, metrics, devices, "tcx"))
    assert {report.status for report in reports} == {"ok"}
    assert facts(found) == facts(activity)
    assert_carried(of(found, samples), metrics, "tcx")


@given(outings.outings(located=True))
def test_gpxpy_reads_what_it_wrote(outing):
    activity, metrics, devices = outing
    file = gpxpy.parse(written(activity, metrics, devices, "gpx"))
    [track] = file.tracks
    assert len(track.segments) == 1 + len(activity.pauses)
    points = [point for segment in track.segments for point in segment.points]
    latitude = next(one for one in metrics if one.type == "latitude")
    assert [round(point.time.timestamp() * 1000) for point in points] == instants(latitude).tolist()
    np.testing.assert_allclose([p.latitude for p in points], latitude.v, atol=5e-8)
    assert track.type == activity.sport


@given(outings.outings())
def test_elements_of_tcx_are_in_the_order_that_its_schema_asks_for(outing):
    root = ElementTree.fromstring(written(*outing, "tcx"))
    assert root.tag == f"{TCX}TrainingCenterDatabase"
    [found] = root.findall(f"{TCX}Activities/{TCX}Activity")
    for element, order in [
        (found, ACTIVITY),
        *((lap, LAP) for lap in found.iter(f"{TCX}Lap")),
        *((point, POINT) for point in found.iter(f"{TCX}Trackpoint")),
    ]:
        places = [order.index(child.tag.removeprefix(TCX)) for child in element]
        assert places == sorted(places)
    for track in found.iter(f"{TCX}Track"):
        assert len(track) > 0


def test_names_that_xml_cannot_say_are_written_without_what_it_cannot():
    name = "a\x00b\x0bc <&> \"']]> \ud83d\ude00 \ufffe é".encode("utf-16", "surrogatepass").decode(
        "utf-16"
    )
    activity = Activity(key=KEY, start=START, sport="r<u>n", name=name, notes=name)
    places = [metric("latitude", [0], [46.0], None), metric("longitude", [0], [7.0], None)]
    for format in ("gpx", "tcx"):
        body = written(activity, places, [], format)
        ElementTree.fromstring(body)
        assert "abc &lt;&amp;&gt;" in body.decode()
        [found], *_ = read(body)
        assert (found.name, found.notes, found.sport) == (name, name, "r<u>n")


def test_without_positions_there_is_no_gpx_but_a_tcx():
    activity = Activity(key=KEY, start=START, sport="cycling")
    samples = [metric("power", [0, 1000], [200, 210])]
    with pytest.raises(BadInput) as refusal:
        written(activity, samples, [], "gpx")
    assert refusal.value.code == "no_positions"
    [found], again, _, _ = read(written(activity, samples, [WATCH], "tcx"))
    assert list(of(found, again)[0].v) == [200, 210]


def test_an_unknown_format_and_another_entity_are_refused():
    activity = Activity(key=KEY, start=START, sport="cycling")
    for thing, format, code in (
        (activity, "kml", "unknown_format"),
        (WATCH, "fit", "not_an_activity"),
    ):
        with pytest.raises(BadInput) as refusal:
            outings.writing.write(thing, [], [], format)
        assert refusal.value.code == code


def test_laps_and_a_pause_between_two_of_them_come_back_from_the_elements_alone():
    """A tool that drops our extension leaves laps, pauses and sums as the format has them."""
    t = [0, 1000, 2000, 60_000, 61_000]
    at = [START + timedelta(milliseconds=ms) for ms in t]
    totals = Totals(timer_seconds=2.5, energy=7, avg_cadence=80)
    activity = Activity(
        key=KEY, start=START, end=at[-1], sport="running",
        laps=[Lap(start=START, end=at[3], totals=totals),
              Lap(start=at[3], end=at[4], totals=Totals(timer_seconds=1.0, energy=3))],
        pauses=[Pause(start=at[2], end=at[3])],
    )  # fmt: skip
    samples = [metric("heart_rate", t, [100, 101, 102, 103, 104]), metric("cadence", t, [80] * 5)]
    body = written(activity, samples, [], "tcx").replace(b"exported", b"stripped")
    [found], again, _, _ = read(body)
    assert found.key != KEY
    assert [lap.totals.timer_seconds for lap in found.laps] == [2.5, 1.0]
    assert (found.reported.energy, found.laps[0].totals.avg_cadence) == (10, 80)
    assert found.pauses == activity.pauses
    assert {m.type: list(m.v) for m in of(found, again)}["cadence"] == [80] * 5
    assert body.count(b"<x:RunCadence>80<") == 5


def test_what_no_device_said_is_in_neither_file():
    activity = Activity(key=KEY, start=START, sport="cycling", computed=Totals(distance=55.5))
    places = [metric("latitude", [0, 900], [46.0, 46.1]), metric("longitude", [0, 900], [7.0, 7.1]),
              metric("speed", [0, 900], [9, 9], method="computed")]  # fmt: skip
    tcx = ElementTree.fromstring(written(activity, places, [], "tcx"))
    for name in ("TotalTimeSeconds", "DistanceMeters", "Calories", "Intensity"):
        assert list(tcx.iter(f"{TCX}{name}")) == []
    assert list(tcx.iter(f"{EXT}Speed")) == []
    gpx = ElementTree.fromstring(written(activity, places, [], "gpx"))
    assert list(gpx.iter(f"{TPX}speed")) == []
    assert list(gpx.iter(f"{GPX}trkpt")) != []
