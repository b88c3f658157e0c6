"""Deleting by source, stream, span or activity: counted first, then done step by step.

First tombstones hide everything at once and keep it away when it is delivered again; then rows,
samples and results go; then the originals that gave nothing else. An original that also gave
something that stays is kept, and the tombstones see to it that decoding it again brings nothing
back. Each step can be repeated, so a deletion that was cut short goes on where it was.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, Row

from openfit.deriving import rebuild
from openfit.errors import NotFound, Refused
from openfit.hub import Hub, now_ms
from openfit.leaving.tasks import Later, Progress, Steps
from openfit.store import connections, entities, holding, people, raw, reach, removal
from openfit.store import tasks as rows
from openfit.store.engine import retrying, write
from openfit.store.outgoing import ALWAYS
from openfit.store.reach import Scope

ENTITIES, SERIES, ORIGINALS = 100, 100, 50  # a transaction


DEVICES = "GET /devices lists sources with their ids."
SPELT = {"start": "from", "end": "to"}  # words of Python's own


class Wish(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename=SPELT):
    """What shall go: where all that is named holds. `forget`: nor be remembered as deleted."""

    connection: str | None = None
    source: str | None = None
    metric: str | None = None
    activity: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    everything: bool = False
    forget: bool = False


class Counts(Struct, frozen=True, kw_only=True):
    """What a deletion takes away. Kept originals also gave something that stays."""

    activities: int
    nights: int
    other_records: int
    samples: int
    daily_values: int
    results: int
    edits: int
    originals: int
    original_bytes: int
    originals_kept: int
    originals_unread: int


class Plan(Struct, kw_only=True):
    """A deletion as its task keeps it."""

    wish: Wish
    receipts: list[int] | None = None  # None until it was begun
    marks: tuple[int, int] = (0, 0)
    until: int = 0
    unlink: list[str] = []


def scope_of(conn: Connection, user_id: int, wish: Wish) -> Scope:
    """The wish as rows know it; what it names must be this user's."""
    named = (wish.connection, wish.source, wish.metric, wish.activity, wish.start, wish.end)
    if not wish.everything and named == (None,) * len(named):
        raise Refused(
            "This would delete everything.",
            code="nothing_named",
            next_step='Name a connection, source, metric, activity, "from" or "to"; or set '
            '"everything" to true.',
        )
    start, end = entities.millis(wish.start), entities.millis(wish.end)
    if start is not None and end is not None and end <= start:
        raise Refused(
            '"to" must lie after "from".',
            code="span",
            next_step="Give the earlier instant as from and the later one as to.",
        )
    if wish.connection is not None:
        connections.get(conn, user_id, wish.connection)
    scope = Scope(
        user_id=user_id,
        connection_id=wish.connection,
        source_id=number(wish.source),
        metric=wish.metric,
        entity_id=wish.activity,
        start=ALWAYS[0] if start is None else start,
        end=ALWAYS[1] if end is None else end,
    )
    if wish.source is not None and not removal.sources_of(conn, scope):
        raise NotFound("There is no such source.", code="no_source", next_step=DEVICES)
    return scope


def ensure_there(hub: Hub, conn: Connection, user_id: int, wish: Wish) -> None:
    """A name that is mistyped is not nothing to delete."""
    metric, activity = wish.metric, wish.activity
    if metric is not None and hub.plugins.metric(metric) is None:
        raise NotFound(
            f"There is no metric {metric}.",
            code="no_metric",
            next_step="GET /metrics lists those that there is something of.",
        )
    if activity is not None and not removal.has_entity(conn, user_id, activity):
        raise NotFound(
            "There is no activity with this id.",
            code="no_activity",
            next_step="GET /activities lists them; it may be deleted already.",
        )


def number(source: str | None) -> int | None:
    if source is None:
        return None
    if not (source.isascii() and source.isdigit()) or len(source) > 19:
        raise NotFound("There is no such source.", code="no_source", next_step=DEVICES)
    return int(source)


