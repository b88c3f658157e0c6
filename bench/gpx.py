"""GPX: what `openfit inspect` does with a file, against gpxpy parsing it.

    python bench/gpx.py [--files DIR] [--json]

A ratio is gpxpy's CPU time over ours. A file that one side cannot read is left out, and named.
"""

import io
from functools import partial
from pathlib import Path
from typing import Any

import recordings
import support
from openfit_fileimport import detect, gpx

MEAN = 12  # the goal


def by_gpxpy(body: bytes) -> None:
    import gpxpy

    gpxpy.parse(body)


def ours(body: bytes) -> dict[str, Any]:
    return gpx.inspect(io.BytesIO(body))


def measure(root: Path) -> dict[str, Any]:
    files = support.bodies(root, is_gpx)
    return support.recordings_against(files, ours, by_gpxpy, "gpxpy", MEAN)


def is_gpx(body: bytes) -> bool:
    return detect.kind_of(body[: detect.HEAD]) == "gpx"


def main() -> None:
    args = support.options(__doc__, files=True).parse_args()
    with support.folder(args.files, recordings.xml_folder) as root:
        support.show(measure(root), as_json=args.json, text=partial(support.ratios, unit="gpxpy"))


if __name__ == "__main__":
    main()
