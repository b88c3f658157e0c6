"""Files that hold what a device sent: their plugin cuts them, and what it yields comes in by the
same door as everything else of that device."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec
from openfit_sdk import IntegrationError, Push, Pushed, TransientError
from sqlalchemy import Row

from openfit.hosting.lanes import Lanes
from openfit.hub import Hub
from openfit.intake import claims, ingest, settling
from openfit.intake.claims import Claim
from openfit.intake.normalize import Steps, failure, open_item, position
from openfit.intake.storing import Reading
from openfit.store.engine import retrying, write
from openfit.store.entities import Stamp

KIND = "file"
ROUTE = "file"


def is_bundle(hub: Hub, row: Row[Any], item: Row[Any]) -> bool:
    """Whether an item is a file that its plugin cuts into others."""
    plugin = hub.plugins.plugins.get(row.integration)
    manifest = plugin.manifest if plugin is not None else None
    return item.kind == KIND and manifest is not None and manifest.files is not None


def steps(hub: Hub, lanes: Lanes, row: Row[Any], item: Row[Any], version: str) -> Steps:
    """Cut one file, a page a transaction. Begun anew, it finds what it gave before."""
    stamp = Stamp(row.user_id, row.connection_id, item.receipt, item.sha256)
    reading, claim = Reading(stamp, bool(item.current), version), Claim(item)
    received = datetime.fromtimestamp(item.received_at / 1000, UTC)
    with lanes.borrow(row.user_id, row.integration) as hosts, open_item(hub, item) as raw_item:
        push = Push(route=ROUTE, body=raw_item.body, media_type=item.media_type, name=raw_item.name)
        host = hosts.host(row.user_id, row.integration)
        pages = host.pages("receive", push=push, settings=settings_of(row), now=received)
        try:
            for page in pages:
                retrying(partial(keep_claim, hub, claim, position(raw_item)))
                for pushed in page:
                    keep(hub, row, reading, pushed)
                yield
        except TransientError:
            raise
        except IntegrationError as error:
            reading.report(failure(error))
    retrying(lambda: settling.finish(hub, reading, claim))


def settings_of(row: Row[Any]) -> dict[str, Any]:
    return msgspec.json.decode(row.settings, type=dict[str, Any])


def keep_claim(hub: Hub, claim: Claim, at_byte: int | None) -> None:
    with write(hub.engine) as conn:
        claims.ensure(conn, claim)
        claims.note(conn, claim, at_byte, 0)


def keep(hub: Hub, row: Row[Any], reading: Reading, pushed: Pushed) -> None:
    """What a part of the file holds; its counts add up to the file's."""
    items = [ingest.spooled(item) for item in pushed.items]
    taken = ingest.accept(hub, row.user_id, row.connection_id, items)
    reading.counts["received"] += sum(one.pieces or 1 for one in taken)
    reading.counts["new"] += sum(one.new if one.pieces else not one.duplicate for one in taken)
    reading.counts.update(pushed.counts)
