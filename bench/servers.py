"""`openfit serve` in a folder and on a port of its own, and asking it over loopback."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from openfit.store import engine, keys, people

PATIENCE = 3600.0  # s
CHUNK = 1 << 20


class Client:
    """Asks as one user."""

    def __init__(self, address: str, token: str) -> None:
        self.address, self.token = address, token

    def __call__(self, path: str, body: Any = None, size: int | None = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        if size is not None:
            headers["Content-Length"] = str(size)
        request = urllib.request.Request(f"{self.address}/api/v1{path}", body, headers)
        with urllib.request.urlopen(request, timeout=600) as answer:
            return json.load(answer)

    def upload(self, name: str, body: bytes) -> str:
        return str(self(f"/activities/import?name={name}", body)["import_id"])

    def upload_file(self, path: Path) -> str:
        """As the page does: streamed, whatever the size."""

        def pieces() -> Iterator[bytes]:
            with path.open("rb") as file:
                while piece := file.read(CHUNK):
                    yield piece

        size = path.stat().st_size
        return str(self(f"/activities/import?name={path.name}", pieces(), size)["import_id"])

    def wait(self, import_id: str, every: float = 0.02) -> dict[str, Any]:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            report: dict[str, Any] = self(f"/imports/{import_id}")
            if report["state"] == "done":
                return report
            time.sleep(every)
        raise TimeoutError(f"import {import_id} was not done within {PATIENCE:.0f} s")


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


class Server:
    def __init__(self, data: Path, rates: str = "") -> None:
        port = free_port()
        self.data, self.address = data, f"http://127.0.0.1:{port}"
        kept = {name: value for name, value in os.environ.items() if "OPENFIT_" not in name}
        own = {"OPENFIT_DATA": str(data), "OPENFIT_LISTEN": f"127.0.0.1:{port}"}
        if rates:
            own["OPENFIT_RATES"] = rates
        began = time.perf_counter()
        with (data / "serve.log").open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "openfit", "serve"],
                env=kept | own,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        while not self.answers():
            if self.process.poll() is not None:
                raise RuntimeError((data / "serve.log").read_text())
            time.sleep(0.005)
        self.ready_after = time.perf_counter() - began

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/api/v1/health", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def owner(self) -> Client:
        return self.client(lambda conn, now: keys.add(conn, people.OWNER, "bench", now))

    def another(self) -> Client:
        return self.client(lambda conn, now: people.create_user(conn, "Other", now)[1])

    def client(self, make: Callable[[Any, int], str]) -> Client:
        made = engine.create(f"sqlite:///{self.data / 'openfit.db'}")
        with engine.write(made) as conn:
            token = make(conn, round(time.time() * 1000))
        made.dispose()
        return Client(self.address, token)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)


@contextmanager
def server(data: Path | None = None, rates: str = "") -> Iterator[Server]:
    """In a folder that is taken away afterwards, unless one is named."""
    with TemporaryDirectory(prefix="openfit-bench-") as name:
        started = Server(data or Path(name), rates)
        try:
            yield started
        finally:
            started.stop()
