"""Columns of few messages, as lists of floats.

Every call of numpy has a cost of its own, and in a small file there is little else. What is found
here is, number for number, what `columns.Messages` finds.
"""

import struct
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from openfit_fileimport.fit import profile
from openfit_fileimport.fit.columns import (
    BASE_TYPES,
    EPOCH,
    SECONDS,
    TIMESTAMP,
    BaseType,
    FitFile,
)
from openfit_fileimport.fit.records import LAYOUTS, Definition, FieldDef, Layout

FEW = 96  # messages; of more, numpy is the faster
NAN = float("nan")
STAMP = "timestamp"  # as Messages.stamps has it: Unix seconds, or since the device was switched on
CODES = {
    "i1": "b",
    "u1": "B",
    "i2": "h",
    "u2": "H",
    "i4": "i",
    "u4": "I",
    "i8": "q",
    "u8": "Q",
    "f4": "f",
    "f8": "d",
}

Columns = dict[str, list[float]]


class Rule(NamedTuple):
    """What becomes of a stored number."""

    name: str
    invalid: int | None
    scale: float
    offset: float


class Plan(NamedTuple):
    """How to read the fields that are wanted out of a message of one layout."""

    row: struct.Struct
    rules: tuple[Rule, ...]


def columns(file: FitFile, number: int, names: tuple[str, ...]) -> Columns:
    """First elements of fields, scaled, in file order; NaN where absent. A field that none of the
    messages can have is left out."""
    definitions = file.by_message.get(number, [])
    parts = [decoded(file, one, names) for one in definitions]
    return parts[0] if len(parts) == 1 else dict(merged(definitions, parts, names))


def decoded(file: FitFile, definition: Definition, names: tuple[str, ...]) -> Columns:
    row, rules = plan(definition.layout, names)
    read, body = row.unpack_from, file.body
    rows = [read(body, at) for at in definition.offsets]
    return {
        name: [NAN if stored == invalid else stored / scale - offset for stored in column]
        for (name, invalid, scale, offset), column in zip(
            rules, zip(*rows, strict=True), strict=True
        )
    }


def merged(
    definitions: Sequence[Definition], parts: Sequence[Columns], names: tuple[str, ...]
) -> Iterator[tuple[str, list[float]]]:
    places = list(chain.from_iterable(one.offsets for one in definitions))
    order = sorted(range(len(places)), key=places.__getitem__)
    for name in names:
        if any(name in part for part in parts):
            each = (
                part.get(name) or [NAN] * len(one.offsets)
                for one, part in zip(definitions, parts, strict=True)
            )
            values = list(chain.from_iterable(each))
            yield name, [values[n] for n in order]


@lru_cache(2 * LAYOUTS)
def plan(layout: Layout, names: tuple[str, ...]) -> Plan:
    wanted = sorted(readable(layout, names), key=lambda one: one[0].start)
    form, at = ">" if layout.big_endian else "<", 0
    for field, code, _ in wanted:
        form += f"{field.start - at}x{code}"
        at = field.start + struct.calcsize(f"<{code}")
    return Plan(struct.Struct(form), tuple(rule for _, _, rule in wanted))


def readable(layout: Layout, names: tuple[str, ...]) -> Iterator[tuple[FieldDef, str, Rule]]:
    """Fields of a size that their base type has, with the letter that `struct` has for it."""
    known = profile.fields(layout.message)
    for name in names:
        base: BaseType | None
        if name == STAMP:
            field, base = stamp_of(layout), BASE_TYPES[SECONDS]
            scale, offset = 1.0, -float(EPOCH)
        else:
            number, (_, scale, offset) = known[name]
            field = layout.native.get(number)
            base = BASE_TYPES.get(field.base_type & 0x1F) if field else None
        if field and base and field.size and field.size % base.size == 0:
            yield field, CODES[base.dtype], Rule(name, base.invalid, float(scale), float(offset))


def stamp_of(layout: Layout) -> FieldDef | None:
    """A time is four bytes, whatever type they are said to have."""
    every = (one for one in layout.fields if one.number == TIMESTAMP and one.developer < 0)
    return next((one for one in every if one.size == 4), None)
