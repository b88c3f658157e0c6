"""`python -m openfit_schema [--check]`: write the JSON Schema, or say whether it is stale."""

import sys
from pathlib import Path

import msgspec

from openfit_schema.shape import json_schema

TARGET = Path(__file__).parent.parent / "openfit-1.0.schema.json"


def rendered() -> bytes:
    return msgspec.json.format(msgspec.json.encode(json_schema()), indent=2) + b"\n"


def main(arguments: list[str]) -> int:
    if arguments == ["--check"]:
        if TARGET.is_file() and TARGET.read_bytes() == rendered():
            return 0
        print(f"{TARGET.name} is stale: run python -m openfit_schema", file=sys.stderr)
        return 1
    TARGET.write_bytes(rendered())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
