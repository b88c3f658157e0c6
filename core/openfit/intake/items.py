"""Reading what waits in one connection: taken in hand by the handful, one item after another."""

import logging
import time
from collections.abc import Callable, Generator
from functools import partial
from typing import Any

from openfit_sdk import RawItem, TransientError, records
from sqlalchemy import Row

from openfit.background.turns import Task
from openfit.errors import NotFound
from openfit.hosting.lanes import Lanes
from openfit.hub import Hub, now_ms
from openfit.intake import claims, joining, normalize, settling, unpacking
from openfit.intake.normalize import Page, Steps
from openfit.store import connections, waiting
from openfit.store.engine import retrying, write

log = logging.getLogger("openfit.work")

IN_HAND = (16, 1, 1)  # items leased at a time, by their size
LOOK_AGAIN_SECONDS = 1.0  # something newer may have come


def read(
    hub: Hub, lanes: Lanes, row: Row[Any], size: int, progress: Callable[[str, int], None]
) -> Task:
    """Read what waits of one size, the last received first."""
    if row.normalized_by is None:
        with write(hub.engine) as conn:
            now = version(hub, row)
            connections.change(conn, row.user_id, row.connection_id, normalized_by=now)
    did = False
    while handful := in_hand(hub, row, size):
        looked, left = time.monotonic(), {item.receipt for item in handful}
        try:
            for item in handful:
                yield from (
                    withdrawn(hub, item)
                    if item.state == "cancelling"
                    else claimed(hub, lanes, row, item)
                )
                left.discard(item.receipt)
                progress("item", item.receipt)
                did = True
                yield
                if time.monotonic() - looked > LOOK_AGAIN_SECONDS:
                    break
        finally:
            retrying(partial(give_back, hub, row, left))
        if any(item.media_type == records.MEDIA_TYPE for item in handful):
            break  # more of them may be on their way, to be joined
    return did


def in_hand(hub: Hub, row: Row[Any], size: int) -> list[Row[Any]]:
    joining.join(hub, row)
    return retrying(lambda: take(hub, row, size))


def take(hub: Hub, row: Row[Any], size: int) -> list[Row[Any]]:
    with write(hub.engine) as conn:
        found = waiting.newest(conn, row.user_id, row.connection_id, size, IN_HAND[size])
        return waiting.take(conn, row.user_id, found, now_ms(), waiting.WAITING)


def give_back(hub: Hub, row: Row[Any], receipts: set[int]) -> None:
    if receipts:
        with write(hub.engine) as conn:
            waiting.give_back(conn, row.user_id, receipts)


def withdrawn(hub: Hub, item: Row[Any]) -> Steps:
    yield from settling.withdraw(hub, item)


def claimed(hub: Hub, lanes: Lanes, row: Row[Any], item: Row[Any]) -> Steps:
    try:
        yield from read_one(hub, lanes, row, lambda: None, item)
    except claims.Moved:
        give_back(hub, row, {item.receipt})


def read_one(
    hub: Hub,
    lanes: Lanes,
    row: Row[Any],
    renew: Callable[[], None],
    item: Row[Any],
    *,
    generation: int | None = None,
    only: frozenset[int] | None = None,
) -> Steps:
    """One item; where the plugin dies of it twice, it is set aside and the others go on."""
    bundle = unpacking.is_bundle(hub, row, item)
    if bundle and generation is not None:
        return  # it gave other items, which are rewritten in their turn
    attempts = settling.count_attempt(hub, item) if item.attempts else 1

    def decode(raw_item: RawItem) -> Generator[Page, None, None]:
        with lanes.borrow(row.user_id, row.integration) as hosts:
            for page in hosts.normalize(row.user_id, row.integration, raw_item):
                yield page
                renew()

    while True:
        try:
            if bundle:
                yield from unpacking.steps(hub, lanes, row, item, version(hub, row))
            else:
                yield from normalize.steps(
                    hub, item, version(hub, row), decode, generation=generation, only=only
                )
            return
        except TransientError as error:
            log.warning("%s, item %s: %s", row.integration, item.receipt, error.message)
            if attempts >= normalize.MAX_ATTEMPTS:
                message = f"{error.message} The original is kept; a new version tries it again."
                settling.quarantine(hub, item, version(hub, row), message)
                return
            attempts = settling.count_attempt(hub, item) + 1


def version(hub: Hub, row: Row[Any]) -> str:
    try:
        return hub.plugins.plugin(row.integration).version
    except NotFound:
        return ""
