"""A band's frames, from the first byte of HTTP until all of them are stored and rolled up."""

import gzip
import http.client
import json
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from servers import Server, server

DAY = 86_400
PATIENCE = 600.0  # s
OFTEN = "pushes=100000/100000"  # the token bucket, out of the way

STORED = """
select coalesce(sum(r.n), 0) from rollup r join series s using (user_id, series_id)
where s.metric = 'heart_rate' and s.live and r.res = 'day'
"""
WAITING = "select count(*) from raw_items where state = 'pending'"


class Run(NamedTuple):
    """Seconds until the last post was answered, and until the last sample was rolled up."""

    posts: int
    frames: int
    acknowledged: float
    stored: float

    @property
    def per_second(self) -> float:
        return self.frames / self.stored


def bodies(lines: Sequence[str], size: int, device: str = "bench") -> list[bytes]:
    parts = (lines[at : at + size] for at in range(0, len(lines), size))
    return [json.dumps({"device_id": device, "records": part}).encode() for part in parts]


def run(lines: Sequence[str], early: Sequence[str], size: int, *, packed: bool = False) -> Run:
    """One client on one connection posts `size` frames at a time to a hub that has a plugin's
    process warm, as it is after the first post of a client."""
    sent = bodies(lines, size)
    if packed:
        sent = [gzip.compress(body, 1) for body in sent]
    with server(rates=OFTEN) as hub:
        ask = poster(hub, packed)
        warm(hub, ask, early, packed)
        with reader(hub.data) as database:
            before = count(database, STORED)
            began = time.perf_counter()
            received = sum(ask(body)["new"] for body in sent)
            acknowledged = time.perf_counter() - began
            assert received == len(lines), f"{received} of {len(lines)} frames were new"
            stored = began + PATIENCE
            while time.perf_counter() < stored:
                if count(database, STORED) - before == received and not count(database, WAITING):
                    return Run(len(sent), received, acknowledged, time.perf_counter() - began)
                time.sleep(0.002)
    raise TimeoutError(f"{received} frames were not stored within {PATIENCE:.0f} s")


def warm(hub: Server, ask: Any, early: Sequence[str], packed: bool) -> None:
    """Frames of another time, so that both processes have imported what they need."""
    [body] = bodies(early, len(early))
    ask(gzip.compress(body, 1) if packed else body)
    with reader(hub.data) as database:
        while count(database, STORED) < len(early) or count(database, WAITING):
            time.sleep(0.01)


def poster(hub: Server, packed: bool) -> Any:
    client = hub.owner()
    host = hub.address.removeprefix("http://")
    link = http.client.HTTPConnection(host, timeout=60)
    headers = {"Authorization": f"Bearer {client.token}", "Content-Type": "application/json"}
    if packed:
        headers["Content-Encoding"] = "gzip"

    def ask(body: bytes) -> Any:
        link.request("POST", "/ingest/batch", body, headers)
        answer = link.getresponse()
        found = json.loads(answer.read())
        assert answer.status == 200, found
        return found

    return ask


def reader(data: Path) -> "closing[sqlite3.Connection]":
    return closing(sqlite3.connect(f"file:{data / 'openfit.db'}?mode=ro", uri=True))


def count(database: sqlite3.Connection, query: str) -> int:
    return int(database.execute(query).fetchone()[0])
