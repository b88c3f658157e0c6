"""The way out and back: export, backup and restore of years, and how much memory they take.

    python bench/leaving.py [--years 10] [--activities 5000] [--postgresql] [--json]

Heart rate at 1 Hz all day, and activities of half an hour with heart rate, power and positions,
each with an original of 60 kB. Each step is the command line in a process of its own: seconds by
the wall, and the most memory that the process ever had. With `--postgresql` the hub goes through a
PostgreSQL server and back, and every member of its exports must be the same to the byte.
"""

import hashlib
import json
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import hubs
import numpy as np
import support
from hubs import DAY, FIRST, HOUR
from openfit.config import Config
from openfit.hub import Hub, now_ms, open_hub, owner_id
from openfit.intake import ingest, storing
from openfit.intake.storing import Reading
from openfit.store import connections, entities, raw
from openfit.store.engine import write
from openfit.store.entities import Stamp
from openfit_sdk import RawItem
from openfit_sdk.schema import Activity, AnyEntity, Device, Metric

YEAR = 365
SECONDS = 1800  # of an activity, a sample each of four channels
BODY = 60_000  # bytes of an original, as random as a FIT file that was compressed
BATCH = 50
KIB, MB = 1024, 1e6
MEMORY_GOAL = 200.0  # MB
GROWTH_GOAL = 1.3

# The peak as the kernel has it of the command's own memory, not of what it was started from.
CHILD = """
import sys
from pathlib import Path
from openfit.__main__ import main
peak, sys.argv = sys.argv[1], ["openfit", *sys.argv[2:]]
try:
    main()
finally:
    status = Path("/proc/self/status").read_text()
    Path(peak).write_text(status.split("VmHWM:")[1].split()[0])
"""


class Step(NamedTuple):
    """One command: seconds, and the most memory in MB."""

    seconds: float
    memory: float


