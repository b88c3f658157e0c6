"""What a person tells a band, by way of the hub: its actions in a sealed host, over bleak."""

import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from openfit.config import Config
from openfit.errors import HubError
from openfit.hosting import acting, actions
from openfit.hub import open_hub, owner_id
from openfit.store import connections
from openfit.store.pieces import count
from support import band as frames
from support.band_folder import connected, install
from support.hubs import environment
from support.repository import ROOT

NOW = datetime.fromtimestamp(frames.START + 600, UTC)


@pytest.fixture
def hub(tmp_path, sqlite_url, monkeypatch):
    monkeypatch.setattr("openfit.hosting.hosts.PATHS", [tmp_path])
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    hub = open_hub(Config(data=tmp_path / "data", database_url=sqlite_url))
    install(hub, tmp_path)
    return hub


def steps(hub, task):
    return list(acting.perform(hub, task))


def of_band(hub, row, action, consent=False, **values):
    return actions.of_connection(hub, row.user_id, row.connection_id, action, values, consent, NOW)


def test_pairing_makes_a_connection_that_then_fetches(hub):
    user = owner_id(hub)
    *_, paired = steps(hub, actions.of_integration(hub, user, "farband", "pair", {}, False, NOW))
    with hub.engine.connect() as conn:
        row = connections.get(conn, user, paired.connection_id)
    assert row.account_id == "4A0123456" and b"C0:01" not in row.auth_state
    *_, fetched = steps(hub, of_band(hub, row, "sync"))
    with hub.engine.connect() as conn:
        kept = count(conn, user, row.connection_id)
    assert fetched.values["records"] == 20 and kept >= 20
    assert fetched.stored > 0


def test_a_hub_with_a_virtual_band_can_be_had_for_looking_at(tmp_path):
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "virtual_band.py", "farband", "pair", "--json"],
        env=environment(tmp_path / "data"),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    last = json.loads(done.stdout.splitlines()[-1])
    assert last["message"] == "The band is paired." and last["connection_id"]


def test_live_flows_until_it_is_stopped(hub):
    row = connected(hub)
    doing = acting.Acting(hub, of_band(hub, row, "live"))
    seen = {}
    for step in doing.steps():
        seen |= step.values
        if {"heart_rate", "wear"} <= seen.keys():
            doing.stop()
    assert (seen["heart_rate"], seen["wear"]) == (61, 100)


def test_what_is_dangerous_wants_consent_and_what_bricks_is_refused_even_so(hub):
    row = connected(hub)
    with pytest.raises(actions.ConsentNeeded):
        of_band(hub, row, "send", command="1d")
    with pytest.raises(HubError, match="never sent"):
        steps(hub, of_band(hub, row, "send", consent=True, command="1d"))
