"""Ladders and twins: what a person chooses shows at once and rewrites no sample."""

from datetime import UTC, datetime
from importlib.metadata import version

import pytest
from openfit.background import work
from openfit.cli import importing_now
from openfit.config import Config
from openfit.hosting.hosts import Hosts
from openfit.hub import now_ms, open_hub, owner_id
from openfit.intake import ingest
from openfit.intake.normalize import Reading, apply
from openfit.person import editing
from openfit.store import connections, daily, entities, raw
from openfit.store.engine import write
from openfit.store.entities import Stamp
from openfit.views import series_view
from openfit.views.reading import activities
from openfit_sdk import RawItem
from openfit_sdk.schema import Device, Metric
from support.files import gpx
from support.hubs import openfit

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def hub(tmp_path, database_url):
    return open_hub(Config(data=tmp_path / "data", database_url=database_url))


def brought(hub, account, device, value):
    """One weight from one device of one account."""
    user = owner_id(hub)
    with write(hub.engine) as conn:
        row = connections.ensure(conn, user, "hello", now_ms(), account=account)
    item = RawItem(kind="w", id=account, body=account.encode())
    [taken] = ingest.accept(hub, user, row.connection_id, [ingest.spooled(item)])
    reading = Reading(Stamp(user, row.connection_id, taken.receipt, taken.sha256), True, "1")
    with write(hub.engine) as conn:
        weighed = Metric(key="m", device="d", type="weight", start=NOON, t=[0], v=[value])
        apply(hub, conn, reading, [Device(key="d", type=device), weighed])
        raw.set_item(conn, user, taken.receipt, state="done")
    return entities.source_id(row.connection_id, "d")


def shown(hub):
    with Hosts(hub) as hosts:
        work.drain(hub, hosts)
    with hub.engine.connect() as conn:
        query = "select value, source_id from daily_resolved where metric = 'weight'"
        return conn.exec_driver_sql(query).one()


def test_the_ladder_decides_and_can_be_turned_over(hub):
    scale, app = brought(hub, "a", "scale", 71.2), brought(hub, "b", "app", 70.0)
    assert tuple(shown(hub)) == (71.2, scale)
    editing.rank_sources(hub, owner_id(hub), "weight", [str(app)])
    assert tuple(shown(hub)) == (70.0, app)
    editing.rank_sources(hub, owner_id(hub), "*", ["app"])
    editing.rank_sources(hub, owner_id(hub), "weight", ["scale"])
    assert tuple(shown(hub)) == (71.2, scale)
    with hub.engine.connect() as conn:
        assert {row.value for row in conn.exec_driver_sql("select value from daily")} == {
            71.2,
            70.0,
        }


def test_a_new_ladder_shows_before_the_days_are_derived_again(hub):
    brought(hub, "a", "scale", 71.2)
    app = brought(hub, "b", "app", 70.0)
    shown(hub)
    editing.rank_sources(hub, owner_id(hub), "weight", [str(app)])
    with hub.engine.connect() as conn:
        [day] = series_view.resolved(conn, owner_id(hub), "weight", None, None)
    assert (day.day, day.value, day.source_id) == ("2026-03-01", 70.0, str(app))


def test_the_same_ride_twice_is_twins_that_can_be_split_and_joined_again(hub, tmp_path):
    body = gpx(1)
    for name, content in (("a.gpx", body), ("b.gpx", body.replace(b"Outing", b"Phone"))):
        (tmp_path / name).write_bytes(content)
    user = owner_id(hub)
    list(importing_now.run(hub, user, [tmp_path / "a.gpx", tmp_path / "b.gpx"]))

    def twins():
        with Hosts(hub) as hosts:
            work.drain(hub, hosts)
        with hub.engine.connect() as conn:
            listed, _ = activities(conn, user, limit=10, twins=True)
            return [row.twins for row in listed], [row.id for row in listed]

    counts, (a, b) = twins()
    assert counts == [1, 1]
    editing.choose_twins(hub, user, a, b, "split")
    assert twins()[0] == [0, 0]
    editing.choose_twins(hub, user, b, a, None)
    assert twins()[0] == [1, 1]
    with hub.engine.connect() as conn:
        assert daily.choices(conn, user) == {}


def test_an_upgraded_plugin_reads_every_original_again(tmp_path):
    (tmp_path / "a.gpx").write_bytes(gpx(1))
    openfit("import", tmp_path / "a.gpx", data=tmp_path / "data")
    url = f"sqlite:///{tmp_path / 'data' / 'openfit.db'}"
    hub = open_hub(Config(data=tmp_path / "data", database_url=url))
    with write(hub.engine) as conn:
        conn.exec_driver_sql("update connections set normalized_by = '0.9'")
        conn.exec_driver_sql("update raw_items set normalized_by = '0.9'")
    with Hosts(hub) as hosts:
        work.drain(hub, hosts)
    now = version("openfit-fileimport")
    with hub.engine.connect() as conn:
        query = "select normalized_by, state from raw_items"
        assert conn.exec_driver_sql(query).all() == [(now, "done")]
        query = "select normalized_by, rebuild from connections"
        assert conn.exec_driver_sql(query).one() == (now, "")
