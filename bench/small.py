"""How small a hub is: its start, its memory at rest, at work, and while it takes in a big archive.

    python bench/small.py [--megabytes 64] [--starts 5] [--json]

Memory of one process is its resident set, as `ps` shows it. That of several together is the sum of
their proportional sets (PSS), in which a page that two share counts half for each. Peaks are looked
for twenty times a second. The archive holds recordings made for this run; `--megabytes 1024` makes
the gigabyte of which the goal speaks. The alternative to a start is a Python that only imports
what `openfit serve` does; that to the memory, a Python that holds the archive.
"""

import os
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import recordings
import support
from servers import Server, server

MB = 1e6
LOOK_EVERY = 0.05  # s
READY, RESIDENT, AWAKE, IMPORTING = 1.5, 110, 220, 350  # s and MB: the goals
NEVER = ("alembic", "scipy")  # what the serving process has no use for
GPX_EVERY = 20  # files; the others are FIT


# Memory ------------------------------------------------------------------------------------------


def family(root: int) -> list[int]:
    """A process and all that descend from it."""
    parents = {}
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            try:
                stat = (path / "stat").read_text()
            except OSError:
                continue
            parents[int(path.name)] = int(stat.rpartition(")")[2].split()[1])
    found = [root]
    for process in found:
        found += [child for child, parent in parents.items() if parent == process]
    return found


def megabytes(process: int, name: str) -> float:
    """Zero for one that is gone."""
    try:
        rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    line = next((line for line in rollup.splitlines() if line.startswith(f"{name}:")), "0 0")
    return int(line.split()[1]) * 1024 / MB


class Watch:
    """The greatest sum over a process and its descendants while it is open."""

    def __init__(self, root: int) -> None:
        self.root, self.peak, self.processes = root, 0.0, 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.look)

    def look(self) -> None:
        while not self.over.wait(LOOK_EVERY):
            sizes = [size for each in family(self.root) if (size := megabytes(each, "Pss"))]
            if sum(sizes) > self.peak:
                self.peak, self.processes = sum(sizes), len(sizes)

    def __enter__(self) -> "Watch":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.thread.join()


# What is imported --------------------------------------------------------------------------------


def archive(path: Path, size: float) -> int:
    """A zip of this many bytes, of recordings as an account's export has them; how many."""
    count = 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        while packed.start_dir < size:
            if count % GPX_EVERY == GPX_EVERY - 1:
                packed.writestr(f"activities/{count}.gpx", recordings.gpx(count, 1200))
            else:
                body = recordings.fit(count, 5400, recordings.KINDS[count % 2])
                packed.writestr(f"activities/{count}.fit", body)
            count += 1
    return count


# Measuring ---------------------------------------------------------------------------------------


def starts(data: Path, times: int) -> dict[str, float]:
    """The best of some: the first start makes the database, and warms the disk's cache."""
    with server(data):
        pass
    ready, imports = [], []
    for _ in range(times):
        with server(data) as started:
            ready.append(started.ready_after)
        imports.append(support.spent(import_all).wall)
    return {
        "ready_seconds": min(ready),
        "only_imports_seconds": min(imports),
        "ready_times_only_imports": min(ready) / min(imports),
    }


def import_all() -> None:
    subprocess.run([sys.executable, "-c", "import openfit.app, uvicorn"], check=True)


def never_imported(data: Path) -> list[str]:
    """Which of NEVER are loaded in a process that has opened this hub and built its app."""
    program = (
        "import sys; from openfit.app import build; from openfit.config import Config; "
        "from openfit.hub import open_hub; build(open_hub(Config.from_env())); "
        f"print(*({{name.split('.')[0] for name in sys.modules}} & {set(NEVER)}))"
    )
    own = os.environ | {"OPENFIT_DATA": str(data)}
    ran = subprocess.run(
        [sys.executable, "-c", program], env=own, check=True, capture_output=True, text=True
    )
    return sorted(ran.stdout.split())


def measure(size: float, times: int) -> dict[str, Any]:
    with TemporaryDirectory(prefix="openfit-bench-") as name:
        data, zipped = Path(name) / "hub", Path(name) / "export.zip"
        data.mkdir()
        found: dict[str, Any] = starts(data, times)
        files = archive(zipped, size)
        with server(data) as started:
            found["resident_mb"] = megabytes(started.process.pid, "Rss")
            found |= awake(started)
            found |= importing(started, zipped, files)
            time.sleep(1)
            found["resident_afterwards_mb"] = megabytes(started.process.pid, "Rss")
        loaded = never_imported(data)
    goals = {
        f"ready within {READY} s of a warm start": found["ready_seconds"] <= READY,
        f"under {RESIDENT} MB resident": found["resident_mb"] < RESIDENT,
        f"with worker and host under {AWAKE} MB": found["awake_mb"] < AWAKE,
        f"importing under {IMPORTING} MB in all processes": found["importing_mb"] < IMPORTING,
        f"{' and '.join(NEVER)} are not imported": not loaded,
    }
    return found | {"goals": goals}


def awake(started: Server) -> dict[str, Any]:
    """One small file, so that the worker and a plugin's process are there."""
    ask = started.owner()
    with Watch(started.process.pid) as watch:
        ask.wait(ask.upload("ride.fit", recordings.fit(999, 600)))
        time.sleep(0.3)
    return {"awake_mb": watch.peak, "awake_processes": watch.processes}


def importing(started: Server, zipped: Path, files: int) -> dict[str, Any]:
    ask, size = started.owner(), zipped.stat().st_size
    with Watch(started.process.pid) as watch:
        began = time.perf_counter()
        import_id = ask.upload_file(zipped)
        uploaded = time.perf_counter() - began
        report = ask.wait(import_id, 0.5)
        took = time.perf_counter() - began
    [file] = report["files"]
    if (file["status"], file["members"]) != ("imported", files):
        raise RuntimeError(f"{file['status']}, {file['members']} of {files} files were read")
    return {
        "archive_mb": size / MB,
        "archive_files": files,
        "archive_activities": len(file["activities"]),
        "upload_seconds": uploaded,
        "import_seconds": took,
        "importing_mb": watch.peak,
        "importing_processes": watch.processes,
        "archive_times_memory": size / MB / watch.peak,
    }


def text(found: dict[str, Any]) -> str:
    rows = [(name, value) for name, value in found.items() if name != "goals"]
    return support.table(("what", "seen"), rows) + "\n\n" + support.goals(found["goals"])


def main() -> None:
    parser = support.options(__doc__)
    parser.add_argument("--megabytes", type=float, default=64, help="of the archive (64)")
    parser.add_argument("--starts", type=int, default=5, help="of which the best counts (5)")
    args = parser.parse_args()
    found = measure(args.megabytes * 1024 * 1024, args.starts)
    support.show(found, as_json=args.json, text=text)


if __name__ == "__main__":
    main()
