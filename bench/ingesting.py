"""A band's frames, from the first byte of HTTP until all of them are stored and rolled up."""

import http.client
import json
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from servers import Server, server

DAY = 86_400
PATIENCE = 600.0  # s
CONNECTIONS = 2
WARMING = 16  # posts
BIG = 50_000  # frames a post
SMALL = 600
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


def run(lines: Sequence[str], early: Sequence[str], size: int) -> Run:
    """Two connections post `size` frames at a time to a hub that has the plugin's processes warm,
    as they are after a client's first posts."""
    sent = bodies(lines, size)
    with server(rates=OFTEN) as hub:
        ask = poster(hub)
        with reader(hub.data) as database, ThreadPoolExecutor(CONNECTIONS) as asked:
            warm(hub, asked, ask, early)
            before = count(database, STORED)
            began = time.perf_counter()
            received = sum(asked.map(lambda body: ask(body)["new"], sent))
            acknowledged = time.perf_counter() - began
            assert received == len(lines), f"{received} of {len(lines)} frames were new"
            stored = began + PATIENCE
            while time.perf_counter() < stored:
                if count(database, STORED) - before == received and not count(database, WAITING):
                    return Run(len(sent), received, acknowledged, time.perf_counter() - began)
                time.sleep(0.01)
    raise TimeoutError(f"{received} frames were not stored within {PATIENCE:.0f} s")


def warm(hub: Server, asked: ThreadPoolExecutor, ask: Any, early: Sequence[str]) -> None:
    """Frames of another time, so that every process has imported what it needs."""
    [body] = bodies(early, len(early))
    list(asked.map(ask, [body] * WARMING))
    with reader(hub.data) as database:
        while count(database, STORED) < len(early) or count(database, WAITING):
            time.sleep(0.01)


def poster(hub: Server) -> Any:
    client = hub.owner()
    host = hub.address.removeprefix("http://")
    links = threading.local()
    headers = {"Authorization": f"Bearer {client.token}", "Content-Type": "application/json"}

    def ask(body: bytes) -> Any:
        if not hasattr(links, "one"):
            links.one = http.client.HTTPConnection(host, timeout=60)
        link = links.one
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


# The straight way --------------------------------------------------------------------------------


def straight(sent: Sequence[bytes], one: Callable[[bytes], dict[str, Any] | None]) -> float:
    """Seconds for the same posts without HTTP, without days and without R-R: frame by frame into a
    table that takes each once, and into sums by minute, a transaction a post."""
    with TemporaryDirectory() as folder, closing(sqlite3.connect(f"{folder}/straight.db")) as store:
        store.executescript(STRAIGHT)
        began = time.perf_counter()
        for body in sent:
            straight_post(store, json.loads(body)["records"], one)
        return time.perf_counter() - began


STRAIGHT = """
pragma journal_mode = wal; pragma synchronous = full;
create table frame (hex text primary key) without rowid;
create table minute (
  at integer primary key, hr_sum integer, hr_n integer, low integer, high integer
);
"""
ADD = """
insert into minute values (?, ?, ?, ?, ?) on conflict (at) do update set
hr_sum = hr_sum + excluded.hr_sum, hr_n = hr_n + excluded.hr_n,
low = min(low, excluded.low), high = max(high, excluded.high)
"""


def straight_post(
    store: sqlite3.Connection, lines: list[str], one: Callable[[bytes], dict[str, Any] | None]
) -> None:
    minutes: dict[int, list[int]] = {}
    for line in lines:
        if not store.execute("insert or ignore into frame values (?)", (line,)).rowcount:
            continue
        found = one(bytes.fromhex(line))
        rate = found and found["heart_rate"]
        if rate:
            minutes.setdefault(found["ts"] // 60 * 60, []).append(rate)
    sums = [(at, sum(some), len(some), min(some), max(some)) for at, some in minutes.items()]
    store.executemany(ADD, sums)
    store.commit()
