"""The end of a raw item's reading: what it no longer yields goes, and its row says how it went."""

from collections.abc import Iterator
from typing import Any

import msgspec
from openfit_sdk import Report, records
from sqlalchemy import Connection, Row, select, update

from openfit.hub import Hub, now_ms
from openfit.intake import claims
from openfit.intake.claims import Claim
from openfit.intake.storing import Reading, mark_entity, mark_touched
from openfit.store import days, entities, leftover, paces, people, raw, series, waiting
from openfit.store.engine import retrying, write
from openfit.store.entities import Stamp
from openfit.store.tables import connections, imports, raw_items

DROPPED_AT_ONCE = 200  # entities a transaction


def finish(hub: Hub, reading: Reading, claim: Claim) -> None:
    """Take away what this item, or an earlier version of it, no longer yields."""
    row = claim.row
    with write(hub.engine) as conn:
        people.hold(conn, row.user_id)
        claims.ensure(conn, claim)
        if reading.only is None:
            retire(conn, hub, row, reading)
            close(conn, reading, claim)
        if reading.generation is None:
            read_again(conn, row)
        mark_touched(conn, reading)
    if row.media_type == records.MEDIA_TYPE:
        leftover.unlink(hub.engine, hub.raw)


def read_again(conn: Connection, row: Row[Any]) -> None:
    """What a rewriting of the series has passed already, it must pass once more."""
    passed = connections.c.rebuild_at >= row.receipt
    mine = (connections.c.user_id == row.user_id) & (
        connections.c.connection_id == row.connection_id
    )
    conn.execute(update(connections).where(mine, passed).values(rebuild_at=row.receipt - 1))


def retire(conn: Connection, hub: Hub, row: Row[Any], reading: Reading) -> None:
    if reading.status == "failed" and not row.deleted:
        return  # an unreadable new version does not take the old one away
    user_id = row.user_id
    versions = select(raw_items.c.receipt).where(
        raw.versions_of(user_id, row.connection_id, row.kind, row.item_id)
    )
    older = [receipt for receipt in conn.execute(versions).scalars() if receipt != row.receipt]
    drop_unseen(conn, reading, row.receipt, reading.seen if reading.current else set())
    if not reading.current:
        return
    if row.media_type == records.MEDIA_TYPE:
        supplant(conn, hub, reading, older)
        return
    deleted = raw.was_deleted(conn, row)
    for receipt in older:
        drop_unseen(conn, reading, receipt, set())
        strip(conn, reading, receipt, activities_only=not deleted)


def supplant(conn: Connection, hub: Hub, reading: Reading, older: list[int]) -> None:
    """Of an item that is read whole the earlier ones are parts: they gave nothing that it did
    not give again."""
    user_id = reading.stamp.user_id
    for receipt in older:
        drop_unseen(conn, reading, receipt, set())
        series.forget_feeds(conn, user_id, receipt)
    files = [raw.remove(conn, hub.raw, user_id, receipt) for receipt in older]
    leftover.note(hub.raw, filter(None, files))


def drop_unseen(conn: Connection, reading: Reading, receipt: int, seen: set[str]) -> None:
    user_id = reading.stamp.user_id
    stale = {
        found.entity_id: found
        for found in entities.of_receipts(conn, user_id, [receipt])
        if found.entity_id not in seen
    }
    gone = entities.drop(conn, user_id, receipt, stale)
    for found in stale.values():
        mark_entity(conn, reading, found.kind, found.start_at, None)
    series.drop_activities(conn, user_id, gone)
    if stale:
        days.clock_stale(conn, user_id, True)


def strip(
    conn: Connection, reading: Reading, receipt: int, *, activities_only: bool = False
) -> None:
    touched = series.strip(conn, reading.stamp.user_id, receipt, activities_only=activities_only)
    for metric, some in touched.items():
        reading.touched.setdefault(metric, set()).update(some)


def close(conn: Connection, reading: Reading, claim: Claim) -> None:
    row = claim.row
    reports = [report for report in reading.reports if report.code != "read" or report.member]
    raw.set_item(
        conn,
        row.user_id,
        row.receipt,
        state=reading.status,
        attempts=0,
        at_byte=None,
        members=reading.members,
        lease_owner=None,
        lease_until=None,
        normalized_by=reading.version,
        reports=msgspec.json.encode(reports).decode(),
        counts=msgspec.json.encode(dict(sorted(reading.counts.items()))).decode(),
    )
    if reading.generation is None:
        left = waiting.size_of(conn, row) - claim.at_byte
        paces.advance(conn, row.user_id, row.connection_id, "read", left, now_ms())
    known = row.normalized_by is None and waiting.adds_nothing(conn, row.user_id, row.receipt)
    if known and not entities.nearer_to_original(conn, row.user_id, row.receipt):
        mine = (imports.c.user_id == row.user_id) & (imports.c.receipt == row.receipt)
        conn.execute(update(imports).where(mine).values(duplicate=True))


def quarantine(hub: Hub, row: Row[Any], version: str, message: str) -> None:
    """An item that keeps killing its plugin is set aside; it is tried again by a new version."""
    report = Report(status="failed", code="plugin_died", message=message)
    with write(hub.engine) as conn:
        raw.set_item(
            conn,
            row.user_id,
            row.receipt,
            state="failed",
            lease_owner=None,
            lease_until=None,
            normalized_by=version,
            reports=msgspec.json.encode([report]).decode(),
        )


def count_attempt(hub: Hub, row: Row[Any]) -> int:
    with write(hub.engine) as conn:
        raw.set_item(conn, row.user_id, row.receipt, attempts=row.attempts + 1)
    return int(row.attempts) + 1


# Taking back -------------------------------------------------------------------------------------


def withdraw(hub: Hub, row: Row[Any]) -> Iterator[None]:
    """An item whose reading was cancelled is in wholly or not at all: take away what is in."""
    stamp = Stamp(row.user_id, row.connection_id, row.receipt, row.sha256)
    while retrying(lambda: drop_some(hub, row, Reading(stamp, True, ""))):
        yield
    retrying(lambda: close_withdrawn(hub, row, Reading(stamp, True, "")))


def drop_some(hub: Hub, row: Row[Any], reading: Reading) -> bool:
    with write(hub.engine) as conn:
        people.hold(conn, row.user_id)
        found = entities.of_receipts(conn, row.user_id, [row.receipt])
        keep = {one.entity_id for one in found[DROPPED_AT_ONCE:]}
        drop_unseen(conn, reading, row.receipt, keep)
        mark_touched(conn, reading)
        return bool(keep)


def close_withdrawn(hub: Hub, row: Row[Any], reading: Reading) -> None:
    with write(hub.engine) as conn:
        people.hold(conn, row.user_id)
        if raw.item(conn, row.user_id, row.receipt).state != "cancelling":
            waiting.give_back(conn, row.user_id, [row.receipt])
            return  # it was resumed meanwhile and will be read from its start
        strip(conn, reading, row.receipt)
        read_again(conn, row)
        mark_touched(conn, reading)
        raw.set_item(
            conn,
            row.user_id,
            row.receipt,
            state="cancelled",
            attempts=0,
            at_byte=None,
            members=0,
            lease_owner=None,
            lease_until=None,
        )
