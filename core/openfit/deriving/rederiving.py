"""Analysing everything again: asked for, then done like any other work that is due."""

from openfit.background import work
from openfit.deriving import analyzing
from openfit.hosting.hosts import Hosts
from openfit.hub import Hub
from openfit.store import results
from openfit.store.engine import write


def run(hub: Hub, user_id: int) -> int:
    """Now, beside a worker or without one; answers how many activities there are."""
    with write(hub.engine) as conn:
        analyzing.request(conn, user_id)
    with Hosts(hub) as hosts:
        work.drain(hub, hosts, user_id=user_id)
    with hub.engine.connect() as conn:
        return len(results.sessions(conn, user_id, "total_time"))
