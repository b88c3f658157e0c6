"""Devices, ladders, and connections: how they do, pausing, parting; on both databases."""

from datetime import UTC, date, datetime, timedelta

import pytest
from openfit.config import Config
from openfit.hub import now_ms, open_hub
from openfit.store import connections, days
from openfit.store.engine import write
from openfit_sdk import Covered
from openfit_sdk.schema import Activity, Device, Metric, Wellness
from support.persons import asking, person

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
DEVICES = (
    Device(key="watch", type="watch", vendor="Acme", model="One", firmware="2.1", battery=81.0),
    Device(key="ring", type="ring", name="Ring"),
)


@pytest.fixture
def hub(tmp_path, database_url):
    return open_hub(Config(data=tmp_path / "data", database_url=database_url))


@pytest.fixture
def ada(hub):
    with asking(hub) as client:
        yield person(client, hub)


def summary(device, value):
    day = date(2026, 3, 1)
    return Wellness(key=device, device=device, day=day, values={"resting_heart_rate": value})


def both(ada):
    ada.store(
        *DEVICES,
        summary("watch", 50.0),
        summary("ring", 48.0),
        Activity(key="a", sport="running", device="watch", start=START, end=START),
        Metric(key="w", type="weight", device="ring", start=START + timedelta(days=2), v=[70.0]),
    )


def test_every_source_says_what_it_gives(ada):
    both(ada)
    ring, watch = ada.get("/devices")["items"]
    assert (watch["label"], watch["firmware"], watch["battery"]) == ("Acme One", "2.1", 81.0)
    assert (watch["records"], watch["integration"]) == ({"activity": 1, "wellness": 1}, "bench")
    assert [one["metric"] for one in ring["metrics"]] == ["resting_heart_rate", "weight"]
    assert ring["metrics"][1] == {
        "metric": "weight",
        "name": "Weight",
        "first_day": "2026-03-03",
        "last_day": "2026-03-03",
    }
    assert ring["last_at"] == "2026-03-03T08:00:00Z"
    assert watch["first_at"] == "2026-03-01T08:00:00Z"
    assert ring["battery"] is None


def test_a_source_without_a_named_device_goes_by_its_integrations_name(ada):
    at = START.isoformat()
    ada.send("POST", "/entries", {"kind": "weight", "at": at, "kilograms": 70})
    nameless = Device(key="belt", type="chest_strap")
    pulse = Metric(key="p", type="heart_rate", device="belt", start=START, t=[0], v=[61.0])
    ada.store(nameless, pulse, integration="fileimport")
    ada.store(Metric(key="s", type="steps", start=START, t=[0], d=[60_000], v=[9]))
    ada.settle()
    named = {one["integration"]: one["label"] for one in ada.get("/devices")["items"]}
    assert named == {
        "manual": "Entered by hand",
        "fileimport": "File import",
        "bench": "bench",  # is not installed, so nothing tells a better one
    }
    span = {"start": "2026-03-01T00:00:00Z", "end": "2026-03-02T00:00:00Z"}
    for metric, label in (("weight", "Entered by hand"), ("heart_rate", "File import")):
        assert [one["label"] for one in ada.get(f"/metrics/{metric}", **span)["sources"]] == [label]
    ranked = ada.get("/ladders")["sources"]
    assert {one["label"] for one in ranked} == {*named.values()}


