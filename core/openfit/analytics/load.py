"""Training load over days: daily load, its 7- and 42-day averages, and their difference."""

from collections.abc import Iterator
from datetime import timedelta

import numpy as np
from openfit_sdk.analysis import Analysis, Days, FloatArray, Result, Sessions, analysis

ACUTE_DAYS, CHRONIC_DAYS = 7.0, 42.0  # time constants
MIN_DAYS = 7
UNSEEN_REST = 0.5  # a day of which nothing at all was recorded: it is taken for rest, with a doubt


def exponential(values: FloatArray, tau: float) -> FloatArray:
    """Average that forgets with a time constant, from 0.

    Parameters
    ----------
    values : array, shape (n,), a value a day
        NaN where it is not known: that day neither adds nor forgets.
    tau : float, days
        After `tau` days a value weighs 1/e of what it did: alpha = 1 - exp(-1 / tau). The often
        seen 2 / (N + 1) is a span and has half the time constant that it is called by.

    Returns
    -------
    array, shape (n,)

    References
    ----------
    Banister, Calvert, Savage & Bach (1975), Aust J Sports Med 7:57-61; Calvert, Banister, Savage
    & Bach (1976), IEEE Trans Syst Man Cybern 6:94-102.
    """
    alpha = 1 - np.exp(-1 / tau)
    found, now = np.empty(values.size), 0.0
    for n, value in enumerate(values.tolist()):
        if value == value:
            now += alpha * (value - now)
        found[n] = now
    return found


@analysis(
    id="daily_load",
    version=1,
    unit="{score}",
    tier="HIGH",
    sessions="result:session_load@history",
    observed="days@history",
)
def daily_load(sessions: Sessions | None, observed: Days | None) -> Iterator[Result]:
    """The sum of a day's sessions. A day with one whose load is not known abstains; a day without
    any is rest, with a doubt where nothing was recorded at all."""
    if sessions is None or observed is None or not len(observed):
        return
    place = sessions.days - observed.first.toordinal()
    n = len(observed)
    known = np.isfinite(sessions.values)
    total = np.bincount(place[known], sessions.values[known], n)
    sure = np.bincount(place, sessions.confidence, n)
    count, unknown = np.bincount(place, minlength=n), np.bincount(place[~known], minlength=n)
    for at in range(n):
        day = observed.first + timedelta(days=at)
        if unknown[at]:
            yield daily_load.abstain(
                "unknown_session", day=day, known=round(total[at], 2), unknown=unknown[at]
            )
        elif count[at]:
            yield daily_load.result(
                total[at], confidence=sure[at] / count[at], day=day, sessions=count[at]
            )
        else:
            seen = observed.values[at] > 0
            yield daily_load.result(0.0, confidence=1.0 if seen else UNSEEN_REST, day=day)


def averaged(one: Analysis, load: Days | None, tau: float) -> Iterator[Result]:
    """The average of each day, as sure as the days that weigh in it: what lies before the first
    day is not known, so sureness grows with the average itself. History begins with a session;
    until one of known load there is nothing to average."""
    if load is None:
        return
    assert load.confidence is not None
    value = exponential(load.values, tau)
    sureness = exponential(load.confidence, tau)
    begun = np.logical_or.accumulate(load.values > 0)
    for at in range(len(load)):
        day = load.first + timedelta(days=at)
        if at + 1 < MIN_DAYS or not sureness[at]:
            yield one.abstain("need_days", day=day, have=at + 1, need=MIN_DAYS)
        elif not begun[at]:  # rest after sessions of unknown load is no lack of fitness
            yield one.abstain("no_known_load", day=day)
        else:
            yield one.result(value[at], confidence=min(1.0, sureness[at]), day=day)


@analysis(id="acute_load", version=1, unit="{score}", tier="HIGH", load="result:daily_load@history")
def acute_load(load: Days | None) -> Iterator[Result]:
    """Fatigue: the load of late, time constant 7 days."""
    return averaged(acute_load, load, ACUTE_DAYS)


@analysis(
    id="chronic_load", version=1, unit="{score}", tier="HIGH", load="result:daily_load@history"
)
def chronic_load(load: Days | None) -> Iterator[Result]:
    """Fitness: the load that one is used to, time constant 42 days."""
    return averaged(chronic_load, load, CHRONIC_DAYS)


@analysis(
    id="training_balance",
    version=1,
    unit="{score}",
    tier="HIGH",
    acute="result:acute_load@history",
    chronic="result:chronic_load@history",
)
def training_balance(acute: Days | None, chronic: Days | None) -> Iterator[Result]:
    """Form: yesterday's fitness less yesterday's fatigue, as one starts the day."""
    if acute is None or chronic is None:
        return
    assert acute.confidence is not None and chronic.confidence is not None
    form = chronic.values - acute.values
    sureness = np.minimum(acute.confidence, chronic.confidence)
    for at in range(len(chronic)):
        day = chronic.first + timedelta(days=at)
        if at < MIN_DAYS:
            yield training_balance.abstain("need_days", day=day, have=at, need=MIN_DAYS)
        elif not np.isfinite(form[at - 1]):
            yield training_balance.abstain("no_known_load", day=day)
        else:
            yield training_balance.result(form[at - 1], confidence=sureness[at - 1], day=day)
