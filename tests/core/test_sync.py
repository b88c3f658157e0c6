"""Connections: the hello example and its misbehaving relatives, through a whole hub."""

import sys
from pathlib import Path

import pytest
from openfit.background import work
from openfit.config import Config
from openfit.errors import Refused
from openfit.hosting.hosts import Hosts
from openfit.hub import open_hub, owner_id
from openfit.intake import connect, sync
from openfit.store import connections, entities, series
from openfit.store.engine import write
from openfit_sdk import ApiKey
from openfit_sdk.manifest import Installed
from openfit_sdk.testing import Tape, replay

HELLO = Path(__file__).parents[2] / "sdk" / "examples" / "hello"
TAPE = Tape.load(HELLO / "tests" / "tapes" / "three-days.json")
NOW = round(TAPE.end.timestamp() * 1000)


class FromFolder(Installed):
    """A plugin as pip would have installed it, from a folder of its own."""

    def __init__(self, module: str) -> None:
        self.name, self.module = module.removeprefix("openfit_"), module
        self.dist, self.version = module, "1.0.0"


@pytest.fixture
def hub(tmp_path, database_url, monkeypatch):
    """A hub with a clock of its own and the hello plugin, whose vendor is on tape."""
    for module in (
        "openfit.intake.sync",
        "openfit.intake.connect",
        "openfit.background.work",
        "openfit.intake.ingest",
    ):
        monkeypatch.setattr(f"{module}.now_ms", lambda: NOW)
    monkeypatch.setattr("openfit.hosting.hosts.PATHS", [HELLO, tmp_path])
    monkeypatch.setattr(sys, "path", [*sys.path, str(HELLO), str(tmp_path)])
    vendor = replay(TAPE)
    monkeypatch.setattr(
        "openfit.hosting.fetch.Fetcher.fetch", lambda self, request: vendor(request)
    )
    hub = open_hub(Config(data=tmp_path / "data", database_url=database_url))
    hub.plugins.plugins["hello"] = FromFolder("openfit_hello")
    return hub


@pytest.fixture
def hosts(hub):
    with Hosts(hub, deadline=2.0) as hosts:
        yield hosts


def connected(hub, hosts, integration="hello"):
    return connect.connect(
        hub,
        hosts,
        owner_id(hub),
        integration,
        ApiKey(key="hello-key-0123456789"),
        history_from=round(TAPE.start.timestamp() * 1000) + 86_400_000,
    )


def status(hub, row):
    with hub.engine.connect() as conn:
        return connections.get(conn, row.user_id, row.connection_id)


def test_a_vendors_days_become_samples_nights_and_daily_values(hub, hosts):
    row = connected(hub, hosts)
    work.drain(hub, hosts)
    after = status(hub, row)
    assert (after.status, after.account_id) == ("ok", "wearer-7")
    assert after.next_sync_at == NOW + 30 * 60_000
    with hub.engine.connect() as conn:
        nights = entities.select_kind(conn, row.user_id, "sleep")
        extents = {one.metric: one for one, *_ in series.extents(conn, row.user_id)}
        t, v = series.read(conn, row.user_id, extents["heart_rate"], 0, None)
    assert [night.day for night in nights] == ["2026-03-04", "2026-03-03"]
    assert t.size == 12 - 1 + 10 - 1 + 8 - 1
    assert set(extents) == {"heart_rate", "steps"}


def test_a_second_sync_changes_nothing(hub, hosts):
    row = connected(hub, hosts)
    work.drain(hub, hosts)
    with write(hub.engine) as conn:
        before = conn.exec_driver_sql("select count(*), max(receipt) from raw_items").one()
        connections.change(conn, row.user_id, row.connection_id, next_sync_at=NOW)
    work.drain(hub, hosts)
    with hub.engine.connect() as conn:
        assert conn.exec_driver_sql("select count(*), max(receipt) from raw_items").one() == before


def test_secrets_are_sealed_in_the_database(hub, hosts):
    row = connected(hub, hosts)
    assert b"hello-key" not in row.auth_state
    assert sync.auth_state(hub, row).access_token == "hello-key-0123456789"


