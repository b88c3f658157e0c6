"""Importing from the command line: taken in and read here, beside a running server or without."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from openfit.background import work
from openfit.hosting.hosts import Hosts
from openfit.hub import Hub, now_ms
from openfit.intake import import_reports, importing
from openfit.intake.import_reports import FileReport

BATCH = 50
PATIENCE_SECONDS = 0.2  # between looks while another process does the reading


def run(hub: Hub, user_id: int, files: list[Path]) -> Iterator[tuple[Path, FileReport]]:
    """Each file with what became of it. Reading starts while others are still to be taken in."""
    with Hosts(hub) as hosts:
        for at in range(0, len(files), BATCH):
            import_id = importing.new_import()
            batch = files[at : at + BATCH]
            numbers = {importing.import_path(hub, user_id, import_id, path): path for path in batch}
            for report in read(hub, hosts, user_id, import_id):
                yield numbers[report.number], report
        work.drain(hub, hosts, user_id=user_id)


def read(hub: Hub, hosts: Hosts, user_id: int, import_id: str) -> list[FileReport]:
    """Read what was taken in; where another process is at it already, wait for that one. What no
    plugin here reads is left for when it is installed."""
    while True:
        did = work.drain(hub, hosts, user_id=user_id, derive_too=False)
        with hub.engine.connect() as conn:
            report = import_reports.report(hub, conn, user_id, import_id, now_ms())
        if report.state in ("done", "cancelled") or report.remaining_reason == "no_plugin":
            return report.files
        if not did:
            time.sleep(PATIENCE_SECONDS)


def read_all(hub: Hub, user_id: int, import_id: str) -> list[FileReport]:
    """Read one import to its end, days and all."""
    with Hosts(hub) as hosts:
        files = read(hub, hosts, user_id, import_id)
        work.drain(hub, hosts, user_id=user_id)
        return files


def interrupted(hub: Hub, user_id: int) -> str:
    """What a person should know who stopped an import in the middle."""
    with hub.engine.connect() as conn:
        latest = import_reports.recent(hub, conn, user_id, now_ms(), limit=1, files=0)
    if not latest:
        return "Stopped before anything was taken in."
    one = latest[0]
    return (
        f"Stopped. {one.done} of {one.total} files of this batch were read and stay; what was "
        'taken in and not yet read is kept and is read by the next "openfit serve" or import. '
        "To go on, run the same command again: nothing is doubled. To set it aside, cancel "
        f"import {one.import_id} on the page or through the API."
    )


def line(path: Path, report: FileReport) -> dict[str, Any]:
    """One file as programs read it."""
    known = msgspec.to_builtins(report)
    wanted = ("status", "counts", "warnings", "error", "activities")
    return {"path": str(path)} | {name: known[name] for name in wanted}


def sentences(path: Path, report: FileReport) -> Iterator[str]:
    counts = ", ".join(f"{n} {kind}" for kind, n in report.counts.items())
    yield f"{report.status:<11} {path}{f'  ({counts})' if counts else ''}"
    if report.error is not None:
        yield f"            {report.error.message} {report.error.next_step}".rstrip()
    yield from (f"            {warning}" for warning in report.warnings)
