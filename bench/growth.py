"""How cost grows: from one year to ten of one user, and from one user to a hundred.

    python bench/growth.py [--years 1,3,10] [--users 1,10,100] [--postgresql] [--json]

A year has an activity every other day, heart rate each minute, and a night's resting heart rate.
Times are medians of CPU seconds in the process that asks; `study` waits for a plugin's process
too. The figure to read is `times`: the last size against the first, beside how much more data.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import hubs
import numpy as np
import support
from hubs import DAY, FIRST, HOUR, MINUTE
from openfit.deriving import analyzing, derive
from openfit.hosting.hosts import Hosts
from openfit.hub import Hub, now_ms, owner_id
from openfit.intake import storing
from openfit.intake.samples import Samples
from openfit.intake.storing import Reading
from openfit.leaving import samples
from openfit.store import connections, outgoing, people, profile
from openfit.store.engine import write
from openfit.store.entities import Stamp
from openfit.views import reading, series_view, training_view
from openfit_sdk.schema import Activity, AnyEntity, Device, Metric
from sqlalchemy import Connection

Made = Callable[[str], str | None]  # a database's address by name; none for SQLite
YEAR = 365  # days
EVERY = 2  # days from activity to activity
REPEATS = 9
POINTS = 2000
MS = 1000.0
START = datetime(2016, 1, 1, tzinfo=UTC)
SECONDS = 1800  # of an activity, a sample each
BATCH = 30  # days a transaction
SAME = 2  # times: more than that is felt as growth


def fill(opened: Hub, user_id: int, first: int, end: int) -> None:
    """Days of somebody's life, a month a page, stored as the worker does."""
    with write(opened.engine) as conn:
        mine = connections.ensure(conn, user_id, "bench", now_ms()).connection_id
    for day in range(first, end, BATCH):
        stamp = Stamp(user_id, mine, day + 1, f"{day:064x}")
        page = list(life(range(day, min(end, day + BATCH))))
        with write(opened.engine) as conn:
            storing.apply(opened, conn, Reading(stamp, True, "1"), page)


def life(some: range) -> Iterator[AnyEntity]:
    yield Device(key="watch", type="watch")
    yield measured("heart_rate", hubs.joined([hubs.heart_rate(day, MINUTE) for day in some]))
    mornings = FIRST + np.array(some) * DAY + DAY // 3
    yield measured("resting_heart_rate", Samples(mornings, 50.0 + np.array(some) % 7, None))
    for day in some:
        if day % EVERY == 0:
            begin = START + timedelta(days=day, hours=7)
            end = begin + timedelta(seconds=SECONDS)
            key = f"ride {day}"
            yield Activity(key=key, device="watch", start=begin, end=end, sport="cycling")
            t = FIRST + day * DAY + 7 * HOUR + np.arange(SECONDS) * 1000
            rate = 130 + np.round(hubs.wander(np.random.default_rng(day), SECONDS))
            yield measured("heart_rate", Samples(t, rate, None), key)


def measured(type: str, found: Samples, activity: str | None = None) -> Metric:
    start = datetime.fromtimestamp(int(found.t[0]) / MS, UTC)
    t = found.t - found.t[0]
    return Metric(
        key=f"{type} {activity or start}",
        type=type,
        device="watch",
        start=start,
        t=t,
        v=found.v,
        activity=activity,
    )


def thresholds(opened: Hub, user_id: int) -> None:
    with write(opened.engine) as conn:
        for name, value in (("max_heart_rate", 190), ("resting_heart_rate", 50), ("sex", "female")):
            profile.put(conn, user_id, name, START.date(), value)


def questions(
    opened: Hub, conn: Connection, user_id: int, days: int
) -> dict[str, Callable[[], object]]:
    """What pages ask most, at the end of the history, and what looks at all of it."""
    end = START + timedelta(days=days)

    def view(start: datetime) -> object:
        return series_view.metric(opened, conn, user_id, "heart_rate", start, end, POINTS)

    return {
        "list_of_50": lambda: reading.activities(conn, user_id, limit=50),
        "last_day": lambda: view(end - timedelta(days=1)),
        "last_month": lambda: view(end - timedelta(days=30)),
        "everything": lambda: view(START),
        "load_of_a_year": lambda: training_view.training_load(conn, user_id, None, end.date()),
    }


def asked(opened: Hub, user_id: int, days: int) -> dict[str, float]:
    found = {}
    with opened.engine.connect() as conn:
        for name, call in questions(opened, conn, user_id, days).items():
            call()
            found[f"{name}_ms"] = support.median_of(call, REPEATS).cpu * MS
    return found


