"""Plugins that mean harm, in a hub with a neighbour: the item that did it is named, the neighbour's
is read, and the hub answers all the while."""

import base64
import logging
import threading
from urllib.parse import quote

import pytest
from litestar.testing import TestClient
from openfit import crypto
from openfit.app import build
from openfit.background import work
from openfit.config import Config
from openfit.hosting import hosts as running
from openfit.hosting.hosts import Hosts
from openfit.hosting.scratch import Scratch, sweep
from openfit.hub import open_hub, owner_id
from openfit.intake import ingest, sync
from openfit.store import connections
from openfit.store.engine import write
from openfit_sdk import AuthState, RawItem
from openfit_sdk.budgets import Budget
from openfit_sdk.manifest import read_manifest
from support.kernels import has_filters, has_landlock

MANIFEST = (
    'id = "{id}"\nname = "{id}"\nsdk = "1"\ndata_types = ["metric:weight"]\n'
    'sync_modes = ["poll"]\nhosts = []\n[auth]\ntype = "none"\n'
)
HEAD = """
import ctypes, gc, os, signal, socket, sys, threading, time
from datetime import UTC, datetime
from openfit_sdk import *
from openfit_sdk.schema import Event, Metric
fine = Metric(key="k", type="weight", t=[0], v=[70.0], start=datetime(2026, 3, 1, tzinfo=UTC))
CHANNEL = lambda: next(s for s in gc.get_objects() if type(s) is socket.socket)
@hookimpl
"""
SMALL = Budget(
    pages=5, pages_a_megabyte=0, cpu_seconds=0.5, scratch=8 << 20, files=300, size=2 << 20
)
DENIED = "PermissionError"
CALLS, FILES = "calls", "files"  # the layer without which it would not be refused

# What it does, what is said of it, and what it takes for that.
SABOTAGE = {
    "forks": ("os.fork()", DENIED, CALLS),
    "fork bomb": (
        "while True:\n    try: os.fork()\n    except OSError: time.sleep(0.01)",
        "did not answer for 2 seconds while reading poisoned.bin",
        CALLS,
    ),
    "a shell": ("import subprocess; subprocess.run(['/bin/sh', '-c', 'id'])", DENIED, CALLS),
    "another host": ("socket.create_connection(('127.0.0.1', 5432))", DENIED, CALLS),
    "a database's socket": (
        "s = socket.socket(socket.AF_UNIX)\ns.connect('/run/postgresql/.s.PGSQL.5432')",
        DENIED,
        CALLS,
    ),
    "signals the hub": ("os.kill(os.getppid(), signal.SIGKILL)", DENIED, CALLS),
    "raises its limits": (
        "import resource\nresource.setrlimit(resource.RLIMIT_AS, (-1, -1))",
        "not allowed to raise",
        "",
    ),
    "closes the data folder": ("os.chmod(DATA, 0)", DENIED, CALLS),
    "reads the database": ("yield open(DATA + '/hub.db', 'rb').read()", DENIED, FILES),
    "reads the key": ("yield open(DATA + '/secret-key').read()", DENIED, FILES),
    "empties the database": ("os.truncate(DATA + '/hub.db', 0)", DENIED, CALLS),
    "deletes the originals": ("import shutil; shutil.rmtree(DATA + '/raw')", DENIED, FILES),
    "links to the database": (
        "os.symlink(DATA + '/hub.db', 'x')\nopen('x').read()",
        DENIED,
        FILES,
    ),
    "writes into its package": ("open(__file__, 'a').write('#')", DENIED, FILES),
    "writes into the packages": ("open(os.__file__, 'a').write('#')", DENIED, FILES),
    "reads the hub's memory": ("open(f'/proc/{os.getppid()}/mem', 'rb')", DENIED, FILES),
    "reads the hub's environment": ("open(f'/proc/{os.getppid()}/environ').read()", DENIED, FILES),
    "announces a frame of gigabytes": (
        "CHANNEL().sendall(b'\\xff\\xff\\xff\\xff')\ntime.sleep(30)",
        "sent what is no answer while reading poisoned.bin",
        "",
    ),
    "raises while iterated": (
        "for n in range(1000):\n    yield fine\n1 / 0",
        "ZeroDivisionError: division by zero). It had sent 1 page",
        "",
    ),
    "endless pages": (
        "while True:\n    yield from [fine] * 500",
        "sent more than 5 pages while reading poisoned.bin",
        "",
    ),
    "endless bytes": (
        "while True:\n    yield Event(key='e', type='x', start=fine.start, text='x' * 900_000)",
        "far more than it was given to read",
        "",
    ),
    "endless lines": (
        "while True:\n    print()",
        "while reading poisoned.bin and was stopped",
        "",
    ),
    "fills its folder": (
        "with open('big', 'wb') as file:\n    while True: file.write(bytes(1 << 20))",
        "filled its folder with more than 8,388,608 bytes while reading poisoned.bin",
        "",
    ),
    "fills its folder unseen": (
        "import tempfile\nwith tempfile.TemporaryFile() as file:\n"
        "    while True:\n        file.write(bytes(1 << 16)); time.sleep(0.0005)",
        "filled its folder with more than 8,388,608 bytes",
        FILES,
    ),
    "fills its folder with files": (
        "n = 0\nwhile True:\n    n += 1; open(str(n), 'w').close(); time.sleep(0.0005)",
        "made more than 300 files in its folder",
        "",
    ),
    "digs deep": (
        "while True:\n    os.mkdir('d'); os.chdir('d'); time.sleep(0.0005)",
        "made more than 300 files in its folder",
        "",
    ),
    "ignores SIGTERM and hangs": (
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(600)",
        "did not answer for 2 seconds while reading poisoned.bin and was stopped",
        "",
    ),
    "spins": ("while True: pass", "of processor time for one call while reading", ""),
    "eats memory": ("x = bytearray(3_000_000_000)", "needed more memory than it may have", ""),
    "a value that explodes": (
        "yield Metric(key='k', type='weight', t=[0], v=[1.0], start=fine.start,\n"
        "    ext={'rogue.x': [[]] * 2_000_000})",
        "something else than the contract says",
        "",
    ),
    "dies": ("os._exit(3)", "stopped by itself (exit code 3) while reading poisoned.bin", ""),
}


