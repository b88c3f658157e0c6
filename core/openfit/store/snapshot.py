"""A copy of an SQLite database as of one moment, checked before it counts."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

TIMEOUT = 30.0  # seconds that a writer may be in the way


def size(database: Path) -> int:
    """Bytes that a copy will take at most: what is in use, without free pages."""
    with closing(existing(database)) as conn:
        pages, free, each = (
            int(conn.execute(f"PRAGMA {name}").fetchone()[0])
            for name in ("page_count", "freelist_count", "page_size")
        )
    return (pages - free) * each


def take(database: Path, target: Path) -> None:
    """Write the copy beside its place, check it, have it on disk, and only then name it."""
    partial = target.with_name(target.name + ".partial")
    partial.unlink(missing_ok=True)
    try:
        with closing(existing(database)) as conn:
            conn.execute("VACUUM INTO ?", (str(partial),))
        partial.chmod(0o600)
        verify(partial)
        settle(partial, target)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def verify(database: Path) -> None:
    with closing(sqlite3.connect(database)) as conn:
        found = conn.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise sqlite3.DatabaseError(f"the copy is damaged: {found}")


def settle(partial: Path, target: Path) -> None:
    """SQLite does not sync what it vacuums into; a copy that a power cut takes is none."""
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def existing(database: Path) -> sqlite3.Connection:
    """Of a database that is there: a plain connection would make an empty one."""
    return sqlite3.connect(f"{database.absolute().as_uri()}?mode=rw", uri=True, timeout=TIMEOUT)