def counted(conn: Connection, scope: Scope) -> Counts:
    kinds = reach.kinds(conn, scope)
    receipts = reach.candidates(conn, scope)
    kept = reach.needed(conn, scope, receipts)
    going = [receipt for receipt in receipts if receipt not in kept]
    return Counts(
        activities=kinds.pop("activity", 0),
        nights=kinds.pop("sleep", 0),
        other_records=sum(kinds.values()),
        samples=reach.samples(conn, scope),
        daily_values=reach.values_of_days(conn, scope),
        results=reach.results_of(conn, scope),
        edits=reach.edits_of(conn, scope),
        originals=len(going),
        original_bytes=reach.size_of(conn, scope.user_id, going),
        originals_kept=len(kept),
        originals_unread=reach.unread(conn, scope),
    )


def confirmation(user_id: int, wish: Struct, counts: Struct) -> str:
    """Names this wish and these counts: something else needs another look."""
    said = msgspec.json.encode([user_id, wish, counts])
    return hashlib.blake2b(said, digest_size=8).hexdigest()


def preview(hub: Hub, user_id: int, wish: Wish) -> tuple[Counts, str]:
    """What would go, and the word that says yes to just that."""
    with hub.engine.connect() as conn:
        ensure_there(hub, conn, user_id, wish)
        counts = counted(conn, scope_of(conn, user_id, wish))
    return counts, confirmation(user_id, wish, counts)


def request(hub: Hub, user_id: int, wish: Wish, confirm: str) -> str:
    """Ask for it; answers the task. Refused when it would take other things than were counted."""

    def commit() -> str:
        with write(hub.engine) as conn:
            people.hold(conn, user_id)
            counts = counted(conn, scope_of(conn, user_id, wish))
            if confirmation(user_id, wish, counts) != confirm:
                raise Changed(
                    "What this would delete is not what was counted.",
                    code="counts_changed",
                    next_step="Look at the counts again (dry_run) and confirm those.",
                )
            return rows.add(conn, user_id, "deletion", Plan(wish=wish), now_ms())

    return retrying(commit)


class Changed(Refused):
    status = 409


# In the worker -----------------------------------------------------------------------------------


def steps(hub: Hub, row: Row[Any]) -> Steps:
    user_id = row.user_id
    plan = retrying(partial(begun, hub, row))
    with hub.engine.connect() as conn:
        scope = scope_of(conn, user_id, plan.wish)
    scope = msgspec.structs.replace(scope, end=min(scope.end, plan.until))
    total = len(plan.receipts or ())
    while retrying(partial(drop_entities, hub, user_id, plan)):
        yield Progress(0, total, "Taking away activities, nights and other records.")
    yield from erased(hub, scope, total)
    done = 0
    unlink(hub, row, plan)
    for at in range(0, total, ORIGINALS):
        some = (plan.receipts or [])[at : at + ORIGINALS]
        done += retrying(partial(drop_originals, hub, row, scope, plan, some))
        unlink(hub, row, plan)
        yield Progress(at + len(some), total, "Taking away originals.")
    return retrying(partial(finish, hub, scope, plan, done))


def begun(hub: Hub, row: Row[Any]) -> Plan:
    """Hide it all, once, and write down what may have to go with it."""
    with write(hub.engine) as conn:
        people.hold(conn, row.user_id)
        plan = msgspec.json.decode(rows.get(conn, row.user_id, row.task_id).wish, type=Plan)
        if plan.receipts is not None:
            return plan
        scope = scope_of(conn, row.user_id, plan.wish)
        plan.receipts = reach.candidates(conn, scope)
        plan.until = min(scope.end, now_ms())
        plan.marks = removal.hide(conn, scope, now_ms())
        rows.change(conn, row, wish=rows.text(plan), total=len(plan.receipts))
        return plan


def drop_entities(hub: Hub, user_id: int, plan: Plan) -> bool:
    with write(hub.engine) as conn:
        people.hold(conn, user_id)
        ids = removal.entities_left(conn, user_id, plan.marks, ENTITIES)
        removal.drop_entities(conn, user_id, ids)
        return bool(ids)


