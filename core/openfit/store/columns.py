"""How tables are declared. `user_id` leads each primary and unique key, so that one user's rows
live together and a cluster can shard by user; tests/core/test_tables.py holds this to the letter.

Instants are integer milliseconds since 1970 UTC; days are ISO text (`2026-03-29`).
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    MetaData,
    String,
    Table,
    bindparam,
)

metadata = MetaData()

MINE = bindparam("user", type_=BigInteger)  # in questions that are made once for everybody

KNOWN = 512  # people whose conditions are kept: making one costs more than asking by it
Instant = BigInteger
Id = String(36)
Day = String(10)
Sha256 = String(64)


def table(name: str, *columns: Any, compact: bool = False, **options: Any) -> Table:
    """A table that belongs to users. `compact`: clustered by its key (small fixed-width rows)."""
    user = Column("user_id", BigInteger, primary_key=True, autoincrement=False)
    if name != "users":
        columns = (*columns, ForeignKeyConstraint(["user_id"], ["users.user_id"]))
    return Table(name, metadata, user, *columns, sqlite_with_rowid=not compact, **options)


def key(name: str, kind: Any) -> Column[Any]:
    return Column(name, kind, primary_key=True, autoincrement=False)


def required(name: str, kind: Any, default: str | None = None) -> Column[Any]:
    return Column(name, kind, nullable=False, server_default=default)
