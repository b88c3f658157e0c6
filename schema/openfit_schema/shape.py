"""What the structs look like: walks that every entity shares, and the JSON Schema."""

import math
from array import array
from collections.abc import Iterator
from datetime import date, datetime
from enum import Enum
from functools import cache
from types import NoneType
from typing import Any, Literal, get_args, get_origin

import msgspec
from msgspec import Meta, Struct, structs

from openfit_schema.columns import Column
from openfit_schema.entities import ENTITIES, InUtc

SCHEMA_ID = "urn:openfit:schema:1.0"
COLUMN_SCHEMA = {"type": "array", "items": {"type": "number"}}
HARMLESS = (str, bytes, int, bool, date, datetime, Enum, NoneType, Meta)  # hold no NaN


def non_finite(value: Any, path: str = "$") -> Iterator[tuple[str, float]]:
    """Where NaN and infinity stand, as `$.laps[2].totals.distance`."""
    if isinstance(value, float):
        if not math.isfinite(value):
            yield path, value
    elif isinstance(value, Struct):
        for name in _measured(type(value)):
            if child := getattr(value, name):  # neither NaN nor infinity is false
                yield from non_finite(child, f"{path}.{name}")
    elif isinstance(value, array):
        # A sum is finite only if all its terms are: one fast pass over a good column.
        if value.typecode in "fd" and not math.isfinite(sum(value)):
            yield from non_finite(value.tolist(), path)
    elif isinstance(value, dict):
        for name, child in value.items():
            yield from non_finite(child, f"{path}.{name}")
    elif isinstance(value, list):
        for at, child in enumerate(value):
            yield from non_finite(child, f"{path}[{at}]")


@cache
def _measured(kind: type[Struct]) -> tuple[str, ...]:
    """The fields of a struct that are, or hold, numbers with a fraction."""
    return tuple(field.name for field in structs.fields(kind) if _holds_fractions(field.type))


def _holds_fractions(annotation: Any) -> bool:
    if get_origin(annotation) is Literal:
        return False
    if inner := get_args(annotation):
        return any(map(_holds_fractions, inner))
    harmless = annotation if isinstance(annotation, type) else type(annotation)
    return not issubclass(harmless, HARMLESS)


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
