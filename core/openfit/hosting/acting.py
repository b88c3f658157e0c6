"""Actions: what a person tells a source to do, one at a time a connection, in a host of its own.

The lease of a connection that a sync takes is taken here too: a device speaks to one at a time.
Nothing that is scheduled comes here, and what is dangerous wants consent with each call.
"""

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct
from openfit_sdk import AuthState, BadInput, IntegrationError, Progress, TransientError
from openfit_sdk.arguments import Argument, ArgumentError, check
from openfit_sdk.budgets import Budget
from openfit_sdk.manifest import Action, Installed, Manifest
from openfit_sdk.spawn import Host
from sqlalchemy import Row

from openfit.background.work import lease
from openfit.errors import Conflict, HubError, NotFound, Refused, Unfit
from openfit.hosting.fetch import Fetcher
from openfit.hosting.hosts import Hosts
from openfit.hub import Hub
from openfit.intake import connect, ingest, sync
from openfit.store import connections, days
from openfit.store.tables import connections as connection_rows

SILENCE_SECONDS = 45.0  # the longest between two words; a lease outlives it
GRACE_SECONDS = 8.0  # to part from a device, once stopped
BUDGET = Budget(seconds=2 * 3600.0, pages=200_000)
LIVE_BUDGET = Budget(seconds=12 * 3600.0, pages=1_000_000, size=1024**3)
STOPPED = "was told to stop, did not,"


class ActionInfo(Struct, frozen=True, omit_defaults=True):
    """What a source can be told to do, and what it asks for: enough for a button and a form.
    With `danger` each call says `consent`; with `live` it goes on until it is stopped; with
    `needs` "nothing" it is called on the integration, and else on a connection."""

    name: str
    title: str
    needs: str
    danger: bool = False
    live: bool = False
    arguments: list[Argument] = []


class Step(Struct, frozen=True, omit_defaults=True):
    """How far an action is. The last one is its outcome. `connection_id` is of the connection
    that it made, if it made one; `stored` counts originals that came with it."""

    message: str = ""
    done: float | None = None
    values: dict[str, Any] = {}
    connection_id: str | None = None
    stored: int = 0


class ConsentNeeded(Refused):
    status = 403
    code = "consent"


class NotReached(HubError):
    status = 503
    code = "not_reached"
    exit_code = 75  # EX_TEMPFAIL


class Task(Struct, frozen=True):
    """One action that may begin: known, allowed, and with arguments that fit."""

    user_id: int
    plugin: str
    manifest: Manifest
    name: str
    action: Action
    arguments: dict[str, Any]
    now: datetime
    row: Row[Any] | None = None

    @property
    def whose(self) -> tuple[int, str]:
        return self.user_id, self.row.connection_id if self.row is not None else self.plugin


# What there is -----------------------------------------------------------------------------------


def infos(manifest: Manifest | None) -> list[ActionInfo]:
    if manifest is None:
        return []
    return [
        ActionInfo(name, one.title, one.needs, one.danger, one.live, one.form())
        for name, one in manifest.actions.items()
    ]


def of_connection(
    hub: Hub,
    user_id: int,
    connection_id: str,
    name: str,
    values: dict[str, Any],
    consent: bool,
    now: datetime,
) -> Task:
    with hub.engine.connect() as conn:
        row = connections.get(conn, user_id, connection_id)
    if row.status == "disconnected":
        raise Refused(
            f"{row.name} is disconnected.", code="disconnected", next_step="Connect it again."
        )
    return task(hub, user_id, hub.plugins.plugin(row.integration), name, values, consent, now, row)


