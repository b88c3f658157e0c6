"""Durable before acknowledged: a band is told to trim only what the hub would still have if it died
at that moment. The band is a virtual one that trims for good."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from openfit.background import work
from openfit.config import Config
from openfit.hosting.hosts import Hosts
from openfit.hub import open_hub
from openfit.store import connections, series
from openfit.store.engine import write
from openfit.store.pieces import count
from plugins.openstrap_band.virtual_band import Band
from support import band as frames
from support.band_folder import connected, install

TESTS = Path(__file__).parents[1]
FIRE = TESTS / "support" / "band_fire.py"
WALL = frames.START + 600
FAR = """
import json, socket
import openfit_openstrap_band as band
from openfit_openstrap_band.radio import ble, refusals, syncing
from openfit_openstrap_band.wire.commands import Sequences
from openfit_openstrap_band.wire.frames import Reassembler
from openfit_openstrap_band.radio.talk import Timing

class FarLink:
    def __init__(self, address):
        self.timing, self.sequences, self.generation = ble.Timing(), Sequences(), 4
        self.pairing_refused, self.time, self.arrived_at, self.arrived = None, 0.0, 0.0, []
        self.reassemblers = {{}}

    def open(self):
        self.line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.line.connect({path!r})
        self.file = self.line.makefile("rwb")
        yield

    def now(self):
        return self.time

    def say(self, **words):
        self.file.write(json.dumps(words).encode() + b"\\n")
        self.file.flush()
        answer = self.file.readline()
        if not answer:
            raise refusals.LinkLost(refusals.WENT)
        for role, frame in json.loads(answer):
            mine = self.reassemblers.setdefault(role, Reassembler(4))
            self.arrived += [(self.time, one) for one in mine.feed(bytes.fromhex(frame))]

    def write(self, frame):
        self.say(write=frame.hex())

    def listen(self, seconds):
        until = self.time + seconds
        while not self.arrived:
            if self.time >= until:
                return None
            self.time = min(until, self.time + 0.5)
            self.say(tick=self.time)
        self.arrived_at, frame = self.arrived.pop(0)
        return frame

    def close(self):
        self.line.close()

syncing.Link = FarLink
"""


@pytest.fixture
def hub(tmp_path, sqlite_url, monkeypatch):
    for module in ("intake.sync", "intake.connect", "background.work", "intake.ingest"):
        monkeypatch.setattr(f"openfit.{module}.now_ms", lambda: WALL * 1000)
    monkeypatch.setattr("openfit.hosting.hosts.PATHS", [tmp_path])
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    return open_hub(Config(data=tmp_path / "data", database_url=sqlite_url))


def again(hub, row) -> None:
    with write(hub.engine) as conn:
        connections.change(conn, row.user_id, row.connection_id, next_sync_at=WALL * 1000)


def heart_rates(hub, row):
    with hub.engine.connect() as conn:
        extents = {one.metric: one for one, *_ in series.extents(conn, row.user_id)}
        t, v = series.read(conn, row.user_id, extents["heart_rate"], 0, None)
        kept = count(conn, row.user_id, row.connection_id)
        after = connections.get(conn, row.user_id, row.connection_id)
    return t // 1000, v, kept, after


@pytest.mark.parametrize(("generation", "points", "least"), [(4, 110, 100), (5, 13, 10)])
def test_a_death_at_any_step_neither_loses_nor_doubles_a_record(generation, points, least):
    """SIGKILL, an error at a statement or commit, a link that is gone: at some hundred steps
    of a sync here, at every one with `python tests/support/band_fire.py`."""
    done = subprocess.run(
        [sys.executable, FIRE, "--generation", str(generation), "--points", str(points)],
        capture_output=True,
        text=True,
        timeout=280,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},  # it forks
    )
    assert done.stdout, done.stderr
    summary = json.loads(done.stdout.splitlines()[-1])
    print(summary)
    assert summary["wrong"] == [] and done.returncode == 0
    assert summary["points"] >= least and {*summary["died"]} == {"kill", "drop", "fail"}


def test_a_sealed_host_with_bleak_syncs_a_band_into_series(hub, tmp_path):
    """Threads, event loops, bleak and the virtual band all run behind the host's walls."""
    install(hub, tmp_path)
    row = connected(hub, WALL * 1000)
    with Hosts(hub) as hosts:
        work.drain(hub, hosts)
    t, v, kept, after = heart_rates(hub, row)
    assert (after.status, after.message) == ("ok", None)
    assert t.tolist() == [*range(frames.START, frames.START + 20)]
    assert v.tolist() == [60 + n % 40 for n in range(20)]
    assert kept >= 20
    assert json.loads(after.cursor)["times"] == "1"


class FarBand:
    """A band at the other end of a socket, where a host looks for the system bus."""

    def __init__(self, path: Path, band: Band) -> None:
        self.band, self.links, self.messages = band, 0, 0
        self.before = lambda message: None  # called with the number of each message
        self.server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.server.bind(str(path))
        self.server.listen()
        path.chmod(0o777)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        while True:
            try:
                line, _ = self.server.accept()
            except OSError:
                return
            self.links += 1
            self.began = self.band.now
            self.band.joined()
            with line, line.makefile("rb") as file, suppress(ConnectionError):
                while words := file.readline():  # until the host has died
                    self.messages += 1
                    self.before(self.messages)
                    line.sendall(json.dumps(self.answer(json.loads(words))).encode() + b"\n")

    def answer(self, words):
        if "write" in words:
            found = self.band.write(bytes.fromhex(words["write"]))
        else:
            found = self.band.tick(self.began + words["tick"])
        return [(role, frame.hex()) for role, frame in found]

    def close(self) -> None:
        self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()


@pytest.fixture
def far(monkeypatch):
    folder = Path("/tmp") / f"far-{os.getpid()}"  # a socket's path has to be short
    folder.mkdir(mode=0o755)
    path = folder / "bus"
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={path}")
    flash = [frames.second(frames.START + n, 60 + n % 40, counter=n + 1) for n in range(20)]
    far = FarBand(path, Band(flash, clock=float(WALL)))
    far.path = path
    yield far
    far.close()
    shutil.rmtree(folder)


@pytest.mark.skipif(sys.platform != "linux", reason="the way to a system bus is Linux's")
@pytest.mark.parametrize("message", [None, 3, 9, 11, 12])
def test_a_host_that_is_killed_is_followed_by_one_that_brings_the_rest(hub, tmp_path, far, message):
    install(hub, tmp_path, FAR.format(path=str(far.path)))
    row = connected(hub, WALL * 1000)
    with Hosts(hub) as hosts:

        def kill(now: int) -> None:
            if now == message:
                os.kill(hosts.running[row.user_id, "farband"].pid, signal.SIGKILL)

        far.before = kill
        work.drain(hub, hosts)
        if message is not None:
            with hub.engine.connect() as conn:
                broken = connections.get(conn, row.user_id, row.connection_id)
            assert broken.status == "retrying" and "was killed" in broken.message
            again(hub, row)
            work.drain(hub, hosts)
    t, v, kept, after = heart_rates(hub, row)
    assert (after.status, after.message) == ("ok", None)
    assert t.tolist() == [*range(frames.START, frames.START + 20)]
    assert np.array_equal(v, 60 + np.arange(20) % 40)
    assert far.band.flash == [] and far.band.refused == [] and len(far.band.trimmed) == 20
    assert far.links == (1 if message is None else 2)
