"""GPX: what `openfit inspect` does with a file, against gpxpy parsing it.

    python bench/gpx.py [--files DIR] [--json]

A ratio is gpxpy's CPU time over ours. A file that gpxpy cannot read is left out, and named.
"""

import io
from functools import partial
from pathlib import Path
from typing import Any

import recordings
import support
from openfit_fileimport import detect, gpx

SMALL = 10_000  # bytes; below, both take a fraction of a millisecond
MEAN = 8  # the goal


def by_gpxpy(body: bytes) -> None:
    import gpxpy

    gpxpy.parse(body)


def ours(body: bytes) -> None:
    gpx.inspect(io.BytesIO(body))


def measure(root: Path) -> dict[str, Any]:
    ratios: dict[str, float] = {}
    small: dict[str, float] = {}
    left_out: dict[str, str] = {}
    for name, body in support.bodies(root, is_gpx).items():
        try:
            pair = support.compare(partial(ours, body), partial(by_gpxpy, body))
        except Exception as error:  # whatever a foreign parser raises
            left_out[name] = f"{type(error).__name__}: {error}"[:100]
        else:
            (small if len(body) < SMALL else ratios)[name] = pair.ratio
    mean = support.geometric_mean(ratios.values())
    return {
        "geometric_mean": mean,
        "worst": min(ratios.values(), default=None),
        "ratios": ratios,
        "small_geometric_mean": support.geometric_mean(small.values()),
        "small_ratios": small,
        "left_out": left_out,
        "goals": {
            f"files of 10 kB and more: geometric mean of at least {MEAN} times gpxpy": mean
            and mean >= MEAN
        },
    }


def is_gpx(body: bytes) -> bool:
    return detect.kind_of(body[: detect.HEAD]) == "gpx"


def main() -> None:
    args = support.options(__doc__, files=True).parse_args()
    with support.folder(args.files, recordings.xml_folder) as root:
        support.show(measure(root), as_json=args.json, text=partial(support.ratios, unit="gpxpy"))


if __name__ == "__main__":
    main()
