"""What the structs look like: walks that every entity shares, and the JSON Schema."""

import math
from array import array
from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

import msgspec
from msgspec import Struct, structs

from openfit_schema.columns import Column
from openfit_schema.entities import ENTITIES, InUtc

SCHEMA_ID = "urn:openfit:schema:1.0"
COLUMN_SCHEMA = {"type": "array", "items": {"type": "number"}}
WALKED = (float, array, Struct, dict, list)  # what can be, or hold, a number that is not finite


def children(value: Struct | dict[str, Any] | list[Any]) -> Iterator[tuple[str, Any]]:
    """Each part with its step in a path, as `.laps` or `[2]`."""
    if isinstance(value, Struct):
        for name in value.__struct_fields__:
            yield f".{name}", getattr(value, name)
    elif isinstance(value, dict):
        for name, child in value.items():
            yield f".{name}", child
    else:
        for at, child in enumerate(value):
            yield f"[{at}]", child


def non_finite(value: Any, path: str = "$") -> Iterator[tuple[str, float]]:
    """Where NaN and infinity stand, as `$.laps[2].totals.distance`."""
    if isinstance(value, float):
        if not math.isfinite(value):
            yield path, value
    elif isinstance(value, array):
        # A sum is finite only if all its terms are: one fast pass over a good column.
        if value.typecode in "fd" and not math.isfinite(sum(value)):
            yield from non_finite(value.tolist(), path)
    elif isinstance(value, Struct | dict | list):
        for step, child in children(value):
            if isinstance(child, WALKED):
                yield from non_finite(child, path + step)


def unknown_fields(tree: Any, kind: type[Struct], at: str = "") -> Iterator[tuple[str, Any]]:
    """Fields of a parsed document that its struct has no name for, by JSON pointer."""
    if isinstance(tree, list):
        for index, item in enumerate(tree):
            yield from unknown_fields(item, kind, f"{at}/{index}")
    elif isinstance(tree, dict):
        parts = _parts(kind)
        for name, value in tree.items():
            pointer = f"{at}/{name.replace('~', '~0').replace('/', '~1')}"
            if name not in parts:
                yield pointer, value
            elif (part := parts[name]) is not None:
                yield from unknown_fields(value, part, pointer)


@cache
def _parts(kind: type[Struct]) -> dict[str, type[Struct] | None]:
    """The names a struct knows, each with the struct inside it, if any."""
    parts = {field.encode_name: _part_in(field.type) for field in structs.fields(kind)}
    tag_field = kind.__struct_config__.tag_field
    return parts | {tag_field: None} if tag_field else parts


def _part_in(annotation: Any) -> type[Struct] | None:
    if isinstance(annotation, type) and issubclass(annotation, InUtc):
        return annotation
    inner = (_part_in(argument) for argument in get_args(annotation))
    return next((part for part in inner if part), None)


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of one entity. Unknown fields are allowed everywhere."""
    refs, definitions = msgspec.json.schema_components(
        ENTITIES, schema_hook=_column_schema, ref_template="#/$defs/{name}"
    )
    for definition in definitions.values():
        definition["properties"].pop("$unknown", None)
        definition["description"] = " ".join(definition["description"].split())
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "OpenFit Schema 1.0: one entity",
        "oneOf": list(refs),
        "$defs": dict(sorted(definitions.items())),
    }


def _column_schema(kind: type) -> dict[str, Any]:
    if kind is not Column:
        raise NotImplementedError(kind)
    return COLUMN_SCHEMA
