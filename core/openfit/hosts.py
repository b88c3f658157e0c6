"""The plugin processes that run at the moment: one a plugin and user, started on demand."""

import logging
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from openfit_sdk import RawItem
from openfit_sdk.sandbox import Limits
from openfit_sdk.spawn import Host

from openfit.hub import Hub

log = logging.getLogger("openfit.plugins")

# Numbers of FIT and GPX files of 50 MB and more stay well below this.
LIMITS = Limits(memory=1024 * 1024 * 1024, cpu_seconds=600)
DEADLINE = 60.0
PATHS: list[Path] = []  # more folders to import plugins from


class Hosts:
    """Keeps hosts warm between items and ends them all when it is left."""

    def __init__(self, hub: Hub, *, deadline: float = DEADLINE) -> None:
        self.hub = hub
        self.deadline = deadline
        self.running: dict[tuple[int, str], Host] = {}

    def __enter__(self) -> "Hosts":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for host in self.running.values():
            host.close()
        self.running.clear()

    def host(self, user_id: int, integration: str) -> Host:
        """This user's host of a plugin; one that died is replaced."""
        found = self.running.get((user_id, integration))
        if found is not None and found.alive:
            return found
        plugin = self.hub.plugins.plugin(integration)
        started = Host.start(
            plugin.module,
            limits=LIMITS,
            scratch=self.scratch(user_id, integration),
            log=lambda line: log.info("%s: %s", integration, line),
            deadline=self.deadline,
            paths=PATHS,
        )
        self.running[user_id, integration] = started
        return started

    def scratch(self, user_id: int, integration: str) -> Path:
        folder = self.hub.scratch / f"{user_id}-{integration}"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def normalize(self, user_id: int, integration: str, item: RawItem) -> Iterator[list[Any]]:
        return self.host(user_id, integration).pages("normalize", raw_item=item)
