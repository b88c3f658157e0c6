"""Write series afresh from raw items: after a better decoder, or after something was removed.

Merging keeps a maximum and so cannot forget. What must be forgotten is written anew beside the
old blocks and swapped in when it is complete; readers see the old ones until then. A rebuild that
is cut off starts again: what it had written belongs to no one.
"""

from collections.abc import Callable

from openfit.hub import Hub
from openfit.store import connections, days, raw, series
from openfit.store.engine import write

Progress = Callable[[str, int], None]


def rebuild(
    hub: Hub,
    user_id: int,
    connection_id: str,
    version: str,
    read_item: Callable[..., None],
    progress: Progress,
) -> bool:
    """Do what the connection's `rebuild` asks for; False if it asks for nothing."""
    with write(hub.engine) as conn:
        row = connections.get(conn, user_id, connection_id)
        if not row.rebuild:
            return False
        stale = series.stale(conn, user_id, connection_id)
        everything = row.rebuild == "all"
        only = None if everything else frozenset(one.series_id for one in stale)
        receipts = (
            raw.receipts(conn, user_id, connection_id)
            if everything
            else series.feeders(conn, user_id, only or ())
        )
        generation = series.begin_rebuild(conn, user_id, connection_id)
    for receipt in receipts:
        with hub.engine.connect() as conn:
            item = raw.item(conn, user_id, receipt)
        read_item(item, generation=generation, only=only)
        progress("rebuilt", receipt)
    with write(hub.engine) as conn:
        touched = series.swap(conn, user_id, connection_id, generation, only=only)
        for metric, some in touched.items():
            days.mark(conn, user_id, metric, some)
        done = {"normalized_by": version} if everything else {}
        left = "series" if series.stale(conn, user_id, connection_id) else ""
        connections.change(conn, user_id, connection_id, rebuild=left, **done)
    return True


def request(hub: Hub, user_id: int, connection_id: str) -> None:
    """Ask for everything of a connection to be decoded again."""
    with write(hub.engine) as conn:
        connections.change(conn, user_id, connection_id, rebuild="all")
