"""FIT: what `openfit inspect` does with a file, against fitparse reading all of its messages.

    python bench/fit.py [--files DIR] [--json]

A ratio is fitparse's CPU time over ours. A file that one side cannot read to its end is left
out, and named. Peak memory is that of a fresh process, above what it takes when all is imported.
"""

from pathlib import Path
from typing import Any

import recordings
import support
from openfit_fileimport import fit

BIG, HUGE = 50_000, 1_000_000  # bytes
MEAN, WORST, SMALL, MEMORY = 100, 25, 5, 10  # the goals


def by_fitparse(body: bytes) -> None:
    import fitparse

    for message in fitparse.FitFile(body).messages:
        message.get_values()


def inspect_file(path: str) -> None:
    fit.inspect(Path(path).read_bytes())


def measure(root: Path) -> dict[str, Any]:
    files = support.bodies(root, fit.looks_like)
    found, left_out = support.side_by_side(files, fit.inspect, by_fitparse, "fitparse")
    ratios = {name: ratio for name, ratio in found.items() if len(files[name]) >= BIG}
    small = {name: ratio for name, ratio in found.items() if len(files[name]) < BIG}
    memory: dict[str, float] = {}
    for name in (name for name, body in files.items() if len(body) > HUGE):
        try:
            peak = support.peak_bytes("fit", "inspect_file", root / name)
        except support.Unread as error:
            left_out[name] = str(error)
        else:
            memory[name] = peak / len(files[name])
    mean, worst = support.geometric_mean(ratios.values()), min(ratios.values(), default=None)
    return {
        "geometric_mean": mean,
        "worst": worst,
        "ratios": ratios,
        "small_worst": min(small.values(), default=None),
        "small_geometric_mean": support.geometric_mean(small.values()),
        "small_ratios": small,
        "peak_memory_times_file": memory,
        "left_out": left_out,
        "goals": {
            f"files of 50 kB and more: at least {MEAN} times fitparse": mean and mean >= MEAN,
            f"none of them under {WORST} times": worst and worst >= WORST,
            f"smaller files: at least {SMALL} times": min(small.values()) >= SMALL
            if small
            else None,
            f"peak memory of files over 1 MB: at most {MEMORY} times the file": max(memory.values())
            <= MEMORY
            if memory
            else None,
        },
    }


def text(found: dict[str, Any]) -> str:
    rows = [
        (name, ratio) for part in ("ratios", "small_ratios") for name, ratio in found[part].items()
    ]
    rows.sort(key=lambda row: row[1])
    peaks = found["peak_memory_times_file"].items()
    parts = [
        support.table(("file", "times fitparse"), rows),
        support.table(("file over 1 MB", "peak memory, times the file"), peaks) if peaks else "",
        "\n".join(f"left out: {name}: {why}" for name, why in found["left_out"].items()),
        f"geometric mean {found['geometric_mean']}, worst {found['worst']}; "
        f"smaller files {found['small_geometric_mean']}, worst {found['small_worst']}",
        support.goals(found["goals"]),
    ]
    return "\n\n".join(part for part in parts if part)


def main() -> None:
    args = support.options(__doc__, files=True).parse_args()
    with support.folder(args.files, recordings.fit_folder) as root:
        support.show(measure(root), as_json=args.json, text=text)


if __name__ == "__main__":
    main()
