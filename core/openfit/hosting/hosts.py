"""The plugin processes that run at the moment: one a plugin and user, started on demand."""

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec
from openfit_sdk import RawItem, bus
from openfit_sdk.budgets import Budget
from openfit_sdk.guard import cpu_seconds
from openfit_sdk.manifest import Installed, ManifestError, folder_of
from openfit_sdk.sandbox import Limits
from openfit_sdk.spawn import Host

from openfit.hosting import scratch
from openfit.hosting.accounts import account_of
from openfit.hosting.scratch import Scratch
from openfit.hub import Hub

log = logging.getLogger("openfit.plugins")

# Of a process; each call has a budget beside. FIT and GPX files of 50 MB and more stay well below.
LIMITS = Limits(memory=1024 * 1024 * 1024, cpu_seconds=4 * 3600)
WORN = LIMITS.cpu_seconds // 2 if LIMITS.cpu_seconds else 0  # then a fresh process takes over
BUDGET = Budget()
DEADLINE = 60.0
KEPT = 4  # processes of tens of megabytes each, however many users there are
PATHS: list[Path] = []  # more folders to import plugins from


class OwnHost(Host):
    """A host whose folder goes with it."""

    room: Scratch | None = None

    def close(self) -> None:
        super().close()
        if self.room is not None:
            self.room.close()


class Hosts:
    """Keeps hosts warm between items and ends them all when it is left."""

    def __init__(
        self, hub: Hub, *, deadline: float = DEADLINE, budget: Budget | None = None
    ) -> None:
        self.hub = hub
        self.deadline, self.budget = deadline, budget
        self.running: dict[tuple[int, str], OwnHost] = {}
        scratch.sweep(hub.scratch)

    def __enter__(self) -> "Hosts":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End them all. Asked again, it starts new ones."""
        for host in self.running.values():
            host.close()
        self.running.clear()

    def knows(self, integration: str) -> bool:
        """Whether its plugin is installed, so that there can be a host of it."""
        return integration in self.hub.plugins.plugins

    def host(self, user_id: int, integration: str) -> Host:
        """This user's host of a plugin; one that died or has worked for hours is replaced."""
        found = self.running.pop((user_id, integration), None)
        if found is not None and not (found.alive and cpu_seconds(found.pid) < WORN):
            found.close()
            found = None
        if found is None:
            self.make_room()
            found = self.start(user_id, integration)
        self.running[user_id, integration] = found  # last, as the one used last
        return found

    def make_room(self) -> None:
        """End those that were idle longest, until another one may start."""
        idle = [key for key, host in self.running.items() if host.idle]
        for key in idle[: max(0, len(self.running) - KEPT + 1)]:
            self.running.pop(key).close()

    def start(self, user_id: int, integration: str) -> OwnHost:
        plugin = self.hub.plugins.plugin(integration)
        module = plugin.module
        compile_once(module)
        account = account_of(user_id, integration, list(self.hub.plugins.plugins))
        if account is not None:
            close_to_others(self.hub.config.data)
        room = Scratch(self.hub.scratch, f"{user_id}-{integration}")
        try:
            host = OwnHost.start(
                module,
                limits=msgspec.structs.replace(LIMITS, account=account, bus=way_out(plugin)),
                budget=self.budget or BUDGET,
                scratch=room.path,
                log=lambda line: log.info("%s: %s", integration, line),
                deadline=self.deadline,
                paths=PATHS,
            )
        except BaseException:
            room.close()
            raise
        host.room = room
        return host

    def normalize(self, user_id: int, integration: str, item: RawItem) -> Iterator[list[Any]]:
        return self.host(user_id, integration).pages("normalize", raw_item=item)


def way_out(plugin: Installed) -> str | None:
    """The system bus, for a plugin whose device is reached by Bluetooth; None for all others."""
    manifest = plugin.manifest
    return bus.path() if manifest is not None and manifest.auth.type == "ble" else None


def close_to_others(data: Path) -> None:
    """Accounts part plugins from the hub's files only if those are closed to other accounts."""
    if data.stat().st_mode & 0o077:
        data.chmod(0o700)
        log.info("%s is now open to the hub's account alone", data)


compiled: set[str] = set()


def compile_once(module: str) -> None:
    """Compile a plugin's modules, which its own process may not write beside them."""
    if module in compiled:
        return
    compiled.add(module)
    import compileall

    with contextlib.suppress(ManifestError, OSError):
        compileall.compile_dir(folder_of(module), quiet=2)
