"""Activities out of the hub as files, and back in: one activity, whatever came first."""

from datetime import timedelta
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from litestar.testing import TestClient
from openfit import (
    editing,
    exporting,
    import_reports,
    importing,
    reading,
    rebuild,
    samples,
    storing,
    work,
    writing,
    writing_now,
)
from openfit.app import build
from openfit.config import Config
from openfit.errors import NotFound, Refused
from openfit.hosts import Hosts
from openfit.hub import OWNER_TOKEN, now_ms, open_hub, owner_id
from openfit.store import connections, entities, people, raw, series
from openfit.store.engine import write
from openfit.store.entities import Stamp
from openfit_sdk.schema import Activity, Device, Metric, Totals
from support.files import START, gpx, gzipped
from support.fit_writer import activity as fit_activity

FORMATS = ("fit", "gpx", "tcx")


@pytest.fixture
def hub(tmp_path, database_url):
    return open_hub(Config(data=tmp_path / "data", database_url=database_url))


@pytest.fixture
def new_hub(tmp_path, migrated_file):
    """Hubs that know nothing yet, as many as are asked for."""

    numbers = iter(range(1000))

    def made():
        data = tmp_path / f"hub-{next(numbers)}"
        data.mkdir()
        (data / "openfit.db").write_bytes(migrated_file.read_bytes())
        return open_hub(Config(data=data, database_url=f"sqlite:///{data / 'openfit.db'}"))

    return made


@pytest.fixture(scope="module")
def hosts(tmp_path_factory):
    """One for all hubs: a plugin's process knows nothing of them."""
    data = tmp_path_factory.mktemp("hosts")
    with Hosts(open_hub(Config(data=data, database_url=f"sqlite:///{data / 'hosts.db'}"))) as hosts:
        yield hosts


@pytest.fixture
def client(hub):
    app = build(hub)
    app.state.worker.wake = lambda: None
    with TestClient(app, base_url="http://localhost") as client:
        token = (hub.config.data / OWNER_TOKEN).read_text().strip()
        client.headers["authorization"] = f"Bearer {token}"
        yield client


def take(hub, hosts, body, name="a file"):
    """Import one file to the end; answers the activities in it."""
    user_id, import_id = owner_id(hub), importing.new_import()
    importing.take_file(hub, user_id, import_id, name, raw.spool_chunks(hub.raw, [body], name))
    work.drain(hub, hosts)
    with hub.engine.connect() as conn:
        [file] = import_reports.report(conn, user_id, import_id, now_ms()).files
    assert file.activities or file.status == "duplicate", file
    return file


def listed(hub, **wanted):
    with hub.engine.connect() as conn:
        return reading.activities(conn, owner_id(hub), limit=100, **wanted)[0]


def detail(hub, activity_id):
    with hub.engine.connect() as conn:
        return reading.activity(hub, conn, owner_id(hub), activity_id)


def written(hub, hosts, activity_id, format):
    file = writing.write_activity(hub, hosts, owner_id(hub), activity_id, format)
    return b"".join(writing.pieces(file))


def picture(hub):
    """Entities, samples and days, as the export of everything has them."""
    user_id = owner_id(hub)
    with hub.engine.connect() as conn:
        return (
            list(exporting.entity_lines(hub, conn, user_id, {})),
            list(exporting.sample_lines(conn, user_id, {})),
            list(exporting.daily_lines(conn, user_id)),
        )


