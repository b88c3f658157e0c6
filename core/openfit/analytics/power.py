"""Load from power: normalized power and the training stress score."""

import numpy as np
from openfit_sdk.analysis import FloatArray, Known, Result, Series, analysis
from openfit_sdk.schema import Activity

from openfit.analytics.max_hr import number
from openfit.analytics.signal import POWER_HOLD, by_second, coverage, timer_seconds

WINDOW = 30  # s
MIN_SECONDS = 600  # below it, the mean of fourth powers is one effort and not a session
MIN_COVERAGE = 0.5


def normalized(power: FloatArray) -> tuple[float, int]:
    """Fourth root of the mean fourth power of 30-second means.

    Parameters
    ----------
    power : array, shape (n,), W
        By second; NaN where none is known. A mean over a gap is left out.

    Returns
    -------
    value : float, W
        NaN when there is no whole window.
    windows : int
        Number of windows used.

    References
    ----------
    Coggan, in Allen, Coggan & McGregor (2019), Training and Racing with a Power Meter, 3rd ed.
    """
    if power.size < WINDOW:
        return np.nan, 0
    known = np.isfinite(power)
    sums = np.cumsum(np.concatenate([[0.0], np.where(known, power, 0)]))
    counts = np.cumsum(np.concatenate([[0], known]))
    whole = counts[WINDOW:] - counts[:-WINDOW] == WINDOW
    means = ((sums[WINDOW:] - sums[:-WINDOW]) / WINDOW)[whole]
    if means.size == 0:
        return np.nan, 0
    return float(np.mean(means**4) ** 0.25), int(means.size)


@analysis(
    id="normalized_power",
    version=1,
    unit="W",
    tier="HIGH",
    activity="activity",
    power="series:power@activity",
)
def normalized_power(activity: Activity, power: Series | None) -> Result:
    """Normalized power. Abstains below ten minutes of measured power."""
    if power is None or not power.values.any():  # a meter that says 0 throughout saw no one pedal
        return normalized_power.abstain("need_power")
    grid, _ = by_second(power.times, power.values, POWER_HOLD)
    value, windows = normalized(grid)
    if windows < MIN_SECONDS:
        return normalized_power.abstain("need_seconds", have=windows, need=MIN_SECONDS)
    seconds = float(np.isfinite(grid).sum())
    return normalized_power.result(value, confidence=coverage(seconds, activity))


@analysis(
    id="training_stress_score",
    version=1,
    unit="{score}",
    tier="HIGH",
    activity="activity",
    average="result:normalized_power@activity",
    threshold="profile:functional_threshold_power",
)
def training_stress_score(
    activity: Activity, average: Result | None, threshold: Known | None
) -> Result:
    """Coggan's score: 100 for an hour at functional threshold power. A score of the whole
    session, so at least half of it must have a power."""
    if average is None or average.value is None:
        return training_stress_score.abstain("need_power")
    if threshold is None:
        return training_stress_score.abstain("need_functional_threshold_power")
    if average.confidence < MIN_COVERAGE:
        have = round(average.confidence, 3)
        return training_stress_score.abstain("need_coverage", have=have, need=MIN_COVERAGE)
    intensity = average.value / number(threshold)
    hours = (timer_seconds(activity) or 0.0) / 3600
    if not hours:
        return training_stress_score.abstain("need_duration")
    return training_stress_score.result(
        hours * intensity**2 * 100,
        confidence=average.confidence,
        intensity_factor=intensity,
        functional_threshold_power=number(threshold),
    )
