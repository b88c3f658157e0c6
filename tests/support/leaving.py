"""Hubs with some of everything in them, and what leaves them."""

import json
import random
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from openfit.background import work
from openfit.config import Config
from openfit.hosting.registry import Registry
from openfit.hub import open_hub
from openfit.intake import ingest
from openfit.person import editing
from openfit.store import connections, people, profile, raw, tombstones
from openfit.store.engine import insert_new, write
from openfit.store.tables import connections as connection_rows
from openfit.store.tables import metadata
from openfit_schema import wire
from openfit_schema.metrics import METRICS
from openfit_sdk import RawItem
from openfit_sdk.schema import Activity, Device, Metric, Sleep, Stage, Wellness
from sqlalchemy import update

MONDAY = datetime(2026, 3, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Documents:
    """Stands where the hosts stand: a raw item is lines of the schema."""

    def knows(self, integration):
        return True

    def normalize(self, user_id, integration, item):
        for line in item.read().splitlines():
            yield [wire.decode_json(line)]


def plain_hub(folder, url=None):
    """A hub whose documents need no plugin's process."""
    folder.mkdir(parents=True, exist_ok=True)
    config = Config(data=folder, database_url=url or f"sqlite:///{folder / 'openfit.db'}")
    return replace(open_hub(config), plugins=Registry({}))


def newcomer(hub, name="Other"):
    with write(hub.engine) as conn:
        return people.create_user(conn, name, 0)[0]


def account(hub, user_id, name="home"):
    with write(hub.engine) as conn:
        return connections.ensure(conn, user_id, "vendor", 0, account=name).connection_id


def deliver(hub, user_id, id, things, of="home"):
    """A document comes in; it is read by `settle`."""
    body = b"\n".join(wire.encode_json(thing) for thing in things)
    item = RawItem(kind="file", id=id, name=f"{id}.jsonl")
    spooled = raw.spool_chunks(hub.raw, [body], id)
    ingest.accept(hub, user_id, account(hub, user_id, of), [(item, spooled)])


def settle(hub):
    work.drain(replace(hub, plugins=Registry({})), Documents(), slice_seconds=60)


# Things ------------------------------------------------------------------------------------------


def outing(key, start, minutes=30, device="watch", rate=130):
    """An activity with its heart rate."""
    end = start + timedelta(minutes=minutes)
    return [
        Activity(key=key, device=device, sport="running", start=start, end=end, name=f"Run {key}"),
        measured("heart_rate", start, minutes * 6, 10_000, device, key, base=rate),
    ]


def measured(type, start, n, every_ms, device="watch", activity=None, base=60, seed=0):
    chance = random.Random(f"{type} {start} {seed}")
    definition = METRICS[type]
    return Metric(
        key=f"{type} {activity or start}",
        type=type,
        device=device,
        start=start,
        t=[at * every_ms + (at > n // 2) * every_ms for at in range(n)],
        v=[base + chance.randrange(9) * max(1, definition.resolution) for _ in range(n)],
        d=[every_ms // 2] * n if definition.kind == "cumulative" else None,
        activity=activity,
    )


def night(key, start, device="watch"):
    return Sleep(
        key=key,
        device=device,
        start=start,
        end=start + 8 * HOUR,
        kind="main",
        stages=[Stage(start=start, end=start + 2 * HOUR, stage="deep")],
    )


def a_day(n, of="watch"):
    """What one device gives on the n-th day."""
    start = MONDAY + n * DAY
    return [
        Device(key=of, type="watch"),
        measured("heart_rate", start, 240, 60_000, of),
        measured("steps", start + HOUR, 60, 600_000, of, base=20),
        Wellness(
            key=f"day {n}", device=of, day=start.date(), values={"resting_heart_rate": 50 + n}
        ),
        night(f"night {n}", start - HOUR, of),
        *outing(f"run {n}", start + 7 * HOUR, device=of),
    ]


def filled(hub, user_id, days=4):
    """Some of everything: two sources, big and small originals, and all that a person says."""
    for n in range(days):
        deliver(hub, user_id, f"day-{n}", a_day(n))
    ring = [measured("heart_rate", MONDAY + n * DAY, 20, 300_000, "ring") for n in range(days)]
    deliver(hub, user_id, "ring", ring, "work")
    long = [measured("heart_rate", MONDAY - 9 * DAY, 20_000, 1000, "watch")]
    deliver(hub, user_id, "long", long)
    settle(hub)
    say(hub, user_id)
    settle(hub)


def say(hub, user_id):
    first, second, third = activity_ids(hub, user_id)[:3]
    editing.correct(hub, user_id, first, {"name": 'Mine, "all" mine'})
    editing.hide(hub, user_id, third)
    editing.rank_sources(hub, user_id, "heart_rate", ["ring", "watch"])
    editing.choose_twins(hub, user_id, first, second, "split")
    home = account(hub, user_id)
    with write(hub.engine) as conn:
        profile.put(conn, user_id, "max_heart_rate", MONDAY.date(), 190)
        for table, row in rows(user_id, home, first).items():
            insert_new(conn, table, row)
        conn.execute(
            update(connection_rows)
            .where(connection_rows.c.user_id == user_id)
            .values(auth_state=b"\x01sealed", cursor='{"at": 3}')
        )


def rows(user_id, home, activity_id):
    """A row of every table, with something in each column that must have a value."""
    day = MONDAY.date().isoformat()
    said = {
        "journal": {"day": day, "tags": '["flight"]', "note": "Zürich → 東京"},
        "settings": {"name": "units", "value": '"metric"'},
        "texts": {"place": activity_id, "text_id": user_id, "body": "Run mine"},
        "grants": {"grantee_id": 9, "role": "coach", "families": "all"},
        "tasks": {"kind": "none", "state": "done"},
        "imports": {"receipt": 1, "number": 0},
        "coverage": {"connection_id": home, "day": day},
        "paces": {"connection_id": home},
        "results": {"result_id": "trimp", "day": day, "activity_id": activity_id, "value": 1.5},
    }
    mine = {"user_id": user_id}
    return {
        table: usual(table, user_id) | mine | said.get(table.name, {})
        for table in metadata.sorted_tables
        if table.name not in TOLD_BY_DOCUMENTS
    }


TOLD_BY_DOCUMENTS = {
    *("users", "connections", "raw_bodies", "raw_items", "entities", "sources", "edits", "zone"),
    *("tombstones", "twin_choices", "twins", "series", "feeds", "block", "minute_block", "rollup"),
    *("dirty", "daily", "daily_resolved", "ladders", "profile"),
}


def usual(table, user_id):
    return {
        column.name: value_of(column, user_id)
        for column in table.columns
        if not column.nullable and column.server_default is None
    }


def value_of(column, user_id):
    kind = column.type.python_type
    if kind is str:
        return f"{user_id:064}" if column.type.length == 64 else "x"
    return b'{"id":"trimp"}' if kind is bytes else kind(1)


def activity_ids(hub, user_id):
    from openfit.views import reading

    with hub.engine.connect() as conn:
        return [row.id for row in reading.activities(conn, user_id, limit=100, twins=True)[0]]


def lift(hub, user_id, number):
    with write(hub.engine) as conn:
        tombstones.lift(conn, user_id, number)


# What leaves -------------------------------------------------------------------------------------


def members(path):
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def picture(hub, user_id, folder, *, but=()):
    """All members of an export but the manifest, which says when it was written."""
    from openfit.leaving.export import export_all

    export_all(hub, user_id, folder / "picture.zip")
    found = members(folder / "picture.zip")
    return {name: body for name, body in found.items() if name not in ("manifest.json", *but)}


def lines(found, name):
    return [json.loads(line) for line in found[f"{name}.jsonl"].splitlines()]
