"""What the benches share: options, fair timing, peak memory, and how results are shown."""

import argparse
import gc
import json
import math
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

MIN_ROUNDS, MAX_ROUNDS = 2, 12
ENOUGH = 0.6  # s of both sides together; then another round changes little
REPEATS = 5  # in a round, of what is short: it is easily disturbed
SHORT = 0.1  # s
TINY = 10_000  # bytes of a GPX or TCX file; below, all take a fraction of a millisecond
STATUS = Path("/proc/self/status")

# A fresh child: what is imported belongs to the base, what the call takes is above it.
CHILD = """
import importlib, sys
module, function, path = sys.argv[1:]
call = getattr(importlib.import_module(module), function)
from pathlib import Path
status = Path("/proc/self/status")
def kib(name):
    return int(status.read_text().split(name + ":")[1].split()[0])
Path("/proc/self/clear_refs").write_text("5")  # the peak so far is that of the imports
base = kib("VmRSS")
call(path)
print((kib("VmHWM") - base) * 1024)
"""


class Pair(NamedTuple):
    """CPU seconds of the best run of each side."""

    ours: float
    theirs: float

    @property
    def ratio(self) -> float:
        return self.theirs / self.ours


class Unread(Exception):
    """A file that one side could not read to its end; says which side, and why."""


def options(description: str | None, *, files: bool = False) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    if files:
        parser.add_argument(
            "--files", type=Path, metavar="DIR", help="files to read; without it, some are made"
        )
    return parser


@contextmanager
def folder(given: Path | None, make: Callable[[Path], object]) -> Iterator[Path]:
    """The folder that was named, or one that is made for this run and taken away after it."""
    if given is not None:
        yield given.resolve()  # a child looks for it from another place
        return
    with TemporaryDirectory(prefix="openfit-bench-") as name:
        make(Path(name))
        yield Path(name)


def bodies(root: Path, wanted: Callable[[bytes], bool]) -> dict[str, bytes]:
    """What lies in a folder, by name, as far as its content is of the kind wanted."""
    found = {}
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        body = path.read_bytes()
        if wanted(body):
            found[path.relative_to(root).as_posix()] = body
    return found


def read_by(who: str, read: Callable[[], object]) -> Callable[[], object]:
    """The call, raising Unread for what it cannot read: whatever a decoder raises, or the error in
    what `inspect` answers."""

    def call() -> object:
        try:
            found = read()
        except Exception as error:
            raise Unread(f"{who}: {type(error).__name__}: {error}"[:120]) from error
        if isinstance(found, dict) and found.get("error"):
            raise Unread(f"{who}: {found['error']['code']}: {found['error']['message']}"[:120])
        return found

    return call


def side_by_side(
    files: dict[str, bytes],
    ours: Callable[[bytes], object],
    theirs: Callable[[bytes], object],
    who: str,
) -> tuple[dict[str, float], dict[str, str]]:
    """How many times faster ours is, file by file, and why some are left out."""
    ratios: dict[str, float] = {}
    left_out: dict[str, str] = {}
    for name, body in files.items():
        us = read_by("openfit", partial(ours, body))
        try:
            us()  # first: what is refused as hostile is not given to the other
            ratios[name] = compare(us, read_by(who, partial(theirs, body))).ratio
        except Unread as error:
            left_out[name] = str(error)
    return ratios, left_out


def recordings_against(
    files: dict[str, bytes],
    ours: Callable[[bytes], object],
    theirs: Callable[[bytes], object],
    who: str,
    goal: float,
) -> dict[str, Any]:
    """What the benches of text formats print: the mean of recordings, and tiny files beside it."""
    found, left_out = side_by_side(files, ours, theirs, who)
    ratios = {name: ratio for name, ratio in found.items() if len(files[name]) >= TINY}
    small = {name: ratio for name, ratio in found.items() if len(files[name]) < TINY}
    mean = geometric_mean(ratios.values())
    return {
        "geometric_mean": mean,
        "worst": min(ratios.values(), default=None),
        "ratios": ratios,
        "small_geometric_mean": geometric_mean(small.values()),
        "small_ratios": small,
        "left_out": left_out,
        "goals": {
            f"files of 10 kB and more: geometric mean of at least {goal} times {who}": None
            if mean is None
            else mean >= goal
        },
    }


def compare(ours: Callable[[], object], theirs: Callable[[], object]) -> Pair:
    """Both in this process, by turns, who goes first changing, each by its best CPU time."""
    best = Pair(math.inf, math.inf)
    began = time.perf_counter()
    for turn in range(MAX_ROUNDS):
        if turn >= MIN_ROUNDS and time.perf_counter() - began > ENOUGH:
            break
        if turn % 2:
            us, them = quickest(ours), quickest(theirs)
        else:
            them, us = quickest(theirs), quickest(ours)
        best = Pair(min(best.ours, us), min(best.theirs, them))
    return best


def quickest(call: Callable[[], object]) -> float:
    gc.collect()
    best = cpu_seconds(call)
    if best < SHORT:
        best = min(best, *(cpu_seconds(call) for _ in range(REPEATS)))
    return best


def cpu_seconds(call: Callable[[], object]) -> float:
    began = time.process_time()
    call()
    return time.process_time() - began


class Spent(NamedTuple):
    """Medians, in seconds: what somebody waits, and what this process computes. On a machine with
    other work to do the second is the steadier."""

    wall: float
    cpu: float


def median_of(call: Callable[[], object], times: int) -> Spent:
    runs = [spent(call) for _ in range(times)]
    return Spent(*(statistics.median(column) for column in zip(*runs, strict=True)))


def spent(call: Callable[[], object]) -> Spent:
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    return Spent(time.perf_counter() - wall, time.process_time() - cpu)


def peak_bytes(module: str, function: str, path: Path) -> int:
    """How far `module.function(path)` raises a fresh process above what it is after imports."""
    command = [sys.executable, "-c", CHILD, module, function, str(path)]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parent)
    if ran.returncode:
        raise Unread(f"openfit: {ran.stderr.strip().rpartition(chr(10))[2]}"[:120])
    return int(ran.stdout)


def geometric_mean(ratios: Iterable[float]) -> float | None:
    known = list(ratios)
    return statistics.geometric_mean(known) if known else None


def rounded(value: Any) -> Any:
    """Three digits and no more: the rest is noise."""
    if isinstance(value, float):
        return float(f"{value:.3g}") if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in value.items()}
    return [rounded(each) for each in value] if isinstance(value, list) else value


def show(found: dict[str, Any], *, as_json: bool, text: Callable[[dict[str, Any]], str]) -> None:
    found = rounded(found)
    print(json.dumps(found, indent=2) if as_json else text(found))


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Columns side by side; the first to the left, the others to the right."""
    cells = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if n == 0 else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in cells
    )


def ratios(found: dict[str, Any], unit: str) -> str:
    """The usual text: the slowest files first, what was left out, the mean, the goals."""
    both = found["ratios"] | found.get("small_ratios", {})
    rows = sorted(both.items(), key=lambda row: row[1])
    parts = [
        table(("file", f"times {unit}"), rows),
        "\n".join(f"left out: {name}: {why}" for name, why in found["left_out"].items()),
        f"geometric mean {found['geometric_mean']}, worst {found['worst']}",
        goals(found["goals"]),
    ]
    return "\n\n".join(part for part in parts if part)


def goals(found: dict[str, bool | None]) -> str:
    words = {True: "met", False: "MISSED", None: "not measured"}
    return "\n".join(f"{goal}: {words[met]}" for goal, met in found.items())