def write_plugin(folder, name, body, head="def normalize(raw_item):\n"):
    package = folder / f"openfit_{name}"
    package.mkdir(parents=True)
    (package / "manifest.toml").write_text(MANIFEST.format(id=name))
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    (package / "__init__.py").write_text(HEAD + head + lines + "    yield fine\n")


class FromFolder:
    """A plugin that is not installed."""

    def __init__(self, name):
        self.name, self.module, self.version = name, f"openfit_{name}", "1"
        self.manifest, self.error = read_manifest(self.module), None


@pytest.fixture
def hub(tmp_path, tmp_path_factory, monkeypatch):
    data = tmp_path_factory.mktemp("data")
    (data / "raw/ab").mkdir(parents=True)
    monkeypatch.setattr("openfit.hosting.hosts.PATHS", [tmp_path])
    monkeypatch.setattr("openfit.hosting.hosts.BUDGET", SMALL)
    monkeypatch.syspath_prepend(tmp_path)
    crypto.load_key(data, None)  # as every hub that serves has one
    return open_hub(Config(data=data, database_url=f"sqlite:///{data / 'hub.db'}"))


def install(hub, tmp_path, name, body, **more):
    write_plugin(tmp_path, name, f"DATA = {str(hub.config.data)!r}\n{body}", **more)
    hub.plugins.plugins[name] = FromFolder(name)
    with write(hub.engine) as conn:
        return connections.ensure(conn, owner_id(hub), name, 1, name=name)


def deliver(hub, row, name):
    item = RawItem(kind="file", id=name, name=name, body=b"bytes of " + name.encode())
    ingest.accept(hub, row.user_id, row.connection_id, [ingest.spooled(item)])


class Visitor(threading.Thread):
    """Asks the hub how it is, again and again."""

    def __init__(self, hub):
        super().__init__()
        self.client = TestClient(build(hub), base_url="http://localhost")
        self.answers = []
        self.over = threading.Event()

    def run(self):
        with self.client as client:
            while not self.over.is_set():
                self.answers.append(client.get("/api/v1/health").json()["status"])
                self.over.wait(0.05)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join()


@pytest.mark.parametrize("name", SABOTAGE)
def test_sabotage_costs_the_item_that_did_it_and_nothing_else(name, hub, tmp_path):
    body, said, layer = SABOTAGE[name]
    if (layer == CALLS and not has_filters()) or (layer == FILES and not has_landlock()):
        pytest.skip("this kernel lacks the layer that refuses it")
    rogue = install(hub, tmp_path, "rogue", body)
    calm = install(hub, tmp_path, "calm", "pass")
    deliver(hub, rogue, "poisoned.bin")
    deliver(hub, calm, "clean.bin")
    with Visitor(hub) as visitor, Hosts(hub, deadline=2.0) as hosts:
        work.drain(hub, hosts)
    with hub.engine.connect() as conn:
        found = conn.exec_driver_sql("select name, state, reports from raw_items").all()
    states = {row.name: row.state for row in found}
    assert states["clean.bin"] == "done"
    assert states["poisoned.bin"] in ("failed", "done")  # what came before a fault is kept
    reports = next(row.reports for row in found if row.name == "poisoned.bin")
    assert '"status":"failed"' in reports
    assert said in reports
    assert set(visitor.answers) == {"ok"}
    assert list(hub.scratch.iterdir()) == []
    assert (hub.config.data / "secret-key").read_text().strip()


