"""Activities out of the hub as files, and back in: one activity, whatever came first."""

from datetime import timedelta
from itertools import permutations

import numpy as np
import pytest
from openfit.background import work
from openfit.config import Config
from openfit.deriving import rebuild
from openfit.errors import NotFound
from openfit.hosting.hosts import Hosts
from openfit.hub import now_ms, open_hub, owner_id
from openfit.intake import importing, samples, storing
from openfit.leaving import contents, writing
from openfit.leaving import samples as out
from openfit.person import editing
from openfit.store import connections, entities, outgoing, people, raw, series
from openfit.store.engine import write
from openfit.store.entities import Stamp
from openfit.store.tables import daily
from openfit.views import reading
from openfit_sdk.schema import Activity, Device, Metric, Totals
from support.copies import detail, listed, take, written
from support.files import START, gpx
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


def picture(hub):
    """Entities, samples and days, as the export of everything has them."""
    user_id = owner_id(hub)
    with hub.engine.connect() as conn:
        return (
            list(contents.entity_lines(hub, conn, user_id, {})),
            list(out.lines(conn, user_id, outgoing.ALWAYS, {})),
            list(contents.dated(conn, daily, user_id, contents.EVERYTHING)),
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


def test_an_original_that_comes_after_its_copy_is_news(hub, new_hub, hosts, original):
    [activity_id] = take(hub, hosts, original).activities
    copy, fresh = written(hub, hosts, activity_id, "gpx"), new_hub()
    said = [take(fresh, hosts, body).status for body in (copy, original, copy)]
    assert said == ["imported", "imported", "duplicate"]


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
