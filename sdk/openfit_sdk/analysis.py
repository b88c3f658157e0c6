"""Analyses: a kernel that knows arrays, in a wrapper that knows when to keep silent."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from openfit_schema import Result
from openfit_schema.entities import Tier

FloatArray = NDArray[np.float64]

__all__ = ["Analysis", "FloatArray", "Result", "Series", "analysis"]


@dataclass(frozen=True)
class Series:
    """Samples as an analysis gets them.

    Parameters
    ----------
    times : array, shape (n,), s
        Since 1970 UTC, strictly rising. A gap is an absent sample.
    values : array, shape (n,), unit of the metric type
        Never NaN.
    durations : array, shape (n,), s, optional
        Of cumulative types: how long each value took from its time on.
    """

    times: FloatArray
    values: FloatArray
    durations: FloatArray | None = None

    def __post_init__(self) -> None:
        columns = [self.times, self.values, *([] if self.durations is None else [self.durations])]
        if any(column.shape != self.times.shape or column.ndim != 1 for column in columns):
            raise ValueError("times, values and durations are one-dimensional and equally long")
        if not all(np.isfinite(column).all() for column in columns):
            raise ValueError("a value that was not measured is left out, not NaN")
        if (np.diff(self.times) <= 0).any():
            raise ValueError("times do not rise strictly")

    def __len__(self) -> int:
        return int(self.times.size)


@dataclass(frozen=True)
class Analysis:
    """A function of declared inputs that gives one Result. Call it like the function itself."""

    function: Callable[..., Result]
    id: str
    version: int
    unit: str
    tier: Tier
    inputs: dict[str, str] = field(default_factory=dict)  # parameter: what to load

    def __call__(self, **given: Any) -> Result:
        found = self.function(**given)
        if found.id != self.id:
            raise ValueError(f"{self.id} answered with a result of {found.id}")
        return found

    @property
    def algorithm(self) -> str:
        return f"{self.id}/{self.version}"

    def result(self, value: float, *, confidence: float, **drivers: float) -> Result:
        """A number, how sure it is (above 0), and what moved it."""
        if not math.isfinite(value):
            raise ValueError(f"{self.id} gave {value}; what is not known is abstained from")
        return self._result(value=float(value), confidence=float(confidence), drivers=drivers)

    def abstain(self, code: str, **facts: float) -> Result:
        """No number, and why: `abstain("need_pairs", have=12, need=30)`."""
        listed = ",".join(f"{name}={number:g}" for name, number in facts.items())
        return self._result(
            value=None, confidence=0.0, reason=f"{code}:{listed}" if listed else code
        )

    def _result(self, **what: Any) -> Result:
        return Result(
            key=self.id,
            id=self.id,
            unit=self.unit,
            tier=self.tier,
            method="computed",
            algorithm=self.algorithm,
            inputs=list(self.inputs.values()),
            **what,
        )


def analysis(
    *, id: str, version: int, unit: str, tier: Tier, **inputs: str
) -> Callable[[Callable[..., Result]], Analysis]:
    """Declare an analysis. The keywords after `tier` say what each parameter is loaded from:
    `series:<type>@<window>`, `daily:<type>@28d`, `sleep@night`, `result:<id>@28d`, `profile`."""

    def wrap(function: Callable[..., Result]) -> Analysis:
        return Analysis(function, id, version, unit, tier, inputs)

    return wrap
