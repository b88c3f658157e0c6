"""A person's page, phone and scripts asking at once, of ten years: how long each waits.

    python bench/load.py [--years 10] [--seconds 20] [--rate 200] [--members 3000] [--json]

A real server over loopback. Requests are sent when they are due, whether or not the ones before
were answered (an open loop), and a wait counts from that moment. Of them 40 % are daily series,
30 % lists of activities, 20 % streams of an activity at 2,000 points, and 10 % a day as it was
recorded; packed, as browsers ask for them. First alone, then while an archive is imported. Then
how many a second there can be of 10,000 points read from the store, and of unchanged answers; and
what 50 live listeners and all of that leave resident.
"""

import asyncio
import contextlib
import io
import os
import random
import time
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

import growth
import hubs
import numpy as np
import recordings
import support
from asker import Asker, Connection
from openfit.config import Config
from openfit.hosting.hosts import Hosts
from openfit.hub import Hub, now_ms, open_hub, owner_id
from openfit.intake import storing
from openfit.intake.samples import Samples
from openfit.intake.storing import Reading
from openfit.store import connections, keys
from openfit.store.engine import write
from openfit.store.entities import Stamp
from openfit_sdk.schema import Activity, Device
from servers import Client, Server

P99_GOAL = 100.0  # ms
POINTS_GOAL, UNCHANGED_GOAL = 200.0, 700.0  # answers a second
PSS_GOAL = 150.0  # MB
LISTENERS = 50
PATIENCE = 120.0  # s
MIX = {"daily series": 40, "list": 30, "streams": 20, "a day raw": 10}
ENOUGH = 3000  # answers, which is below the rate limit's burst
CONNECTIONS = 4  # of those who ask again as soon as they are answered
MEMBERS, MEMBER_POINTS = 3000, 1800
LONG = 10_000  # points


# What is asked -----------------------------------------------------------------------------------


def at(instant: datetime) -> str:
    return quote(instant.isoformat())


def questions(client: Client, asker: Asker, years: int, n: int) -> list[tuple[str, bytes]]:
    """As many requests of the mix, of random places in the history."""
    chance = random.Random(1)
    ids, cursors, cursor = [], [""], None
    while True:
        page = client("/activities?limit=500" + (f"&cursor={cursor}" if cursor else ""))
        ids += [item["id"] for item in page["items"]]
        cursor = page.get("next_cursor")
        if cursor is None:
            break
        cursors.append(f"&cursor={cursor}")
    last = growth.START + timedelta(days=years * growth.YEAR)
    packed = "Accept-Encoding: gzip"

    def one(kind: str) -> str:
        day = growth.START + timedelta(days=chance.randrange(years * growth.YEAR - 1))
        if kind == "daily series":
            begin = last - timedelta(days=chance.choice([90, 180, 365, 730]))
            return f"/metrics/resting_heart_rate?start={at(begin)}&end={at(last)}&points=1000"
        if kind == "list":
            return f"/activities?limit=50{chance.choice(cursors)}"
        if kind == "streams":
            return f"/activities/{chance.choice(ids)}/streams?points=2000"
        return f"/metrics/heart_rate?start={at(day)}&end={at(day + timedelta(days=1))}&points=20000"

    kinds = chance.choices(list(MIX), list(MIX.values()), k=n)
    return [(kind, asker.request(one(kind), packed)) for kind in kinds]


async def open_loop(
    asker: Asker, asked: list[tuple[str, bytes]], rate: float
) -> dict[str, list[float]]:
    """Latencies in ms by kind, each from the moment at which the request was due."""
    found: dict[str, list[float]] = {kind: [] for kind in MIX}
    began = time.perf_counter()

    async def one(n: int, kind: str, request: bytes) -> None:
        due = began + n / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        status, _, body = await asker.ask(request)
        if status != 200:
            raise RuntimeError(f"{kind}: {status} {body[:300]!r}")
        found[kind].append((time.perf_counter() - due) * 1000)

    tasks = []
    for n, (kind, request) in enumerate(asked):
        wait = began + n / rate - time.perf_counter()
        if wait > 0.002:
            await asyncio.sleep(wait)
        tasks.append(asyncio.create_task(one(n, kind, request)))
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    if failed := [one for one in answers if one is not None]:
        raise RuntimeError(f"{len(failed)} of {len(asked)} were not answered") from failed[0]
    return found


