"""Raw items become entities and samples; an item's are replaced as a whole, never added to.

Reading goes in steps: a page is asked for once the one before is committed, and between two pages
others may have their turn. Cancelling, a newer version or another process's lease ends it there.
"""

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec
from openfit_sdk import BadInput, Blob, IntegrationError, RawItem, Report, TransientError
from openfit_sdk.schema import AnyEntity
from sqlalchemy import Row

from openfit.hub import Hub
from openfit.intake import claims, settling
from openfit.intake.claims import Claim
from openfit.intake.storing import Reading, apply
from openfit.store import raw
from openfit.store.engine import retrying, write
from openfit.store.entities import Stamp

Page = list[AnyEntity | Report]
Decode = Callable[[RawItem], Generator[Page, None, None]]
Steps = Generator[None, None, None]  # each step ends with everything committed
MAX_ATTEMPTS = 2


def steps(
    hub: Hub,
    row: Row[Any],
    version: str,
    decode: Decode,
    *,
    generation: int | None = None,
    only: frozenset[int] | None = None,
) -> Steps:
    """Read one raw item through its plugin and store what it holds, a page a transaction."""
    stamp = Stamp(row.user_id, row.connection_id, row.receipt, row.sha256)
    claim = Claim(row, rewriting=generation is not None)
    reading = Reading(stamp, bool(row.current), version, generation, only)
    with hub.engine.connect() as conn:
        gone = row.deleted or (not row.current and raw.was_deleted(conn, row))
    if not gone:
        with open_item(hub, row) as item, closing(decode(item)) as pages:
            yield from read_pages(hub, reading, claim, item, pages)
    retrying(lambda: settling.finish(hub, reading, claim))


def read_pages(
    hub: Hub, reading: Reading, claim: Claim, item: RawItem, pages: Iterator[Page]
) -> Steps:
    """What came before a fault is kept."""
    while True:
        try:
            page = next(pages, None)
        except TransientError:
            raise
        except IntegrationError as error:
            reading.report(failure(error))
            return
        if page is None:
            return
        retrying(partial(commit_page, hub, reading, claim, page, position(item)))
        yield


def failure(error: IntegrationError) -> Report:
    code = error.code if isinstance(error, BadInput) else "plugin_bug"
    at_byte = error.at_byte if isinstance(error, BadInput) else None
    return Report(status="failed", code=code, message=error.message, at_byte=at_byte)


def position(item: RawItem) -> int | None:
    """How far into the item the plugin is. Its reader leaves that on the descriptor, whose offset
    both processes share; at the end of the bytes it says nothing any more."""
    if not isinstance(item.body, Blob):
        return None
    at = os.lseek(item.body.fd, 0, os.SEEK_CUR)
    return at if 0 < at < item.body.size else None


def commit_page(hub: Hub, reading: Reading, claim: Claim, page: Page, at_byte: int | None) -> None:
    """A commit that fails may be tried again, so the reading moves on only with it."""
    attempt = reading.copy()
    with write(hub.engine) as conn:
        claims.ensure(conn, claim)
        apply(hub, conn, attempt, page)
        claims.note(conn, claim, at_byte, attempt.members)
    reading.__dict__.update(attempt.__dict__)


@contextmanager
def open_item(hub: Hub, row: Row[Any]) -> Iterator[RawItem]:
    """The raw item as a host is given it: bytes when small, else a descriptor of the body."""
    item = RawItem(
        kind=row.kind,
        id=row.item_id,
        media_type=row.media_type,
        name=row.name,
        received_at=datetime.fromtimestamp(row.received_at / 1000, UTC),
    )
    with hub.engine.connect() as conn:
        small = raw.small_body(conn, row.user_id, row.sha256)
    if small is not None:
        yield msgspec.structs.replace(item, body=small)
        return
    with raw.open_body(hub.engine, hub.raw, row.user_id, row.sha256) as body:
        size = body.seek(0, 2)
        body.seek(0)
        blob = Blob(sha256=row.sha256, size=size, fd=body.fileno())
        yield msgspec.structs.replace(item, body=blob)
