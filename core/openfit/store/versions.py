"""Whether anything at all was committed since one last looked.

Both databases can say so without reading a row. SQLite's `data_version` changes with every commit
of another connection (sqlite.org/pragma.html#pragma_data_version), so it is asked on a connection
that never writes. PostgreSQL's snapshot names the transactions that are visible: no commit of one
that wrote leaves it as it was.
"""

import sqlite3

from sqlalchemy import Engine, text

SNAPSHOT = text("SELECT pg_current_snapshot()::text")


class Versions:
    """Asks one database. Equal answers mean equal contents; unequal ones mean nothing."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.is_quick = engine.dialect.name == "sqlite"  # microseconds: no thread is needed
        self.connection: sqlite3.Connection | None = None

    def now(self) -> str:
        if self.is_quick:
            return str(self.reader().execute("PRAGMA data_version").fetchone()[0])
        with self.engine.connect() as conn:
            return str(conn.execute(SNAPSHOT).scalar_one())

    def reader(self) -> sqlite3.Connection:
        found = self.connection
        if found is None:
            found = sqlite3.connect(
                str(self.engine.url.database), isolation_level=None, check_same_thread=False
            )
            found.execute("PRAGMA busy_timeout = 5000")
            self.connection = found
        return found

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None
