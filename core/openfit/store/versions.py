"""Whether anything at all was committed since one last looked.

Both databases can say so without reading a row. SQLite's `data_version` changes with every commit
of another connection (sqlite.org/pragma.html#pragma_data_version), so it is asked on a connection
that never writes. PostgreSQL's snapshot names the transactions that are visible: no commit of one
that wrote leaves it as it was.
"""

from typing import Any

from sqlalchemy import Engine, text

from openfit.store.engine import create

SNAPSHOT = text("SELECT pg_current_snapshot()::text")


class Versions:
    """Asks one database. Equal answers mean equal contents; unequal ones mean nothing."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.is_quick = engine.dialect.name == "sqlite"  # microseconds: no thread is needed
        self.connection: Any = None

    def now(self) -> str:
        if self.is_quick:
            return str(self.reader().execute("PRAGMA data_version").fetchone()[0])
        with self.engine.connect() as conn:
            return str(conn.execute(SNAPSHOT).scalar_one())

    def reader(self) -> Any:
        if self.connection is None:
            pool = create(self.engine.url.render_as_string(hide_password=False))
            found = pool.raw_connection()
            found.detach()
            self.connection = found.driver_connection
        return self.connection

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None
