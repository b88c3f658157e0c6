"""Importing a folder as `openfit import` does it, wire and store included: where the time goes.

    python bench/importing.py [--files DIR] [--json]

An activity-hour is 3600 FIT records. The plugin's process is started, by a first small file, before
the clock is. The shares: `decode` is what the plugin does with the same bytes in this process;
`store` writing pages, `derive` the wearer's days, `accept` taking files in; the rest of the reading
is the wire and what both sides do around it.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hubs
import recordings
import support
from openfit.background import work
from openfit.cli import importing_now
from openfit.deriving import analyzing, derive
from openfit.hosting.hosts import Hosts
from openfit.hub import Hub, collect_rarely, now_ms, owner_id
from openfit.intake import import_reports, importing, normalize
from openfit_fileimport import fit, reading

GOAL = 25  # activity-hours a second
HOUR = 3600  # records


class Clocked:
    """Adds up how long a function of a module takes while it is called by its name there."""

    def __init__(self, module: Any, name: str) -> None:
        self.module, self.name, self.seconds = module, name, 0.0
        self.function: Callable[..., Any] = getattr(module, name)

    def __enter__(self) -> "Clocked":
        setattr(self.module, self.name, self)
        return self

    def __exit__(self, *_: object) -> None:
        setattr(self.module, self.name, self.function)

    def __call__(self, *args: Any, **more: Any) -> Any:
        began = time.perf_counter()
        try:
            return self.function(*args, **more)
        finally:
            self.seconds += time.perf_counter() - began


def measure(root: Path) -> dict[str, Any]:
    files = list(importing.walk([root]))
    collect_rarely()  # as the command and the worker do
    with hubs.hub() as opened, Hosts(opened) as hosts:
        user = owner_id(opened)
        first = opened.config.data / "first.fit"
        first.write_bytes(recordings.fit(999, 60))
        started = support.spent(lambda: run(opened, hosts, user, [first]))
        with (
            Clocked(importing, "import_path") as accept,
            Clocked(normalize, "commit_page") as store,
            Clocked(derive, "run") as days,
            Clocked(analyzing, "run") as analyses,
        ):
            whole = support.spent(lambda: run(opened, hosts, user, files))
    records = sum(records_of(path.read_bytes()) for path in files)
    decoded = sum(support.spent(lambda path=path: entities(path)).wall for path in files)
    hours = records / HOUR
    parts = {
        "accept": accept.seconds,
        "decode": decoded,
        "store": store.seconds,
        "derive": days.seconds,
        "analyse": analyses.seconds,
    }
    parts["wire_and_rest"] = max(0.0, whole.wall - sum(parts.values()))
    size = sum(path.stat().st_size for path in files)
    return {
        "files": len(files),
        "megabytes": size / 1e6,
        "records": records,
        "activity_hours": hours,
        "first_file_with_host_start_seconds": started.wall,
        "seconds": whole.wall,
        "activity_hours_a_second": hours / whole.wall,
        "megabytes_a_second": size / 1e6 / whole.wall,
        "share": {name: seconds / whole.wall for name, seconds in parts.items()},
        "goals": {f"at least {GOAL} activity-hours a second": hours / whole.wall >= GOAL},
    }


def run(opened: Hub, hosts: Hosts, user: int, files: list[Path]) -> None:
    """As importing_now.run, with a host that may be awake already."""
    for at in range(0, len(files), importing_now.BATCH):
        import_id = importing.new_import()
        for path in files[at : at + importing_now.BATCH]:
            importing.import_path(opened, user, import_id, path)
        importing_now.read(opened, hosts, user, import_id)
    work.drain(opened, hosts, user_id=user)
    with opened.engine.connect() as conn:
        report = import_reports.report(opened, conn, user, import_id, now_ms())
    assert report.state == "done", report.state


def entities(path: Path) -> None:
    with path.open("rb") as file:
        for _ in reading.read(file):
            pass


def records_of(body: bytes) -> int:
    if not fit.looks_like(body):
        return 0
    return int(fit.inspect(body).get("record_count", 0))


def text(found: dict[str, Any]) -> str:
    rows = [(name, value) for name, value in found.items() if name not in ("share", "goals")]
    shares = [(name, f"{100 * share:.0f} %") for name, share in found["share"].items()]
    return "\n\n".join(
        [
            support.table(("what", "seen"), rows),
            support.table(("part", "of the time"), shares),
            support.goals(found["goals"]),
        ]
    )


def main() -> None:
    args = support.options(__doc__, files=True).parse_args()
    with support.folder(args.files, recordings.fit_folder) as root:
        support.show(measure(root), as_json=args.json, text=text)


if __name__ == "__main__":
    main()
