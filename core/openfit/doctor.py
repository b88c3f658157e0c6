"""What `openfit doctor` looks at. It changes nothing."""

import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator

from msgspec import Struct
from openfit_sdk.readable import readable

from openfit import upgrade
from openfit.config import Config
from openfit.errors import HubError
from openfit.hosting.hosts import way_out
from openfit.hosting.registry import Registry
from openfit.hosting.sealing import Sealing, hide_memory, look
from openfit.hub import prepare
from openfit.store import engine
from openfit.store.engine import HEAD

ROOM = 1024**3
# layer: its line, what it says where it stands, what a missing one leaves open
LAYERS = {
    "calls": (
        "plugin system calls",
        "filtered: no connections, no programs, no signals to others",
        "A plugin can open connections of its own, start programs and signal this account's",
    ),
    "files": (
        "plugin files",
        "closed but for its packages and its own folder",
        "Without an account of its own, a plugin can read and change what the hub's account can",
    ),
    "account": (
        "plugin accounts",
        "each plugin and user has one of its own",
        "Plugins share the hub's account: what keeps them apart is the two layers above",
    ),
}

MAY_USE_BUS = (
    "may use Bluetooth through D-Bus: of all sockets it reaches {}, where other services of this "
    "machine listen too"
)


class Finding(Struct, frozen=True):
    """One thing that was looked at."""

    what: str
    ok: bool
    said: str
    open: bool = False  # nothing to mend, but something that this machine leaves open


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
    elif found not in upgrade.known():
        said = f"{kind} is at revision {found}, newer than this release ({HEAD}) knows. "
        yield Finding("database", False, said + upgrade.way_back(config, None))
    else:
        said = f"{kind} is at revision {found}, this release wants {HEAD}. "
        said += 'Run "openfit migrate": a copy is made first.'
        yield Finding("database", False, said)
    if kept := upgrade.copies(config.data):
        size = sum(path.stat().st_size for path in kept)
        said = f"{len(kept)} ({upgrade.mib(size)} MiB), the latest is {kept[-1]}"
        yield Finding("copies from before upgrades", True, said)


def installed_plugins(_: Config) -> Iterator[Finding]:
    for found in Registry.installed().plugins.values():
        said = found.error or f"{found.version} from {found.module}"
        yield Finding(f"plugin {found.name}", found.error is None, said)


def isolation(config: Config) -> Iterator[Finding]:
    """One line for each layer that keeps plugins in their place, as a probe found it."""
    prepare(config.data)
    hide_memory()
    found = look(config.data)
    for name, (what, stands, leaves) in LAYERS.items():
        layer = found.layer(name)
        said = f"{stands} ({layer.said})" if layer.said else stands
        if not layer.active:
            said = f"missing: {layer.said}. {leaves}"
        yield Finding(what, True, said, open=not layer.active)
    yield from bluetooth()
    yield hub_memory("memory" not in found.open)
    yield Finding(
        "plugin limits",
        True,
        "a process each, without keys in its environment; memory, processor time, files, pages, "
        "its folder and what it prints are bounded",
    )
    yield hub_files(config, found)


def bluetooth() -> Iterator[Finding]:
    """The one way out that a plugin can have, and who has it."""
    for found in Registry.installed().plugins.values():
        if way := way_out(found):
            yield Finding("plugin Bluetooth", True, f"{found.name} {MAY_USE_BUS.format(way)}", True)


def hub_memory(closed: bool) -> Finding:
    said = "closed to other processes of this account"
    if not closed:
        said = "missing: a plugin can read the hub's memory and environment, keys included"
    return Finding("hub memory", True, said, open=not closed)


def hub_files(config: Config, found: Sealing) -> Finding:
    """The sentence that matters: can a plugin read what the hub keeps?"""
    if not found.files_open:
        return Finding("hub files", True, "a plugin was tried here and could not read them")
    above = [path for path in readable() if config.data.resolve().is_relative_to(path)]
    if above and found.layer("files").active and not found.layer("account").active:
        said = f"{config.data} lies below {above[0]}, which plugins must read. Move it elsewhere."
        return Finding("hub files", False, said)
    said = (
        "plugins here can read the hub's files. Install only those you trust, or run the hub on a "
        "kernel with Landlock, or as root of a container, where each plugin gets an account"
    )
    return Finding("hub files", True, said, open=True)


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
