"""What devices can be told: an invented belt acts through the API, and core knows nothing of it."""

import re
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from openfit.background import work
from openfit.errors import SetupError
from openfit.hosting import acting, actions
from openfit.hosting.hosts import Hosts
from openfit.hub import now_ms, owner_id
from openfit.store import connections, leases, series
from openfit.store.engine import write
from openfit.store.tables import connections as connection_rows
from support import devices
from support.asking import API, asking, hub_on, newcomer
from support.devices import paired, told


@pytest.fixture
def hub(tmp_path, database_url, monkeypatch):
    hub = hub_on(tmp_path / "data", database_url)
    devices.install(hub, monkeypatch)
    return hub


@pytest.fixture
def client(hub):
    with asking(hub) as client:
        yield client


# What there is -----------------------------------------------------------------------------------


def test_integrations_and_connections_list_their_actions_with_forms(client):
    connection_id = paired(client)
    [belt] = [
        one for one in client.get(f"{API}/integrations").json()["items"] if one["id"] == "pulsebelt"
    ]
    forms = {one["name"]: one for one in belt["actions"]}
    assert forms["scan"] == {"name": "scan", "title": "Look for belts", "needs": "nothing"}
    assert forms["erase"]["danger"] and forms["live"]["live"]
    assert forms["alarm"]["arguments"] == [
        {"name": "at", "kind": "time"},
        {
            "name": "pattern",
            "kind": "choice",
            "required": False,
            "default": "soft",
            "choices": ["soft", "strong"],
        },
        {
            "name": "times",
            "kind": "integer",
            "required": False,
            "default": 3,
            "least": 1.0,
            "most": 9.0,
        },
        {"name": "loud", "kind": "flag", "required": False},
    ]
    assert belt["bluetooth"] is True
    mine = client.get(f"{API}/connections/{connection_id}").json()
    assert {one["name"] for one in mine["actions"]} == {"live", "alarm", "fetch", "erase", "sulk"}
    client.delete(f"{API}/connections/{connection_id}")
    assert client.get(f"{API}/connections/{connection_id}").json()["actions"] == []


# Doing it ----------------------------------------------------------------------------------------


def test_an_action_without_a_connection_answers_with_its_last_step(client):
    answer = told(client, "scan")
    assert answer.status_code == 200
    assert answer.json() == {
        "message": "2 found",
        "done": 1.0,
        "values": {
            "devices": [
                {"address": "PB:01", "name": "Ann's belt"},
                {"address": "PB:02", "name": "Belt of the gym"},
            ]
        },
    }


def test_pairing_makes_a_connection_of_its_state(hub, client):
    connection_id = paired(client)
    mine = client.get(f"{API}/connections/{connection_id}").json()
    assert (mine["integration"], mine["name"], mine["status"]) == ("pulsebelt", "Pulse Belt", "ok")
    assert paired(client) == connection_id  # the same belt is the same connection
    with hub.engine.connect() as conn:
        row = connections.get(conn, owner_id(hub), connection_id)
    assert row.account_id == "PB:01" and b"PB:01" not in row.auth_state


def test_arguments_reach_the_plugin_checked_and_complete(client):
    connection_id = paired(client)
    at = (datetime.now(UTC) + timedelta(hours=3)).replace(microsecond=0)
    answer = told(client, "alarm", connection_id, at=at.isoformat(), times="4")
    assert answer.json()["values"]["told"] == {
        "action": "alarm",
        "at": at.isoformat(),
        "pattern": "soft",
        "times": 4,
        "loud": False,
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "at is missing"),
        ({"at": "tomorrow"}, "at is 'tomorrow'; it is a time"),
        ({"at": "07:00", "times": 10}, "a whole number from 1 to 9"),
        ({"at": "07:00", "pattern": "loud"}, "one of soft, strong"),
        ({"at": "07:00", "volume": 3}, "'volume' is no argument of this action"),
    ],
)
def test_arguments_that_do_not_fit_start_nothing(client, arguments, said):
    answer = told(client, "alarm", paired(client), **arguments)
    assert (answer.status_code, answer.json()["code"]) == (400, "arguments")
    assert said in answer.json()["message"]


