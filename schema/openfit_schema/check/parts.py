"""Problems, and the checks that several kinds of entity share."""

import math
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Literal

from msgspec import Struct

from openfit_schema.metrics import Catalogue, MetricDef, Range


class Problem(Struct, frozen=True):
    """`rejected`: the entity must not be stored. `flagged`: kept, and shown as doubtful."""

    path: str  # as $.laps[2].start
    code: str  # for programs
    message: str  # for people
    level: Literal["rejected", "flagged"] = "rejected"


Problems = Iterator[Problem]


def flag(path: str, code: str, message: str) -> Problem:
    return Problem(path, code, message, "flagged")


def span(path: str, start: datetime | None, end: datetime | None) -> Problems:
    if start is not None and end is not None and end < start:
        yield Problem(
            f"{path}.end", "ends_before_start", f"{end.isoformat()} is before {start.isoformat()}"
        )


def value_problems(path: str, value: float, definition: MetricDef) -> Problems:
    if not math.isfinite(value):
        return  # said already
    if not within(value, definition.possible):
        yield Problem(path, "impossible", outside(value, definition, definition.possible))
    elif not within(value, definition.plausible):
        yield flag(path, "implausible", outside(value, definition, definition.plausible))


def within(value: float, limits: Range | None) -> bool:
    return limits is None or limits[0] <= value <= limits[1]


def outside(value: float, definition: MetricDef, limits: Range | None) -> str:
    low, high = limits or (-math.inf, math.inf)
    return f"{definition.id} {value:g} is outside {low:g} to {high:g} {definition.unit}"


def values_problems(path: str, values: Mapping[str, float], catalogue: Catalogue) -> Problems:
    for id, value in values.items():
        definition = catalogue.get(id)
        if definition is None:
            yield unknown_type(path, id)
        else:
            yield from value_problems(f"{path}.{id}", value, definition)


def unknown_type(path: str, id: str) -> Problem:
    if "." in id:
        return flag(path, "unknown_type", f"{id} is not defined here; its range is not checked")
    return Problem(path, "unknown_type", f"{id} is not in metrics.toml; call it <plugin>.{id}")


def word(path: str, word: str | None, known: frozenset[str]) -> Problems:
    if word is not None and word not in known:
        yield flag(path, "unknown_word", f"{word!r} is not in vocab.toml")
