"""Reading every original again: asked for, then done like any other work that is due."""

from collections.abc import Callable

from openfit.background import work
from openfit.deriving import rebuild
from openfit.hosting.hosts import Hosts
from openfit.hub import Hub
from openfit.store import connections, waiting

INTERRUPTED = (
    "Stopped. The old numbers are shown until all originals are read again; what was read is kept. "
    'It goes on by itself under "openfit serve", and can be paused through the API (jobs).'
)


def request(hub: Hub, user_id: int, integration: str | None) -> int:
    """Ask for it; answers how many originals will be read."""
    with hub.engine.connect() as conn:
        rows = connections.of_user(conn, user_id, integration)
        total = sum(waiting.rewritten(conn, user_id, row.connection_id, 0)[1] for row in rows)
    for row in rows:
        rebuild.request(hub, user_id, row.connection_id)
    return total


def run(hub: Hub, user_id: int, advance: Callable[[], None]) -> None:
    with Hosts(hub) as hosts:
        work.drain(hub, hosts, user_id=user_id, progress=lambda what, _: step(what, advance))


def step(what: str, advance: Callable[[], None]) -> None:
    if what == "rebuilt":
        advance()
