"""The store: bytes and time of heart rate at 1 Hz, against a table with a row for each sample.

    python bench/store.py [--postgresql] [--days 365] [--json]

Written through the hub's own writer and read through what answers the API. The row table holds the
first days only; its times for longer spans are scaled up in proportion, and said to be.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import hubs
import numpy as np
import support
from hubs import DAY, FIRST
from openfit.deriving import analysis_inputs, derive
from openfit.hub import Hub, owner_id
from openfit.intake.samples import Samples
from openfit.store import days
from openfit.store.engine import write
from openfit.store.series import continuous, reading
from openfit.views import series_view
from sqlalchemy import Connection, text

WEEK = 7
ROW_DAYS = 14
TEN_YEARS = 3653  # days
POINTS = 2000
DAILY = ("resting_heart_rate", "weight", "body_fat", "vo2_max", "lean_mass")
SPARSE = "ambient_temperature"  # ten years of it, a sample each quarter of an hour
START = datetime(2016, 1, 1, tzinfo=UTC)
ROWS = """CREATE TABLE bench_samples (user_id BIGINT NOT NULL, metric VARCHAR(32) NOT NULL,
    at BIGINT NOT NULL, value DOUBLE PRECISION NOT NULL, PRIMARY KEY (user_id, metric, at))"""
INSERT = "INSERT INTO bench_samples VALUES (:user, :metric, :at, :value)"
READ = "SELECT at, value FROM bench_samples WHERE user_id = :user AND metric = :metric"
GROUPED = """SELECT at / {unit}, AVG(value) FROM bench_samples
    WHERE user_id = :user AND metric = :metric GROUP BY at / {unit}"""
MS = 1000.0
REPEATS = 15


def measure(opened: Hub, span: int) -> dict[str, Any]:
    """Everything about one database; `span` days of heart rate at 1 Hz."""
    user = owner_id(opened)
    found = written(opened, user, span)
    sparse(opened, user)
    with opened.engine.connect() as conn:
        for name, call in questions(opened, conn, user).items():
            call()
            wall, cpu = support.median_of(call, REPEATS)
            found |= {f"{name}_ms": wall * MS, f"{name}_cpu_ms": cpu * MS}
    rows = row_table(opened, user, min(span, ROW_DAYS), span)
    ratios = {"times_smaller": rows["bytes_a_sample"] / found["bytes_a_sample"]}
    ratios |= {
        f"{name.removesuffix('_ms')}_times_faster": rows[name] / found[name]
        for name in rows
        if name.endswith("_ms")
    }
    faster = found["million_samples_a_second"] / rows["million_samples_a_second"]
    return found | ratios | {"bulk_times_faster": faster, "row_table": rows}


def written(opened: Hub, user: int, span: int) -> dict[str, float]:
    """A week a transaction, as one page of a long history comes."""
    before, samples, wall, cpu = hubs.stored_bytes(opened), 0, 0.0, 0.0
    for week, first in enumerate(range(0, span, WEEK)):
        of_week = range(first, min(first + WEEK, span))
        page = hubs.joined([hubs.heart_rate(day) for day in of_week])
        spent = support.spent(partial(hubs.store, opened, user, hubs.ref(), page, week + 1))
        samples, wall, cpu = samples + page.t.size, wall + spent.wall, cpu + spent.cpu
    return {
        "samples": samples,
        "bytes_a_sample": (hubs.stored_bytes(opened) - before) / samples,
        "million_samples_a_second": samples / wall / 1e6,
        "million_samples_a_cpu_second": samples / cpu / 1e6,
    }


def sparse(opened: Hub, user: int) -> None:
    """Ten years of what is measured rarely, derived to the wearer's days as the worker does."""
    quarter = hubs.joined([hubs.heart_rate(day, DAY // 96) for day in range(TEN_YEARS)])
    hubs.store(opened, user, hubs.ref(SPARSE), quarter, 1)
    mornings = FIRST + np.arange(TEN_YEARS, dtype=np.int64) * DAY + DAY // 3
    for n, metric in enumerate(DAILY):
        values = 40 + n + np.round(np.random.default_rng(n).normal(0, 1, TEN_YEARS), 1)
        hubs.store(opened, user, hubs.ref(metric), Samples(mornings, values, None), 1)
        with write(opened.engine) as conn:
            first, last = START.date(), START.date() + timedelta(TEN_YEARS - 1)
            days.mark_spans(conn, user, metric, [(first, last)])
    derive.run(opened, user)


def questions(opened: Hub, conn: Connection, user: int) -> dict[str, Callable[[], object]]:
    """What is asked of the store, through what answers it in the hub."""
    middle, ten = START + timedelta(7), START + timedelta(TEN_YEARS - 1)
    [one] = continuous(conn, user, "heart_rate")

    def view(metric: str, start: datetime, end: datetime) -> object:
        return series_view.metric(opened, conn, user, metric, start, end, POINTS)

    def daily() -> list[Any]:
        span = (START.date(), ten.date())
        return [analysis_inputs.daily_values(conn, user, each, *span) for each in DAILY]

    return {
        "day_raw": lambda: reading.read(conn, user, one, FIRST + 7 * DAY, FIRST + 8 * DAY),
        "day_raw_on_the_page": lambda: view("heart_rate", middle, middle + timedelta(1)),
        "year_by_minute": lambda: reading.coarse(
            conn, user, one, "minute", FIRST, FIRST + 366 * DAY
        ),
        "ten_years_by_day": lambda: view(SPARSE, START, ten),
        "five_daily_metrics": daily,
    }


# The alternative ---------------------------------------------------------------------------------


def row_table(opened: Hub, user: int, span: int, of: int) -> dict[str, float]:
    """The same samples a row each; figures of longer spans scaled up from the days it holds."""
    page = hubs.joined([hubs.heart_rate(day) for day in range(span)])
    before = hubs.stored_bytes(opened)
    rows = [
        {"user": user, "metric": "heart_rate", "at": at, "value": value}
        for at, value in zip(page.t.tolist(), page.v.tolist(), strict=True)
    ]
    with write(opened.engine) as conn:
        sqlite = conn.dialect.name == "sqlite"
        conn.execute(text(ROWS + (" WITHOUT ROWID" if sqlite else "")))

    def insert() -> None:
        with write(opened.engine) as conn:
            conn.execute(text(INSERT), rows)

    spent = support.spent(insert)
    of_user = {"user": user, "metric": "heart_rate"}

    def ask(query: str, **more: int) -> Callable[[], object]:
        def call() -> object:
            found = conn.execute(text(query), of_user | more).all()
            return [np.array(column) for column in zip(*found, strict=True)]

        return call

    with opened.engine.connect() as conn:
        by_minute = GROUPED.format(unit=hubs.MINUTE)
        by_day = GROUPED.format(unit=DAY)
        low_high = {"low": FIRST, "high": FIRST + DAY}
        one_day = support.median_of(ask(f"{READ} AND at >= :low AND at < :high", **low_high), 5)
        minutes, a_day = (support.median_of(ask(query), 1) for query in (by_minute, by_day))
    return {
        "days_held": span,
        "bytes_a_sample": (hubs.stored_bytes(opened) - before) / page.t.size,
        "million_samples_a_second": page.t.size / spent.wall / 1e6,
        "day_raw_ms": one_day.wall * MS,
        "year_by_minute_ms": minutes.wall * MS * min(of, 366) / span,
        "ten_years_by_day_ms": a_day.wall * MS * TEN_YEARS / span,
    }


def goals(found: dict[str, Any], timed: str) -> dict[str, bool]:
    """On SQLite by CPU time, which other work on the machine disturbs least."""
    return {
        "at most 0.6 byte a sample": found["bytes_a_sample"] <= 0.6,
        "at least 25 times smaller than a row a sample": found["times_smaller"] >= 25,
        "at least 5 million samples/s in bulk": found[f"million_samples_a_{timed}second"] >= 5,
        "a day raw under 3 ms": found[f"day_raw_{timed}ms"] < 3,
        "a year by minute under 80 ms": found[f"year_by_minute_{timed}ms"] < 80,
        "ten years by day under 20 ms": found[f"ten_years_by_day_{timed}ms"] < 20,
        "five daily metrics of ten years under 30 ms": found[f"five_daily_metrics_{timed}ms"] < 30,
    }


def shown(found: dict[str, Any]) -> str:
    parts = []
    for name, one in found.items():
        rows = one["row_table"]
        lines = [
            (key, one[key], rows.get(key, "")) for key in one if key not in ("goals", "row_table")
        ]
        parts.append(support.table((name, "hub", "row table"), lines))
        parts.append(support.goals(one["goals"]))
    return "\n\n".join(parts)


def main() -> None:
    parser = support.options(__doc__)
    parser.add_argument("--postgresql", action="store_true", help="also on a PostgreSQL server")
    parser.add_argument("--days", type=int, default=366, help="of heart rate at 1 Hz")
    args = parser.parse_args()
    found = {}
    for name, started in hubs.databases(args.postgresql):
        with started as made, hubs.hub(made("store")) as opened:
            one = measure(opened, args.days)
            found[name] = one | {"goals": goals(one, "cpu_" if name == "sqlite" else "")}
    support.show(found, as_json=args.json, text=shown)


if __name__ == "__main__":
    main()
