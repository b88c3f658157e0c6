"""Real recordings: what is found in them is what other readers agree on."""

import json
from datetime import timedelta

import pytest
from openfit_fileimport import inspect, normalize
from openfit_sdk import RawItem, Report
from openfit_sdk.schema import Activity, Metric, problems
from support.files import gzipped, zipped

LENGTH = 1e-3  # other tools measure on a plane; ours is a sphere
NO_VALUE = object()


def item(body, name="upload"):
    return RawItem(kind="file", id=name, name=name, body=body)


def expected_of(folder):
    listed = json.loads((folder / "expected.json").read_text())
    return [(folder / name, expected) for name, expected in listed.items()]


def differences(expected, found):
    return {
        name: (value, found.get(name, NO_VALUE))
        for name, value in expected.items()
        if found.get(name, NO_VALUE) != value
    }


@pytest.mark.parametrize("format", ["gpx", "tcx"])
def test_what_is_counted_is_what_other_readers_count(test_data, format):
    wrong = {}
    for file, listed in expected_of(test_data / "files" / format):
        found = inspect(item(file.read_bytes(), file.name))
        expected = listed["expected"] or listed.get("single_library_view")
        if expected is None:
            assert found["error"]["code"] == "bad_xml"
        elif different := differences(expected, found):
            wrong[file.name] = different
    assert wrong == {}


def test_times_lengths_and_extensions_of_gpx_are_those_of_another_reader(test_data):
    wrong = {}
    for file, listed in expected_of(test_data / "files" / "gpx"):
        expected = dict(listed.get("single_source") or {})
        found = inspect(item(file.read_bytes(), file.name))
        length, counts = expected.pop("length_2d_m", None), expected.pop("extension_counts", {})
        if length is not None and found["length_2d_m"] != pytest.approx(length, LENGTH, abs=0.05):
            wrong[file.name] = (length, found["length_2d_m"])
        different = differences(expected, found)
        different |= differences(counts, found.get("extension_counts", {}))
        if different:
            wrong[file.name] = different
    assert wrong == {}


def recordings(test_data):
    for format in ("gpx", "tcx"):
        for file, _ in expected_of(test_data / "files" / format):
            yield file.name, list(normalize(item(file.read_bytes(), file.name)))


def test_everything_read_is_what_the_schema_allows(test_data):
    """A sensor's nonsense is passed on and flagged by the hub; a wrong form would be ours."""
    wrong = [
        (name, problem)
        for name, read in recordings(test_data)
        for entity in read
        if not isinstance(entity, Report)
        for problem in problems(entity)
        if problem.code not in ("implausible", "impossible")
    ]
    assert wrong == []


def test_each_file_has_one_report_and_it_comes_last(test_data):
    for name, read in recordings(test_data):
        at = [n for n, thing in enumerate(read) if isinstance(thing, Report)]
        assert at == [len(read) - 1], name
        assert read[-1].sha256
        assert read[-1].message.endswith(".")


def test_samples_lie_inside_their_activity_and_rise(test_data):
    for name, read in recordings(test_data):
        activities = {one.key: one for one in read if isinstance(one, Activity)}
        for metric in (one for one in read if isinstance(one, Metric)):
            activity, t = activities[metric.activity], metric.t.tolist()
            assert t == sorted(set(t)), name
            assert activity.start <= metric.start, name
            last = metric.start.timestamp() + t[-1] / 1000
            assert last <= (activity.end or activity.start).timestamp() + 0.001, name


@pytest.mark.parametrize(
    "path", ["gpx/sample.gpx", "tcx/testdata.tcx", "fit/Activity.fit", "fit/batt.fit"]
)
def test_a_packed_file_gives_the_very_entities_of_the_loose_one(test_data, path):
    body = (test_data / "files" / path).read_bytes()
    loose, gz, zip, both = (
        list(normalize(item(packed)))
        for packed in (
            body,
            gzipped(body),
            zipped({"a/b": body}),
            zipped({"a/b.gz": gzipped(body)}),
        )
    )
    assert loose[:-1] == gz[:-1] == zip[:-1] == both[:-1]
    assert loose[:-1]
    assert loose[-1].sha256 == gz[-1].sha256 == zip[-1].sha256 == both[-1].sha256
    assert (loose[-1].member, zip[-1].member, both[-1].member) == (None, "a/b", "a/b.gz")


def points_of_gpxpy(body):
    """Latitude, longitude and height by milliseconds since the first point."""
    gpxpy = pytest.importorskip("gpxpy")
    points = [point for point, *_ in gpxpy.parse(body).walk() if point.time is not None]
    start = points[0].time
    return {
        (point.time - start) // timedelta(milliseconds=1): (
            point.latitude,
            point.longitude,
            point.elevation,
        )
        for point in points
    }


@pytest.mark.parametrize(
    "name", ["ExampleTrack.gpx", "garmin_with_extensions.gpx", "around-visnjan-with-car.gpx"]
)
def test_points_are_those_of_gpxpy(test_data, name):
    body = (test_data / "files" / "gpx" / name).read_bytes()
    expected = points_of_gpxpy(body)
    read = {one.type: one for one in normalize(item(body)) if isinstance(one, Metric)}
    for n, type in enumerate(("latitude", "longitude", "altitude")):
        found = dict(zip(read[type].t, read[type].v, strict=True))
        assert found == {t: row[n] for t, row in expected.items() if row[n] is not None}
