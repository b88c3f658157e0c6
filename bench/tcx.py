"""TCX: what `openfit inspect` does with a file, against ElementTree walking through it.

    python bench/tcx.py [--files DIR] [--json]

A ratio is ElementTree's CPU time over ours. A file that one side cannot read is left out, and
named.
"""

import io
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import recordings
import support
from openfit_fileimport import detect, tcx

MEAN = 2  # the goal
NUMBERS = {"LatitudeDegrees", "LongitudeDegrees", "AltitudeMeters", "DistanceMeters", "Value"}


def by_elementtree(body: bytes) -> None:
    """As a simple reader does: each point's time as text, its other values as numbers."""
    point: dict[str, float | str | None] = {}
    points = []
    for _, element in ElementTree.iterparse(io.BytesIO(body)):
        name = element.tag.rpartition("}")[2]
        if name == "Trackpoint":
            points.append(point)
            point = {}
            element.clear()
        elif name == "Time":
            point[name] = element.text
        elif name in NUMBERS and element.text:
            point[name] = float(element.text)


def ours(body: bytes) -> dict[str, Any]:
    return tcx.inspect(io.BytesIO(body))


def measure(root: Path) -> dict[str, Any]:
    files = support.bodies(root, is_tcx)
    return support.recordings_against(files, ours, by_elementtree, "ElementTree", MEAN)


def is_tcx(body: bytes) -> bool:
    return detect.kind_of(body[: detect.HEAD]) == "tcx"


def main() -> None:
    args = support.options(__doc__, files=True).parse_args()
    with support.folder(args.files, recordings.xml_folder) as root:
        support.show(
            measure(root), as_json=args.json, text=partial(support.ratios, unit="ElementTree")
        )


if __name__ == "__main__":
    main()