# Secrets -----------------------------------------------------------------------------------------

TOKEN = 'tök/en+of="somebody" 0123456789'
SAID = """
import base64, json, urllib.parse
token = auth_state.access_token
print("plain", token)
print("cut" + "x" * 1990 + token + "y" * 3000)
print(urllib.parse.quote(token), urllib.parse.quote_plus(token), json.dumps({"t": token}))
print(base64.b64encode(b"user:" + token.encode()).decode(), token.encode().hex(), repr([token]))
sys.stdout.write(token[:9]); sys.stdout.flush(); time.sleep(0.1); print(token[9:])
raise PermanentError("refused " + token, detail=urllib.parse.quote(token))
"""


def test_what_a_plugin_prints_and_raises_says_no_secret(hub, tmp_path, monkeypatch, caplog):
    install(hub, tmp_path, "rogue", SAID, head="def sync(auth_state):\n")
    monkeypatch.setattr(sync, "auth_state", lambda *_: AuthState(access_token=TOKEN))
    with write(hub.engine) as conn:
        connections.change(conn, owner_id(hub), own(hub), next_sync_at=1)
    with caplog.at_level(logging.INFO), Hosts(hub, deadline=5.0) as hosts:
        work.drain(hub, hosts)
    with hub.engine.connect() as conn:
        [row] = [r for r in connections.of_user(conn, owner_id(hub)) if r.name == "rogue"]
    assert row.status == "failed"
    assert row.message.startswith("refused …")
    printed = [r.getMessage() for r in caplog.records if r.name == "openfit.plugins"]
    assert "rogue: plain …" in printed
    told = "\n".join([*printed, row.message, row.detail or ""])
    for form in (TOKEN, quote(TOKEN), TOKEN.encode().hex(), "of=", "0123456789"):
        assert form not in told
    assert base64.b64encode(TOKEN.encode()[2:]).decode()[:16] not in told
    assert sum(line.count("y") for line in printed) == 3000  # and nothing else is lost


def own(hub):
    return connections.connection_id(owner_id(hub), "rogue", "")


# Folders -----------------------------------------------------------------------------------------


def test_a_folder_whose_hub_is_gone_is_swept_and_one_in_use_is_not(tmp_path):
    gone = tmp_path / "1-gone-abc"
    (gone / "deep/deeper").mkdir(parents=True)
    (gone / "deep/deeper/file").write_text("left behind")
    used = Scratch(tmp_path, "1-used")
    (used.path / "file").write_text("needed")
    sweep(tmp_path)
    assert list(tmp_path.iterdir()) == [used.path]
    used.close()
    used.close()
    assert list(tmp_path.iterdir()) == []


def test_a_link_in_a_folder_is_removed_and_not_followed(tmp_path):
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "database").write_text("kept")
    room = Scratch(tmp_path / "scratch", "1-rogue")
    (room.path / "folder").symlink_to(kept)
    (room.path / "file").symlink_to(kept / "database")
    room.close()
    assert (kept / "database").read_text() == "kept"
    assert list((tmp_path / "scratch").iterdir()) == []


def test_folders_deeper_than_any_path_are_removed(tmp_path):
    import os

    room, home = Scratch(tmp_path, "1-rogue"), os.getcwd()
    os.chdir(room.path)
    try:
        for _ in range(1200):
            os.mkdir("deeper")
            os.chdir("deeper")
    finally:
        os.chdir(home)
    room.close()
    assert list(tmp_path.iterdir()) == []


def test_a_host_that_has_worked_for_hours_is_replaced(hub, tmp_path, monkeypatch):
    install(hub, tmp_path, "calm", "pass")
    with Hosts(hub, deadline=5.0) as hosts:
        first = hosts.host(owner_id(hub), "calm")
        assert hosts.host(owner_id(hub), "calm") is first
        monkeypatch.setattr(running, "WORN", 0)
        assert hosts.host(owner_id(hub), "calm") is not first
        assert not first.alive
