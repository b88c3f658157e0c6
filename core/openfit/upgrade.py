"""From one release's database to the next: a copy first, all or nothing, and never backwards."""

import fcntl
import logging
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from sqlalchemy.engine import URL

from openfit.config import Config
from openfit.errors import SetupError
from openfit.store import engine, snapshot
from openfit.store.engine import HEAD

log = logging.getLogger("openfit.upgrade")

FOLDER = "backups"
NAME = "before-{revision}-{at:%Y%m%dT%H%M%SZ}{suffix}"
KEPT = 3
LOCK = "upgrade.lock"
ROOM = 64 * 1024**2  # beside the copy and what is written anew
MIGRATIONS = Path(engine.__file__).with_name("migrations") / "versions"


def known() -> list[str]:
    """The revisions that this release knows, read without the tool that runs them."""
    return sorted(path.name.partition("_")[0] for path in MIGRATIONS.glob("[0-9]*_*.py"))


def bring_up(config: Config) -> None:
    """Have the database at this release's revision, or say why not and leave it as it was."""
    if engine.revision(config.database_url) == HEAD:
        return
    with alone(config):
        found = engine.revision(config.database_url)
        if found == HEAD:  # another start did it meanwhile
            return
        refuse_unknown(config, found)
        kept = None if found is None else copy(config, found)
        migrate_in_child(config.database_url, kept)
        if found is not None:
            log.info("The database went from revision %s to %s.", found, HEAD)


def refuse_unknown(config: Config, found: str | None) -> None:
    """A database of a newer release would be read wrongly, and written worse."""
    if found is None or found in known():
        return
    seen = engine.last_version(config.database_url)
    by = f"; OpenFit {seen} opened it last" if seen else ""
    raise SetupError(
        f"The database is at revision {found}, which OpenFit {version('openfit')} (revision "
        f"{HEAD}) does not know{by}. Nothing was changed.",
        code="newer_database",
        next_step=way_back(config, seen),
    )


def way_back(config: Config, seen: str | None) -> str:
    again = f"Install OpenFit {seen or 'of that release'} or newer again"
    kept = copies(config.data, HEAD)
    if not kept:
        return f"{again}, or start on another folder with OPENFIT_DATA."
    if kept[-1].suffix == ".db":
        place = f"stop the hub and put {kept[-1]} in the place of {database_file(config)}"
        return f"{again}. Or go back, without what came since: {place}."
    return f"{again}. Or go back, without what came since, with pg_restore and {kept[-1]}."


# One at a time -----------------------------------------------------------------------------------


@contextmanager
def alone(config: Config) -> Iterator[None]:
    """Of two starts on one data folder the second waits, and then finds nothing to do."""
    path = config.data / LOCK
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def migrate_in_child(url: str, kept: Path | None) -> None:
    """In a process of its own: the hub never carries alembic in its memory."""
    done = subprocess.run(
        [sys.executable, "-m", "openfit.store.migrate"],
        env=os.environ | {"OPENFIT_DATABASE_URL": url},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"])[-1]
        there = f" A copy from before lies at {kept}." if kept else ""
        raise SetupError(
            f"The database could not be brought up to date: {last}",
            code="migration",
            next_step=f'Nothing was changed.{there} Run "openfit doctor" for the details.',
        )


# The copy before ---------------------------------------------------------------------------------


def copy(config: Config, found: str) -> Path | None:
    """A copy of the database as it is. On SQLite none, no upgrade."""
    address = engine.parse(config.database_url)
    folder = config.data / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    if address.get_backend_name() == "sqlite":
        return copy_sqlite(config, folder, found)
    return dump_postgresql(address, target(folder, found, ".dump"))


def target(folder: Path, found: str, suffix: str) -> Path:
    return folder / NAME.format(revision=found, at=datetime.now(UTC), suffix=suffix)


def copy_sqlite(config: Config, folder: Path, found: str) -> Path:
    database, made = database_file(config), target(folder, found, ".db")
    try:
        ensure_room(database, folder)
        snapshot.take(database, made)
    except (OSError, sqlite3.Error) as error:
        raise SetupError(
            f"The database was not upgraded from revision {found} to {HEAD}: the copy before it "
            f"could not be made ({error}).",
            code="backup",
            next_step=f"Nothing was changed. See that {folder} can be written and start again.",
        ) from error
    log.info("The database was copied to %s.", made)
    for old in copies(config.data)[:-KEPT]:
        old.unlink()
    return made


def database_file(config: Config) -> Path:
    return Path(engine.parse(config.database_url).database or "")


def ensure_room(database: Path, folder: Path) -> None:
    """For the copy, and for as much again that the upgrade may write."""
    needed = 2 * snapshot.size(database) + ROOM
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise SetupError(
            f"An upgrade of the database needs {mib(needed)} MiB of room, for the copy before it "
            f"and for what it writes; {folder} has {mib(free)} MiB.",
            code="no_room",
            next_step="Nothing was changed. Free some space there and start again.",
        )


def mib(size: int) -> int:
    return -(-size // 1024**2)


def copies(data: Path, revision: str = "*") -> list[Path]:
    """Copies from before upgrades, the oldest first."""
    found = [
        path
        for suffix in (".db", ".dump")
        for path in (data / FOLDER).glob(f"before-{revision}-*{suffix}")
    ]
    return sorted(found, key=lambda path: path.stem.rpartition("-")[2])


def dump_postgresql(address: URL, made: Path) -> Path | None:
    """With pg_dump where it is installed; where not, or where it fails, it is said plainly."""
    bare = address.set(drivername="postgresql", password=None)
    command = ["pg_dump", "--format=custom", f"--file={made}", bare.render_as_string()]
    why = "pg_dump is not installed here"
    if shutil.which("pg_dump"):
        password = {"PGPASSWORD": str(address.password)} if address.password else {}
        done = subprocess.run(command, env=os.environ | password, capture_output=True, text=True)
        if done.returncode == 0:
            made.chmod(0o600)
            log.info("The database was copied to %s.", made)
            return made
        made.unlink(missing_ok=True)
        why = (done.stderr.strip().splitlines() or ["pg_dump failed"])[-1]
    log.warning(
        "The database was NOT copied before its upgrade: %s. Copies of PostgreSQL are yours to "
        "make, for example: %s",
        why,
        " ".join(command),
    )
    return None
