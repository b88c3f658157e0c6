"""Reading every original again: asked for, then done like any other work that is due."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from openfit.background import work
from openfit.deriving import rebuild
from openfit.hosting.hosts import Hosts
from openfit.hub import Hub
from openfit.store import connections, waiting

INTERRUPTED = (
    "Stopped. The old numbers are shown until all originals are read again; what was read is kept. "
    'It goes on by itself under "openfit serve", and can be paused through the API (jobs).'
)


class Reach(NamedTuple):
    """Originals that can be read again, and those whose bytes are not kept any more: of them the
    last received is from `gone_to`, in ms since 1970 UTC."""

    originals: int
    gone: int
    gone_to: int | None


def request(hub: Hub, user_id: int, integration: str | None) -> Reach:
    """Ask for it; answers what it will reach."""
    with hub.engine.connect() as conn:
        rows = connections.of_user(conn, user_id, integration)
        ids = [row.connection_id for row in rows]
        total = sum(waiting.rewritten(conn, user_id, one, 0)[1] for one in ids)
        gone, gone_to = waiting.out_of_reach(conn, user_id, ids)
    for one in ids:
        rebuild.request(hub, user_id, one)
    return Reach(total, gone, gone_to)


def sentences(reach: Reach) -> Iterator[str]:
    yield f"{reach.originals} originals were read again."
    if reach.gone:
        last = datetime.fromtimestamp((reach.gone_to or 0) / 1000, UTC)
        yield (
            f"{reach.gone} more, received up to {last:%Y-%m-%d}, are out of reach: the retention "
            "rule let their bytes go. What they gave stays as it is."
        )


def run(hub: Hub, user_id: int, advance: Callable[[], None]) -> None:
    with Hosts(hub) as hosts:
        work.drain(hub, hosts, user_id=user_id, progress=lambda what, _: step(what, advance))


def step(what: str, advance: Callable[[], None]) -> None:
    if what == "rebuilt":
        advance()
