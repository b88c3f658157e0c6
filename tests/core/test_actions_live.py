"""What a device says while it is told something, as it says it; and how it is stopped."""

import json
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime

import httpx
import msgspec
import pytest
from openfit.hosting import acting, actions
from openfit.hub import owner_id
from openfit.store import keys
from openfit.store.engine import write
from support import devices
from support.access import owner_key_in
from support.asking import API, asking, hub_on, served
from support.devices import AREA, paired, told
from support.hubs import environment
from support.ports import free_port


@pytest.fixture
def hub(tmp_path, database_url, monkeypatch):
    hub = hub_on(tmp_path / "data", database_url)
    devices.install(hub, monkeypatch)
    return hub


@pytest.fixture
def client(hub):
    with asking(hub) as client:
        yield client


def events(text):
    """Server-sent events as (kind, data), without what only keeps the line open."""
    found = []
    for block in text.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if lines:
            found.append((lines["event"], json.loads(lines["data"])))
    return found


def test_steps_come_as_events_where_they_are_asked_for(client):
    headers = {"accept": "text/event-stream"}
    answer = client.post(f"{AREA}/scan", json={}, headers=headers)
    assert answer.headers["content-type"] == "text/event-stream"
    kinds = [(kind, data["message"]) for kind, data in events(answer.text)]
    assert kinds == [("step", "1 found"), ("step", "2 found"), ("done", "2 found")]


def test_a_failure_on_the_way_is_the_last_event(client):
    connection_id = paired(client)
    at = f"{API}/connections/{connection_id}/actions/sulk"
    headers = {"accept": "text/event-stream"}
    answer = client.post(at, json={"arguments": {"how": "away"}}, headers=headers)
    (first, trying), (last, problem) = events(answer.text)
    assert (first, trying["message"], last) == ("step", "Trying", "failed")
    assert (problem["status"], problem["code"]) == (503, "not_reached")


def test_a_live_action_goes_on_until_its_listener_leaves(hub):
    with served(hub) as client:
        connection_id = paired(client)
        at = f"{API}/connections/{connection_id}/actions/live"
        heard = []
        with client.stream("POST", at, json={}) as answer:
            assert answer.headers["content-type"] == "text/event-stream"
            for line in answer.iter_lines():
                if line.startswith("data: "):
                    heard.append(json.loads(line[6:]))
                if len(heard) == 8:
                    break
        until = time.monotonic() + 20
        while client.app.state.actions.running and time.monotonic() < until:
            time.sleep(0.02)
        assert not client.app.state.actions.running
        assert heard[0]["values"] == {"state": "connecting"}
        assert [one["values"]["heart_rate"] for one in heard[1:4]] == [61, 62, 63]
        assert heard[4]["values"] == {"wear": 0}
        assert told(client, "alarm", connection_id, at="07:00").status_code == 200


def test_a_plugin_that_does_not_stop_is_ended(hub, client, monkeypatch):
    monkeypatch.setattr(acting, "GRACE_SECONDS", 0.2)
    connection_id = paired(client)
    now = datetime.now(UTC)
    how = {"how": "stubborn"}
    task = actions.of_connection(hub, owner_id(hub), connection_id, "sulk", how, False, now)
    one = acting.Acting(hub, task)
    with acting.alone(one):
        steps = one.steps()
        assert next(steps).message == "Trying"
        host = one.host
        one.stop()
        assert [step.message for step in steps] in ([], ["Still here"])
    assert host is not None and not host.alive


def test_the_hub_begins_no_more_than_it_can_carry(hub, client, monkeypatch):
    monkeypatch.setattr("openfit.api.actions.MOST", 0)
    answer = told(client, "scan")
    assert (answer.status_code, answer.json()["code"]) == (429, "too_often")
    assert answer.headers["retry-after"] == "10"


def test_values_are_plain_and_shares_are_shares():
    assert [acting.share(one) for one in (None, -1, 0.5, 7, float("nan"))] == [
        None, 0.0, 0.5, 1.0, None,
    ]  # fmt: skip
    given = {"at": datetime(2026, 1, 1, tzinfo=UTC), "n": 1, "of": {"a": [1.5, None]}}
    assert acting.plain(given, None) == {
        "at": "2026-01-01T00:00:00Z",
        "n": 1,
        "of": {"a": [1.5, None]},
    }
    with pytest.raises(acting.Unfit, match="JSON cannot hold"):
        acting.plain({"a": msgspec.msgpack.Ext(1, b"")}, type("Task", (), {"manifest": belt()})())


def belt():
    from openfit_sdk.manifest import parse_manifest

    return parse_manifest(devices.FOLDER / "openfit_pulsebelt" / "manifest.toml")


def over(client, within=20):
    until = time.monotonic() + within
    while client.app.state.actions.running and time.monotonic() < until:
        time.sleep(0.02)
    return not client.app.state.actions.running


def test_whoever_leaves_a_plain_request_stops_it_too(hub, monkeypatch):
    monkeypatch.setattr(acting, "GRACE_SECONDS", 0.2)
    with served(hub) as client:
        connection_id = paired(client)
        at = f"{API}/connections/{connection_id}/actions/sulk"
        with pytest.raises(httpx.ReadTimeout):
            client.post(at, json={"arguments": {"how": "stubborn"}}, timeout=3.0)
        assert over(client)
        assert told(client, "alarm", connection_id, at="07:00").status_code == 200


def kinds_of(lines):
    for line in lines:
        if line.startswith("event: "):
            yield line[7:]


def test_who_is_signed_out_hears_no_more(hub, monkeypatch):
    monkeypatch.setattr("openfit.api.actions.LOOK_UP_SECONDS", 0.0)
    with served(hub) as client:
        connection_id = paired(client)
        at = f"{API}/connections/{connection_id}/actions/live"
        with client.stream("POST", at, json={}) as answer:
            kinds = kinds_of(answer.iter_lines())
            assert [next(kinds) for _ in range(3)] == ["step"] * 3
            with write(hub.engine) as conn:
                for row in keys.of_user(conn, owner_id(hub)):
                    keys.revoke(conn, owner_id(hub), row.token_hash[: keys.ID])
            client.app.state.access.ways.forget()
            assert [*kinds][-1] == "signed_out"
        assert over(client)


def test_a_hub_that_is_stopped_lets_devices_go(tmp_path):
    """Its own process, with somebody who watches: it does not wait for them to have enough."""
    data, port = tmp_path / "data", free_port()
    more = {"OPENFIT_LISTEN": f"127.0.0.1:{port}", "PYTHONPATH": devices.site(tmp_path / "site")}
    line = [sys.executable, "-m", "openfit", "serve"]
    with (
        subprocess.Popen(line, env=environment(data, **more), stdout=subprocess.DEVNULL) as hub,
        httpx.Client(base_url=f"http://localhost:{port}", timeout=60) as client,
    ):
        try:
            answering(client, hub)
            client.headers["authorization"] = f"Bearer {owner_key_in(data)}"
            at = f"{API}/connections/{paired(client)}/actions/live"
            with client.stream("POST", at, json={}) as answer:
                kinds = kinds_of(answer.iter_lines())
                assert [next(kinds) for _ in range(3)] == ["step"] * 3
                hub.terminate()
                assert [*kinds][-1] == "stopped"
            assert hub.wait(30) in (0, -signal.SIGTERM)
        finally:
            hub.kill()


def answering(client, process, within=60):
    until = time.monotonic() + within
    while time.monotonic() < until and process.poll() is None:
        try:
            return client.get(f"{API}/health")
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the hub does not serve")
