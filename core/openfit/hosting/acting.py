"""Doing what a person tells a source to do, one at a time a connection, in a host of its own.

The lease of a connection that a sync takes is taken here too: a device speaks to one at a time.
Nothing that is scheduled comes here.
"""

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from msgspec import Struct
from openfit_sdk import AuthState, BadInput, IntegrationError, Progress, TransientError
from openfit_sdk.budgets import Budget
from openfit_sdk.spawn import Host

from openfit.background.work import lease
from openfit.errors import Conflict, HubError, Refused, Unfit
from openfit.hosting.actions import Task
from openfit.hosting.fetch import Fetcher
from openfit.hosting.hosts import Hosts
from openfit.hub import Hub
from openfit.intake import connect, ingest, sync
from openfit.store import connections
from openfit.store.tables import connections as connection_rows

SILENCE_SECONDS = 35.0  # the longest between two words, at each of which the lease is renewed
GRACE_SECONDS = 8.0  # to part from a device, once stopped
RETRY_SECONDS = 10
LEAVING_SECONDS = 1.0  # in which it is noticed that somebody left, who may have come back
BUDGET = Budget(seconds=2 * 3600.0, pages=200_000)
LIVE_BUDGET = Budget(seconds=12 * 3600.0, pages=1_000_000, size=1024**3)
STOPPED = "was told to stop, did not,"


class Step(Struct, frozen=True, omit_defaults=True):
    """How far an action is. The last one is its outcome. `connection_id` is of the connection
    that it made, if it made one; `stored` counts new records that came with it."""

    message: str = ""
    done: float | None = None
    values: dict[str, Any] = {}
    connection_id: str | None = None
    stored: int = 0


STILL_THERE = Step()  # a word for the sake of a word


class NotReached(HubError):
    """`headers` says when it is worth another try."""

    status = 503
    code = "not_reached"
    exit_code = 75  # EX_TEMPFAIL

    def __init__(self, message: str, retry_after: float | None) -> None:
        super().__init__(message, next_step="Try again in a moment.")
        self.headers = {"retry-after": str(math.ceil(retry_after or RETRY_SECONDS))}


class Acting:
    """One action under way. One thread takes its steps; any other may stop it."""

    def __init__(self, hub: Hub, task: Task) -> None:
        self.hub, self.task = hub, task
        self.row = task.row
        self.renew: Callable[[], None] = lambda: None
        self.stopping = threading.Event()
        self.host: Host | None = None
        self.stored = 0
        self.connection_id: str | None = None

    def stop(self) -> None:
        """Between two of its words; a plugin that goes on in spite of it is ended."""
        if self.stopping.is_set():
            return
        self.stopping.set()
        with _changed:
            _changed.notify_all()
        last = threading.Timer(GRACE_SECONDS, self.end)
        last.daemon = True
        last.start()

    def end(self) -> None:
        if self.host is not None and self.host.alive:
            self.host.end(STOPPED)

    def steps(self) -> Iterator[Step]:
        """To its end or until it is stopped. What a step carries is stored before the next."""
        budget = LIVE_BUDGET if self.task.action.live else BUDGET
        with Hosts(self.hub, deadline=SILENCE_SECONDS, budget=budget) as hosts:
            self.host = hosts.host(self.task.user_id, self.task.plugin)
            pages = self.pages(self.host)
            try:
                for page in pages:
                    for progress in page:
                        yield self.taken(progress)
                    self.renew()
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
        self.stored += sum(one.new if one.pieces else not one.duplicate for one in taken)


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
        return NotReached(error.message, error.retry_after)
    if isinstance(error, BadInput):
        return Refused(error.message, code=error.code, next_step="Correct that, and try again.")
    return Unfit(error.message, code="action", next_step=f"Look at {task.manifest.name} itself.")


# One at a time -----------------------------------------------------------------------------------

_changed = threading.Condition()
_busy: "dict[tuple[int, str], Acting]" = {}  # of this process; others see the lease


@contextmanager
def alone(acting: Acting) -> Iterator[None]:
    """Nobody else acts on it or syncs it meanwhile. Waits for one that is being stopped."""
    task = acting.task
    until = time.monotonic() + LEAVING_SECONDS
    with _changed:
        while (other := _busy.get(task.whose)) is not None:
            stopping = other.stopping.is_set()
            left = until + stopping * GRACE_SECONDS - time.monotonic()
            if left <= 0:
                raise under_way(task)
            _changed.wait(left)
        _busy[task.whose] = acting
    try:
        with leased(acting.hub, task) as acting.renew:
            yield
    finally:
        with _changed:
            del _busy[task.whose]
            _changed.notify_all()


@contextmanager
def leased(hub: Hub, task: Task) -> Iterator[Callable[[], None]]:
    if task.row is None:
        yield lambda: None
        return
    mine = connections.is_connection(task.user_id, task.row.connection_id)
    with lease(hub, connection_rows, mine) as renew:
        if renew is None:
            raise under_way(task)
        yield renew


def under_way(task: Task) -> Conflict:
    name = task.row.name if task.row is not None else task.manifest.name
    return Conflict(
        f"{name} is busy: it syncs, or does something else that it was told.",
        code="device_busy",
        next_step="Wait until that is over, or stop it, and try again.",
    )


def perform(hub: Hub, task: Task) -> Iterator[Step]:
    """From beginning to end, for whoever has nothing else to do."""
    acting = Acting(hub, task)
    with alone(acting):
        yield from acting.steps()
