"""The database by its address. SQLite and PostgreSQL differ here and nowhere else."""

import fcntl
import os
import random
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Table, create_engine, event, inspect, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError

from openfit.errors import Refused

MANY = 100  # rows; from here on looking at each row's types costs more than writing it
HEAD = "0005"  # the newest migration that is packaged
Answer = TypeVar("Answer")

PRAGMAS = (
    "PRAGMA busy_timeout = 30000",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # a band erases what was acknowledged, so a commit must last
    "PRAGMA foreign_keys = ON",
)
TURN = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
ATTEMPTS = 8
FIRST_PAUSE = 0.01  # seconds

# sqlite.org/rescode.html; "PostgreSQL Error Codes" in its manual
SQLITE_BUSY = {5, 6}  # busy, locked
SQLITE_RACES = {*SQLITE_BUSY, 1555, 2067, 2579}  # primary key, unique, rowid
POSTGRESQL_RACES = {"40001", "40P01", "55P03", "23505"}  # serialization, deadlock, lock, unique
SQLITE_FULL, SQLITE_READONLY, SQLITE_CANTOPEN = 13, 8, 14


def create(url: str) -> Engine:
    address = parse(url)
    if address.get_backend_name() == "sqlite":
        return tuned_sqlite(create_engine(address, hide_parameters=True))
    # Values are people's, and an error's text goes to the log.
    return create_engine(address, pool_size=8, pool_pre_ping=True, hide_parameters=True)


def parse(url: str) -> URL:
    """The address with the one driver of each kind of database that is installed."""
    address = make_url(url)
    if address.drivername in ("postgres", "postgresql"):
        return address.set(drivername="postgresql+psycopg")
    return address


def tuned_sqlite(engine: Engine) -> Engine:
    @event.listens_for(engine, "connect")
    def tune(connection: Any, _: object) -> None:
        connection.isolation_level = None  # or the driver would begin where it likes
        for pragma in PRAGMAS:
            patiently(connection, pragma)

    @event.listens_for(engine, "begin")
    def begin(conn: Connection) -> None:
        immediate = conn.get_execution_options().get("immediate")
        conn.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def patiently(connection: Any, pragma: str) -> None:
    """Going over to WAL needs the file alone, and SQLite does not wait for that by itself."""
    for attempt in range(ATTEMPTS):
        try:
            connection.execute(pragma)
            return
        except sqlite3.OperationalError as error:
            if attempt == ATTEMPTS - 1 or error.sqlite_errorcode & 0xFF not in SQLITE_BUSY:
                raise
        time.sleep(FIRST_PAUSE * 2**attempt * random.random())


@contextmanager
def write(engine: Engine) -> Iterator[Connection]:
    """A transaction that will write. On SQLite it waits its turn before it reads anything, so
    that what it read still holds when it writes."""
    with disk_errors(), engine.connect() as conn:
        conn = conn.execution_options(immediate=True)
        with turn(engine), conn.begin():
            yield conn


@contextmanager
def turn(engine: Engine) -> Iterator[None]:
    """One writer of a SQLite file after another, woken as soon as the one before is done: its own
    waiting sleeps up to 100 ms, and whoever comes meanwhile goes first."""
    if engine.dialect.name != "sqlite" or not engine.url.database:
        yield
        return
    with ExitStack() as held:
        with suppress(OSError):  # of a full disk, or one without locks, SQLite itself tells
            descriptor = os.open(f"{engine.url.database}-turn", TURN, 0o600)
            held.callback(os.close, descriptor)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield


@contextmanager
def disk_errors() -> Iterator[None]:
    """A full or read-only disk is the user's to mend: say so, and that nothing was lost."""
    try:
        yield
    except DBAPIError as error:
        code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
        if code == SQLITE_FULL or sqlstate(error) == "53100":
            raise Refused(
                "The disk is full, so nothing was written. Nothing that was here is lost.",
                code="disk_full",
                next_step="Free some space where the database lies and try again.",
            ) from error
        if code in (SQLITE_READONLY, SQLITE_CANTOPEN) or sqlstate(error) == "25006":
            raise Refused(
                "The database cannot be written.",
                code="read_only",
                next_step="Give the hub's user write access to it and its folder, then try again.",
            ) from error
        raise


def retrying(work: Callable[[], Answer]) -> Answer:
    """Do a whole transaction, and again where another one got in its way."""
    for attempt in range(ATTEMPTS):
        try:
            return work()
        except DBAPIError as error:
            if attempt == ATTEMPTS - 1 or not is_race(error):
                raise
        time.sleep(FIRST_PAUSE * 2**attempt * random.random())
    raise AssertionError("the last attempt returns or raises")


def is_race(error: DBAPIError) -> bool:
    code = getattr(error.orig, "sqlite_errorcode", 0)
    return code & 0xFF in SQLITE_BUSY or code in SQLITE_RACES or sqlstate(error) in POSTGRESQL_RACES


def sqlstate(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)


def insert(conn: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An insert that knows `on_conflict_…`, which both databases spell alike."""
    if conn.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def insert_new(conn: Connection, table: Table, row: dict[str, Any]) -> bool:
    """Insert a row unless one with a key of it is there; whether it was inserted."""
    counted = {"preserve_rowcount": True}  # or PostgreSQL's driver would not say
    statement = inserting(conn.dialect.name, table)
    return conn.execute(statement, row, execution_options=counted).rowcount == 1


@cache
def inserting(dialect: str, table: Table) -> Any:
    kind = postgresql if dialect == "postgresql" else sqlite
    return kind.insert(table).on_conflict_do_nothing()


def upsert(conn: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, or overwrite the columns that are given where a row with the key is there."""
    if not rows:
        return
    given = tuple(rows[0])
    statement = upserting(conn.dialect.name, table, given)
    if len(rows) < MANY:
        conn.execute(statement, list(rows))
        return
    written = statement.compile(dialect=conn.dialect, column_keys=given)
    names = written.positiontup
    values = rows if names is None else [tuple(row[name] for name in names) for row in rows]
    conn.exec_driver_sql(str(written), list(values))


@cache
def upserting(dialect: str, table: Table, names: tuple[str, ...]) -> Any:
    """The statement of `upsert`: made once, as making it costs more than a small one takes."""
    statement: Any = (postgresql if dialect == "postgresql" else sqlite).insert(table)
    keys = [column.name for column in table.primary_key]
    changes = {name: statement.excluded[name] for name in names if name not in keys}
    if changes:
        return statement.on_conflict_do_update(index_elements=keys, set_=changes)
    return statement.on_conflict_do_nothing(index_elements=keys)


def revision(url: str) -> str | None:
    """The migration a database is at; None before the first."""
    engine = create(url)
    try:
        with engine.connect() as conn:
            return revision_of(conn)
    finally:
        engine.dispose()


def last_version(url: str) -> str | None:
    """The release that opened a database last, if it said so; tables of later ones may differ."""
    engine = create(url)
    query = "SELECT value FROM settings WHERE name = 'hub.version' ORDER BY user_id"
    try:
        with engine.connect() as conn:
            found = conn.execute(text(query)).scalar()
            return None if found is None else str(found).strip('"')
    except DBAPIError:
        return None
    finally:
        engine.dispose()


def revision_of(conn: Connection) -> str | None:
    if not inspect(conn).has_table("alembic_version"):
        return None
    found = conn.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)
