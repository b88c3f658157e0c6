"""Analyses: a kernel that knows arrays, in a wrapper that knows when to keep silent."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from openfit_schema import Result
from openfit_schema.entities import Tier

from openfit_sdk.inputs import (
    ActivityInput,
    DayColumns,
    Declaration,
    Input,
    Known,
    ResultInput,
    Scope,
    SeriesColumns,
    SessionColumns,
    Wish,
    scope_of,
)

FloatArray = NDArray[np.float64]
DayArray = NDArray[np.int64]

__all__ = [
    "Analysis",
    "DayArray",
    "Days",
    "FloatArray",
    "Known",
    "Result",
    "Series",
    "Sessions",
    "Tier",
    "analysis",
    "decoded",
    "run",
]


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
class Days:
    """A value for each day of a stretch of days.

    Parameters
    ----------
    first : date
        The day of `values[0]`; no day is left out after it.
    values : array, shape (n,), unit of the metric type
        NaN where nothing is known of a day.
    confidence : array, shape (n,), optional
        Of values that an analysis gave.
    """

    first: date
    values: FloatArray
    confidence: FloatArray | None = None

    def __len__(self) -> int:
        return int(self.values.size)

    @property
    def known(self) -> FloatArray:
        """The values that there are."""
        return self.values[np.isfinite(self.values)]


@dataclass(frozen=True)
class Sessions:
    """One analysis' answers for every activity, oldest first.

    Parameters
    ----------
    days : array, shape (n,)
        Proleptic ordinal of the wearer's day (`date.toordinal`), rising; several activities of
        one day are several entries.
    values : array, shape (n,)
        NaN where the analysis abstained.
    confidence : array, shape (n,)
        0 where it abstained.
    """

    days: DayArray
    values: FloatArray
    confidence: FloatArray

    def __len__(self) -> int:
        return int(self.days.size)


@dataclass(frozen=True)
class Analysis:
    """A function of declared inputs that gives results. Call it like the function itself."""

    function: Callable[..., Result | Iterable[Result]]
    id: str
    version: int
    unit: str
    tier: Tier
    inputs: dict[str, str] = field(default_factory=dict)  # parameter: what to load
    outputs: tuple[str, ...] = ()  # ids of its results; `id` alone unless said

    def __call__(self, **given: Any) -> Any:
        """The one Result, or a list of them where the function gives several."""
        found = self.function(**given)
        several = [found] if isinstance(found, Result) else list(found)
        for result in several:
            if result.id not in (self.id, *self.outputs):
                raise ValueError(f"{self.id} answered with a result of {result.id}")
        return found if isinstance(found, Result) else several

    def results(self, given: Mapping[str, Any]) -> list[Result]:
        """What it answers to inputs by parameter name, always as a list."""
        found = self(**given)
        return [found] if isinstance(found, Result) else found

    @property
    def algorithm(self) -> str:
        return f"{self.id}/{self.version}"

    @property
    def scope(self) -> Scope:
        return scope_of(self.inputs.values())

    @property
    def declaration(self) -> Declaration:
        return Declaration(
            self.id,
            self.version,
            self.unit,
            self.tier,
            self.inputs,
            list(self.outputs) or [self.id],
        )

    def result(
        self,
        value: float,
        *,
        confidence: float,
        id: str | None = None,
        day: date | None = None,
        tier: Tier | None = None,
        **drivers: float,
    ) -> Result:
        """A number, how sure it is (above 0), and what moved it. `tier` only where this one rests
        on less than the analysis usually does."""
        if not math.isfinite(value):
            raise ValueError(f"{self.id} gave {value}; what is not known is abstained from")
        return self._result(
            value=float(value),
            confidence=float(confidence),
            drivers={name: float(number) for name, number in drivers.items()},
            id=id or self.id,
            day=day,
            tier=tier or self.tier,
        )

    def abstain(
        self, code: str, *, id: str | None = None, day: date | None = None, **facts: float
    ) -> Result:
        """No number, and why: `abstain("need_pairs", have=12, need=30)`."""
        listed = ",".join(f"{name}={number:g}" for name, number in facts.items())
        return self._result(
            value=None,
            confidence=0.0,
            reason=f"{code}:{listed}" if listed else code,
            id=id or self.id,
            day=day,
            tier=self.tier,
        )

    def _result(self, *, id: str, **what: Any) -> Result:
        return Result(
            key=id,
            id=id,
            unit=self.unit,
            method="computed",
            algorithm=self.algorithm,
            inputs=list(self.inputs.values()),
            **what,
        )


def analysis(
    *,
    id: str,
    version: int,
    unit: str,
    tier: Tier,
    outputs: Sequence[str] = (),
    **inputs: str,
) -> Callable[[Callable[..., Result | Iterable[Result]]], Analysis]:
    """Declare an analysis. The keywords after `outputs` say what each parameter is loaded from
    (`openfit_sdk.inputs`); `outputs` are the ids of its results, where it has others than `id`."""

    def wrap(function: Callable[..., Result | Iterable[Result]]) -> Analysis:
        return Analysis(function, id, version, unit, tier, inputs, tuple(outputs))

    return wrap


# In the plugin's process -------------------------------------------------------------------------


def decoded(given: Input | None) -> Any:
    """An input as a function gets it: arrays that cannot be written to."""
    if isinstance(given, SeriesColumns):
        t = np.frombuffer(given.t, "<i4")
        return Series((given.start + t.astype(np.int64)) / 1000, np.frombuffer(given.v, "<f8"))
    if isinstance(given, DayColumns):
        return Days(given.first, np.frombuffer(given.v, "<f8"))
    if isinstance(given, SessionColumns):
        return Sessions(
            np.frombuffer(given.day, "<i8"),
            np.frombuffer(given.v, "<f8"),
            np.frombuffer(given.confidence, "<f8"),
        )
    if isinstance(given, ActivityInput):
        return given.activity
    return given.result if isinstance(given, ResultInput) else given


def run(
    analyses: Iterable[Analysis], scope: Scope, inputs: Mapping[str, Input]
) -> Iterable[Result]:
    """Every analysis of a scope, one that reads another's result after it.

    `inputs` are keyed by what the analyses ask for; what is absent arrives as None. An analysis
    that fails abstains, and the others still run.
    """
    loaded = {wish: decoded(given) for wish, given in inputs.items()}
    for one in ordered([one for one in analyses if one.scope == scope]):
        given = {name: loaded.get(wish) for name, wish in one.inputs.items()}
        results = attempt(one, given)
        for result in results:
            if scope == "activity":
                loaded[f"result:{result.id}@activity"] = result
        if scope == "history":
            loaded.update(as_days(one, results))
        yield from results


def attempt(one: Analysis, given: Mapping[str, Any]) -> list[Result]:
    import traceback

    try:
        return one.results(given)
    except Exception as error:  # foreign code ends here: one bug costs one number
        traceback.print_exc()
        return [one.abstain(f"failed_{type(error).__name__.lower()}")]


def as_days(one: Analysis, results: Sequence[Result]) -> dict[str, Days]:
    """Results by day as another history analysis reads them: `result:daily_load@history`."""
    found: dict[str, Days] = {}
    for id in one.outputs or (one.id,):
        placed = {r.day.toordinal(): r for r in results if r.id == id and r.day is not None}
        if placed:
            first, n = min(placed), max(placed) - min(placed) + 1
            values, confidence = np.full(n, np.nan), np.zeros(n)
            for day, result in placed.items():
                if result.value is not None:
                    values[day - first] = result.value
                    confidence[day - first] = result.confidence
            days = Days(date.fromordinal(first), values, confidence)
            found[f"result:{id}@history"] = days
    return found


def ordered(analyses: Sequence[Analysis]) -> list[Analysis]:
    """Each after those whose results it reads; ValueError for a circle."""
    makers = {id: one for one in analyses for id in one.outputs or (one.id,)}
    done: list[Analysis] = []
    pending = list(analyses)
    while pending:
        ready = [one for one in pending if not needed(one, makers) & {p.id for p in pending}]
        if not ready:
            circle = ", ".join(one.id for one in pending)
            raise ValueError(f"these analyses wait for each other: {circle}")
        done += ready
        pending = [one for one in pending if one not in ready]
    return done


def needed(one: Analysis, makers: Mapping[str, Analysis]) -> set[str]:
    """Ids of the analyses whose results it reads."""
    wishes = [Wish.parse(text) for text in one.inputs.values()]
    read = {wish.name for wish in wishes if wish.kind == "result"}
    return {makers[name].id for name in read if name in makers and makers[name] is not one}