def test_a_ladder_decides_and_goes_again(ada):
    both(ada)
    ids = {one["label"]: one["source_id"] for one in ada.get("/devices")["items"]}

    def holding():
        ada.settle()
        return ada.get("/metrics/resting_heart_rate/daily")["values"]

    assert holding() == [48.0]  # a ring before a watch, unless one says otherwise
    said = ada.send("PUT", "/ladders/*", {"ranking": ["watch"]})
    assert said["items"] == [{"metric": "*", "ranking": ["watch"]}]
    assert holding() == [50.0]
    ada.send("PUT", "/ladders/resting_heart_rate", {"ranking": [ids["Ring"]]})
    assert holding() == [48.0]
    ada.send("DELETE", "/ladders/resting_heart_rate")
    assert holding() == [50.0]
    assert ada.send("DELETE", "/ladders/*")["items"] == []
    assert holding() == [48.0]
    assert ada.send("PUT", "/ladders/*", {"ranking": ["toaster"]}, 400)["code"] == "no_source"
    assert ada.send("PUT", "/ladders/nonsense", {"ranking": []}, 404)["code"] == "no_metric"
    assert "ring" in ada.get("/ladders")["default"]


def test_an_integration_is_connected_synced_and_looked_at(ada):
    made = ada.send("POST", "/integrations/fileimport/connect", {})
    assert (made["integration"], made["status"]) == ("fileimport", "ok")
    again = ada.send("POST", "/integrations/fileimport/connect", {})
    assert again["connection_id"] == made["connection_id"]
    found = ada.get("/integrations/fileimport/status")
    [status] = found["connections"]
    assert (found["name"], status["status"], status["last_sync_at"]) == ("File import", "ok", None)
    span = Covered(stream="sleep", start=START, end=START + timedelta(days=2))
    with write(ada.hub.engine) as conn:
        days.cover(conn, ada.user_id, made["connection_id"], [span], now_ms())
    synced = ada.send("POST", "/integrations/fileimport/sync", None, 202)["connections"][0]
    assert synced["coverage"] == [{"stream": "sleep", "days": {"have": 3}}]
    assert synced["last_sync_at"] is not None and synced["next_sync_at"] is not None
    ada.send("POST", "/integrations/nothing/sync", None, 404)
    ada.get("/integrations/nothing/status", 404)
    ada.send("POST", "/integrations/nothing/connect", {}, 404)
    assert ada.send("POST", "/integrations/analytics/sync", None, 404)["code"] == "no_connection"


def test_a_connection_is_renamed_paused_and_parted_from(ada):
    made = ada.send("POST", "/integrations/fileimport/connect", {})
    path = f"/connections/{made['connection_id']}"
    assert ada.send("PATCH", path, {"name": "  My  files "})["name"] == "My files"
    paused = ada.send("PATCH", path, {"paused": True})
    assert (paused["status"], paused["paused"], paused["next_sync_at"]) == ("paused", True, None)
    assert paused["name"] == "My files"
    with ada.hub.engine.connect() as conn:
        assert connections.due(conn, now_ms() + 10**9) == []
    assert ada.send("PATCH", path, {"paused": False})["status"] == "ok"
    assert ada.send("PATCH", path, {"name": "  "}, 400)["code"] == "invalid"
    gone = ada.send("DELETE", path)
    assert (gone["status"], gone["next_sync_at"]) == ("disconnected", None)
    with ada.hub.engine.connect() as conn:
        row = connections.get(conn, ada.user_id, made["connection_id"])
    assert row.auth_state is None
    assert ada.send("POST", f"{path}/sync", None, 400)["code"] == "disconnected"
    assert ada.send("POST", "/integrations/fileimport/connect", {})["status"] == "ok"
    assert len(ada.get("/connections")["items"]) == 1


def test_another_users_connection_is_not_there(ada, hub):
    both(ada)
    path = f"/connections/{ada.get('/connections')['items'][0]['connection_id']}"
    eve = person(ada.client, hub, "Eve")
    assert eve.get("/devices")["items"] == []
    assert eve.get("/connections")["items"] == []
    source = ada.get("/devices")["items"][0]["source_id"]
    assert eve.send("PUT", "/ladders/*", {"ranking": [source]}, 400)["code"] == "no_source"
    for method in ("GET", "DELETE"):
        eve.send(method, path, None, 404)
    eve.send("PATCH", path, {"paused": True}, 404)
    eve.send("POST", f"{path}/sync", None, 404)
