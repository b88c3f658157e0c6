"""A made-up athlete for a first look: thresholds, and 16 weeks of outings up to now, written as
files and imported by the same door as anybody's. A day's outings are always the same ones, so a
demo that is opened again goes on where it was. No real place, no real person."""

import logging
import math
import os
import select
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

import numpy as np
from sqlalchemy import select as select_from

from openfit import importing, importing_now, profile
from openfit.config import Config
from openfit.demo_outing import OFFSET, Outing, Plan, tcx
from openfit.hub import Hub, now_ms, open_hub, owner_id
from openfit.importing import take_file
from openfit.store import raw
from openfit.store.tables import imports

log = logging.getLogger("openfit.demo")

SEED = 20260101
WEEKS = 16
LONGEST = timedelta(hours=6)  # one that may still go on is not there yet
FIRST = 3  # outings that are there when the page opens; the others follow
NICENESS = 10  # the page answers first

BIKE = "OpenFit Demo Bike"
WEEK = (
    Plan(0, 6.6, "Running", "Easy river loop", 7.0, 2.9, 0.62, 35.0),
    Plan(1, 17.8, "Biking", "Threshold intervals", 26.0, 7.9, 0.72, 60.0, surges=4, device=BIKE),
    Plan(2, 18.2, "Running", "Hill repeats", 9.0, 3.1, 0.71, 140.0, surges=6),
    Plan(3, 17.5, "Biking", "After work ride", 28.0, 7.6, 0.66, 260.0, device=BIKE),
    Plan(5, 8.0, "Biking", "Long ride over the pass", 74.0, 7.2, 0.68, 900.0, 25.0, device=BIKE),
    Plan(6, 9.5, "Running", "Sunday long run", 17.0, 2.8, 0.66, 180.0, 4.0),
)
RACE = Plan(6, 10.0, "Running", "Town race", 10.6, 4.0, 0.92, 20.0)
BLOCK = (0.9, 1.0, 1.12, 0.6)  # three weeks that build, one that rests and ends in a race
MISSED = 0.12
NO_STRAP = 0.03  # without a heart rate, as happens: the load of such a day is not known

# Field, value, and the week from which it holds, counted from the first one.
STATED: tuple[tuple[str, str | float, int], ...] = (
    ("birth_date", "1986-05-17", 0),
    ("sex", "female", 0),
    ("max_heart_rate", 187, 0),
    ("resting_heart_rate", 48, 0),
    ("functional_threshold_power", 215, 0),
    ("functional_threshold_power", 228, 9),
)


@contextmanager
def seeded(hub: Hub) -> Iterator[None]:
    """The latest outings at once, the others from a child beside the hub that serves."""
    user_id, import_id = owner_id(hub), importing.new_import()
    child = begin_child(hub, import_id)
    try:
        if not known_names(hub, user_id):
            state_thresholds(hub, user_id)
        take(hub, user_id, import_id, wanted(hub, user_id, planned(now())[:FIRST]))
        yield
    finally:
        assert child.stdin is not None
        child.stdin.close()
        child.wait()


def begin_child(hub: Hub, import_id: str) -> "subprocess.Popen[bytes]":
    config = hub.config
    environment = os.environ | {
        "OPENFIT_DATA": str(config.data),
        "OPENFIT_DATABASE_URL": config.database_url,
    }
    command = [sys.executable, "-m", "openfit.demo", import_id]
    return subprocess.Popen(command, stdin=subprocess.PIPE, env=environment)


def fill(hub: Hub, import_id: str, parent: int) -> None:
    """Take in what is not there yet, while the parent lives, and help to read it."""
    user_id = owner_id(hub)
    missing = wanted(hub, user_id, planned(now())[FIRST:])
    for one in missing:
        if select.select([parent], [], [], 0)[0]:
            return
        take(hub, user_id, import_id, [one])
    if not missing:
        return
    importing_now.read_all(hub, user_id, import_id)
    log.info("the demo data is in")


def take(hub: Hub, user_id: int, import_id: str, some: Iterable["Planned"]) -> None:
    for one in some:
        body = tcx(one.outing()).encode()
        take_file(hub, user_id, import_id, one.name, raw.spool_bytes(body))


def wanted(hub: Hub, user_id: int, some: list["Planned"]) -> list["Planned"]:
    """Those of them that were never taken in."""
    known = known_names(hub, user_id)
    return [one for one in some if one.name not in known]


def known_names(hub: Hub, user_id: int) -> set[str]:
    with hub.engine.connect() as conn:
        names = select_from(imports.c.name).where(imports.c.user_id == user_id)
        return set(conn.execute(names).scalars())


def state_thresholds(hub: Hub, user_id: int) -> None:
    for field, value, weeks in STATED:
        since = monday(now().date()) - timedelta(weeks=WEEKS - weeks)
        profile.state(hub, user_id, field, value, since)


# What was done when ------------------------------------------------------------------------------


class Planned(NamedTuple):
    """An outing that is not worked out yet: the same whenever it is asked for."""

    start: datetime
    plan: Plan
    form: float
    strapped: bool

    @property
    def name(self) -> str:
        return f"{self.start:%Y-%m-%d}-{self.plan.name.lower().replace(' ', '-')}.tcx"

    @property
    def seed(self) -> list[int]:
        return [SEED, self.start.toordinal(), self.plan.weekday]

    def outing(self) -> Outing:
        random = np.random.default_rng(self.seed)
        return Outing(self.plan, self.start, self.form, random, self.strapped)


def planned(until: datetime) -> list[Planned]:
    """What was done in the last weeks and is over by now, the latest first."""
    last = monday(until.date())
    weeks = [last - timedelta(weeks=n) for n in range(WEEKS + 1)]
    done = [one for week in weeks for one in of_week(week) if one.start + LONGEST < until]
    return sorted(done, key=lambda one: one.start, reverse=True)


def of_week(first: date) -> Iterator[Planned]:
    """The outings of a week: some are missed, and their length follows its place in the block."""
    number = first.toordinal() // 7
    random = np.random.default_rng([SEED, number])
    rests = number % len(BLOCK) == len(BLOCK) - 1
    for plan in [*WEEK[:-1], RACE if rests else WEEK[-1]]:
        missed, strapped = random.random() < MISSED, random.random() >= NO_STRAP
        form = 1.0 + 0.03 * math.sin(number / 6) + random.normal(0, 0.015)
        if missed or (rests and plan.surges):
            continue
        length = 1.0 if plan is RACE else BLOCK[number % len(BLOCK)]
        start = datetime.combine(first, time(), UTC) + timedelta(days=plan.weekday, hours=plan.hour)
        sized = replace(plan, kilometres=plan.kilometres * length)
        yield Planned((start - OFFSET).replace(microsecond=0), sized, form, strapped)


def now() -> datetime:
    return datetime.fromtimestamp(now_ms() / 1000, UTC)


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def main() -> None:
    """The child: `python -m openfit.demo IMPORT`; its input ends with its parent."""
    os.nice(NICENESS)
    with suppress(KeyboardInterrupt):
        fill(open_hub(Config.from_env(demo=True)), sys.argv[1], sys.stdin.fileno())


if __name__ == "__main__":
    main()
