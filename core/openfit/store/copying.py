"""Whole tables out of a database and into another, row by row, at any revision of the tables.

Rows carry the names of their columns, and values are integers, floats, texts, bytes, truths and
nothing, alike on both kinds of database. Rows go in order of their key, by code point.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    LargeBinary,
    MetaData,
    String,
    Table,
    func,
    inspect,
    literal_column,
    select,
)

from openfit.store import tables as now

OURS = ("alembic_version",)  # written by migrations
INDEX = "text_index"  # of full-text search: follows from `texts` by triggers
# Of a moment, and of this hub: ways in that are open, requests and files that are under way.
PASSING = ("sessions", "refresh_tokens", "codes", "links", "replays", "uploads")
HELD = ("lease_owner", "lease_until", "rebuild_owner", "rebuild_until")
FRESH = ("users", "tokens", "audit", "settings", *PASSING)  # what a hub has before any data
WIDE, NARROW = 50, 1000  # rows at a time, of tables with bytes in them and of others
PART = 4 * 1024 * 1024

Values = tuple[Any, ...]


class Rows(NamedTuple):
    """Some rows of a table, with the names of their columns."""

    table: str
    columns: tuple[str, ...]
    rows: list[Values]


class Tally:
    """How many rows of a table went by, and the hash of them all."""

    def __init__(self) -> None:
        self.rows, self.digest = 0, hashlib.sha256()

    def take(self, part: Rows) -> None:
        self.rows += len(part.rows)
        for row in part.rows:
            self.digest.update(msgspec.msgpack.encode(row))


def tables_of(engine: Engine | Connection) -> list[Table]:
    """The tables that are there, whatever revision they are of; users first."""
    found = MetaData()
    names = [
        name for name in inspect(engine).get_table_names() if not name.startswith((INDEX, *OURS))
    ]
    found.reflect(bind=engine, only=names, resolve_fks=True)
    return sorted(found.sorted_tables, key=lambda table: (table.name != "users", table.name))


def columns_of(table: Table) -> list[Column[Any]]:
    return sorted(table.columns, key=lambda column: column.name)


def ordered(table: Table, dialect: str) -> list[Any]:
    """By key. Servers sort texts by the rules of a language, unless they are told otherwise."""
    return [
        column.collate("C")
        if dialect == "postgresql" and isinstance(column.type, String)
        else column
        for column in table.primary_key.columns
    ]


def parts_of(
    conn: Connection, table: Table, *, moving: bool = False, keep: Any = None
) -> Iterator[Rows]:
    """All rows, some megabytes at a time. A hub that moves takes along what a backup leaves."""
    if not moving and table.name in PASSING and table.name != "links":
        return
    columns = columns_of(table)
    wide = any(isinstance(column.type, LargeBinary) for column in columns)
    query = select(*(nothing(c) if c.name in HELD else c for c in columns))
    if keep is not None:
        query = query.where(keep)
    if not moving and table.name == "tasks":
        query = query.where(table.c.kind != "backup")
    if not moving and table.name == "links":  # recovery codes: of a second factor, not of a moment
        query = query.where(table.c.purpose == "recovery")
    query = query.order_by(*ordered(table, conn.dialect.name))
    names = tuple(str.__str__(column.name) for column in columns)
    some: list[Values] = []
    size = 0
    for row in conn.execute(query.execution_options(yield_per=WIDE if wide else NARROW)):
        some.append(tuple(row))
        size += 100 + (sum(len(value) for value in row if isinstance(value, bytes)) if wide else 0)
        if size >= PART:
            yield Rows(table.name, names, some)
            some, size = [], 0
    if some:
        yield Rows(table.name, names, some)


def nothing(column: Column[Any]) -> Any:
    return literal_column("NULL").label(column.name)


# Into a database ---------------------------------------------------------------------------------


def write(conn: Connection, part: Rows) -> None:
    """Insert rows as they are, in the caller's transaction."""
    quote = conn.dialect.identifier_preparer.quote
    table, names = quote(part.table), ", ".join(map(quote, part.columns))
    if conn.dialect.name == "postgresql":
        driver: Any = conn.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in part.rows:
                copy.write_row(row)
        return
    places = ", ".join("?" * len(part.columns))
    conn.exec_driver_sql(f"INSERT INTO {table} ({names}) VALUES ({places})", part.rows)


def count(conn: Connection, table: Table) -> int:
    return int(conn.execute(select(func.count()).select_from(table)).scalar_one())


def holding(conn: Connection) -> list[str]:
    """Tables that hold something beyond what a hub has before any data came in."""
    found = [table for table in tables_of(conn) if table.name not in FRESH]
    full = [table.name for table in found if conn.execute(select(table).limit(1)).first()]
    users = next((table for table in tables_of(conn) if table.name == "users"), None)
    return full + (["users"] if users is not None and count(conn, users) > 1 else [])


def clear(conn: Connection) -> None:
    """Take away the one person of a hub that holds nothing else."""
    for table in reversed(tables_of(conn)):
        conn.execute(table.delete())


def drop_all(engine: Engine) -> None:
    """Leave nothing, not even tables, so that they can be made at an earlier revision."""
    with engine.begin() as conn:
        found = tables_of(conn)
        if conn.dialect.name == "sqlite":
            conn.exec_driver_sql(f"DROP TABLE IF EXISTS {INDEX}")
        for table in reversed(found):
            conn.exec_driver_sql(f"DROP TABLE {conn.dialect.identifier_preparer.quote(table.name)}")
        for name in OURS:
            conn.exec_driver_sql(f"DROP TABLE IF EXISTS {name}")


def known(names: Iterable[str]) -> Sequence[str]:
    """Of these tables, those that this version has."""
    return [name for name in names if name in now.metadata.tables]
