"""What is due, read from state, and done: nothing is queued, so nothing that is queued is lost.

Each unit is an idempotent function of one user under a lease on its own row: normalise what a
connection received, write series afresh, sync, derive. It may be run twice without harm.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from openfit_sdk import RawItem, TransientError
from sqlalchemy import ColumnElement, Connection, Row, Table, select

from openfit import derive, normalize, sync
from openfit.errors import NotFound
from openfit.hosts import Hosts
from openfit.hub import Hub, now_ms
from openfit.rebuild import rebuild
from openfit.rebuild import request as request_rebuild
from openfit.store import connections, days, leases, people, raw
from openfit.store.engine import retrying, write
from openfit.store.tables import connections as connection_rows
from openfit.store.tables import raw_items, users

log = logging.getLogger("openfit.work")

Progress = Callable[[str, int], None]  # what was done, receipt or user


def silent(what: str, number: int) -> None:
    """Nobody watches."""


def drain(
    hub: Hub,
    hosts: Hosts,
    *,
    user_id: int | None = None,
    progress: Progress = silent,
    derive_too: bool = True,
) -> bool:
    """Do everything that is due and not leased elsewhere. True if something was done."""
    anything = False
    while True:
        units = due(hub, hosts, user_id, progress, derive_too)
        did = any([unit() for unit in units])
        if not did:
            return anything
        anything = True


def due(
    hub: Hub, hosts: Hosts, user_id: int | None, progress: Progress, derive_too: bool
) -> list[Callable[[], bool]]:
    """Units that may be run now, what a person waits for first."""
    with hub.engine.connect() as conn:
        mine = people.all_users(conn) if user_id is None else [user_id]
        waiting = [row for user in mine for row in awaiting(hub, conn, user)]
        derivable = [user for user in days.users_due(conn) if user in mine and derive_too]
        syncs = [row for row in connections.due(conn, now_ms()) if row.user_id in mine]
    return [
        *(partial(normalize_connection, hub, hosts, row, progress) for row in waiting),
        *(partial(sync.run, hub, hosts, row) for row in syncs),
        *(partial(derive_user, hub, user, progress) for user in derivable),
    ]


def awaiting(hub: Hub, conn: Connection, user_id: int) -> list[Row[Any]]:
    """Connections with raw items to read, series to write afresh, or a newer plugin."""
    query = select(raw_items.c.connection_id).where(
        raw_items.c.user_id == user_id, raw_items.c.state == "pending"
    )
    pending = set(conn.execute(query.distinct()).scalars())
    return [
        row
        for row in connections.of_user(conn, user_id)
        if row.connection_id in pending or row.rebuild or outdated(hub, row)
    ]


def outdated(hub: Hub, row: Row[Any]) -> bool:
    """Whether another version of the plugin read what is shown."""
    now = version(hub, row)
    return bool(row.normalized_by and now and row.normalized_by != now)


@contextmanager
def lease(hub: Hub, table: Table, row: ColumnElement[bool]) -> Iterator[Callable[[], None] | None]:
    """Hold the lease of a row, renewing on each call of what is yielded; None if it is taken."""

    def renew() -> bool:
        with write(hub.engine) as conn:
            return leases.take(conn, table, row, now_ms())

    if not retrying(renew):
        yield None
        return
    try:
        yield Renewal(renew)
    finally:
        with write(hub.engine) as conn:
            leases.release(conn, table, row)


class Renewal:
    """Renews a lease when a third of it is gone."""

    def __init__(self, renew: Callable[[], bool]) -> None:
        self.renew, self.at = renew, now_ms()

    def __call__(self) -> None:
        if now_ms() - self.at > leases.LEASE_SECONDS * 1000 // 3:
            self.renew()
            self.at = now_ms()


def normalize_connection(hub: Hub, hosts: Hosts, row: Row[Any], progress: Progress) -> bool:
    mine = connections.is_connection(row.user_id, row.connection_id)
    with lease(hub, connection_rows, mine) as renew:
        if renew is None:
            return False
        stamp_version(hub, row)
        decode = decoder(hosts, row, renew)
        again = partial(normalize_item, hub, row, decode=decode)
        did = rebuild(hub, row.user_id, row.connection_id, version(hub, row), again, progress)
        for item in items(hub, row):
            normalize_item(hub, row, item, decode=decode)
            progress("item", item.receipt)
            did = True
    return did


def stamp_version(hub: Hub, row: Row[Any]) -> None:
    """A better decoder improves the past: a new version reads every original again."""
    if outdated(hub, row):
        request_rebuild(hub, row.user_id, row.connection_id)
    elif row.normalized_by is None:
        with write(hub.engine) as conn:
            now = version(hub, row)
            connections.change(conn, row.user_id, row.connection_id, normalized_by=now)


def decoder(hosts: Hosts, row: Row[Any], renew: Callable[[], None]) -> normalize.Decode:
    def decode(item: RawItem) -> Iterator[list[Any]]:
        for page in hosts.normalize(row.user_id, row.integration, item):
            yield page
            renew()

    return decode


def version(hub: Hub, row: Row[Any]) -> str:
    try:
        return hub.plugins.plugin(row.integration).version
    except NotFound:
        return ""


def items(hub: Hub, row: Row[Any], batch: int = 100) -> Iterator[Row[Any]]:
    while True:
        with hub.engine.connect() as conn:
            found = raw.pending(conn, row.user_id, row.connection_id, batch)
        if not found:
            return
        yield from found


def normalize_item(
    hub: Hub,
    row: Row[Any],
    item: Row[Any],
    *,
    decode: normalize.Decode,
    generation: int | None = None,
    only: frozenset[int] | None = None,
) -> None:
    """One item; where the plugin dies of it twice, it is set aside and the others go on."""
    attempts = normalize.count_attempt(hub, item) if item.attempts else 1
    while True:
        try:
            normalize.run_item(
                hub, item, version(hub, row), decode, generation=generation, only=only
            )
            return
        except TransientError as error:
            log.warning("%s, item %s: %s", row.integration, item.receipt, error.message)
            if attempts >= normalize.MAX_ATTEMPTS:
                message = f"{error.message} The original is kept; a new version tries it again."
                normalize.quarantine(hub, item, version(hub, row), message)
                return
            attempts = normalize.count_attempt(hub, item) + 1


def derive_user(hub: Hub, user_id: int, progress: Progress) -> bool:
    with lease(hub, users, users.c.user_id == user_id) as renew:
        if renew is None:
            return False
        did = derive.run(hub, user_id) > 0
        progress("derived", user_id)
        return did
