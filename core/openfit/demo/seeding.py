"""Filling a demo hub: devices and thresholds at once, the latest outings before the page opens,
the others from a child beside the hub that serves. All of it comes by the doors that anybody's
data comes by, and nothing twice: a demo that is opened again goes on where it was."""

import logging
import os
import select
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import msgspec
from msgspec import Struct
from sqlalchemy import select as select_from

from openfit.cli import importing_now
from openfit.config import Config
from openfit.demo import band, diary
from openfit.demo.outing import tcx
from openfit.demo.story import HOME, HOME_ZONE, SEED, Story
from openfit.demo.training import Planned, monday, planned
from openfit.hub import DEMO_MARK, Hub, now_ms, owner_id
from openfit.intake import importing
from openfit.intake.importing import take_file
from openfit.person import profile
from openfit.store import connections, daily, raw
from openfit.store.engine import retrying, write
from openfit.store.tables import imports

log = logging.getLogger("openfit.demo")

FIRST = 3  # outings that are there when the page opens; the others follow
INTEGRATION = "demo"
DEVICES = {"watch": "Watch", "ring": "Ring", "phone": "Phone"}
PARTNERS = {"phone": "Phone"}  # who shares the household has no more than that
LADDERS = {"heart_rate": ["watch", "ring"]}  # a ring has only the nights

# Field, value, and the week from which it holds, counted from the first one.
STATED: tuple[tuple[str, str | float, int], ...] = (
    ("birth_date", "1986-05-17", 0),
    ("sex", "female", 0),
    ("zone", HOME_ZONE, 0),
    ("max_heart_rate", 187, 0),
    ("resting_heart_rate", 52, 0),
    ("functional_threshold_power", 209, 0),
    ("functional_threshold_power", 218, 9),
    ("functional_threshold_power", 228, 19),
)


class Mark(Struct, frozen=True):
    """Which athlete lives in a data folder: it lies there as a file, so that hubs and workers
    that are started on the folder later know her devices, too."""

    until: str
    seed: int

    @property
    def story(self) -> Story:
        return Story(date.fromisoformat(self.until), self.seed)


def mark(config: Config, at: datetime) -> Mark:
    """The folder's mark, made on its first day."""
    path = config.data / DEMO_MARK
    if path.exists():
        return msgspec.json.decode(path.read_bytes(), type=Mark)
    made = Mark((at + HOME).date().isoformat(), SEED)
    config.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_bytes(msgspec.json.encode(made))
    return made


@contextmanager
def seeded(hub: Hub) -> Iterator[None]:
    """A hub with an athlete, to serve while the rest of her comes in."""
    user_id, import_id = owner_id(hub), importing.new_import()
    made = mark(hub.config, now())
    child = begin_child(hub, import_id)
    try:
        begin(hub, user_id, made)
        latest = planned(made.story, now())[:FIRST]
        take(hub, user_id, import_id, wanted(hub, user_id, latest))
        yield
    finally:
        assert child.stdin is not None
        child.stdin.close()
        child.wait()


def begin(hub: Hub, user_id: int, made: Mark) -> None:
    """Say who she is and connect her devices, once; have these looked at now."""
    if not connections_of(hub, user_id):
        state_thresholds(hub, user_id, made.story)
    retrying(lambda: connect(hub, user_id, made, DEVICES))
    partner = diary.move_in(hub, user_id, now_ms())
    if partner is not None:
        other = Mark(made.until, made.seed + 1)
        retrying(lambda: connect(hub, partner, other, PARTNERS))


def connections_of(hub: Hub, user_id: int) -> list[str]:
    with hub.engine.connect() as conn:
        return [row.account_id for row in connections.of_user(conn, user_id, INTEGRATION)]


def connect(hub: Hub, user_id: int, made: Mark, devices: dict[str, str]) -> None:
    since = made.story.midnight(made.story.first)
    with write(hub.engine) as conn:
        for device, name in devices.items():
            settings = {"device": device, "seed": made.seed, "until": made.until}
            connections.ensure(
                conn,
                user_id,
                INTEGRATION,
                now_ms(),
                account=device,
                name=name,
                settings=msgspec.json.encode(settings).decode(),
                status="ok",
                history_from=round(since.timestamp() * 1000),
                next_sync_at=now_ms(),
            )
        for metric, ranking in LADDERS.items():
            if not daily.ladder(conn, user_id, metric):
                daily.set_ladder(conn, user_id, metric, ranking)


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
    user_id, story = owner_id(hub), mark(hub.config, now()).story
    if not select.select([parent], [], [], 0)[0]:
        diary.keep(hub, user_id, story, now())
        band.wear(hub, user_id, story, now())
    missing = wanted(hub, user_id, planned(story, now())[FIRST:])
    for one in missing:
        if select.select([parent], [], [], 0)[0]:
            return
        take(hub, user_id, import_id, [one])
    if not missing:
        return
    importing_now.read_all(hub, user_id, import_id)
    log.info("the demo data is in")


def take(hub: Hub, user_id: int, import_id: str, some: Iterable[Planned]) -> None:
    for one in some:
        body = tcx(one.outing()).encode()
        take_file(hub, user_id, import_id, one.name, raw.spool_bytes(body))


def wanted(hub: Hub, user_id: int, some: list[Planned]) -> list[Planned]:
    """Those of them that were never taken in."""
    known = known_names(hub, user_id)
    return [one for one in some if one.name not in known]


def known_names(hub: Hub, user_id: int) -> set[str]:
    with hub.engine.connect() as conn:
        names = select_from(imports.c.name).where(imports.c.user_id == user_id)
        return set(conn.execute(names).scalars())


def state_thresholds(hub: Hub, user_id: int, story: Story) -> None:
    for field, value, weeks in STATED:
        since = monday(story.first) + timedelta(weeks=weeks)
        profile.state(hub, user_id, field, value, since)


def now() -> datetime:
    return datetime.fromtimestamp(now_ms() / 1000, UTC)