def the_connection(hub: Hub, user_id: int, integration: str, named: str | None) -> str:
    """The one that is meant: by its name or id, or the only one that there is."""
    with hub.engine.connect() as conn:
        rows = connections.of_user(conn, user_id, integration)
    live = [row for row in rows if row.status != "disconnected"]
    found = [row for row in live if named in (None, row.name, row.connection_id)]
    if len(found) == 1:
        return str(found[0].connection_id)
    names = ", ".join(f"{row.name!r} ({row.connection_id})" for row in live)
    raise NotFound(
        f"There {'are several' if found else 'is no such'} connection{'s' * bool(found)} "
        f"of {integration}.",
        code="no_connection",
        next_step=f"Name one of {names}." if live else "Connect it first, or pair with it.",
    )


def of_integration(
    hub: Hub,
    user_id: int,
    integration: str,
    name: str,
    values: dict[str, Any],
    consent: bool,
    now: datetime,
) -> Task:
    return task(hub, user_id, hub.plugins.plugin(integration), name, values, consent, now, None)


def task(
    hub: Hub,
    user_id: int,
    plugin: Installed,
    name: str,
    values: dict[str, Any],
    consent: bool,
    now: datetime,
    row: Row[Any] | None,
) -> Task:
    manifest = plugin.manifest
    action = manifest.actions.get(name) if manifest is not None else None
    if manifest is None or action is None:
        names = ", ".join(manifest.actions) if manifest is not None else ""
        raise NotFound(
            f"{plugin.name} has no action {name!r}.",
            code="no_action",
            next_step=f"It has {names}." if names else "It has no actions at all.",
        )
    if row is None and action.needs == "connection":
        raise Refused(
            f"{action.title} needs a connection of {manifest.name}.",
            code="needs_connection",
            next_step="POST /connections/{connection_id}/actions/{action}; GET /connections lists "
            "what there is.",
        )
    if action.danger and not consent:
        raise ConsentNeeded(
            f"{action.title} is dangerous, and cannot be undone.",
            next_step='Say that you know: "consent": true in the body, --i-understand on the '
            "command line. It is asked for each time.",
        )
    try:
        arguments = check(action.form(), values, now, zone_of(hub, user_id, now))
    except ArgumentError as error:
        raise Refused(
            f"{error}.", code="arguments", next_step="Correct that, and send it again."
        ) from error
    return Task(user_id, plugin.name, manifest, name, action, arguments, now, row)


def zone_of(hub: Hub, user_id: int, now: datetime) -> tzinfo:
    """The person's clock now: a zone where one is known, else the offset that was last said."""
    with hub.engine.connect() as conn:
        clock = days.clock(conn, user_id)
    zone = clock.segment_at(now).zone
    return ZoneInfo(zone) if zone is not None else timezone(clock.offset_at(now))


# Doing it ----------------------------------------------------------------------------------------


