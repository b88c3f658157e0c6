"""A plugin that asks for no window is asked once a poll, however long the wanted history is."""

import sys

import pytest
from openfit.background import work
from openfit.config import Config
from openfit.hosting.hosts import Hosts
from openfit.hub import now_ms, open_hub, owner_id
from openfit.intake import connect, sync
from openfit.store import connections
from openfit_sdk.manifest import Installed

DAYS = 200
MANIFEST = """
id = "{id}"
name = "Device"
sdk = "1"
data_types = ["metric:weight"]
sync_modes = ["poll"]
hosts = []
[auth]
type = "none"
"""
PLUGIN = """
import os
from openfit_sdk import AuthState, RawItem, SyncResult, hookimpl

@hookimpl
def authenticate():
    return AuthState()

@hookimpl
def sync({asks}):
    yield SyncResult([RawItem(kind="call", id=os.urandom(8).hex())])

@hookimpl
def normalize(raw_item):
    return []
"""


class FromFolder(Installed):
    def __init__(self, module: str) -> None:
        self.name, self.module = module.removeprefix("openfit_"), module
        self.dist, self.version = module, "1.0.0"


@pytest.mark.parametrize(("asks", "calls"), [("window", 7), ("auth_state", 1), ("", 1)])
def test_only_who_asks_for_windows_is_called_for_each(
    tmp_path, sqlite_url, monkeypatch, asks, calls
):
    name = f"asks_{asks or 'nothing'}"
    package = tmp_path / f"openfit_{name}"
    package.mkdir()
    (package / "manifest.toml").write_text(MANIFEST.format(id=name))
    (package / "__init__.py").write_text(PLUGIN.format(asks=asks))
    monkeypatch.setattr("openfit.hosting.hosts.PATHS", [tmp_path])
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    hub = open_hub(Config(data=tmp_path / "data", database_url=sqlite_url))
    hub.plugins.plugins[name] = FromFolder(f"openfit_{name}")
    with Hosts(hub) as hosts:
        start = now_ms() - DAYS * 86_400_000
        row = connect.connect(hub, hosts, owner_id(hub), name, history_from=start)
        work.drain(hub, hosts)
        with hub.engine.connect() as conn:
            row = connections.get(conn, row.user_id, row.connection_id)
            [count] = conn.exec_driver_sql(
                "select count(*) from raw_items where kind = 'call'"
            ).one()
    assert (row.status, count) == ("ok", calls)
    have, wanted = sync.history(hub, row)
    assert wanted - have <= sync.LATEST_DAYS, "what was asked for as a whole is booked"