def study(opened: Hub, hosts: Hosts, user_id: int) -> None:
    derive.run(opened, user_id)
    analyzing.run(opened, hosts, user_id)


def one_more_day(opened: Hub, hosts: Hosts, user_id: int, day: int) -> dict[str, float]:
    """What a sync of today costs: samples and an activity stored; then days and results."""
    return {
        "store_today_ms": support.spent(lambda: fill(opened, user_id, day, day + 1)).cpu * MS,
        "study_today_ms": support.spent(lambda: study(opened, hosts, user_id)).wall * MS,
    }


def exported(opened: Hub, user_id: int) -> float:
    def drain() -> None:
        with opened.engine.connect() as conn:
            for _ in samples.lines(conn, user_id, outgoing.ALWAYS, {}):
                pass

    return support.spent(drain).cpu


def by_years(opened: Hub, hosts: Hosts, sizes: list[int]) -> dict[str, dict[str, float]]:
    user_id, filled, found = owner_id(opened), 0, {}
    thresholds(opened, user_id)
    for years in sizes:
        fill(opened, user_id, filled, years * YEAR)
        study(opened, hosts, user_id)
        filled = years * YEAR
        found[str(years)] = {
            **asked(opened, user_id, filled),
            **one_more_day(opened, hosts, user_id, filled + filled % EVERY),
            "export_seconds": exported(opened, user_id),
            "database_mb": hubs.stored_bytes(opened) / 1e6,
        }
        filled += 2
    return found


def by_users(opened: Hub, hosts: Hosts, sizes: list[int]) -> dict[str, dict[str, float]]:
    """A month each; the first user asks, whoever else is there."""
    user_id, filled, found = owner_id(opened), 0, {}
    thresholds(opened, user_id)
    for users in sizes:
        for _ in range(filled, users):
            fill(opened, user_id if filled == 0 else newcomer(opened), 0, BATCH)
            filled += 1
        study(opened, hosts, user_id)
        found[str(users)] = {
            **asked(opened, user_id, BATCH),
            **one_more_day(opened, hosts, user_id, BATCH + EVERY * len(found)),
            "database_mb": hubs.stored_bytes(opened) / 1e6,
        }
    return found


def newcomer(opened: Hub) -> int:
    with write(opened.engine) as conn:
        return people.create_user(conn, "Other", now_ms())[0]


def grown(found: dict[str, dict[str, float]]) -> dict[str, float]:
    sizes = list(found)
    first, last = found[sizes[0]], found[sizes[-1]]
    times = {name: last[name] / first[name] for name in first}
    return {"data": int(sizes[-1]) / int(sizes[0])} | times


def measure(made: Made, years: list[int], users: list[int]) -> dict[str, Any]:
    with hubs.hub(made("years")) as opened, Hosts(opened) as hosts:
        long = by_years(opened, hosts, years)
    with hubs.hub(made("users")) as opened, Hosts(opened) as hosts:
        many = by_users(opened, hosts, users)
    by_year, by_user = grown(long), grown(many)
    questions = [name for name in by_user if name.endswith("_ms")]
    return {
        "years": long,
        "times_by_years": by_year,
        "users": many,
        "times_by_users": by_user,
        "goals": {
            "a day's page does not feel the years": by_year["last_day_ms"] < SAME,
            "nor does storing today": by_year["store_today_ms"] < SAME,
            "no question feels other users": max(by_user[name] for name in questions) < SAME,
        },
    }


def shown(found: dict[str, Any]) -> str:
    parts = []
    for database, one in found.items():
        for of in ("years", "users"):
            sizes, times = one[of], one[f"times_by_{of}"]
            rows = [
                (name, *(each[name] for each in sizes.values()), times[name])
                for name in next(iter(sizes.values()))
            ]
            parts.append(support.table((f"{database}, {of}", *sizes, "times"), rows))
        parts.append(support.goals(one["goals"]))
    return "\n\n".join(parts)


def numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def main() -> None:
    parser = support.options(__doc__)
    parser.add_argument("--years", type=numbers, default=[1, 3, 10])
    parser.add_argument("--users", type=numbers, default=[1, 10, 100])
    parser.add_argument("--postgresql", action="store_true", help="also on a PostgreSQL server")
    args = parser.parse_args()
    found = {}
    for name, started in hubs.databases(args.postgresql):
        with started as made:
            found[name] = measure(made, args.years, args.users)
    support.show(found, as_json=args.json, text=shown)


if __name__ == "__main__":
    main()
