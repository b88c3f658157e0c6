"""Write series afresh from raw items: after a better decoder, or after something was removed.

Merging keeps a maximum and so cannot forget. What must be forgotten is written anew beside the
old blocks and swapped in when it is complete; readers see the old ones until then. Items go in
order of arrival, and the last one that was read is written down: a rewriting of everything goes
on there after a pause or a death. What is read meanwhile because it is new, or new again, is read
once more for the new series; they are swapped in when nothing waits.
"""

from collections.abc import Callable, Generator
from functools import partial
from typing import Any

from sqlalchemy import Row

from openfit.hub import Hub, now_ms
from openfit.intake import claims
from openfit.intake.normalize import Steps
from openfit.store import connections, days, paces, people, series, waiting
from openfit.store.engine import retrying, write

Progress = Callable[[str, int], None]
Read = Callable[..., Steps]


def steps(
    hub: Hub, user_id: int, connection_id: str, version: str, read_item: Read, progress: Progress
) -> Generator[None, None, bool]:
    """Do what the connection's `rebuild` asks for; False if nothing can be done at the moment."""
    begun = retrying(lambda: begin(hub, user_id, connection_id, version))
    if begun is None:
        return False
    only, did = begun, False
    while True:
        with hub.engine.connect() as conn:
            at = connections.get(conn, user_id, connection_id)
            item = following(conn, at, only)
        if at.rebuild_paused or at.rebuild_generation is None:
            return did
        if item is None:
            return retrying(partial(swap, hub, at, only, version)) or did
        if not taken(hub, item):
            return did
        try:
            yield from read_item(item, generation=at.rebuild_generation, only=only or None)
        except claims.Moved:
            continue
        retrying(partial(passed, hub, at, item))
        progress("rebuilt", item.receipt)
        did = True
        yield


def begin(hub: Hub, user_id: int, connection_id: str, version: str) -> frozenset[int] | None:
    """The series to write afresh, all of them when none is named; None when nothing is asked."""
    with write(hub.engine) as conn:
        row = connections.get(conn, user_id, connection_id)
        if not row.rebuild or row.rebuild_paused:
            return None
        everything = row.rebuild == "all"
        stale = series.stale(conn, user_id, connection_id)
        if everything and row.rebuild_generation is not None and row.rebuild_version == version:
            return frozenset()
        if not everything and not stale:
            connections.change(conn, user_id, connection_id, rebuild="")
            return None
        generation = series.begin_rebuild(conn, user_id, connection_id)
        series.carry(conn, user_id, connection_id, generation)
        connections.change(
            conn,
            user_id,
            connection_id,
            rebuild_generation=generation,
            rebuild_version=version,
            rebuild_at=0,
        )
        return frozenset() if everything else frozenset(one.series_id for one in stale)


def following(conn: Any, at: Row[Any], only: frozenset[int]) -> Row[Any] | None:
    among = series.feeders(conn, at.user_id, only) if only else None
    return waiting.next_to_rewrite(conn, at.user_id, at.connection_id, at.rebuild_at or 0, among)


def taken(hub: Hub, item: Row[Any]) -> bool:
    def commit() -> bool:
        with write(hub.engine) as conn:
            return bool(waiting.take(conn, item.user_id, [item], now_ms(), waiting.READ))

    return retrying(commit)


def passed(hub: Hub, at: Row[Any], item: Row[Any]) -> None:
    """Go on behind this item, unless one before it was read anew meanwhile."""
    with write(hub.engine) as conn:
        waiting.give_back(conn, item.user_id, [item.receipt])
        connections.rebuilt(conn, at, item.receipt)
        size = waiting.size_of(conn, item)
        paces.advance(conn, at.user_id, at.connection_id, "rebuild", size, now_ms())


def swap(hub: Hub, at: Row[Any], only: frozenset[int], version: str) -> bool:
    """Show what was written afresh, if nothing came in between that is not in it."""
    user_id, connection_id, everything = at.user_id, at.connection_id, not only
    with write(hub.engine) as conn:
        people.hold(conn, user_id)
        now = connections.get(conn, user_id, connection_id)
        same = (now.rebuild_at, now.rebuild_generation) == (at.rebuild_at, at.rebuild_generation)
        if not same or following(conn, now, only) is not None:
            return True
        if waiting.any_of(conn, user_id, connection_id):
            return False
        touched = series.swap(
            conn, user_id, connection_id, at.rebuild_generation, only=only or None
        )
        for metric, some in touched.items():
            days.mark(conn, user_id, metric, some)
        done = {"normalized_by": version} if everything else {}
        stale = series.stale(conn, user_id, connection_id)
        left = "series" if stale else ""
        connections.change(
            conn, user_id, connection_id, rebuild=left, **connections.AT_REST, **done
        )
        paces.forget(conn, user_id, connection_id, "rebuild")
    return True


def request(hub: Hub, user_id: int, connection_id: str) -> None:
    """Ask for everything of a connection to be decoded again, from the first item on."""
    with write(hub.engine) as conn:
        connections.change(
            conn,
            user_id,
            connection_id,
            rebuild="all",
            rebuild_paused=False,
            **connections.AT_REST,
        )


def pause(hub: Hub, user_id: int, connection_id: str, paused: bool) -> None:
    with write(hub.engine) as conn:
        connections.get(conn, user_id, connection_id)
        connections.change(conn, user_id, connection_id, rebuild_paused=paused)