async def as_fast_as_can_be(
    asker: Asker, request: bytes, status: int, seconds: float, pid: int
) -> tuple[float, float]:
    """Answers a second, asked again by a few connections as soon as they are answered; and what
    one costs the server in ms of CPU, which does not feel what else the machine does."""
    until, n = time.perf_counter() + seconds, 0

    async def again() -> None:
        nonlocal n
        connection = await Connection.open(asker.host, asker.port)
        while time.perf_counter() < until and n < ENOUGH:
            got, _, _ = await connection.ask(request)
            if got != status:
                raise RuntimeError(f"{got} instead of {status}")
            n += 1
        connection.writer.close()

    began, spent = time.perf_counter(), cpu_ms(pid)
    await asyncio.gather(*(again() for _ in range(CONNECTIONS)))
    return n / (time.perf_counter() - began), (cpu_ms(pid) - spent) / n


async def listen(asker: Asker, n: int) -> list[Connection]:
    found = []
    for _ in range(n):
        connection = await Connection.open(asker.host, asker.port)
        connection.writer.write(asker.request("/live"))
        head = await connection.reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head:
            raise RuntimeError(head.decode())
        found.append(connection)
    return found


async def heard(listeners: list[Connection]) -> int:
    """How many of them were told of an import by now."""
    told = 0
    for connection in listeners:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                while b"event: import" not in await connection.reader.readuntil(b"\n"):
                    pass
                told += 1
    return told


# All of it ---------------------------------------------------------------------------------------


def archive(members: int) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for n in range(members):
            packed.writestr(f"rides/{n}.gpx", recordings.gpx(1000 + n, MEMBER_POINTS))
    return target.getvalue()


def fill(folder: Path, years: int) -> str:
    """Years of one user, and a key to ask with."""
    opened = open_hub(Config(data=folder, database_url=f"sqlite:///{folder / 'openfit.db'}"))
    user_id = owner_id(opened)
    growth.thresholds(opened, user_id)
    growth.fill(opened, user_id, 0, years * growth.YEAR)
    long_ride(opened, user_id, years * growth.YEAR)
    with Hosts(opened) as hosts:
        growth.study(opened, hosts, user_id)
    with write(opened.engine) as conn:
        key = keys.add(conn, user_id, "bench", now_ms())
    opened.engine.dispose()
    return key


def long_ride(opened: Hub, user_id: int, day: int) -> None:
    """The newest activity, of 10,000 seconds."""
    begin = growth.START + timedelta(days=day, hours=7)
    end = begin + timedelta(seconds=LONG)
    t = hubs.FIRST + day * hubs.DAY + 7 * hubs.HOUR + np.arange(LONG) * 1000
    rate = 130 + np.round(hubs.wander(np.random.default_rng(day), LONG))
    with write(opened.engine) as conn:
        mine = connections.ensure(conn, user_id, "bench", now_ms()).connection_id
    page = [
        Device(key="watch", type="watch"),
        Activity(key="long", device="watch", start=begin, end=end, sport="cycling"),
        growth.measured("heart_rate", Samples(t, rate, None), "long"),
    ]
    stamp = Stamp(user_id, mine, day + 2, f"{day + 1:064x}")
    with write(opened.engine) as conn:
        storing.apply(opened, conn, Reading(stamp, True, "1"), page)


def pss(pid: int) -> float:
    """MB that would be free without this process."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise RuntimeError("no Pss")


def cpu_ms(pid: int) -> float:
    """Of all threads of a process since it began."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def percentiles(found: dict[str, list[float]]) -> dict[str, dict[str, float]]:
    every = {"all": [one for some in found.values() for one in some], **found}
    return {
        kind: {
            "p50_ms": float(np.percentile(some, 50)),
            "p99_ms": float(np.percentile(some, 99)),
            "worst_ms": max(some),
            "n": len(some),
        }
        for kind, some in every.items()
    }


