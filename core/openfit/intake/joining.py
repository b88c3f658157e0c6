"""Small items of records that wait become one before they are read: a client that posts every few
seconds, or a band that hands over fifty records at a time, then costs one reading and not many."""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import Any

import msgspec
from openfit_sdk import RawItem, Report, records
from sqlalchemy import Connection, Row

from openfit.hub import Hub, now_ms
from openfit.intake.ingest import Body
from openfit.store import holding, leftover, people, pieces, raw, waiting
from openfit.store.engine import retrying, write
from openfit.store.series.carrying import EXPIRED

JOINED_BYTES = 32 * 1024 * 1024  # a plugin gets the whole in memory
CHUNK = 1024 * 1024
AT_ONCE = 64  # bodies of at most 64 kB
Group = list[Row[Any]]

GONE = Report(
    status="failed",
    code="originals_gone",
    message="What came for this hour before was let go by the retention rule, and this can only be "
    "read together with it. What was derived stays; these records are kept, unread.",
)


def join(hub: Hub, row: Row[Any]) -> bool:
    """Join what waits in one connection and is in pieces; whether there was something to join."""
    with hub.engine.connect() as conn:
        found = waiting.in_pieces(conn, row.user_id, row.connection_id)
    joined = False
    for group in groups(found):
        taken = retrying(partial(take, hub, group))
        try:
            if len(taken) == len(group):  # else another process has some of them in hand
                merge(hub, group)
                joined = True
        finally:
            retrying(partial(give_back, hub, group, taken))
    return joined


def groups(found: Sequence[Row[Any]]) -> Iterator[Group]:
    """Items to be read as one, at least two each."""
    for (_, whole, _), some in groupby(found, waiting.alike):
        for group in [list(some)] if whole else bundles(some):
            if len(group) > 1 and any(one.state == "pending" for one in group):
                yield group


def bundles(rows: Iterator[Row[Any]]) -> Iterator[Group]:
    """In order, as many as a plugin may be given at once."""
    bundle: Group = []
    size = 0
    for row in rows:
        if bundle and size + row.size > JOINED_BYTES:
            yield bundle
            bundle, size = [], 0
        bundle.append(row)
        size += row.size
    yield bundle


def take(hub: Hub, group: Group) -> set[int]:
    with write(hub.engine) as conn:
        return waiting.take_all(conn, group[0].user_id, receipts_of(group), now_ms())


def give_back(hub: Hub, group: Group, taken: set[int]) -> None:
    with write(hub.engine) as conn:
        waiting.give_back_all(conn, group[0].user_id, taken)


def receipts_of(group: Group) -> list[int]:
    return [row.receipt for row in group]


def merge(hub: Hub, group: Group) -> None:
    """One item of all their records in their place."""
    if any(row.state == EXPIRED for row in group):
        retrying(partial(set_aside, hub, group))
        return
    last = group[-1]
    item = RawItem(kind=last.kind, id=last.item_id, media_type=records.MEDIA_TYPE)
    body = Body(hub, item, raw.spool_chunks(hub.raw, bodies(hub, group), item.kind))
    with holding.held(hub.raw):
        body.keep()
        retrying(partial(replace, hub, group, item, body))
    body.discard()
    leftover.unlink(hub.engine, hub.raw)


def bodies(hub: Hub, group: Group) -> Iterator[bytes]:
    """Those in the database some at a time, those in files piece by piece."""
    user_id = group[0].user_id
    for at in range(0, len(group), AT_ONCE):
        some = group[at : at + AT_ONCE]
        with hub.engine.connect() as conn:
            small = raw.small_bodies(conn, user_id, [row.sha256 for row in some])
        for row in some:
            if row.sha256 in small:
                yield small[row.sha256]
                continue
            with raw.open_body(hub.engine, hub.raw, user_id, row.sha256) as body:
                while chunk := body.read(CHUNK):
                    yield chunk


def replace(hub: Hub, group: Group, item: RawItem, body: Body) -> None:
    """In one transaction. What gave nothing yet goes at once; what did, once the whole is read."""
    user_id, receipts = group[0].user_id, receipts_of(group)
    with write(hub.engine) as conn:
        people.hold(conn, user_id)
        into = people.advance(conn, user_id)
        raw.add_body(conn, user_id, body.keep())
        pieces.join(conn, user_id, receipts, into)
        raw.point_imports(conn, user_id, receipts, into)
        retire(conn, hub, group)
        raw.add_item(conn, row_of(group, into, item, body))


def retire(conn: Connection, hub: Hub, group: Group) -> None:
    user_id = group[0].user_id
    unread = [row.receipt for row in group if not row.begun]
    leftover.note(hub.raw, raw.remove_all(conn, hub.raw, user_id, unread))
    for row in group:
        if row.begun:
            raw.set_item(conn, user_id, row.receipt, current=False, state="done")


def row_of(group: Group, receipt: int, item: RawItem, body: Body) -> dict[str, Any]:
    sha256 = body.spooled.sha256
    return {
        "user_id": group[0].user_id,
        "receipt": receipt,
        "connection_id": group[0].connection_id,
        "kind": item.kind,
        "item_id": item.id if group[0].whole else sha256,
        "sha256": sha256,
        "media_type": item.media_type,
        "received_at": max(row.received_at for row in group),
    }


def set_aside(hub: Hub, group: Group) -> None:
    report = msgspec.json.encode([GONE]).decode()
    with write(hub.engine) as conn:
        for row in group:
            if row.state == "pending":
                raw.set_item(conn, row.user_id, row.receipt, state="failed", reports=report)
