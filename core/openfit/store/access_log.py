"""What others looked at: a row for each hour, person and route."""

from typing import Any

from sqlalchemy import Connection, Row, select

from openfit.store import engine
from openfit.store.tables import access_log, users

HOUR = 3_600_000


def book(
    conn: Connection, user_id: int, actor_id: int, route: str, grant_id: str, n: int, at: int
) -> None:
    statement: Any = engine.insert(conn, access_log).values(
        user_id=user_id,
        hour=at - at % HOUR,
        actor_id=actor_id,
        route=route[:200],
        grant_id=grant_id,
        n=n,
        last_at=at,
    )
    fresh = statement.excluded
    more = {"n": access_log.c.n + fresh.n, "last_at": fresh.last_at, "grant_id": fresh.grant_id}
    keys = [column.name for column in access_log.primary_key]
    conn.execute(statement.on_conflict_do_update(index_elements=keys, set_=more))


def of_user(conn: Connection, user_id: int, hours: int, before: int | None) -> list[Row[Any]]:
    """Whole hours, the newest first, with the names of who looked; `before` is one of them."""
    mine = [access_log.c.user_id == user_id]
    if before is not None:
        mine.append(access_log.c.hour < before)
    newest = select(access_log.c.hour).where(*mine).distinct()
    wanted = newest.order_by(access_log.c.hour.desc()).limit(hours).scalar_subquery()
    actor = users.alias("actor")
    query = select(access_log, actor.c.name).outerjoin(
        actor, actor.c.user_id == access_log.c.actor_id
    )
    order = (access_log.c.hour.desc(), access_log.c.actor_id, access_log.c.route)
    return list(conn.execute(query.where(*mine, access_log.c.hour.in_(wanted)).order_by(*order)))