async def asked_of(
    client: Client, asker: Asker, years: int, seconds: float, rate: float, members: int, pid: int
) -> Any:
    n = round(seconds * rate)
    asked = questions(client, asker, years, 2 * n)
    await open_loop(asker, asked[: round(rate)], rate)  # a second to get warm
    spent = cpu_ms(pid)
    alone = await open_loop(asker, asked[:n], rate)
    spent = (cpu_ms(pid) - spent) / n
    import_id = client.upload("archive.zip", archive(members))
    listeners = await listen(asker, LISTENERS)
    until = time.monotonic() + PATIENCE
    while not (before := client(f"/imports/{import_id}"))["members"]:  # until the worker is at it
        if time.monotonic() > until:
            raise TimeoutError("the import did not begin")
        await asyncio.sleep(0.2)
    beside = await open_loop(asker, asked[n:], rate)
    after = client(f"/imports/{import_id}")
    told = await heard(listeners)
    client(f"/imports/{import_id}/cancel", b"")
    while client(f"/imports/{import_id}")["state"] in ("running", "cancelling"):
        await asyncio.sleep(0.2)
    for connection in listeners:
        connection.writer.close()
    return {
        "alone": percentiles(alone),
        "request_cpu_ms": spent,
        "beside_an_import": percentiles(beside),
        "members_read_meanwhile": after["members"] - before["members"],
        "import_went_on": after["state"] == "running",
        "listeners_told": told,
        "connections": asker.opened,
    }


async def most(client: Client, asker: Asker, seconds: float, pid: int) -> dict[str, float]:
    [longest] = client("/activities?limit=1")["items"]
    path = f"/activities/{longest['id']}/streams?points={LONG}"
    streams = client(path)["streams"]
    if [len(stream["t"]) for stream in streams] != [LONG]:
        raise RuntimeError("the newest activity is not the long one")
    points = await as_fast_as_can_be(asker, asker.request(path), 200, seconds, pid)
    _, head, _ = await asker.ask(asker.request(path))
    tag = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"etag:"))
    known = asker.request(path, f"If-None-Match: {tag.partition(b':')[2].strip().decode()}")
    unchanged = await as_fast_as_can_be(asker, known, 304, seconds, pid)
    return {
        "ten_thousand_points_per_second": points[0],
        "ten_thousand_points_cpu_ms": points[1],
        "unchanged_per_second": unchanged[0],
        "unchanged_cpu_ms": unchanged[1],
    }


@contextlib.contextmanager
def filled(years: int) -> Iterator[tuple[Server, str]]:
    with TemporaryDirectory(prefix="openfit-bench-") as name:
        key = fill(Path(name), years)
        server = Server(Path(name))
        try:
            yield server, key
        finally:
            server.stop()


def measure(years: int, seconds: float, rate: float, members: int) -> dict[str, Any]:
    with filled(years) as (server, key):
        client, asker = Client(server.address, key), Asker(server.address, key)
        pid = server.process.pid
        at_rest = pss(pid)
        limits = asyncio.run(most(client, asker, seconds / 4, pid))
        asker.idle.clear()
        found = asyncio.run(asked_of(client, asker, years, seconds, rate, members, pid))
        time.sleep(2)
        found |= limits | {
            "years": years,
            "rate": rate,
            "pss_at_rest_mb": at_rest,
            "pss_after_mb": pss(pid),
        }
    found["goals"] = {
        "p99 alone": found["alone"]["all"]["p99_ms"] < P99_GOAL,
        "p99 beside an import": found["beside_an_import"]["all"]["p99_ms"] < P99_GOAL,
        "10,000 points": found["ten_thousand_points_per_second"] >= POINTS_GOAL,
        "unchanged": found["unchanged_per_second"] >= UNCHANGED_GOAL,
        "every listener was told": found["listeners_told"] == LISTENERS,
        "memory": found["pss_after_mb"] < PSS_GOAL,
    }
    return found


def shown(found: dict[str, Any]) -> str:
    rows = [
        (f"{name}: {kind}", one["n"], one["p50_ms"], one["p99_ms"], one["worst_ms"])
        for name in ("alone", "beside_an_import")
        for kind, one in found[name].items()
    ]
    plain = [
        (name, value)
        for name, value in found.items()
        if not isinstance(value, dict) and not isinstance(value, bool)
    ]
    return "\n\n".join(
        [
            support.table(("requests", "n", "p50 ms", "p99 ms", "worst ms"), rows),
            support.table(("", "seen"), plain),
            support.goals(found["goals"]),
        ]
    )


def main() -> None:
    parser = support.options(__doc__)
    parser.add_argument("--years", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--rate", type=float, default=200.0)
    parser.add_argument("--members", type=int, default=MEMBERS, help="of the archive")
    args = parser.parse_args()
    found = measure(args.years, args.seconds, args.rate, args.members)
    support.show(found, as_json=args.json, text=shown)


if __name__ == "__main__":
    main()
