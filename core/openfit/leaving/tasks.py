"""What a person asked for once and the worker does: backups and deletions, in steps, with how
far they are. A step ends with everything committed; what a dead worker began goes on."""

import logging
from collections.abc import Callable, Generator, Iterator
from datetime import datetime
from functools import partial
from typing import Any, Literal

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, Row

from openfit.background.turns import Offer, Task
from openfit.errors import HubError, Refused
from openfit.hub import Hub, now_ms
from openfit.store import entities, leases
from openfit.store import tasks as rows
from openfit.store.engine import retrying, write
from openfit.store.tables import tasks

log = logging.getLogger("openfit.tasks")

RANK = 1  # behind a recording that somebody waits for, before history
NOTED_EVERY = 500  # ms

State = Literal["waiting", "running", "cancelling", "done", "failed", "cancelled"]


class Progress(Struct):
    """How far a step is, and what there is to say of it."""

    done: int = 0
    total: int | None = None
    message: str = ""


class Later(Exception):
    """Nothing can be done at the moment; the task stays and is taken up again."""


Steps = Generator[Progress, None, dict[str, Any]]  # answers its outcome
Perform = Callable[[Hub, Row[Any]], Steps]


class Item(Struct, kw_only=True):
    """A task as it is shown."""

    id: str
    kind: str
    state: State
    made_at: datetime
    begun_at: datetime | None
    ended_at: datetime | None
    done: int
    total: int | None
    message: str
    outcome: dict[str, Any]


def shown(row: Row[Any]) -> Item:
    def at(value: int | None) -> datetime | None:
        return None if value is None else entities.instant(value)

    return Item(
        id=row.task_id,
        kind=row.kind,
        state=row.state,
        made_at=entities.instant(row.made_at),
        begun_at=at(row.begun_at),
        ended_at=at(row.ended_at),
        done=row.done,
        total=row.total,
        message=row.message,
        outcome=msgspec.json.decode(row.outcome),
    )


def listed(hub: Hub, user_id: int) -> list[Item]:
    with hub.engine.connect() as conn:
        return [shown(row) for row in rows.of_user(conn, user_id)]


def found(hub: Hub, user_id: int, task_id: str) -> Item:
    with hub.engine.connect() as conn:
        return shown(rows.get(conn, user_id, task_id))


def cancel(hub: Hub, user_id: int, task_id: str) -> Item:
    """Stop it at its next step. What a deletion has taken away by then stays away."""

    def commit() -> None:
        with write(hub.engine) as conn:
            row = rows.get(conn, user_id, task_id)
            if not rows.cancel(conn, user_id, task_id):
                raise Refused(
                    f"This task is over: it is {row.state}.",
                    code="task_over",
                    next_step="Ask for it anew, if it is wanted again.",
                )

    retrying(commit)
    return found(hub, user_id, task_id)


# In the worker -----------------------------------------------------------------------------------


def offers(hub: Hub, conn: Connection, users: list[int]) -> Iterator[Offer]:
    for row in rows.due(conn):
        if row.user_id in users:
            yield Offer(row.user_id, RANK, ("task", row.task_id), partial(perform, hub, row))


def performers() -> dict[str, Perform]:
    from openfit.leaving import accounts, deleting, expiring, scheduled

    return {
        "deletion": deleting.steps,
        "account": accounts.steps,
        "backup": scheduled.steps,
        "expiry": expiring.steps,
    }


def perform(hub: Hub, row: Row[Any]) -> Task:
    """One task to its end, or to where it can go no further now."""
    if not retrying(partial(begin, hub, row)):
        return False
    work = performers().get(row.kind)
    noted, did = 0, False
    try:
        steps = unknown(row) if work is None else work(hub, row)
        while True:
            at = next(steps)
            did = True
            if now_ms() - noted >= NOTED_EVERY:
                noted = now_ms()
                if not retrying(partial(note, hub, row, at)):
                    steps.close()
                    retrying(partial(end, hub, row, "cancelled", "Stopped.", None))
                    return True
            yield
    except StopIteration as last:
        retrying(partial(end, hub, row, "done", "", last.value or {}))
        return True
    except Later as reason:
        retrying(partial(wait, hub, row, str(reason)))
        return did
    except HubError as error:
        message = f"{error.message} {error.next_step}".strip()
        retrying(partial(end, hub, row, "failed", message, {"code": error.code}))
        return True
    except Exception:
        log.exception("task %s (%s) failed", row.task_id, row.kind)
        said = "The hub failed on this. Nothing that should stay is lost; its log has the details."
        retrying(partial(end, hub, row, "failed", said, {"code": "internal"}))
        return True
    finally:
        retrying(partial(release, hub, row))


def unknown(row: Row[Any]) -> Steps:
    yield Progress()
    raise Refused(
        f"Nobody here knows how to do a {row.kind}.",
        code="unknown_task",
        next_step="A newer release of the hub may; it was made by one.",
    )


def begin(hub: Hub, row: Row[Any]) -> bool:
    mine = rows.is_task(row.user_id, row.task_id)
    with write(hub.engine) as conn:
        if not leases.take(conn, tasks, mine, now_ms()):
            return False
        now = rows.get(conn, row.user_id, row.task_id)
        if now.state not in rows.OPEN:
            leases.release(conn, tasks, mine)
            return False
        values = {} if now.begun_at else {"begun_at": now_ms()}
        rows.change(conn, row, state="running", **values)
    return True


def note(hub: Hub, row: Row[Any], at: Progress) -> bool:
    """How far it is; False where it was cancelled, or another process has it."""
    mine = rows.is_task(row.user_id, row.task_id)
    with write(hub.engine) as conn:
        now = conn.execute(tasks.select().where(mine)).first()
        if now is None:
            return True  # the account that asked is gone, and this with it
        if now.state == "cancelling" or not leases.take(conn, tasks, mine, now_ms()):
            return False
        rows.change(conn, row, done=at.done, total=at.total, message=at.message)
    return True


def end(hub: Hub, row: Row[Any], state: str, message: str, outcome: dict[str, Any] | None) -> None:
    with write(hub.engine) as conn:
        said = {} if outcome is None else {"outcome": rows.text(outcome)}
        rows.change(conn, row, state=state, message=message, ended_at=now_ms(), **said)


def wait(hub: Hub, row: Row[Any], message: str) -> None:
    with write(hub.engine) as conn:
        rows.change(conn, row, message=message)


def release(hub: Hub, row: Row[Any]) -> None:
    with write(hub.engine) as conn:
        leases.release(conn, tasks, rows.is_task(row.user_id, row.task_id))
