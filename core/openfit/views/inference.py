"""Statistics of daily values, with their intervals. Pure NumPy: the serving process has no SciPy.

References
----------
Pearson's r and its interval: Fisher (1921), Metron 1:3-32.
Spearman's rank correlation: its interval by Bonett & Wright (2000), Psychometrika 65:23-28.
Several tests at once: Holm (1979), Scandinavian Journal of Statistics 6:65-70.
Days that resemble each other: Bretherton et al. (1999), Journal of Climate 12:1990-2009.
Agreement: Bland & Altman (1986), Lancet 327:307-310, and (1999), Stat Methods Med Res 8:135-160.
Concordance: Lin (1989), Biometrics 45:255-268, as corrected in (2000), Biometrics 56:324-325.
"""

import math
from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NORMAL_95 = 1.959963984540054
LEAST_PAIRS = 10


class Interval(Struct, frozen=True):
    """A value with its 95 % confidence interval."""

    value: float
    low: float
    high: float


class Correlation(Struct, frozen=True):
    """A coefficient, its 95 % interval, its two-sided p, and p among all pairs that were tested."""

    r: float
    low: float
    high: float
    p: float
    p_adjusted: float


class Line(Struct, frozen=True):
    """A least-squares slope with its 95 % interval and two-sided p."""

    slope: float
    low: float
    high: float
    p: float


# Student's t -------------------------------------------------------------------------------------


def beta_fraction(a: float, b: float, x: float) -> float:
    """Lentz's continued fraction of the incomplete beta function."""
    tiny = 1e-300
    c, d = 1.0, 1.0 - (a + b) * x / (a + 1)
    d = 1.0 / (d if abs(d) > tiny else tiny)
    value = d
    for m in range(1, 1000):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1.0 + numerator * d
            d = 1.0 / (d if abs(d) > tiny else tiny)
            c = 1.0 + numerator / (c if abs(c) > tiny else tiny)
            value *= c * d
        if abs(c * d - 1.0) < 1e-15:
            break
    return value