def erased(hub: Hub, scope: Scope, total: int) -> Steps:
    if scope.entity_id is not None:
        return {}
    with hub.engine.connect() as conn:
        found = removal.series_left(conn, scope)
    wanted = [(row, span) for row in found for span in removal.pieces(scope, row)]
    quick = [one for one in wanted if scope.start <= one[0].first and one[0].last < scope.end]
    slow = [one for one in wanted if not (scope.start <= one[0].first and one[0].last < scope.end)]
    batches = [quick[at : at + SERIES] for at in range(0, len(quick), SERIES)]
    for batch in [*batches, *([one] for one in slow)]:
        retrying(partial(erase, hub, scope, batch))
        yield Progress(0, total, "Taking away samples.")
    return {}


def erase(hub: Hub, scope: Scope, batch: Sequence[tuple[Row[Any], tuple[int, int]]]) -> None:
    with write(hub.engine) as conn:
        people.hold(conn, scope.user_id)
        for row, span in batch:
            removal.erase(conn, scope, row, span)


def drop_originals(
    hub: Hub, row: Row[Any], scope: Scope, plan: Plan, receipts: Sequence[int]
) -> int:
    with write(hub.engine) as conn:
        people.hold(conn, scope.user_id)
        kept = reach.needed(conn, scope, receipts)
        going = [receipt for receipt in receipts if receipt not in kept]
        files = removal.remove_originals(conn, hub.raw, scope.user_id, going)
        plan.unlink = [path.name for path in files]
        rows.change(conn, row, wish=rows.text(plan))
        return len(going)


def unlink(hub: Hub, row: Row[Any], plan: Plan) -> None:
    """Files go after the rows that named them are gone for good; not while somebody reads all
    originals, nor when they came in again meanwhile."""
    if not plan.unlink:
        return
    with holding.alone(hub.raw) as free:
        if not free:
            raise Later("Waits for an export or a backup to end before originals leave the disk.")
        with hub.engine.connect() as conn:
            for name in plan.unlink:
                sha256, _, _ = name.partition(".")
                if not removal.still_named(conn, sha256):
                    gone(hub.raw, sha256, name)
    plan.unlink = []


def gone(store: raw.Store, sha256: str, name: str) -> None:
    path: Path = store.path(sha256).with_name(name)
    path.unlink(missing_ok=True)


def finish(hub: Hub, scope: Scope, plan: Plan, done: int) -> dict[str, Any]:
    with write(hub.engine) as conn:
        people.hold(conn, scope.user_id)
        kept = len(reach.needed(conn, scope, plan.receipts or []))
        if plan.wish.forget and not kept:
            removal.forget_marks(conn, scope.user_id, plan.marks)
        removal.sweep(conn, scope)
    remembered = kept > 0 or not plan.wish.forget
    return {"originals": done, "originals_kept": kept, "remembered": remembered}


# Undone ------------------------------------------------------------------------------------------


def lift(hub: Hub, user_id: int, task_id: str) -> int:
    """Let what was deleted come back: from the originals that were kept, by decoding them again,
    and from those that are imported again. Answers how many were kept."""

    def commit() -> tuple[Plan, list[str]]:
        with write(hub.engine) as conn:
            row = rows.get(conn, user_id, task_id)
            if row.kind != "deletion" or row.state in rows.OPEN:
                raise Refused(
                    "This is no deletion that is over.",
                    code="not_over",
                    next_step="Wait until it is done, or cancel it.",
                )
            plan = msgspec.json.decode(row.wish, type=Plan)
            removal.lift_marks(conn, user_id, plan.marks)
            outcome = msgspec.json.decode(row.outcome) | {"remembered": False}
            rows.change(conn, row, outcome=rows.text(outcome))
            return plan, removal.connections_of(conn, user_id, plan.receipts or [])

    plan, affected = retrying(commit)
    for connection_id in affected:
        rebuild.request(hub, user_id, connection_id)
    return len(plan.receipts or [])
