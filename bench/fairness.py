"""What another user's page costs while somebody imports a big archive: python bench/fairness.py.

A real server on a free port of loopback, with a folder of its own. Prints the latency of a list of
activities, of one activity with its streams, and of one upload until it can be seen.
"""

import argparse
import io
import json
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

START = datetime(2025, 1, 1, 7, tzinfo=UTC)


def gpx(n: int, points: int) -> bytes:
    chance = random.Random(n)
    start = START + timedelta(hours=5 * n)
    rows = [
        f'<trkpt lat="{46 + n / 1e3 + s / 1e5:.7f}" lon="{7 + s / 1e5:.7f}">'
        f"<ele>{500 + chance.random() * 9:.1f}</ele>"
        f"<time>{(start + timedelta(seconds=s)).isoformat()}</time></trkpt>"
        for s in range(points)
    ]
    return (
        '<gpx version="1.1" creator="bench" xmlns="http://www.topografix.com/GPX/1/1">'
        f"<trk><name>Ride {n}</name><trkseg>{''.join(rows)}</trkseg></trk></gpx>"
    ).encode()


def archive(members: int, points: int) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for n in range(members):
            packed.writestr(f"rides/{n}.gpx", gpx(1000 + n, points))
    return target.getvalue()


class Client:
    def __init__(self, url: str, token: str) -> None:
        self.url, self.token = url, token

    def __call__(self, path: str, body: bytes | None = None) -> dict:
        request = urllib.request.Request(
            f"{self.url}/api/v1{path}", data=body, headers={"Authorization": f"Bearer {self.token}"}
        )
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)

    def upload(self, name: str, body: bytes) -> str:
        return self(f"/activities/import?name={name}", body)["import_id"]

    def wait(self, import_id: str, seconds: float = 120) -> dict:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            report = self(f"/imports/{import_id}")
            if report["state"] == "done":
                return report
            time.sleep(0.02)
        raise TimeoutError(f"import {import_id} was not done within {seconds:.0f} s")


class Server:
    """A hub of this bench's own with an owner and another user."""

    def __init__(self, data: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        kept = {k: v for k, v in os.environ.items() if not k.startswith("OPENFIT_")}
        own = {"OPENFIT_DATA": str(data), "OPENFIT_LISTEN": f"127.0.0.1:{port}"}
        self.url, self.log = f"http://localhost:{port}", data / "serve.log"
        with self.log.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-u", "-m", "openfit", "serve"],
                env=kept | own,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        token = self.owner_token()
        self.owner = Client(self.url, token)
        self.other = Client(self.url, another_user(data))

    def owner_token(self) -> str:
        for _ in range(300):
            found = re.search(r"#token=(\S+)", self.log.read_text())
            if found:
                return found[1]
            time.sleep(0.1)
        raise TimeoutError(self.log.read_text())

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


def another_user(data: Path) -> str:
    from openfit.store import engine, people

    made = engine.create(f"sqlite:///{data / 'openfit.db'}")
    with engine.write(made) as conn:
        return people.create_owner(conn, "Other", round(time.time() * 1000))[1]


def timed(work: Callable[[], object]) -> float:
    started = time.monotonic()
    work()
    return time.monotonic() - started


def measure(other: Client, rounds: int, first: int) -> dict[str, list[float]]:
    seen = other("/activities?limit=1")["items"][0]["id"]
    found: dict[str, list[float]] = {"list": [], "activity": [], "upload": []}
    for n in range(rounds):
        found["list"].append(timed(lambda: other("/activities?limit=50")))
        found["activity"].append(
            timed(lambda: (other(f"/activities/{seen}"), other(f"/activities/{seen}/streams")))
        )
        if n % 5 == 0:
            body = gpx(first + n, 600)
            found["upload"].append(timed(partial(uploaded, other, body)))
    return found


def uploaded(client: Client, body: bytes) -> None:
    client.wait(client.upload("ride.gpx", body))


def percentiles(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    return {
        f"p{p}": round(ordered[min(len(ordered) - 1, len(ordered) * p // 100)] * 1000, 1)
        for p in (50, 95, 99)
    }


def run(members: int, points: int, rounds: int) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        try:
            for n in range(20):
                server.other.wait(server.other.upload(f"{n}.gpx", gpx(n, 600)))
            alone = measure(server.other, rounds, 100)
            big = server.owner.upload("big.zip", archive(members, points))
            time.sleep(2)
            beside = measure(server.other, rounds, 500)
            left = server.owner(f"/imports/{big}")
        finally:
            server.stop()
    names = ("state", "size", "size_done", "members", "bytes_per_second", "remaining_seconds")
    return {
        "alone": {name: percentiles(values) for name, values in alone.items()},
        "beside_a_big_import": {name: percentiles(values) for name, values in beside.items()},
        "the_big_import_then": {name: left[name] for name in names},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=3000, help="recordings in the archive")
    parser.add_argument("--points", type=int, default=1800, help="samples in each")
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = run(given.members, given.points, given.rounds)
    if given.json:
        print(json.dumps(found))
        return
    for name in ("list", "activity", "upload"):
        alone, beside = found["alone"][name], found["beside_a_big_import"][name]
        for p in ("p50", "p95", "p99"):
            ratio = beside[p] / alone[p]
            print(f"{name:<9} {p}  {alone[p]:>8} ms alone  {beside[p]:>8} ms  x{ratio:.1f}")
    print(f"the big import then: {found['the_big_import_then']}")


if __name__ == "__main__":
    main()
