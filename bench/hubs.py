"""Hubs to measure: on SQLite in a folder of their own, or on a PostgreSQL server of their own."""

import importlib.util
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray
from openfit.config import Config
from openfit.hub import Hub, open_hub
from openfit.intake.samples import Samples
from openfit.store.engine import write
from openfit.store.series import SeriesRef, put
from sqlalchemy import text

ROOT = Path(__file__).resolve().parent.parent
DAY, HOUR, MINUTE = 86_400_000, 3_600_000, 60_000  # ms
FIRST = 1_451_606_400_000  # 2016-01-01, midnight UTC; ten years end at the end of 2025
SCALES = {"heart_rate": 1.0, "steps": 1.0, "weight": 0.01}


@contextmanager
def hub(database_url: str | None = None) -> Iterator[Hub]:
    """An empty hub, taken away afterwards."""
    with TemporaryDirectory(prefix="openfit-bench-") as name:
        url = database_url or f"sqlite:///{name}/openfit.db"
        opened = open_hub(Config(data=Path(name), database_url=url))
        try:
            yield opened
        finally:
            opened.engine.dispose()


@contextmanager
def postgresql() -> Iterator[Callable[[str], str]]:
    """Makes databases, and answers their addresses, on a server that is started for it as the
    tests start theirs."""
    path = ROOT / "tests" / "support" / "postgres.py"
    spec = importlib.util.spec_from_file_location("openfit_bench_postgres", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    programs = module.find_programs()
    if programs is None:
        sys.exit(module.MISSING)
    server = module.Server(programs)
    try:
        yield server.create
    finally:
        server.stop()


def databases(also_postgresql: bool) -> Iterator[tuple[str, Any]]:
    """Name of each kind of database to measure, and a context manager of what makes one."""
    yield "sqlite", nullcontext(lambda name: None)
    if also_postgresql:
        yield "postgresql", postgresql()


def stored_bytes(opened: Hub) -> int:
    """The whole database with its indexes, as it lies on disk."""
    with opened.engine.connect() as conn:
        if conn.dialect.name == "postgresql":
            return int(
                conn.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
            )
        conn.exec_driver_sql("COMMIT")
        conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return (opened.config.data / "openfit.db").stat().st_size


def heart_rate(day: int, every_ms: int = 1000) -> Samples:
    """One day as a chest strap or a good watch gives it: it wanders, and it has gaps."""
    chance = np.random.default_rng(day)
    n = DAY // every_ms
    t = FIRST + day * DAY + np.arange(n, dtype=np.int64) * every_ms
    rate = 75 + 25 * np.sin(np.arange(n) / n * 2 * np.pi - 2) + wander(chance, n)
    kept = np.ones(n, bool)
    for start in chance.integers(0, n, 8):  # taken off, or no contact
        kept[start : start + int(chance.integers(1, max(2, n // 60)))] = False
    return Samples(t[kept], np.round(rate[kept]).clip(35, 195), None)


def wander(chance: np.random.Generator, n: int) -> NDArray[np.float64]:
    steps = np.cumsum(chance.normal(0, 0.35, n))
    slow = np.convolve(steps, np.ones(600) / 600, "same") if n > 1200 else steps * 0
    return steps - slow


def joined(days: list[Samples]) -> Samples:
    return Samples(
        np.concatenate([day.t for day in days]), np.concatenate([day.v for day in days]), None
    )


def ref(metric: str = "heart_rate") -> SeriesRef:
    return SeriesRef(
        metric=metric,
        source_id=7,
        activity_id="",
        method="reported",
        connection_id="bench",
        scale=SCALES.get(metric, 1.0),
        unit="1",
        cumulative=False,
    )


def store(opened: Hub, user_id: int, of: SeriesRef, samples: Samples, receipt: int) -> None:
    """As the worker stores a page: one transaction."""
    with write(opened.engine) as conn:
        put(conn, user_id, of, samples, receipt=receipt, order=0)
