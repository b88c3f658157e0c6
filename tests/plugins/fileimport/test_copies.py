"""Identities in files: what is believed of one, and what is not."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openfit_fileimport.writing import identity
from openfit_fileimport.writing.copies import covered
from openfit_fileimport.writing.identity import COPY, LONGEST, Identity, parse
from openfit_fileimport.writing.outing import gather
from openfit_sdk.schema import Activity, Device, Lap, Metric, Source, Zones
from support.files import gpx
from support.outings import KEY, START, WATCH, metric, of, outings, read, written

SEVEN = "2026-03-01T07:00:00Z"
GOOD = {
    "openfit": 1,
    "activity": {"entity": "activity", "key": "k", "start": SEVEN, "sport": "running"},
}


def with_identity(text):
    """An ordinary GPX with such an extension in its track."""
    element = f'<extensions><exported xmlns="urn:openfit:export:1">{text}</exported></extensions>'
    return gpx(1, points=5).replace(b"<trkseg>", element.encode() + b"<trkseg>")


def test_an_identity_is_taken_as_it_is():
    [found], metrics, _, [report] = read(with_identity(json.dumps(GOOD)))
    assert (found.key, found.ext, report.status) == ("k", {COPY: 3}, "ok")
    assert metrics == []  # it lists no series, so there are none to be restored


@pytest.mark.parametrize(
    "change",
    [
        {"openfit": 2},
        {"openfit": "1"},
        {"activity": {"entity": "sleep", "key": "k", "start": SEVEN}},
        {"activity": GOOD["activity"] | {"key": ""}},
        {"activity": GOOD["activity"] | {"key": "k" * 257}},
        {"activity": GOOD["activity"] | {"key": "a\0b"}},
        {"activity": GOOD["activity"] | {"device": "a\nb"}},
        {"activity": GOOD["activity"] | {"group": "\u202e"}},
        {"activity": GOOD["activity"] | {"start": "yesterday"}},
        {"activity": None},
        {"devices": [{"entity": "device", "key": "\0", "type": "watch"}]},
        {"devices": [{"entity": "activity"}]},
        {"series": [["heart_rate", "\0", "reported"]]},
        {"series": "all"},
        {"activity": GOOD["activity"] | {"notes": "x" * LONGEST}},
    ],
)
def test_what_is_no_identity_leaves_a_file_like_any_other(change):
    plain_key = read(gpx(1, points=5))[0][0].key
    [found], metrics, _, [report] = read(with_identity(json.dumps(GOOD | change)))
    assert report.status == "ok"
    assert found.key not in ("k", plain_key)  # its own bytes' own
    assert COPY not in found.ext
    assert all(one.revision >= 10 for one in metrics)


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda b: b.decode("latin-1")))
def test_no_text_is_too_odd_to_be_turned_down(text):
    assert parse(text) is None


def test_ten_megabytes_of_brackets_are_turned_down_unread():
    assert parse("[" * 10_000_000) is None
    assert parse("[" * (LONGEST - 1)) is None


def test_two_tracks_are_not_one_copy():
    body = with_identity(json.dumps(GOOD))
    track = body[body.index(b"<trk>") : body.index(b"</gpx>")]
    activities, *_ = read(body.replace(b"</gpx>", track + b"</gpx>"))
    assert len(activities) == 2 and "k" not in {one.key for one in activities}


def test_a_copy_has_samples_of_listed_series_only_and_of_lower_revision_than_any_original():
    activity = Activity(key=KEY, device=WATCH.key, start=START, sport="running",
                        end=START + timedelta(seconds=9))  # fmt: skip
    places = [metric("latitude", [0, 9000], [46, 46.1]), metric("longitude", [0, 9000], [7, 7.1])]
    for format, revision in (("fit", 3), ("tcx", 2), ("gpx", 1)):
        [found], again, _, _ = read(written(activity, places, [WATCH], format))
        assert {m.type for m in again} == {"latitude", "longitude"}  # no computed distance
        assert {m.revision for m in of(found, again)} == {revision}
        assert {m.device for m in again} == {WATCH.key}


def test_every_activitys_samples_say_what_they_cover():
    _, originals, _, _ = read(gpx(1, points=5))
    for one in originals:
        assert one.covers.start <= one.start
        assert one.covers.end > one.start + timedelta(milliseconds=one.t[-1])


def test_the_key_of_another_integrations_activity_is_its_own():
    activity = Activity(key="42", start=START, sport="running")
    whoop = Source(integration="whoop", version="1", connection="c")
    keys = {
        identity.key_of(activity),
        identity.key_of(Activity(key="42", start=START, sport="running", source=whoop)),
        identity.key_of(Activity(key="x" * 256, start=START, sport="running", source=whoop)),
    }
    assert len(keys) == 3 and "whoop/42" in keys
    assert all(len(key) <= 256 for key in keys)


@given(outings())
def test_what_is_encoded_is_read_again(outing):
    activity, metrics, devices = outing
    whole = identity.identity_of(gather(activity, metrics, devices), held=identity.PARTS)
    text = identity.encode(whole)
    assert text.isascii() and text.isprintable() and not set("<>&") & set(text)
    assert parse(text) == whole


def test_what_is_too_much_is_left_out_and_the_key_stays():
    many = [Lap(start=START, name="x" * 200)] * 300
    activity = Activity(key=KEY, start=START, sport="running", laps=many, notes="n" * 60_000,
                        ext={"whoop.x": "e" * 60_000},
                        zones=[Zones(type="power", seconds=[1.0])])  # fmt: skip
    text = identity.encode(identity.identity_of(gather(activity, [], []), held=identity.PARTS))
    found = parse(text)
    assert isinstance(found, Identity) and len(text) <= LONGEST
    assert (found.activity.key, found.activity.laps, found.activity.notes) == (KEY, [], None)
    for format in ("fit", "tcx"):
        [again], *_ = read(written(activity, [], [Device(key="d", type="watch")], format))
        assert (again.key, len(again.laps)) == (KEY, 300)


def test_a_metric_without_samples_covers_nothing():
    empty = Metric(key="m", type="heart_rate", start=START, t=[], v=[], activity=KEY)
    assert covered(empty) is empty