def fill(opened: Hub, years: float, activities: int) -> None:
    user_id = owner_id(opened)
    with write(opened.engine) as conn:
        mine = connections.ensure(conn, user_id, "bench", now_ms()).connection_id
    days = round(years * YEAR)
    for first in range(0, days, 10):
        page: list[AnyEntity] = [Device(key="watch", type="watch")]
        for day in range(first, min(days, first + 10)):
            found = hubs.heart_rate(day)
            page.append(measured("heart_rate", found.t, found.v))
        with write(opened.engine) as conn:
            stamp = Stamp(user_id, mine, first + 1, f"{first:064x}")
            storing.apply(opened, conn, Reading(stamp, True, "1"), page)
    chance = np.random.default_rng(1)
    for first in range(0, activities, BATCH):
        some = range(first, min(activities, first + BATCH))
        bodies = [chance.bytes(BODY) for _ in some]
        items = [RawItem(kind="file", id=str(n), name=f"{n}.fit") for n in some]
        spooled = [raw.spool_chunks(opened.raw, [body, body[:8000]], "x") for body in bodies]
        pairs = list(zip(items, spooled, strict=True))
        taken = ingest.accept(opened, user_id, mine, pairs)
        with write(opened.engine) as conn:
            for n, one in zip(some, taken, strict=True):
                stamp = Stamp(user_id, mine, one.receipt, one.sha256)
                page = list(outing(n, n * days // activities, chance))
                storing.apply(opened, conn, Reading(stamp, True, "1"), page)
                raw.set_item(conn, user_id, one.receipt, state="done")


def outing(n: int, day: int, chance: np.random.Generator) -> Iterator[AnyEntity]:
    t = FIRST + day * DAY + (7 + n % 12) * HOUR + np.arange(SECONDS) * 1000
    start = entities.instant(int(t[0]))
    key = f"ride {n}"
    end = start + timedelta(seconds=SECONDS)
    yield Activity(key=key, device="watch", start=start, end=end, sport="cycling")
    yield measured("heart_rate", t, 130 + np.round(hubs.wander(chance, SECONDS)), key)
    yield measured("power", t, np.round(200 + 30 * chance.standard_normal(SECONDS)).clip(0), key)
    for name, at in (("latitude", 46.5), ("longitude", 7.4)):
        yield measured(name, t, at + np.cumsum(chance.uniform(-1e-5, 3e-5, SECONDS)), key)


def measured(type: str, t: Any, v: Any, activity: str | None = None) -> Metric:
    start = entities.instant(int(t[0]))
    key = f"{type} {activity or start}"
    return Metric(
        key=key, type=type, device="watch", start=start, t=t - t[0], v=v, activity=activity
    )


# Steps -------------------------------------------------------------------------------------------


def openfit(data: Path, url: str, *arguments: str | Path) -> Step:
    environment = os.environ | {"OPENFIT_DATA": str(data), "OPENFIT_DATABASE_URL": url}
    with TemporaryDirectory() as folder:
        peak = Path(folder) / "peak"
        command = [sys.executable, "-c", CHILD, str(peak), *map(str, arguments)]
        began = time.perf_counter()
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        took = time.perf_counter() - began
        if done.returncode:
            raise SystemExit(f"openfit {arguments[0]}: {done.stderr}")
        return Step(took, int(peak.read_text()) * KIB / MB)


def hashes(path: Path) -> dict[str, str]:
    """Of every member but the manifest, which says when it was written."""
    with zipfile.ZipFile(path) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    return {name: one["sha256"] for name, one in manifest["members"].items()}


def content(path: Path) -> float:
    with zipfile.ZipFile(path) as archive:
        return sum(info.file_size for info in archive.infolist()) / MB


def round_trip(folder: Path, data: Path, url: str, name: str) -> dict[str, Any]:
    """Export and backup of a hub."""
    out, to = folder / f"{name}.zip", folder / name
    to.mkdir()
    exported = openfit(data, url, "export", "--to", out)
    backed_up = openfit(data, url, "backup", "--to", to)
    [path] = to.glob("*.tar")
    verified = openfit(data, url, "restore", path, "--verify")
    size, plain = path.stat().st_size / MB, content(out)
    return {
        "export": told(exported, plain),
        "export_mb": plain,
        "zip_mb": out.stat().st_size / MB,
        "backup": told(backed_up, size),
        "verify": told(verified, size),
        "backup_mb": size,
        "hashes": hashlib.sha256(json.dumps(hashes(out)).encode()).hexdigest(),
        "path": path,
    }


def told(step: Step, size: float) -> dict[str, float]:
    return {"seconds": step.seconds, "mb_s": size / step.seconds, "memory_mb": step.memory}


def measure(
    years: float, activities: int, made: Callable[[str], str] | None, *, fast: bool
) -> dict[str, Any]:
    with TemporaryDirectory(prefix="openfit-bench-") as name:
        folder = Path(name)
        first = f"sqlite:///{folder / 'first.db'}"
        opened = open_hub(Config(data=folder / "first", database_url=first))
        filling = support.spent(lambda: fill(opened, years, activities)).wall
        opened.engine.dispose()
        found = {"sqlite": round_trip(folder, folder / "first", first, "one")}
        path = found["sqlite"].pop("path")
        hops = [] if fast else [("sqlite", f"sqlite:///{folder / 'again.db'}")]
        hops += [("postgresql", made("again"))] if made else []
        for kind, url in hops:
            data = folder / f"again-{kind}"
            step = openfit(data, url, "restore", path)
            there = found.setdefault(kind, {})
            again = round_trip(folder, data, url, f"two-{kind}")
            again.pop("path")
            if kind != "sqlite":
                there |= again
            there["restore"] = told(step, found["sqlite"]["backup_mb"])
            there["equal"] = again["hashes"] == found["sqlite"]["hashes"]
        return {"filling_seconds": filling, "found": found}


def shown(result: dict[str, Any]) -> str:
    parts = []
    for size, one in result["sizes"].items():
        rows = [
            (kind, step, *(there[step][name] for name in ("seconds", "mb_s", "memory_mb")))
            for kind, there in one["found"].items()
            for step in ("export", "backup", "verify", "restore")
            if step in there
        ]
        base = one["found"]["sqlite"]
        parts.append(support.table((size, "step", "s", "MB/s", "peak MB"), rows))
        parts.append(
            f"export {base['export_mb']} MB as {base['zip_mb']} MB of zip; "
            f"backup {base['backup_mb']} MB"
        )
    return "\n\n".join([*parts, support.goals(result["goals"])])


def main() -> None:
    parser = support.options(__doc__)
    parser.add_argument("--years", type=float, default=10)
    parser.add_argument("--activities", type=int, default=5000)
    parser.add_argument("--postgresql", action="store_true", help="also on a PostgreSQL server")
    args = parser.parse_args()
    tenth = (args.years / 10, args.activities // 10)
    sizes = {}
    for name, started in hubs.databases(args.postgresql):
        if args.postgresql and name == "sqlite":
            continue
        with started as made:
            server = made if name == "postgresql" else None
            sizes[f"{tenth[0]:g} years"] = measure(*tenth, None, fast=True)
            sizes[f"{args.years:g} years"] = measure(
                args.years, args.activities, server, fast=False
            )
    small, large = (one["found"] for one in sizes.values())
    peaks = [
        large["sqlite"][step]["memory_mb"] / small["sqlite"][step]["memory_mb"]
        for step in ("export", "backup", "verify")
    ]
    every = [step["memory_mb"] for one in large.values() for step in one.values() if isinstance(step, dict)]  # fmt: skip # noqa: E501
    goals = {
        "ten times the data takes the same memory": max(peaks) < GROWTH_GOAL,
        f"no step takes more than {MEMORY_GOAL:g} MB": max(every) < MEMORY_GOAL,
        "what came back is equal by hash": all(one["equal"] for one in large.values()),
    }
    support.show({"sizes": sizes, "goals": goals}, as_json=args.json, text=shown)


if __name__ == "__main__":
    main()
