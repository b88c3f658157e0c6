"""From one database to another, as it is: `openfit migrate-database`. Every row keeps its ids."""

from msgspec import Struct
from sqlalchemy import Connection, Engine

from openfit.config import Config
from openfit.errors import Refused
from openfit.leaving import in_use
from openfit.leaving.backup import Progress, silent
from openfit.store import copying, engine, outgoing
from openfit.store.engine import HEAD


class Moved(Struct, frozen=True, kw_only=True):
    """What was copied, and checked by count and hash on the other side."""

    tables: int
    rows: int
    users: int


def move(config: Config, url: str, progress: Progress = silent) -> Moved:
    """Copy all rows into an empty database. The old one stays as it is."""
    from openfit.store.migrate import migrate

    source = engine.create(config.database_url)
    target = engine.create(url)
    try:
        if source.url == target.url:
            raise Refused(
                "That is the database that is in use.",
                code="same_database",
                next_step="Name the one to move to.",
            )
        with in_use.alone(config.data):
            refuse_unfit(source, target)
            migrate(url)
            return copied(source, target, progress)
    finally:
        source.dispose()
        target.dispose()


def refuse_unfit(source: Engine, target: Engine) -> None:
    with source.connect() as conn:
        found = engine.revision_of(conn)
    if found != HEAD:
        raise Refused(
            f"This database is at revision {found or 'none'}, not at {HEAD}.",
            code="revision",
            next_step='Run "openfit migrate" first.',
        )
    with target.connect() as conn:
        full = copying.holding(conn)
        at = engine.revision_of(conn)
    if full:
        raise Refused(
            f"The other database is not empty: there are rows in {', '.join(full[:5])}.",
            code="not_empty",
            next_step="Make a new one and name that.",
        )
    if at not in (None, HEAD):
        raise Refused(
            f"The other database holds tables of revision {at}.",
            code="revision",
            next_step="Make a new, empty one and name that.",
        )


def copied(source: Engine, target: Engine, progress: Progress) -> Moved:
    """In one transaction on the other side: it is all there, or nothing is."""
    before: dict[str, copying.Tally] = {}
    with outgoing.snapshot(source) as conn, engine.write(target) as other:
        copying.clear(other)
        tables = copying.tables_of(conn)
        total = sum(copying.count(conn, table) for table in tables)
        done = 0
        for table in tables:
            tally = before.setdefault(table.name, copying.Tally())
            for part in copying.parts_of(conn, table, moving=True):
                tally.take(part)
                copying.write(other, part)
                done += len(part.rows)
                progress(done, total)
        compare(other, before)
    rows = sum(tally.rows for tally in before.values())
    return Moved(tables=len(before), rows=rows, users=before["users"].rows)


def compare(other: Connection, before: dict[str, copying.Tally]) -> None:
    """Read everything back: the same rows, with the same content."""
    for table in copying.tables_of(other):
        tally = copying.Tally()
        for part in copying.parts_of(other, table, moving=True):
            tally.take(part)
        was = before.get(table.name, copying.Tally())
        if (tally.rows, tally.digest.digest()) != (was.rows, was.digest.digest()):
            raise Refused(
                f"The table {table.name} did not arrive as it was: {tally.rows} rows of "
                f"{was.rows}, or some that differ. Nothing was kept on the other side.",
                code="differs",
                next_step="Please report this, with the versions of both databases.",
            )


def next_steps(config: Config, url: str, found: Moved) -> str:
    return (
        f"{found.rows:,} rows of {found.users} users are in the other database, each checked. Set "
        f"OPENFIT_DATABASE_URL to it and start the hub again; the data folder {config.data} stays "
        "in use for originals. The old database was not changed: keep it until all is well."
    )