def beta_share(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    log = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    front = math.exp(log + a * math.log(x) + b * math.log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * beta_fraction(a, b, x) / a
    return 1.0 - front * beta_fraction(b, a, 1.0 - x) / b


def two_sided_p(t: float, freedom: float) -> float:
    """How often chance alone takes |t| this far."""
    if not math.isfinite(t):
        return 0.0
    return beta_share(freedom / 2, 0.5, freedom / (freedom + t * t))


def t_95(freedom: float) -> float:
    """The |t| that chance alone exceeds once in twenty, by bisection."""
    low, high = 0.0, 1000.0
    while high - low > 1e-12 * max(1.0, low):
        middle = (low + high) / 2
        if two_sided_p(middle, freedom) > 0.05:
            low = middle
        else:
            high = middle
    return (low + high) / 2


# Correlation -------------------------------------------------------------------------------------


def pearson(x: Floats, y: Floats) -> float | None:
    """None where one of them does not vary."""
    dx, dy = x - x.mean(), y - y.mean()
    spread = math.sqrt(float(dx @ dx) * float(dy @ dy))
    if not varies(x) or not varies(y) or spread == 0:
        return None
    return max(-1.0, min(1.0, float(dx @ dy) / spread))


def varies(x: Floats) -> bool:
    """Not only by the rounding of sums."""
    return bool(x.size) and float(np.ptp(x)) > 1e-12 * max(1.0, float(np.abs(x).max()))


def ranks(x: Floats) -> Floats:
    """1 for the least; equal values share the mean of their places."""
    _, place, count = np.unique(x, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    middle: Floats = last - (count - 1) / 2
    return middle[place]


def correlated(r: float, n: int, *, of_ranks: bool) -> Correlation:
    """Interval by Fisher's z; p by Student's t with n - 2 degrees of freedom."""
    spread = math.sqrt((1 + r * r / 2 if of_ranks else 1) / (n - 3))
    z = math.atanh(max(-1 + 1e-15, min(1 - 1e-15, r)))
    low, high = (math.tanh(z + side * NORMAL_95 * spread) for side in (-1, 1))
    t = math.inf if abs(r) == 1 else r * math.sqrt((n - 2) / (1 - r * r))
    p = two_sided_p(t, n - 2)
    return Correlation(r, min(low, r), max(high, r), p, p)


def holm(ps: Sequence[float]) -> list[float]:
    """Each p among all of them: rising with p, at most 1."""
    adjusted = [0.0] * len(ps)
    highest = 0.0
    for place, at in enumerate(sorted(range(len(ps)), key=lambda n: ps[n])):
        highest = max(highest, min(1.0, (len(ps) - place) * ps[at]))
        adjusted[at] = highest
    return adjusted


def next_day_resemblance(day: NDArray[np.int64], x: Floats) -> float:
    """Correlation of a day with the day after it; 0 where too few neighbours are known."""
    neighbours = np.flatnonzero(np.diff(day) == 1)
    if neighbours.size < LEAST_PAIRS:
        return 0.0
    return pearson(x[neighbours], x[neighbours + 1]) or 0.0


def effective_days(day: NDArray[np.int64], x: Floats, y: Floats) -> int:
    """How many independent days the pairs are worth, as neighbouring days resemble each other."""
    both = next_day_resemblance(day, x) * next_day_resemblance(day, y)
    share = (1 - both) / (1 + both) if both > 0 else 1.0
    return max(2, min(x.size, math.floor(x.size * share)))


# Trend -------------------------------------------------------------------------------------------


def line(x: Floats, y: Floats) -> Line | None:
    """Least squares of y on x; None below three points, or where x does not vary."""
    if x.size < 3 or not varies(x):
        return None
    dx = x - x.mean()
    square = float(dx @ dx)
    slope = float(dx @ (y - y.mean())) / square
    rest = y - y.mean() - slope * dx
    freedom = x.size - 2
    error = math.sqrt(max(0.0, float(rest @ rest)) / freedom / square)
    reach = t_95(freedom) * error
    p = two_sided_p(slope / error, freedom) if error > 0 else float(slope == 0)
    return Line(slope, slope - reach, slope + reach, p)


# Agreement ---------------------------------------------------------------------------------------


class Agreement(Struct, frozen=True):
    """How far two sources differ on the same days; differences are the first minus the second.

    `lower` and `upper` are the limits within which 95 % of differences lie. `proportional` is the
    slope of the difference on the mean of both: away from 0, they differ more where values are
    higher. `concordance` is Lin's coefficient: 1 where both are equal.
    """

    bias: Interval
    sd: float
    lower: Interval
    upper: Interval
    proportional: Line | None
    concordance: Interval | None


def agreement(a: Floats, b: Floats) -> Agreement:
    """Of at least three pairs."""
    difference = a - b
    n = difference.size
    bias, sd = float(difference.mean()), float(difference.std(ddof=1))
    t = t_95(n - 1)
    of_bias, reach = t * sd / math.sqrt(n), NORMAL_95 * sd
    of_limit = t * sd * math.sqrt(1 / n + NORMAL_95**2 / (2 * (n - 1)))
    return Agreement(
        bias=around(bias, of_bias),
        sd=sd,
        lower=around(bias - reach, of_limit),
        upper=around(bias + reach, of_limit),
        proportional=line((a + b) / 2, difference),
        concordance=concordance(a, b),
    )


def around(value: float, reach: float) -> Interval:
    return Interval(value, value - reach, value + reach)


def concordance(a: Floats, b: Floats) -> Interval | None:
    """Lin's coefficient with its interval by Fisher's z; None where one of them does not vary."""
    r = pearson(a, b)
    if r is None:
        return None
    n = a.size
    va, vb, apart = float(a.var()), float(b.var()), float(a.mean() - b.mean())
    c = 2 * r * math.sqrt(va * vb) / (va + vb + apart**2)
    if r == 0 or abs(c) >= 1 - 1e-12:
        return Interval(c, c, c) if r else None
    u2 = apart**2 / math.sqrt(va * vb)
    spread = (1 - r**2) * c**2 / ((1 - c**2) * r**2)
    spread += 2 * c**3 * (1 - c) * u2 / (r * (1 - c**2) ** 2)
    spread -= c**4 * u2**2 / (2 * r**2 * (1 - c**2) ** 2)
    reach = NORMAL_95 * math.sqrt(max(0.0, spread) / (n - 2))
    z = math.atanh(c)
    return Interval(c, math.tanh(z - reach), math.tanh(z + reach))
