"""One open hub: settings, database, raw store, installed plugins. Passed, never global."""

import gc
import os
import secrets
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import Engine

from openfit import upgrade
from openfit.config import Config
from openfit.errors import SetupError
from openfit.hosting.registry import Registry
from openfit.hosting.sealing import hide_memory
from openfit.leaving import unfinished
from openfit.store import engine, people, raw, settings

DEMO_MARK = "demo.json"  # in a data folder: it holds a made-up athlete, whose devices are known
VERSION = "hub.version"  # among the owner's settings


@dataclass(frozen=True)
class Hub:
    """What every part of the hub needs, opened once a process."""

    config: Config
    engine: Engine
    raw: raw.Store
    plugins: Registry

    @property
    def scratch(self) -> Path:
        return self.config.data / "scratch"


def now_ms() -> int:
    """The one place where the hub reads the clock."""
    return time.time_ns() // 1_000_000


def collect_rarely() -> None:
    """For processes that read in bulk: entities by the thousand hold no cycles, and looking for
    some took a tenth of the time of an import."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def open_hub(config: Config) -> Hub:
    """Open a hub for work, making or upgrading its database first where that is due."""
    hide_memory()
    prepare(config.data)
    unfinished.refuse(config.data)
    upgrade.bring_up(config)
    hub = Hub(
        config=config,
        engine=engine.create(config.database_url),
        raw=raw.Store(config.data),
        plugins=Registry.installed(demo=(config.data / DEMO_MARK).exists()),
    )
    ensure_owner(hub)
    note_version(hub)
    return hub


def prepare(data: Path) -> None:
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = data / f".write-{secrets.token_hex(4)}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise SetupError(
            f"The data folder {data} cannot be written ({os.strerror(error.errno or 0)}).",
            code="data_folder",
            next_step="Give this user write access to it, or set OPENFIT_DATA to another folder.",
        ) from error


def ensure_owner(hub: Hub) -> None:
    """The first start makes the owner, who gets in by the link that `openfit serve` prints."""

    def make() -> None:
        with engine.write(hub.engine) as conn:
            if people.owner(conn) is None:
                people.create_owner(conn, "Owner", now_ms())

    engine.retrying(make)


def note_version(hub: Hub) -> None:
    """Which release was here last, for one that finds a database of a later one."""
    mine, me = version("openfit"), owner_id(hub)
    with hub.engine.connect() as conn:
        if settings.read(conn, me, VERSION) == mine:
            return

    def put() -> None:
        with engine.write(hub.engine) as conn:
            settings.put(conn, me, VERSION, mine)

    engine.retrying(put)


def owner_id(hub: Hub) -> int:
    with hub.engine.connect() as conn:
        owner = people.owner(conn)
    assert owner is not None  # ensure_owner ran when the hub was opened
    return owner
