"""Training impulse from heart rate."""

import numpy as np
from openfit_sdk.analysis import Days, FloatArray, Known, Result, Series, analysis
from openfit_sdk.schema import Activity

from openfit.analytics.max_hr import Threshold, maximum, resting
from openfit.analytics.signal import HEART_RATE_HOLD, coverage, held

WEIGHTS = {"male": (0.64, 1.92), "female": (0.86, 1.67)}
SEX_UNKNOWN = 0.8  # the two curves differ by up to a tenth at the same reserve
MIN_COVERAGE = 0.5
MIN_RESERVE = 20.0  # beats a minute between resting and highest; less is a slip of the pen


def banister(
    heart_rate: FloatArray, seconds: FloatArray, rest: float, top: float, sex: str | None
) -> float:
    """Banister's training impulse.

    Parameters
    ----------
    heart_rate : array, shape (n,), /min
    seconds : array, shape (n,), s
        How long each value stood.
    rest, top : float, /min
        Resting and highest heart rate.
    sex : "male", "female" or None
        None takes the mean of both curves.

    Returns
    -------
    float, arbitrary units
        Sum over minutes of x k exp(b x), x the share of the heart-rate reserve in 0..1.

    References
    ----------
    Banister (1991), in Physiological Testing of Elite Athletes, 403-424; Morton, Fitz-Clarke &
    Banister (1990), J Appl Physiol 69:1171-1177.
    """
    x = np.clip((heart_rate - rest) / (top - rest), 0, 1)
    curves = [WEIGHTS[sex]] if sex in WEIGHTS else list(WEIGHTS.values())
    weighted = np.mean([x * k * np.exp(b * x) for k, b in curves], axis=0)
    return float(np.sum(weighted * seconds) / 60)


def reserve(
    max_hr: Known | None,
    born: Known | None,
    resting_hr: Known | None,
    measured: Days | None,
    activity: Activity,
) -> tuple[Threshold, Threshold] | str:
    """Resting and highest heart rate of the day, or the code of what is missing."""
    top = maximum(max_hr, born, activity.start.date())
    rest = resting(resting_hr, measured)
    if top is None:
        return "need_max_heart_rate"
    if rest is None:
        return "need_resting_heart_rate"
    return (rest, top) if top.value - rest.value >= MIN_RESERVE else "thresholds_too_close"


@analysis(
    id="trimp",
    version=1,
    unit="{score}",
    tier="HIGH",
    activity="activity",
    heart_rate="series:heart_rate@activity",
    max_hr="profile:max_heart_rate",
    born="profile:birth_date",
    resting_hr="profile:resting_heart_rate",
    measured="daily:resting_heart_rate@28d",
    sex="profile:sex",
)
def trimp(
    activity: Activity,
    heart_rate: Series | None,
    max_hr: Known | None,
    born: Known | None,
    resting_hr: Known | None,
    measured: Days | None,
    sex: Known | None,
) -> Result:
    """Banister's training impulse of one activity. What was not measured is not added, so at
    least half of the activity must have a heart rate."""
    if heart_rate is None:
        return trimp.abstain("need_heart_rate")
    found = reserve(max_hr, born, resting_hr, measured, activity)
    if isinstance(found, str):
        return trimp.abstain(found)
    rest, top = found
    stood = held(heart_rate.times, HEART_RATE_HOLD)
    covered = coverage(stood.sum(), activity)
    if covered < MIN_COVERAGE:
        return trimp.abstain("need_coverage", have=round(covered, 3), need=MIN_COVERAGE)
    known_sex = None if sex is None else str(sex.value)
    value = banister(heart_rate.values, stood, rest.value, top.value, known_sex)
    return trimp.result(
        value,
        confidence=covered * top.confidence * (1.0 if known_sex in WEIGHTS else SEX_UNKNOWN),
        tier=top.tier,
        resting_heart_rate=rest.value,
        max_heart_rate=top.value,
    )
