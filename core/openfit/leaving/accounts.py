"""Deleting a person's account: everything of theirs in every table, and on disk."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Row

from openfit.errors import Refused
from openfit.hosting import scratch
from openfit.hub import Hub, now_ms
from openfit.leaving.deleting import Changed, Plan, Wish, confirmation, unlink
from openfit.leaving.tasks import Progress, Steps
from openfit.store import leaving, people
from openfit.store import tasks as rows
from openfit.store.engine import retrying, write

BATCH = 200  # originals a transaction


class Counts(Struct, frozen=True, kw_only=True):
    """Rows of each kind that go, and what lies on disk."""

    activities: int
    nights: int
    samples: int
    originals: int
    original_bytes: int
    results: int
    grants: int
    keys: int
    rows: int


def preview(hub: Hub, user_id: int) -> tuple[Counts, str]:
    with hub.engine.connect() as conn:
        counts = Counts(**leaving.account(conn, user_id))
    return counts, confirmation(user_id, Wish(everything=True), counts)


def request(hub: Hub, user_id: int, confirm: str, *, signed_in_recently: bool) -> str:
    """Shut the person out at once, then take everything away in the worker.

    `signed_in_recently`: whether they proved just now that it is they, by password or code."""
    if not signed_in_recently:
        raise NotProven(
            "Deleting an account needs a sign-in of just now.",
            code="sign_in_again",
            next_step="Sign in again, then delete the account within ten minutes.",
        )

    def commit() -> str:
        with write(hub.engine) as conn:
            people.hold(conn, user_id)
            if leaving.last_owner(conn, user_id):
                raise Refused(
                    "This is the hub's only owner, and other people are on it.",
                    code="last_owner",
                    next_step="Make somebody else an owner first, or delete their accounts.",
                )
            counts = Counts(**leaving.account(conn, user_id))
            if confirmation(user_id, Wish(everything=True), counts) != confirm:
                raise Changed(
                    "What this would delete is not what was counted.",
                    code="counts_changed",
                    next_step="Look at the counts again (dry_run) and confirm those.",
                )
            leaving.shut_out(conn, user_id)
            return rows.add(conn, user_id, "account", Plan(wish=Wish(everything=True)), now_ms())

    return retrying(commit)


class NotProven(Refused):
    status = 403


def steps(hub: Hub, row: Row[Any]) -> Steps:
    """Originals first, each with its file; then all rows; the person's own row is the last."""
    plan = msgspec.json.decode(row.wish, type=Plan)
    unlink(hub, row, plan)
    while retrying(partial(drop_some, hub, row, plan)):
        unlink(hub, row, plan)
        yield Progress(0, None, "Taking away originals.")
    unlink(hub, row, plan)
    for table in leaving.tables():
        while retrying(partial(drop_rows, hub, row.user_id, table)):
            yield Progress(0, None, "Taking away rows.")
    for folder in rooms(hub, row.user_id):
        scratch.remove(folder)
    retrying(partial(last, hub, row.user_id))
    return {}


def drop_some(hub: Hub, row: Row[Any], plan: Plan) -> bool:
    with write(hub.engine) as conn:
        people.hold(conn, row.user_id)
        plan.unlink = leaving.drop_bodies(conn, hub.raw, row.user_id, BATCH)
        rows.change(conn, row, wish=rows.text(plan))
        return leaving.any_bodies(conn, row.user_id) or bool(plan.unlink)


def drop_rows(hub: Hub, user_id: int, table: str) -> bool:
    with write(hub.engine) as conn:
        return leaving.drop_some(conn, user_id, table)


def last(hub: Hub, user_id: int) -> None:
    with write(hub.engine) as conn:
        leaving.drop_person(conn, user_id)


def rooms(hub: Hub, user_id: int) -> Iterator[Any]:
    """Folders of this person's plugin processes."""
    if hub.scratch.is_dir():
        yield from hub.scratch.glob(f"{user_id}-*")