def originals():
    """A GPX between seconds with a pause, and a FIT with laps, a pause and a device."""
    fine = gpx(1, points=40).replace(b"Z</time>", b".250Z</time>")
    half = fine.index(b"<trkpt", len(fine) // 2)
    return {
        "gpx": fine[:half] + b"</trkseg><trkseg>" + fine[half:],
        "fit": fit_activity(seconds=60),
    }


@pytest.fixture(params=sorted(originals()))
def original(request):
    return originals()[request.param]


def test_in_any_order_original_and_copies_are_one_activity(new_hub, hosts, original):
    hub = new_hub()
    [activity_id] = take(hub, hosts, original).activities
    copies = {format: written(hub, hosts, activity_id, format) for format in FORMATS}
    alone, known = picture(hub), {}
    for order in permutations({"original": original} | copies):
        again, came = new_hub(), set()
        for name in order:
            file = take(again, hosts, ({"original": original} | copies)[name])
            came.add(name)
            [row] = listed(again, twins=True)
            assert file.activities == [row.id]
            now = picture(again)
            assert known.setdefault(frozenset(came), now) == now, (order, name)
    assert {s: p for s, p in known.items() if "original" in s and p != alone} == {}


@pytest.mark.parametrize("format", FORMATS)
def test_a_copy_alone_brings_the_activity_back(hub, new_hub, hosts, original, format):
    [activity_id] = take(hub, hosts, original).activities
    fresh = new_hub()
    [again_id] = take(fresh, hosts, written(hub, hosts, activity_id, format)).activities
    before, after = detail(hub, activity_id), detail(fresh, again_id)
    assert facts(after.activity) == facts(before.activity)
    assert after.device == before.device
    assert {s.metric for s in after.streams} <= {s.metric for s in before.streams}
    if format == "fit":
        assert after.streams == before.streams


def facts(activity):
    """All but what is computed from samples again, and the marks of copies."""
    named = ("key", "device", "start", "end", "utc_offset", "sport", "sub_sport", "name", "notes",
             "reported", "laps", "pauses", "lengths", "sets", "zones", "pool_length")  # fmt: skip
    return {name: getattr(activity, name) for name in named}


def test_reading_everything_again_changes_nothing(new_hub, hosts, original):
    hub = new_hub()
    [activity_id] = take(hub, hosts, original).activities
    again = new_hub()
    for format in FORMATS:
        take(again, hosts, written(hub, hosts, activity_id, format))
    for body in (None, original):
        if body is not None:
            take(again, hosts, body)
        before = picture(again)
        connection = importing.connection_of(again, owner_id(again))
        rebuild.request(again, owner_id(again), connection)
        work.drain(again, hosts)
        assert picture(again) == before
    assert picture(again) == picture(hub)


def test_an_activity_of_another_integration_and_its_copies_are_one_line(hub, hosts):
    """Its key is another's, so a copy is a record of its own, grouped by its looks."""
    user_id = owner_id(hub)
    with write(hub.engine) as conn:
        vendor = connections.ensure(conn, user_id, "vendor", now_ms()).connection_id
        stamp = Stamp(user_id, vendor, 1000, "0" * 64)
        t = np.arange(0, 600_000, 1000)
        ride = Activity(
            key="ride 7", device="band", start=START, end=START + timedelta(seconds=600),
            sport="cycling", reported=Totals(distance=5000.0, avg_heart_rate=131),
        )  # fmt: skip
        entities.put(conn, stamp, [Device(key="band", type="band", model="B1"), ride])
        for type, v in (("heart_rate", 130 + t % 3), ("speed", 8.0 + t % 5)):
            metric = Metric(key=type, type=type, device="band", start=START, t=t, v=v,
                            activity="ride 7")  # fmt: skip
            ref = storing.series_of(stamp, metric, hub.plugins.metric(type))
            found = samples.columns(metric, hub.plugins.metric(type))
            series.put(conn, user_id, ref, found, receipt=1000, order=0)
    [row] = listed(hub)
    before = [detail(hub, row.id).streams, detail(hub, row.id).activity]
    copies = [take(hub, hosts, written(hub, hosts, row.id, format)) for format in ("fit", "tcx")]
    assert len({id for file in copies for id in file.activities}) == 1
    [line] = listed(hub)
    assert line.twins == 1
    assert len(listed(hub, twins=True)) == 2
    assert [detail(hub, row.id).streams, detail(hub, row.id).activity] == before
    [copy_id] = copies[0].activities
    copy = detail(hub, copy_id)
    assert copy.activity.key == "vendor/ride 7"
    assert (copy.device.model, copy.activity.reported.distance) == ("B1", 5000.0)
    again = take(hub, hosts, written(hub, hosts, copy_id, "fit"))
    assert again.activities == [copy_id]


@pytest.mark.parametrize("format", FORMATS)
def test_a_copy_of_a_copy_is_the_same_again(hub, new_hub, hosts, original, format):
    [activity_id] = take(hub, hosts, original).activities
    first, second = new_hub(), new_hub()
    [one] = take(first, hosts, written(hub, hosts, activity_id, format)).activities
    [two] = take(second, hosts, written(first, hosts, one, format)).activities
    assert facts(detail(second, two).activity) == facts(detail(first, one).activity)
    take(hub, hosts, written(second, hosts, two, format))
    [row] = listed(hub, twins=True)
    assert row.id == activity_id


def test_corrections_are_in_the_file_and_do_not_become_the_originals_words(
    hub, new_hub, hosts, original
):
    [activity_id] = take(hub, hosts, original).activities
    before = picture(hub)
    editing.correct(hub, owner_id(hub), activity_id, {"name": "Mine \x01 <&>", "sport": "rowing"})
    copies = {format: written(hub, hosts, activity_id, format) for format in FORMATS}
    fresh = new_hub()
    for body in copies.values():
        [again] = take(fresh, hosts, body).activities
        shown = detail(fresh, again).activity
        assert (shown.name, shown.sport) == ("Mine \x01 <&>", "rowing")
        take(hub, hosts, body)
    assert picture(hub) == before
    assert detail(hub, activity_id).activity.name == "Mine \x01 <&>"
    editing.correct(hub, owner_id(hub), activity_id, {"name": None})
    assert detail(hub, activity_id).activity.name != "Mine \x01 <&>"


def test_a_deleted_activity_does_not_come_back_in_a_copy(hub, hosts, original):
    [activity_id] = take(hub, hosts, original).activities
    copy = written(hub, hosts, activity_id, "fit")
    editing.hide(hub, owner_id(hub), activity_id)
    take(hub, hosts, copy)
    assert listed(hub, twins=True) == []


def test_what_another_tool_saved_again_is_a_twin_and_no_second_line(hub, hosts, original):
    [activity_id] = take(hub, hosts, original).activities
    for format in ("gpx", "tcx"):
        copy = written(hub, hosts, activity_id, format)
        start = copy.index(b"urn:openfit:export:1")
        stripped = copy.replace(b"exported>", b"gone>").replace(b":exported ", b":gone ")
        assert start > 0 and stripped != copy
        take(hub, hosts, stripped)
    assert len(listed(hub, twins=True)) == 3
    [row] = listed(hub)
    assert row.twins == 2


def test_another_users_copy_is_an_activity_of_ones_own(hub, hosts, original):
    with write(hub.engine) as conn:
        other, _ = people.create_user(conn, "Other", now_ms())
    [activity_id] = take(hub, hosts, original).activities
    body = written(hub, hosts, activity_id, "fit")
    mine, import_id = picture(hub), importing.new_import()
    importing.take_file(hub, other, import_id, "x", raw.spool_chunks(hub.raw, [body], "x"))
    work.drain(hub, hosts)
    assert picture(hub) == mine
    with hub.engine.connect() as conn:
        [theirs] = reading.activities(conn, other, limit=9)[0]
    assert theirs.id != activity_id
    with pytest.raises(NotFound):
        writing.write_activity(hub, hosts, other, activity_id, "fit")


def test_pages_of_the_list_are_whole_where_twins_are_collapsed(hub, hosts):
    for n in range(6):
        body = gpx(n, points=30)
        take(hub, hosts, body)
        if n % 2:
            take(hub, hosts, body.replace(b"Outing", b"Phone"))
    seen, before = [], None
    while True:
        with hub.engine.connect() as conn:
            rows, before = reading.activities(conn, owner_id(hub), limit=2, before=before)
        seen += rows
        if before is None:
            break
        assert len(rows) == 2
    assert [row.twins for row in seen] == [1, 0, 1, 0, 1, 0]
    assert [row.start for row in seen] == sorted((row.start for row in seen), reverse=True)
    assert len({row.id for row in seen}) == 6
    assert len(listed(hub, twins=True)) == 9


def test_a_follower_is_shown_while_its_leader_is_deleted(hub, hosts):
    body = gpx(1)
    take(hub, hosts, body)
    take(hub, hosts, body.replace(b"Outing", b"Phone"))
    [leader] = listed(hub)
    editing.hide(hub, owner_id(hub), leader.id)
    [other] = listed(hub)  # before twins are grouped anew
    assert other.id != leader.id


# The API -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("format", "media_type", "begins"),
    [
        ("fit", "application/vnd.ant.fit", b"\x0e\x20"),
        ("gpx", "application/gpx+xml", b"<?xml"),
        ("tcx", "application/vnd.garmin.tcx+xml", b"<?xml"),
    ],
)
def test_the_api_gives_an_activity_as_a_file(hub, client, hosts, format, media_type, begins):
    [activity_id] = take(hub, hosts, gpx(3, offset="+02:00")).activities
    answer = client.get(f"/api/v1/export/activities/{activity_id}.{format}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(media_type)
    row = detail(hub, activity_id).activity
    local = f"{row.start.replace(hour=(row.start.hour + 2) % 24):%Y-%m-%d-%H%M}"
    assert f"{local}-running.{format}" in answer.headers["content-disposition"]
    assert answer.content.startswith(begins)


def test_what_cannot_be_written_is_said_with_a_way_out(hub, client, hosts):
    indoors = gpx(1).replace(b'lat="', b'lat="9').replace(b'lon="', b'lon="9')
    [activity_id] = take(hub, hosts, indoors).activities
    answers = {
        path: client.get(f"/api/v1/export/activities/{path}")
        for path in (f"{activity_id}.gpx", f"{activity_id}.xlsx", activity_id, "unknown.fit")
    }
    said = {path: (a.status_code, a.json()["code"]) for path, a in answers.items()}
    assert list(said.values()) == [
        (400, "no_positions"),
        (400, "unknown_format"),
        (400, "unknown_format"),
        (404, "no_activity"),
    ]
    assert "TCX" in answers[f"{activity_id}.gpx"].json()["next_step"]
    assert "fit" in answers[f"{activity_id}.xlsx"].json()["next_step"]
    assert client.get(f"/api/v1/export/activities/{activity_id}.tcx").status_code == 200


def test_the_list_collapses_twins_unless_asked_not_to(hub, client, hosts):
    body = gpx(1)
    take(hub, hosts, body)
    take(hub, hosts, body.replace(b"Outing", b"Phone"))
    [row] = client.get("/api/v1/activities").json()["items"]
    assert row["twins"] == 1
    assert len(client.get("/api/v1/activities", params={"twins": "all"}).json()["items"]) == 2
    assert client.get("/api/v1/activities", params={"twins": "some"}).status_code == 400


# The command line --------------------------------------------------------------------------------


def run(hub, **wish):
    asked = {"activity": None, "format": "fit", "output": None, "every": False, "force": False}
    return list(writing_now.run(hub, owner_id(hub), writing_now.Wish(**asked | wish)))


def test_the_command_writes_one_and_does_not_replace_what_is_there(hub, hosts, tmp_path):
    [activity_id] = take(hub, hosts, gpx(1)).activities
    [line] = run(hub, activity=activity_id, output=tmp_path)
    file = Path(line.text)
    assert file.parent == tmp_path and file.name.endswith("-running.fit")
    content = file.read_bytes()
    file.write_bytes(b"precious")
    with pytest.raises(Refused, match="there already"):
        run(hub, activity=activity_id, output=file)
    assert file.read_bytes() == b"precious"
    run(hub, activity=activity_id, output=file, force=True)
    assert file.read_bytes() == content
    with pytest.raises(NotFound):
        run(hub, activity=activity_id, output=tmp_path / "nowhere" / "x.fit")


def test_the_command_writes_all_and_says_which_it_could_not(hub, hosts, tmp_path):
    body = gpx(1)
    take(hub, hosts, body)
    take(hub, hosts, body.replace(b"Outing", b"Phone"))
    later = gpx(2).replace(b'lat="', b'lat="9').replace(b'lon="', b'lon="9')
    take(hub, hosts, gzipped(later))
    lines = run(hub, every=True, output=tmp_path, format="GPX")
    assert sorted(line.failed for line in lines) == [False, True]
    [said] = [line.text for line in lines if line.failed]
    assert "no positions" in said
    assert len(list(tmp_path.glob("*.gpx"))) == 1
    with pytest.raises(Refused, match="Name one"):
        run(hub)


def test_activities_of_one_minute_do_not_overwrite_each_other():
    taken = set()
    names = [writing.free("2026-03-01-0700-running.fit", taken) for _ in range(3)]
    assert names == [
        "2026-03-01-0700-running.fit",
        "2026-03-01-0700-running-2.fit",
        "2026-03-01-0700-running-3.fit",
    ]
