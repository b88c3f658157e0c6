"""What `openfit doctor` looks at. It changes nothing."""

import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator

from msgspec import Struct

from openfit.config import Config
from openfit.errors import HubError
from openfit.hub import prepare
from openfit.registry import Registry
from openfit.store import engine
from openfit.store.engine import HEAD

ROOM = 1024**3


class Finding(Struct, frozen=True):
    """One thing that was looked at."""

    what: str
    ok: bool
    said: str


def examine(config: Config) -> list[Finding]:
    checks: list[Callable[[Config], Iterator[Finding]]] = [
        versions, data_folder, database, installed_plugins, isolation, waiting,
    ]  # fmt: skip
    return [finding for check in checks for finding in attempt(check, config)]


def attempt(check: Callable[[Config], Iterator[Finding]], config: Config) -> list[Finding]:
    """A check that fails says so in its own line; the others still run."""
    try:
        return list(check(config))
    except HubError as error:
        said = f"{error.message} {error.next_step}".strip()
        return [Finding(check.__name__.replace("_", " "), False, said)]


def versions(_: Config) -> Iterator[Finding]:
    yield Finding("Python", True, f"{sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}")


def data_folder(config: Config) -> Iterator[Finding]:
    prepare(config.data)
    free = shutil.disk_usage(config.data).free
    said = f"{config.data}, {free / 1024**3:.1f} GiB free"
    if free < ROOM:
        said += ". Make room: imports are refused when the disk is full."
    yield Finding("data folder", free >= ROOM, said)


def database(config: Config) -> Iterator[Finding]:
    found = engine.revision(config.database_url)
    kind = config.database_url.partition(":")[0]
    if found is None:
        yield Finding("database", True, f"{kind}, empty; the first start makes it")
    elif found == HEAD:
        yield Finding("database", True, f"{kind}, up to date ({found})")
    else:
        said = f'{kind} is at revision {found}, this release wants {HEAD}. Run "openfit migrate".'
        yield Finding("database", False, said)


def installed_plugins(_: Config) -> Iterator[Finding]:
    for found in Registry.installed().plugins.values():
        said = found.error or f"{found.version} from {found.module}"
        yield Finding(f"plugin {found.name}", found.error is None, said)


def isolation(_: Config) -> Iterator[Finding]:
    yield Finding(
        "plugin isolation",
        True,
        "a process each with limits on memory, time and files, and no keys in its environment; "
        "a plugin can still read files of this account and open connections of its own, so install "
        "only those you trust",
    )


def waiting(config: Config) -> Iterator[Finding]:
    if engine.revision(config.database_url) != HEAD:
        return
    from sqlalchemy import func, select

    from openfit.store.tables import raw_items

    query = select(raw_items.c.state, func.count()).group_by(raw_items.c.state)
    with engine.create(config.database_url).connect() as conn:
        counts = {state: n for state, n in conn.execute(query)}
    pending, failed = counts.get("pending", 0), counts.get("failed", 0)
    yield Finding("originals", True, f"{sum(counts.values())} kept, {pending} wait to be read")
    if failed:
        said = f"{failed} could not be read; the imports page names them and says why"
        yield Finding("originals set aside", True, said)