class Acting:
    """One action under way. One thread takes its steps; any other may stop it."""

    def __init__(self, hub: Hub, task: Task) -> None:
        self.hub, self.task = hub, task
        self.row = task.row
        self.stopping = threading.Event()
        self.host: Host | None = None
        self.stored = 0
        self.connection_id: str | None = None

    def stop(self) -> None:
        """Between two of its words; a plugin that goes on in spite of it is ended."""
        if self.stopping.is_set():
            return
        self.stopping.set()
        last = threading.Timer(GRACE_SECONDS, self.end)
        last.daemon = True
        last.start()

    def end(self) -> None:
        if self.host is not None and self.host.alive:
            self.host.end(STOPPED)

    def steps(self, renew: Any) -> Iterator[Step]:
        """To its end or until it is stopped. What a step carries is stored before the next."""
        budget = LIVE_BUDGET if self.task.action.live else BUDGET
        with Hosts(self.hub, deadline=SILENCE_SECONDS, budget=budget) as hosts:
            self.host = hosts.host(self.task.user_id, self.task.plugin)
            pages = self.pages(self.host)
            try:
                for page in pages:
                    for progress in page:
                        yield self.taken(progress)
                    renew()
                    if self.stopping.is_set():
                        return
            except IntegrationError as error:
                if not self.stopping.is_set():
                    raise refusal(error, self.task) from error
            finally:
                close = getattr(pages, "close", None)
                if close is not None:
                    close()
                self.host = None

    def pages(self, host: Host) -> Iterator[list[Progress]]:
        row = self.row
        return host.pages(
            "act",
            http=Fetcher(self.task.manifest, spool=self.hub.raw.spool),
            action=self.task.name,
            arguments=self.task.arguments,
            auth_state=AuthState() if row is None else sync.auth_state(self.hub, row),
            settings={} if row is None else msgspec.json.decode(row.settings),
            consent=self.task.action.danger,
            now=self.task.now,
        )

    def taken(self, progress: Progress) -> Step:
        if progress.auth_state is not None:
            self.connect(progress.auth_state)
        if progress.items:
            self.store(progress)
        return Step(
            progress.message,
            share(progress.done),
            plain(progress.values, self.task),
            self.connection_id,
            self.stored,
        )

    def connect(self, state: AuthState) -> None:
        """What paired becomes a connection, or the new state of the one that there is."""
        settings = {} if self.row is None else msgspec.json.decode(self.row.settings)
        task, manifest = self.task, self.task.manifest
        self.row = connect.save(
            self.hub, task.user_id, task.plugin, manifest.name, state, settings, None
        )
        self.connection_id = self.row.connection_id

    def store(self, progress: Progress) -> None:
        if self.row is None:
            raise Unfit(
                f"{self.task.action.title} brought data, and there is no connection for it.",
                code="needs_connection",
                next_step=f"Connect {self.task.manifest.name} first.",
            )
        items = [ingest.spooled(item) for item in progress.items]
        taken = ingest.accept(self.hub, self.task.user_id, self.row.connection_id, items)
        self.stored += sum(not one.duplicate for one in taken)


def share(done: float | None) -> float | None:
    return None if done is None or not math.isfinite(done) else min(1.0, max(0.0, done))


def plain(values: dict[str, Any], task: Task) -> dict[str, Any]:
    """As JSON holds them: what is no number, text, list or name is the plugin's mistake."""
    try:
        found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(values))
    except (TypeError, ValueError, msgspec.MsgspecError) as error:
        raise Unfit(
            f"{task.manifest.name} said something that JSON cannot hold: {error}.",
            code="action",
            next_step="Tell the plugin's author.",
        ) from error
    return found


def refusal(error: IntegrationError, task: Task) -> HubError:
    if isinstance(error, TransientError):
        return NotReached(error.message, next_step="Try again in a moment.")
    if isinstance(error, BadInput):
        return Refused(error.message, code=error.code, next_step="Correct that, and try again.")
    return Unfit(error.message, code="action", next_step=f"Look at {task.manifest.name} itself.")


# One at a time -----------------------------------------------------------------------------------

_turn = threading.Lock()
_busy: set[tuple[int, str]] = set()  # of this process; others see the lease


@contextmanager
def held(hub: Hub, task: Task) -> Iterator[Any]:
    """Nobody else acts on it or syncs it meanwhile. Yields what keeps it so."""
    with _turn:
        if task.whose in _busy:
            raise under_way(task)
        _busy.add(task.whose)
    try:
        if task.row is None:
            yield lambda: None
            return
        mine = connections.is_connection(task.user_id, task.row.connection_id)
        with lease(hub, connection_rows, mine) as renew:
            if renew is None:
                raise under_way(task)
            yield renew
    finally:
        with _turn:
            _busy.discard(task.whose)


def under_way(task: Task) -> Conflict:
    name = task.row.name if task.row is not None else task.manifest.name
    return Conflict(
        f"{name} is busy: it syncs, or does something else that it was told.",
        code="device_busy",
        next_step="Wait until that is over, or stop it, and try again.",
    )


def perform(hub: Hub, task: Task) -> Iterator[Step]:
    """From beginning to end, for whoever has nothing else to do."""
    with held(hub, task) as renew:
        yield from Acting(hub, task).steps(renew)