def test_a_plugin_may_only_reach_the_hosts_of_its_manifest(hub, hosts, tmp_path):
    write_plugin(tmp_path, "def authenticate(http):\n    http.get('https://elsewhere.example/')")
    hub.plugins.plugins["rogue"] = FromFolder("openfit_rogue")
    with pytest.raises(Refused, match=r"elsewhere\.example, which its manifest does not list"):
        connected(hub, hosts, "rogue")


MANIFEST = (
    'id = "rogue"\nname = "Rogue"\nsdk = "1"\ndata_types = ["metric:weight"]\n'
    'sync_modes = ["poll"]\nhosts = []\n[auth]\ntype = "none"\n'
)
HEAD = "import ctypes, os, time\nfrom openfit_sdk import *\n@hookimpl\n"
GOOD_START = "def authenticate(credentials):\n    return AuthState()\n@hookimpl\n"


def write_plugin(folder, body):
    package = folder / "openfit_rogue"
    package.mkdir(exist_ok=True)
    (package / "manifest.toml").write_text(MANIFEST)
    (package / "__init__.py").write_text(HEAD + body)


MISBEHAVING = {
    "segfault": ("ctypes.string_at(0)", "retrying", "crashed (segmentation fault)"),
    "hang": ("time.sleep(60)", "retrying", "did not answer for 2 seconds and was stopped"),
    "memory": ("x = bytearray(3_000_000_000)", "retrying", "needed more memory than it may have"),
    "garbage": (
        "for fd in range(3, 4096):\n        try: os.write(fd, b'\\xff' * 8)\n"
        "        except OSError: pass\n    time.sleep(9)",
        "retrying",
        "sent what is no answer and was stopped",
    ),
    "bug": ("1 / 0", "failed", "The plugin failed (ZeroDivisionError: division by zero)"),
    "reauth": (
        "raise ReauthRequired('Sign in to Rogue again. History is kept.')",
        "reauth_required",
        "Sign in to Rogue again",
    ),
}


@pytest.mark.parametrize("name", MISBEHAVING)
def test_a_misbehaving_plugin_costs_its_own_connection_and_says_so(name, hub, hosts, tmp_path):
    body, expected, said = MISBEHAVING[name]
    write_plugin(tmp_path, f"{GOOD_START}def sync(cursor):\n    {body}\n    yield SyncResult([])")
    hub.plugins.plugins["rogue"] = FromFolder("openfit_rogue")
    rogue, hello = connected(hub, hosts, "rogue"), connected(hub, hosts)
    work.drain(hub, hosts)
    after = status(hub, rogue)
    assert (after.status, said in after.message) == (expected, True), after.message
    assert status(hub, hello).status == "ok"
    if expected == "retrying":
        assert NOW + 48_000 <= after.next_sync_at <= NOW + 72_000


def test_an_item_that_kills_its_plugin_is_set_aside_and_the_rest_goes_on(hub, hosts, tmp_path):
    body = (
        f"{GOOD_START}def sync(cursor):\n"
        "    yield SyncResult([RawItem(kind='w', id=str(n), body=b'%d' % n) for n in range(3)])\n"
        "@hookimpl\ndef normalize(raw_item):\n"
        "    if raw_item.id == '1': os.abort()\n"
        "    from datetime import datetime, UTC\n"
        "    from openfit_sdk.schema import Metric\n"
        "    yield Metric(key=raw_item.id, type='weight', t=[0], v=[70.0],\n"
        "                 start=datetime(2026, 3, 1 + int(raw_item.id), tzinfo=UTC))"
    )
    write_plugin(tmp_path, body)
    hub.plugins.plugins["rogue"] = FromFolder("openfit_rogue")
    connected(hub, hosts, "rogue")
    work.drain(hub, hosts)
    with hub.engine.connect() as conn:
        rows = conn.exec_driver_sql("select item_id, state, reports from raw_items").all()
        [(one, *_)] = series.extents(conn, owner_id(hub), "weight")
        t, _ = series.read(conn, owner_id(hub), one, 0, None)
    states = {row.item_id: row.state for row in rows}
    assert states == {"0": "done", "1": "failed", "2": "done"}
    assert "crashed (it aborted)" in next(row.reports for row in rows if row.item_id == "1")
    assert t.size == 2


def test_waiting_grows_from_a_minute_to_six_hours():
    assert 48 <= sync.backoff(1) <= 72
    assert 0.8 * 6 * 3600 <= sync.backoff(30) <= 1.2 * 6 * 3600
