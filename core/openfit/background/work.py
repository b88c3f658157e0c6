"""What is due, read from state, and done: nothing is queued, so nothing that is queued is lost.

Each task is idempotent work of one user, in steps that end with everything committed, under a lease
on the rows it works on. Tasks take turns (`turns.py`), so none of them holds up the others.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table

from openfit.background.quiet import QUIET_SECONDS
from openfit.background.turns import SLICE_SECONDS, Offer, Task, Turns
from openfit.deriving import analyzing, derive
from openfit.deriving.rebuild import request as request_rebuild
from openfit.deriving.rebuild import steps as rebuild_steps
from openfit.errors import NotFound
from openfit.hosting.hosts import Hosts
from openfit.hosting.lanes import Lanes
from openfit.hub import Hub, now_ms
from openfit.intake import items, sync
from openfit.leaving import in_use, scheduled, tasks
from openfit.store import connections, days, leases, people, waiting
from openfit.store.engine import retrying, write
from openfit.store.tables import connections as connection_rows
from openfit.store.tables import users

Progress = Callable[[str, int], None]  # what was done, receipt or user
Stop = Callable[[], bool]

# What a person waits for first. Recordings and days alternate, as ever so many may wait.
RECORDING, LATEST, LARGE, ARCHIVE, HISTORY = range(5)
DAYS = RECORDING
BY_SIZE = (RECORDING, LARGE, ARCHIVE)
DERIVE_STEPS = 8
DERIVE_PAUSE_SECONDS = 5.0  # while more is being read, whose days would be derived again
DERIVE_SHARE = 0.1  # of the worker's time then
READ_SHARE = 0.2  # of the time, for records that go on coming


def silent(what: str, number: int) -> None:
    """Nobody watches."""


def drain(
    hub: Hub,
    hosts: Hosts,
    *,
    user_id: int | None = None,
    progress: Progress = silent,
    derive_too: bool = True,
    stop: Stop = lambda: False,
    slice_seconds: float = SLICE_SECONDS,
) -> bool:
    """Do everything that is due and not leased elsewhere. True if something was done; what went
    wrong is raised when there is nothing else left to do."""
    anything = False
    with (
        in_use.shared(hub.config.data),
        Lanes(hub, hosts) as lanes,
        Turns(slice_seconds) as turns,
    ):
        desk = Desk(hub, lanes, progress)
        while not stop():
            did = turns.take(desk.offers(user_id, turns, derive_too))
            if did is None and not desk.early:
                break
            if did is None:
                time.sleep(QUIET_SECONDS / 5)
            anything |= bool(did)
        for error in [*turns.failed.values()][:1]:
            raise error
    return anything


def anything_due(hub: Hub) -> bool:
    """Whether a worker would find something to begin."""
    scheduled.ask_if_wanted(hub)
    with Lanes(hub, Hosts(hub)) as lanes, Turns(0) as turns:
        return bool(Desk(hub, lanes, silent).offers(None, turns, derive_too=True))


class Desk:
    """What may be done next, as the rows stand at this moment."""

    def __init__(self, hub: Hub, lanes: Lanes, progress: Progress) -> None:
        self.hub, self.lanes, self.progress = hub, lanes, progress
        self.derived: dict[int, tuple[float, float]] = {}  # user: when it ended, seconds it took
        self.read_at: dict[str, tuple[float, float]] = {}  # the same of a connection's records
        self.early = False  # whether something waits for a moment of quiet

    def offers(self, user_id: int | None, turns: Turns, derive_too: bool) -> list[Offer]:
        self.early = False
        with self.hub.engine.connect() as conn:
            mine = people.all_users(conn) if user_id is None else [user_id]
            found = [offer for user in mine for offer in self.of_connections(conn, user)]
            syncs = [
                row
                for row in connections.due(conn, now_ms())
                if row.user_id in mine and self.lanes.knows(row.integration)
            ]
            due = {*days.users_due(conn), *analyzing.users_due(self.hub, conn)} & {*mine}
            derivable = sorted(due) if derive_too else []
            found += tasks.offers(self.hub, conn, mine)
        found += [self.sync(row, turns) for row in syncs]
        busy = {offer.user_id for offer in found}
        found += [self.days(user) for user in derivable if self.may_derive(user, user in busy)]
        return found

    def of_connections(self, conn: Connection, user_id: int) -> Iterator[Offer]:
        """Raw items to read by their size, series to write afresh, or a newer plugin."""
        sizes = waiting.classes(conn, user_id)
        for row in connections.of_user(conn, user_id):
            if not self.lanes.knows(row.integration):
                continue  # until its plugin is installed
            for _, size in sorted(one for one in sizes if one[0] == row.connection_id):
                if not size and not self.may_read(row, sizes[row.connection_id, size]):
                    continue
                begin = partial(self.read, row, size)
                yield Offer(user_id, BY_SIZE[size], ("read", row.connection_id, size), begin)
            if (row.rebuild or outdated(self.hub, row)) and not row.rebuild_paused:
                yield Offer(
                    user_id, HISTORY, ("rebuild", row.connection_id), partial(self.rebuild, row)
                )

    def may_read(self, row: Row[Any], came: int) -> bool:
        """Small posts that go on coming are read now and then: the more there are of them, the
        less it costs to read each."""
        ended, took = self.read_at.get(row.connection_id, (0.0, 0.0))
        going_on = now_ms() - came < QUIET_SECONDS * 1000
        early = going_on and time.monotonic() - ended < took / READ_SHARE
        self.early |= early
        return not early

    def read(self, row: Row[Any], size: int) -> Task:
        started = time.monotonic()
        did = yield from items.read(self.hub, self.lanes, row, size, self.progress)
        ended = time.monotonic()
        self.read_at[row.connection_id] = (ended, ended - started)
        return did

    def sync(self, row: Row[Any], turns: Turns) -> Offer:
        """The latest days go early; once those are here, history waits for what is new."""
        key = ("sync", row.connection_id)
        rank = HISTORY if key in turns.open else LATEST
        return Offer(row.user_id, rank, key, partial(self.synced, row))

    def days(self, user_id: int) -> Offer:
        return Offer(user_id, DAYS, ("days", user_id), partial(self.derive, user_id))

    def may_derive(self, user_id: int, busy: bool) -> bool:
        """Beside other work days are derived now and then, so that the latest can be seen."""
        ended, took = self.derived.get(user_id, (0.0, 0.0))
        pause = max(DERIVE_PAUSE_SECONDS, took / DERIVE_SHARE)
        return not busy or not ended or time.monotonic() - ended >= pause

    def derive(self, user_id: int) -> Task:
        with lease(self.hub, users, users.c.user_id == user_id) as renew:
            if renew is None:
                return False
            started, steps = time.monotonic(), 0
            while done := derive.run(self.hub, user_id, most=DERIVE_STEPS):
                steps += done
                renew()
                yield
            while analyzing.run(self.hub, self.lanes.hosts[0], user_id):
                steps += 1
                renew()
                yield
            self.derived[user_id] = (time.monotonic(), time.monotonic() - started)
            self.progress("derived", user_id)
        return steps > 0

    def synced(self, row: Row[Any]) -> Task:
        mine = connections.is_connection(row.user_id, row.connection_id)
        with (
            lease(self.hub, connection_rows, mine) as renew,
            self.lanes.borrow(row.user_id, row.integration) as hosts,
        ):
            if renew is None:
                return False
            return (yield from sync.steps(self.hub, hosts, row, renew))

    def rebuild(self, row: Row[Any]) -> Task:
        """A better decoder improves the past: a new version reads every original again."""
        user_id, connection_id = row.user_id, row.connection_id
        mine = connections.is_connection(user_id, connection_id)
        with lease(self.hub, connection_rows, mine, name="rebuild") as renew:
            if renew is None:
                return False
            version = items.version(self.hub, row)
            if outdated(self.hub, row) and row.rebuild != "all":
                request_rebuild(self.hub, user_id, connection_id)
            read = partial(items.read_one, self.hub, self.lanes, row, renew)
            return (
                yield from rebuild_steps(
                    self.hub, user_id, connection_id, version, read, self.progress
                )
            )


def outdated(hub: Hub, row: Row[Any]) -> bool:
    """Whether another version of the plugin read what is shown."""
    try:
        now = hub.plugins.plugin(row.integration).version
    except NotFound:
        return False
    return bool(row.normalized_by and now and row.normalized_by != now)


@contextmanager
def lease(
    hub: Hub, table: Table, row: ColumnElement[bool], *, name: str = "lease"
) -> Iterator[Callable[[], None] | None]:
    """Hold the lease of a row, renewing on each call of what is yielded; None if it is taken."""

    def renew() -> bool:
        with write(hub.engine) as conn:
            return leases.take(conn, table, row, now_ms(), name=name)

    if not retrying(renew):
        yield None
        return
    try:
        yield Renewal(renew)
    finally:
        with write(hub.engine) as conn:
            leases.release(conn, table, row, name=name)


class Renewal:
    """Renews a lease when a third of it is gone."""

    def __init__(self, renew: Callable[[], bool]) -> None:
        self.renew, self.at = renew, now_ms()

    def __call__(self) -> None:
        if now_ms() - self.at > leases.LEASE_SECONDS * 1000 // 3:
            self.renew()
            self.at = now_ms()
