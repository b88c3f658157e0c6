"""Minutes in heart-rate zones over a span of days, twins counted once."""

from datetime import date

from msgspec import Struct
from sqlalchemy import Connection

from openfit.analytics.zones import IDS
from openfit.store import finding, results
from openfit.store.finding import Wanted
from openfit.store.tables import entities as rows


class ZoneTotals(Struct, frozen=True):
    """Minutes below zone 1 and in zones 1 to 5, over so many activities of which they are known;
    null with a reason where they are of none."""

    minutes: list[float] | None
    activities: int
    reason: str | None


def totals(conn: Connection, user_id: int, first: date, last: date) -> ZoneTotals:
    query = finding.asking(conn, user_id, Wanted(first=first, last=last), collapsed=True)
    assert query is not None
    listed = set(conn.execute(query.with_only_columns(rows.c.entity_id)).scalars())
    by_zone = [results.values_of(conn, user_id, id, first, last) for id in IDS]
    known = listed.intersection(*by_zone)
    if not known:
        return ZoneTotals(None, 0, "no_activity_with_zones")
    minutes = [round(sum(zone[id] for id in known), 2) for zone in by_zone]
    return ZoneTotals(minutes, len(known), None)
