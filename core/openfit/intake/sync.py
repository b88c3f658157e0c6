"""One connection's sync: slices planned by the hub, pages committed one by one."""

import logging
import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
from openfit_sdk import (
    AuthState,
    Covered,
    IntegrationError,
    PermanentError,
    ReauthRequired,
    SyncResult,
    TransientError,
    Window,
)
from openfit_sdk.manifest import Manifest
from sqlalchemy import Row, select

from openfit import crypto
from openfit.background.turns import Task
from openfit.hosting.fetch import Fetcher
from openfit.hosting.hosts import Hosts
from openfit.hub import Hub, now_ms
from openfit.intake import ingest, windows
from openfit.intake.normalize import Steps
from openfit.store import connections, days, paces
from openfit.store.engine import write
from openfit.store.tables import coverage

log = logging.getLogger("openfit.sync")

MINUTE = 60.0
LONGEST_WAIT = 6 * 60 * MINUTE
DEFAULT_EVERY = 30 * MINUTE
DEFAULT_SLICE = 30 * 86_400
ALL_DAYS = 200 * 366
LATEST_DAYS = 3  # that no slice books as whole
WINDOWS_STREAM = "*"  # coverage that the hub books itself, a slice at a time


def steps(hub: Hub, hosts: Hosts, row: Row[Any], renew: Callable[[], None]) -> Task:
    """Sync one connection; what goes wrong becomes its status, never an exception."""
    manifest = hub.plugins.plugin(row.integration).manifest
    if manifest is None or "poll" not in manifest.sync_modes:
        change(hub, row, next_sync_at=None)
        return False
    change(hub, row, status="syncing")
    try:
        sliced = hosts.host(row.user_id, row.integration).asks_for("sync", "window")
        for window in wanted(hub, row, manifest, sliced):
            if not wishes(hub, row, window, manifest):
                break
            yield from sync_window(hub, hosts, row, manifest, window, renew)
    except IntegrationError as error:
        settle(hub, row, error)
        return True
    every = manifest.limits.every_seconds or DEFAULT_EVERY
    next_sync = now_ms() + round(every * 1000)
    if row.failures:
        log.info("%s works again", row.name)
    change(hub, row, status="ok", message=None, detail=None, failures=0, next_sync_at=next_sync)
    return True


def wishes(hub: Hub, row: Row[Any], window: Window, manifest: Manifest) -> bool:
    """A paused connection stops where it is; with a paused history only the latest days come."""
    with hub.engine.connect() as conn:
        now = connections.get(conn, row.user_id, row.connection_id)
    latest = now_ms() / 1000 - (manifest.limits.reread_seconds or 0)
    return now.status != "paused" and (not now.history_paused or window.end.timestamp() >= latest)


def history(hub: Hub, row: Row[Any]) -> tuple[int, int]:
    """Days of the wanted history that are here, and all of them."""
    first, last = days.utc_day(history_start(row)), days.utc_day(now_ms())
    covered = covered_days(hub, row)
    total = (last - first).days + 1
    return sum(first <= day <= last for day in covered), total


def history_start(row: Row[Any]) -> int:
    return int(row.history_from if row.history_from is not None else row.created_at)


def wanted(hub: Hub, row: Row[Any], manifest: Manifest, sliced: bool = True) -> Iterator[Window]:
    """Slices of time; or one of all of it, for a plugin that does not ask which: a device brings
    what it has, whenever that was."""
    now = datetime.fromtimestamp(now_ms() / 1000, UTC)
    slice_seconds = manifest.limits.slice_seconds or DEFAULT_SLICE
    return windows.plan(
        now,
        days.utc_day(history_start(row)),
        covered_days(hub, row),
        slice_days=max(1, round(slice_seconds / 86400)) if sliced else ALL_DAYS,
        reread_days=round((manifest.limits.reread_seconds or 0) / 86400),
    )


def covered_days(hub: Hub, row: Row[Any]) -> set[date]:
    query = select(coverage.c.day).where(
        coverage.c.user_id == row.user_id,
        coverage.c.connection_id == row.connection_id,
        coverage.c.stream == WINDOWS_STREAM,
    )
    with hub.engine.connect() as conn:
        return {date.fromisoformat(day) for day in conn.execute(query).scalars()}


def sync_window(
    hub: Hub,
    hosts: Hosts,
    row: Row[Any],
    manifest: Manifest,
    window: Window,
    renew: Callable[[], None],
) -> Steps:
    """Every page is committed, with its cursor, before the plugin is asked for the next."""
    with hub.engine.connect() as conn:
        cursor = msgspec.json.decode(
            connections.get(conn, row.user_id, row.connection_id).cursor, type=dict[str, str]
        )
    pages = hosts.host(row.user_id, row.integration).pages(
        "sync",
        http=Fetcher(manifest, spool=hub.raw.spool),
        auth_state=auth_state(hub, row),
        window=window,
        cursor=cursor,
        manifest=manifest,
        settings=msgspec.json.decode(row.settings),
        now=window.end,
    )
    for page in pages:
        for result in page:
            commit(hub, row, result)
        renew()
        yield
    whole = Covered(stream=WINDOWS_STREAM, start=window.start, end=window.end)
    with write(hub.engine) as conn:
        inner = msgspec.structs.replace(
            whole, start=window.start + timedelta(days=1), end=window.end - timedelta(days=1)
        )
        days.cover(conn, row.user_id, row.connection_id, [inner], now_ms())
        done = (inner.end - inner.start).days + 1
        paces.advance(conn, row.user_id, row.connection_id, "sync", done, now_ms())
    yield


def commit(hub: Hub, row: Row[Any], result: SyncResult) -> None:
    ingest.accept(
        hub,
        row.user_id,
        row.connection_id,
        [ingest.spooled(item) for item in result.items],
        next_cursor=result.next_cursor,
        covered=result.covered,
    )


def auth_state(hub: Hub, row: Row[Any]) -> AuthState:
    if row.auth_state is None:
        return AuthState()
    key = crypto.load_key(hub.config.data, hub.config.secret_key)
    plain = crypto.unseal(key, row.auth_state, row.connection_id)
    return msgspec.msgpack.decode(plain, type=AuthState)


def change(hub: Hub, row: Row[Any], **values: Any) -> None:
    with write(hub.engine) as conn:
        connections.change(conn, row.user_id, row.connection_id, **values)


def settle(hub: Hub, row: Row[Any], error: IntegrationError) -> None:
    """The table of errors: what happens next, and what the person sees."""
    failures = row.failures + 1
    if failures == 1:
        log.warning("%s: %s", row.name, error.message)
    said = {"message": error.message, "detail": error.detail or None, "failures": failures}
    if isinstance(error, TransientError):
        wait = error.retry_after or backoff(failures)
        change(hub, row, status="retrying", next_sync_at=now_ms() + round(wait * 1000), **said)
    elif isinstance(error, ReauthRequired):
        change(hub, row, status="reauth_required", next_sync_at=None, **said)
    else:
        assert isinstance(error, PermanentError | IntegrationError)
        change(hub, row, status="failed", next_sync_at=None, **said)


def backoff(failures: int) -> float:
    """1 minute to 6 hours, doubling, with jitter so that a household does not knock in step."""
    return min(LONGEST_WAIT, MINUTE * 2.0 ** (failures - 1)) * random.uniform(0.8, 1.2)