def test_what_it_brings_is_stored_and_becomes_series(hub, client):
    connection_id = paired(client)
    answer = told(client, "fetch", connection_id)
    assert (answer.json()["stored"], answer.json()["message"]) == (10, "Burst 2")
    with Hosts(hub) as hosts:
        work.drain(hub, hosts)
    with hub.engine.connect() as conn:
        [found] = [one for one, *_ in series.extents(conn, owner_id(hub))]
        _, values = series.read(conn, owner_id(hub), found, 0, None)
    assert found.metric == "heart_rate"
    assert values.tolist() == [60, 61, 62, 63, 64] * 2


def test_what_is_not_stored_is_never_acknowledged(hub, client, monkeypatch, caplog):
    """The plugin goes on behind a step once its items are safe, and not before."""
    caplog.set_level("INFO", "openfit.plugins")
    connection_id, accept, calls = paired(client), acting.ingest.accept, []

    def full(*given, **more):
        calls.append(given)
        if len(calls) == 2:
            raise SetupError("The disk is full.", code="disk_full", next_step="Make room.")
        return accept(*given, **more)

    monkeypatch.setattr(acting.ingest, "accept", full)
    answer = told(client, "fetch", connection_id)
    assert (answer.status_code, answer.json()["code"]) == (503, "disk_full")
    said = [one.getMessage() for one in caplog.records if "acknowledged" in one.getMessage()]
    assert said == ["pulsebelt: acknowledged 1"]
    caplog.clear()
    assert told(client, "fetch", connection_id).json()["stored"] == 5  # what was not here yet
    said = [one.getMessage() for one in caplog.records if "acknowledged" in one.getMessage()]
    assert said == ["pulsebelt: acknowledged 1", "pulsebelt: acknowledged 2"]


def test_what_it_was_told_to_fetch_and_what_a_client_pushes_is_kept_once(hub, client):
    """Two ways of one device, of one plugin that the hub knows by its manifest alone."""
    connection_id = paired(client)
    t0 = 1_750_000_020
    beats = [[t0 + burst * 60 + n, 60 + n] for burst in range(2) for n in range(5)]
    more = [[t0 + 300, 71], [t0 + 301, 72]]
    pushed = client.post(f"{API}/ingest/pulsebelt/beats", json={"belt": "PB:01", "beats": beats})
    assert pushed.status_code == 200, pushed.text
    counts = {name: pushed.json()[name] for name in ("received", "new", "duplicate", "decoded")}
    assert counts == {"received": 10, "new": 10, "duplicate": 0, "decoded": 10}
    assert pushed.json()["connection_id"] == connection_id
    assert "stored" not in told(client, "fetch", connection_id).json()  # it was all here
    again = client.post(
        f"{API}/ingest/pulsebelt/beats", json={"belt": "PB:01", "beats": beats + more}
    )
    assert (again.json()["new"], again.json()["duplicate"]) == (2, 10)


def test_a_post_that_the_plugin_cannot_read_is_refused_in_its_words(client):
    answer = client.post(f"{API}/ingest/pulsebelt/beats", json={"belts": 1})
    assert answer.status_code == 400
    assert "A belt sends {belt, beats" in answer.json()["message"]


# What is refused ---------------------------------------------------------------------------------


def test_what_is_dangerous_wants_consent_with_each_call(client):
    connection_id = paired(client)
    for _ in range(2):
        refused = told(client, "erase", connection_id)
        assert (refused.status_code, refused.json()["code"]) == (403, "consent")
        assert "--i-understand" in refused.json()["next_step"]
        done = told(client, "erase", connection_id, consent=True)
        assert done.json() == {"message": "Erased.", "values": {"consent": True}}


def test_consent_to_what_is_harmless_is_not_passed_on(client):
    answer = told(client, "alarm", paired(client), consent=True, at="07:00")
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("integrations/pulsebelt/actions/dance", 404, "no_action"),
        ("integrations/fileimport/actions/scan", 404, "no_action"),
        ("integrations/nothing/actions/scan", 404, "no_plugin"),
        ("integrations/pulsebelt/actions/live", 400, "needs_connection"),
        ("connections/00000000-0000-0000-0000-000000000000/actions/live", 404, "no_connection"),
    ],
)
def test_what_is_not_there_is_said(client, path, status, code):
    answer = client.post(f"{API}/{path}", json={})
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


