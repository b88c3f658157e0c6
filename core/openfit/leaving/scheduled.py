"""Backups that the worker makes: when one is asked for, and when the plan says so."""

from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from sqlalchemy import Connection, Row

from openfit import crypto
from openfit.hub import Hub, now_ms
from openfit.leaving import expiring
from openfit.leaving import plan as plans
from openfit.leaving.backup import Hoard, Made, create
from openfit.leaving.plan import Kept, Plan
from openfit.leaving.tasks import Progress, Steps
from openfit.store import people
from openfit.store import tasks as rows
from openfit.store.engine import retrying, write

LOOK = 0.5  # seconds between two looks at how far it is
HOUR_MS, DAY_MS = 3_600_000, 86_400_000


def listed(hub: Hub) -> list[Kept]:
    return plans.listed(plans.folder_of(hub, plan_of(hub)))


def plan_of(hub: Hub) -> Plan:
    with hub.engine.connect() as conn:
        return plans.read(conn)


def change_plan(hub: Hub, plan: Plan, passphrase: str | None) -> Plan:
    def commit() -> None:
        with write(hub.engine) as conn:
            plans.store(hub, conn, plan, passphrase)

    retrying(commit)
    return plan


def request(hub: Hub, user_id: int, kind: str = "backup") -> str:
    """Ask for one now, beside the plan."""

    def commit() -> str:
        with write(hub.engine) as conn:
            return rows.add(conn, user_id, kind, {}, now_ms())

    return retrying(commit)


def wanted(hub: Hub, conn: Connection) -> bool:
    """Whether the plan asks for a backup and none is under way; one that failed waits an hour."""
    plan = plans.read(conn)
    if plan.every == "off":
        return False
    last = rows.last(conn, "backup")
    if last is not None and (last.state in rows.OPEN or now_ms() - last.made_at < HOUR_MS):
        return False
    folder = plans.folder_of(hub, plan)
    return folder.is_dir() and plans.is_due(plan, plans.listed(folder), datetime.now(UTC))


def ask_if_wanted(hub: Hub) -> None:
    """Called now and then by whatever looks for work."""
    with hub.engine.connect() as conn:
        owner = people.owner(conn)
        kinds = [kind for kind, due in (("backup", wanted), ("expiry", outdated)) if due(hub, conn)]
    if owner is not None:
        for kind in kinds:
            request(hub, owner, kind)


def outdated(hub: Hub, conn: Connection) -> bool:
    """Once a day, where anybody chose to keep originals for a while only."""
    last = rows.last(conn, "expiry")
    rested = last is None or now_ms() - last.made_at > DAY_MS
    return rested and expiring.any_rules(conn)


def steps(hub: Hub, row: Row[Any]) -> Steps:
    """One backup, written beside the worker's other work; then those that no rule keeps go."""
    plan = plan_of(hub)
    folder = plans.folder_of(hub, plan)
    said: SimpleQueue[Made | BaseException] = SimpleQueue()
    at = Progress(message="Writing the backup.")
    thread = Thread(target=written, args=(hub, plan, at, said), daemon=True)
    thread.start()
    while True:
        try:
            found = said.get(timeout=LOOK)
            break
        except Empty:
            yield at
    if isinstance(found, BaseException):
        raise found
    for old in plans.outlived(plan, plans.listed(folder)):
        (folder / old.name).unlink(missing_ok=True)
    return {
        "name": found.path.name,
        "size": found.size,
        "rows": found.rows,
        "originals": found.originals,
        "originals_missing": len(found.missing),
    }


def written(hub: Hub, plan: Plan, at: Progress, said: SimpleQueue[Any]) -> None:
    def progress(done: int, total: int) -> None:
        at.done, at.total = done, max(done, total)

    try:
        with hub.engine.connect() as conn:
            secret = plans.secret(hub, conn, plan)
        key = crypto.load_key(hub.config.data, hub.config.secret_key)
        hoard = Hoard(hub.engine, hub.raw, key)
        said.put(create(hoard, plans.folder_of(hub, plan), secret=secret, progress=progress))
    except BaseException as error:  # it is raised again where the task is
        said.put(error)
