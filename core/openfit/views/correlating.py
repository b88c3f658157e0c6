"""Daily values of several metrics or sources on one axis, and how they go together."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import combinations
from typing import Literal

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray
from sqlalchemy import Connection

from openfit.hub import Hub
from openfit.views import inference, values
from openfit.views.inference import LEAST_PAIRS, Correlation
from openfit.views.values import Column, Wish

PLACES = 6  # significant digits of what is only drawn


class AlignedSeries(Struct, frozen=True, kw_only=True):
    """One series, a value for each of the answer's days; null where there is none. `normalized`
    is in standard deviations from its own mean in the span; null where it was not asked for or,
    with `reason`, where it cannot be."""

    id: str
    metric: str
    source_id: str | None
    name: str
    unit: str
    n: int
    mean: float | None
    sd: float | None
    values: list[float | None]
    normalized: list[float | None] | None
    reason: str | None


class Pair(Struct, frozen=True, kw_only=True):
    """How two series go together on the days that both have. `n_effective` is what these days
    are worth, as neighbouring days resemble each other: far below `n`, intervals are too narrow.
    Under ten days, or where one does not vary, there is no coefficient but a reason."""

    a: str
    b: str
    n: int
    n_effective: int | None
    pearson: Correlation | None
    spearman: Correlation | None
    reason: str | None


class Correlated(Struct, frozen=True, kw_only=True):
    """Aligned series, ready to chart, and each pair of them. `tested` pairs have coefficients;
    `p_adjusted` is Holm's over them. Nothing here says what causes what."""

    start: date
    end: date
    resolution: Literal["daily"]
    normalize: bool
    days: list[date]
    series: list[AlignedSeries]
    pairs: list[Pair]
    tested: int


def correlate(
    hub: Hub,
    conn: Connection,
    user_id: int,
    wishes: Sequence[Wish],
    first: date,
    last: date,
    *,
    normalize: bool,
) -> Correlated:
    columns = [values.column(hub, conn, user_id, wish, first, last) for wish in wishes]
    extent = values.extent(columns)
    start, end = extent or (first, last)
    days = (end - start).days + 1 if extent else 0
    pairs = adjusted([pair_of(a, b) for a, b in combinations(columns, 2)])
    return Correlated(
        start=start,
        end=end,
        resolution="daily",
        normalize=normalize,
        days=[start + timedelta(days=n) for n in range(days)],
        series=[aligned(one, values.number_of(start), days, normalize) for one in columns],
        pairs=pairs,
        tested=sum(pair.pearson is not None for pair in pairs),
    )


def aligned(one: Column, first: int, days: int, normalize: bool) -> AlignedSeries:
    n = int(one.value.size)
    mean = float(one.value.mean()) if n else None
    sd = float(one.value.std(ddof=1)) if n > 1 else None
    steady = n > 1 and not inference.varies(one.value)
    reason = (
        "no_values" if n == 0 else "one_value" if n == 1 else "no_variation" if steady else None
    )
    scaled = None
    if normalize and reason is None and mean is not None and sd:
        scaled = placed(one.day - first, (one.value - mean) / sd, days)
    return AlignedSeries(
        id=str(one.wish),
        metric=one.wish.metric,
        source_id=None if one.wish.source_id is None else str(one.wish.source_id),
        name=one.name,
        unit=one.unit,
        n=n,
        mean=mean,
        sd=sd,
        values=placed(one.day - first, one.value, days),
        normalized=scaled,
        reason=reason if normalize else None,
    )


def placed(at: NDArray[np.int64], value: values.Floats, days: int) -> list[float | None]:
    found: list[float | None] = [None] * days
    for place, one in zip(at.tolist(), value.tolist(), strict=True):
        found[place] = float(f"{one:.{PLACES}g}")
    return found


def pair_of(a: Column, b: Column) -> Pair:
    day, at_a, at_b = np.intersect1d(a.day, b.day, assume_unique=True, return_indices=True)
    x, y = a.value[at_a], b.value[at_b]
    n = int(day.size)
    pair = Pair(
        a=str(a.wish),
        b=str(b.wish),
        n=n,
        n_effective=None,
        pearson=None,
        spearman=None,
        reason=None,
    )
    if n < LEAST_PAIRS:
        return replace(pair, reason=f"need_days:have={n},need={LEAST_PAIRS}")
    r, rho = inference.pearson(x, y), inference.pearson(inference.ranks(x), inference.ranks(y))
    if r is None or rho is None:
        return replace(pair, reason="no_variation")
    return replace(
        pair,
        n_effective=inference.effective_days(day, x, y),
        pearson=inference.correlated(r, n, of_ranks=False),
        spearman=inference.correlated(rho, n, of_ranks=True),
    )


def adjusted(pairs: list[Pair]) -> list[Pair]:
    """With p as it stands among all pairs that were tested."""
    tested = [pair for pair in pairs if pair.pearson and pair.spearman]
    linear = inference.holm([pair.pearson.p for pair in tested if pair.pearson])
    ranked = inference.holm([pair.spearman.p for pair in tested if pair.spearman])
    found = {(pair.a, pair.b): ps for pair, *ps in zip(tested, linear, ranked, strict=True)}
    return [
        replace(
            pair,
            pearson=replace(pair.pearson, p_adjusted=found[pair.a, pair.b][0]),
            spearman=replace(pair.spearman, p_adjusted=found[pair.a, pair.b][1]),
        )
        if pair.pearson and pair.spearman
        else pair
        for pair in pairs
    ]