def test_anothers_connection_is_not_there(hub, client):
    connection_id = paired(client)
    other = {"authorization": f"Bearer {newcomer(hub)}"}
    at = f"{API}/connections/{connection_id}/actions/erase"
    answer = client.post(at, json={"consent": True}, headers=other)
    assert (answer.status_code, answer.json()["code"]) == (404, "no_connection")


def test_a_disconnected_source_can_be_told_nothing(client):
    connection_id = paired(client)
    client.delete(f"{API}/connections/{connection_id}")
    answer = told(client, "live", connection_id)
    assert (answer.status_code, answer.json()["code"]) == (400, "disconnected")


@pytest.mark.parametrize(
    ("how", "status", "code", "said"),
    [
        ("away", 503, "not_reached", "The belt is out of range."),
        ("refused", 422, "action", "The belt refused."),
        ("bug", 422, "action", "The plugin failed (KeyError: 'nothing')."),
    ],
)
def test_each_failure_has_its_answer(client, how, status, code, said):
    answer = told(client, "sulk", paired(client), how=how)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["message"].startswith(said)
    assert answer.headers.get("retry-after") == ("10" if status == 503 else None)


def test_a_silent_plugin_is_given_up(hub, client, monkeypatch):
    monkeypatch.setattr(acting, "SILENCE_SECONDS", 1.0)
    answer = told(client, "sulk", paired(client), how="silent")
    assert answer.status_code == 503
    assert "did not answer for 1 seconds" in answer.json()["message"]


def test_while_a_connection_syncs_it_does_nothing_else(hub, client):
    connection_id = paired(client)
    mine = connections.is_connection(owner_id(hub), connection_id)
    until = {"lease_owner": "elsewhere:1:1", "lease_until": now_ms() + 60_000}
    with write(hub.engine) as conn:
        conn.execute(connection_rows.update().where(mine).values(until))
    answer = told(client, "alarm", connection_id, at="07:00")
    assert (answer.status_code, answer.json()["code"]) == (409, "device_busy")
    with write(hub.engine) as conn:
        leases.release(conn, connection_rows, mine, "elsewhere:1:1")
    assert told(client, "alarm", connection_id, at="07:00").status_code == 200


def test_while_it_acts_no_sync_takes_it_and_no_second_action(hub, client):
    connection_id = paired(client)
    task = actions.of_connection(
        hub, owner_id(hub), connection_id, "live", {}, False, datetime.now(UTC)
    )
    mine = connections.is_connection(owner_id(hub), connection_id)
    steps = acting.perform(hub, task)
    next(steps)
    with write(hub.engine) as conn:
        assert not leases.take(conn, connection_rows, mine, now_ms(), "elsewhere:1:1")
    answer = told(client, "alarm", connection_id, at="07:00")
    assert (answer.status_code, answer.json()["code"]) == (409, "device_busy")
    steps.close()
    with write(hub.engine) as conn:
        assert leases.take(conn, connection_rows, mine, now_ms(), "elsewhere:1:1")


def test_an_action_waits_for_one_that_is_being_stopped(hub, client):
    """Whoever stops one and begins another is not told that the first is in the way."""
    connection_id = paired(client)
    now = datetime.now(UTC)
    live = actions.of_connection(hub, owner_id(hub), connection_id, "live", {}, False, now)
    one = acting.Acting(hub, live)

    def goes_on():
        with acting.alone(one):
            for _ in one.steps():
                began.set()

    began = threading.Event()
    thread = threading.Thread(target=goes_on)
    thread.start()
    assert began.wait(30)
    one.stop()
    answer = told(client, "alarm", connection_id, at="07:00")
    thread.join(30)
    assert answer.status_code == 200


def test_nothing_but_a_person_tells_a_device_anything():
    """No schedule, no worker and no reading calls the hook: one module does, and who uses it is
    the API and the command line."""
    core = Path(acting.__file__).parents[1]
    sources = {path: path.read_text() for path in core.rglob("*.py")}
    callers = [path.name for path, text in sources.items() if re.search(r"pages\(\s*\"act\"", text)]
    assert callers == ["acting.py"]
    users = {
        str(path.relative_to(core))
        for path, text in sources.items()
        if re.search(r"import .*\b(?:Acting|perform|alone)\b", text)
    }
    assert users == {"api/actions.py", "cli/acting_now.py"}
