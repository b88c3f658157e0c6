"""What one task runs into is its own: everybody else's work goes on, and an idle hub rests."""

from datetime import UTC, datetime, timedelta

import pytest
from openfit.background import work
from openfit.cli import importing_now
from openfit.deriving import derive
from openfit.errors import Refused
from openfit.hosting.hosts import Hosts
from openfit.hub import now_ms, owner_id
from openfit.intake import connecting, import_reports, importing, ingest
from openfit.intake.import_reports import Failure
from openfit.store import connections, entities, people, raw
from openfit.store.engine import write
from openfit_sdk import RawItem
from openfit_sdk.schema import Activity, Device, Event, Metric
from support.asking import hub_on
from support.files import gpx
from support.persons import asking, person


@pytest.fixture
def hub(tmp_path, database_url):
    return hub_on(tmp_path / "data", database_url)


@pytest.fixture
def other(hub):
    with write(hub.engine) as conn:
        return people.create_user(conn, "Other", now_ms())[0]


def gone(hub, user_id, **values):
    """A connection with an original, whose plugin was removed since."""
    with write(hub.engine) as conn:
        row = connections.ensure(conn, user_id, "removed", now_ms(), name="Old watch", **values)
    item = RawItem(kind="file", id="1", name="old.bin", body=b"bytes")
    ingest.accept(hub, user_id, row.connection_id, [ingest.spooled(item)])
    return row.connection_id


def outing(hub, user_id, tmp_path, n=1):
    path = tmp_path / f"{n}.gpx"
    path.write_bytes(gpx(n))
    importing.import_path(hub, user_id, importing.new_import(), path)


def activities(hub, user_id):
    with hub.engine.connect() as conn:
        return len(entities.select_kind(conn, user_id, "activity"))


def worked(hub):
    with Hosts(hub) as hosts:
        return work.drain(hub, hosts)


@pytest.mark.parametrize("more", [{}, {"next_sync_at": 1}, {"rebuild": "all"}])
def test_what_no_plugin_reads_waits_and_everything_else_goes_on(hub, other, tmp_path, more):
    mine = owner_id(hub)
    waits = gone(hub, mine, **more)
    outing(hub, mine, tmp_path)
    outing(hub, other, tmp_path, 2)
    assert worked(hub)
    assert (activities(hub, mine), activities(hub, other)) == (1, 1)
    assert not work.anything_due(hub)
    said = connecting.one(hub, mine, waits)
    assert (said.status, said.originals) == ("failed", {"pending": 1})
    assert said.message == (
        "The plugin 'removed' is not installed. "
        "Install it with pip, for example: pip install openfit-removed"
    )


def test_a_file_tells_which_plugin_it_waits_for(hub, tmp_path, monkeypatch):
    mine, import_id = owner_id(hub), importing.new_import()
    path = tmp_path / "run.gpx"
    path.write_bytes(gpx(1))
    importing.import_path(hub, mine, import_id, path)
    monkeypatch.delitem(hub.plugins.plugins, "fileimport")
    with Hosts(hub) as hosts:
        [waits] = importing_now.read(hub, hosts, mine, import_id)  # ends, for nothing will come
    assert (waits.status, waits.error) == (
        "blocked",
        Failure(
            "no_plugin",
            "run.gpx is kept and waits. The plugin 'fileimport' is not installed.",
            "Install it with pip, for example: pip install openfit-fileimport",
        ),
    )
    told = reported(hub, mine, import_id)
    assert (told.state, told.done, told.counts) == ("running", 0, {"blocked": 1})
    assert (told.remaining_seconds, told.remaining_reason) == (None, "no_plugin")
    monkeypatch.undo()
    assert reported(hub, mine, import_id).counts == {"queued": 1}
    assert worked(hub)
    assert reported(hub, mine, import_id).counts == {"imported": 1}


def reported(hub, user_id, import_id):
    with hub.engine.connect() as conn:
        return import_reports.report(hub, conn, user_id, import_id, now_ms())


def test_padding_of_a_vendors_texts_stops_nothing_on_either_database(hub):
    """NUL fills fixed fields of many formats; one database takes it into a text, the other none."""
    at = datetime(2026, 3, 1, 8, tzinfo=UTC)
    with asking(hub) as client:
        ada = person(client, hub)
        ada.store(
            Device(key="w\0", type="watch\0", name="Watch\0\0"),
            Activity(
                key="a\0", device="w\0", sport="running\0", name="Park\0", notes="\0wet",
                start=at, end=at + timedelta(hours=1), utc_offset="+00:00",
            ),
            Metric(key="m", type="heart_rate", device="w\0", activity="a\0", start=at, v=[99.0] * 9,
                   interval_ms=1000),
            Event(key="e", type="tag", text="calm\0", start=at),
        )  # fmt: skip
        [one] = ada.get("/activities")["items"]
        assert (one["sport"], one["name"], one["device"]["name"]) == ("running", "Park", "Watch")
        assert [row["id"] for row in ada.get("/search", q="wet")["items"]] == [one["id"]]
        streams = ada.get(f"/activities/{one['id']}")["streams"]
        assert [stream["metric"] for stream in streams] == ["heart_rate"]
        items = [RawItem(kind="night\0", id="7\0", name="n\0", body=b"\0 stays in the original")]
        connection = importing.connection_of(hub, ada.user_id)
        [taken] = ingest.accept(hub, ada.user_id, connection, [ingest.spooled(*items)])
    with hub.engine.connect() as conn:
        row = raw.item(conn, ada.user_id, taken.receipt)
        assert (row.kind, row.item_id, row.name) == ("night", "7", "n")
        assert raw.small_body(conn, ada.user_id, row.sha256) == b"\0 stays in the original"


@pytest.mark.parametrize("error", [Refused("The disk is full."), ZeroDivisionError()])
def test_who_meets_an_error_meets_it_alone(hub, other, tmp_path, monkeypatch, error):
    mine = owner_id(hub)
    outing(hub, mine, tmp_path)
    outing(hub, other, tmp_path, 2)
    run = derive.run

    def failing(hub, user_id, **more):
        if user_id == mine:
            raise error
        return run(hub, user_id, **more)

    monkeypatch.setattr(derive, "run", failing)
    with pytest.raises(type(error)):
        worked(hub)
    with hub.engine.connect() as conn:
        due = work.days.users_due(conn)
    assert due == [mine]
    monkeypatch.undo()
    assert worked(hub)
    assert not work.anything_due(hub)
