"""The catalogue of metric types: what a number of each type means, and how to treat it."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import msgspec
from msgspec import Struct

from openfit_schema.entities import MetricType

Kind = Literal["instant", "cumulative", "duration", "score", "interval"]
Fold = Literal["mean", "sum", "min", "max", "last", "time_weighted"]
Range = tuple[float, float]


class UnknownMetric(KeyError):
    """A type that no catalogue names. Says the nearest known one."""

    def __str__(self) -> str:
        return str(self.args[0])


class MetricDef(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One metric type, as a row of metrics.toml."""

    id: MetricType
    name: str
    unit: str  # UCUM
    kind: Kind
    fold: Fold
    family: str
    resolution: float = 1  # the stored integer times this is the value
    hold_seconds: float | None = None  # how long a sample stands, when fold is time_weighted
    possible: Range | None = None  # outside: rejected
    plausible: Range | None = None  # outside: kept, flagged
    better: Literal["higher", "lower", "none"] = "none"
    loinc: str | None = None
    relative: bool = False  # a raw count, only ever compared with the wearer's own
    note: str | None = None

    def __post_init__(self) -> None:
        if (self.fold == "time_weighted") != (self.hold_seconds is not None):
            raise ValueError(f"{self.id}: hold_seconds goes with fold time_weighted, and only so")
        if self.kind == "cumulative" and self.fold != "sum":
            raise ValueError(f"{self.id}: a cumulative type is summed")
        if self.resolution <= 0:
            raise ValueError(f"{self.id}: resolution must be above 0")
        if not _inside(self.plausible, self.possible):
            raise ValueError(f"{self.id}: the plausible range must lie in the possible one")


Catalogue = Mapping[str, MetricDef]


def metric(id: str, catalogue: Catalogue | None = None) -> MetricDef:
    """The definition of a type, or UnknownMetric."""
    catalogue = METRICS if catalogue is None else catalogue
    definition = catalogue.get(id)
    if definition is not None:
        return definition
    from difflib import get_close_matches

    near = get_close_matches(id, catalogue, n=1)
    hint = f"Did you mean {near[0]}? " if near else ""
    raise UnknownMetric(
        f"No metric type is called {id!r}. {hint}A type of your own is defined as <plugin>.<name>"
    )


def define(defs: Iterable[MetricDef], catalogue: Catalogue | None = None) -> Catalogue:
    """A new catalogue with a plugin's own types, all of them namespaced, added to a given one."""
    merged = dict(METRICS if catalogue is None else catalogue)
    for definition in defs:
        if "." not in definition.id:
            raise ValueError(f"{definition.id} needs a namespace, as in whoop.{definition.id}")
        if merged.get(definition.id, definition) != definition:
            raise ValueError(f"{definition.id} is defined twice, and differently")
        merged[definition.id] = definition
    return MappingProxyType(merged)


def parse(toml: bytes) -> list[MetricDef]:
    """Rows by family, as metrics.toml has them; a plugin may bring a file of its own."""
    families: dict[str, dict[str, dict[str, Any]]] = msgspec.toml.decode(toml)
    rows = [
        {"id": id, "family": family, **row}
        for family, definitions in families.items()
        for id, row in definitions.items()
    ]
    return msgspec.convert(rows, list[MetricDef])


def _inside(inner: Range | None, outer: Range | None) -> bool:
    if inner is None or outer is None:
        return True
    return outer[0] <= inner[0] < inner[1] <= outer[1]


class _Published(Mapping[str, MetricDef]):
    """metrics.toml, read on first use: a plugin's process mostly never needs it."""

    @cached_property
    def _rows(self) -> dict[str, MetricDef]:
        toml = Path(__file__).with_name("metrics.toml").read_bytes()
        return {definition.id: definition for definition in parse(toml)}

    def __getitem__(self, id: str) -> MetricDef:
        return self._rows[id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


METRICS: Catalogue = _Published()
