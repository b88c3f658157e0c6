"""The load of one activity in one unit, whether heart rate or power was recorded."""

import numpy as np
from openfit_sdk.analysis import Days, Known, Result, analysis
from openfit_sdk.schema import Activity

from openfit.analytics.max_hr import number
from openfit.analytics.trimp import SEX_UNKNOWN, WEIGHTS, banister, reserve


def threshold_hour(threshold: float, rest: float, top: float, sex: str | None) -> float:
    """TRIMP of an hour at threshold heart rate: what a training stress score of 100 stands for."""
    return banister(np.array([threshold]), np.array([3600.0]), rest, top, sex)


@analysis(
    id="session_load",
    version=1,
    unit="{score}",
    tier="HIGH",
    activity="activity",
    impulse="result:trimp@activity",
    score="result:training_stress_score@activity",
    threshold="profile:lactate_threshold_heart_rate",
    max_hr="profile:max_heart_rate",
    born="profile:birth_date",
    resting_hr="profile:resting_heart_rate",
    measured="daily:resting_heart_rate@28d",
    sex="profile:sex",
)
def session_load(
    activity: Activity,
    impulse: Result | None,
    score: Result | None,
    threshold: Known | None,
    max_hr: Known | None,
    born: Known | None,
    resting_hr: Known | None,
    measured: Days | None,
    sex: Known | None,
) -> Result:
    """TRIMP; without a heart rate, the training stress score in TRIMP: the person's own hour at
    threshold is 100 of the one and a known number of the other."""
    if impulse is not None and impulse.value is not None:
        return session_load.result(
            impulse.value, confidence=impulse.confidence, tier=impulse.tier, trimp=impulse.value
        )
    missing = (impulse.reason if impulse is not None else None) or "need_heart_rate"
    if score is None or score.value is None:
        return session_load.abstain(missing)
    if threshold is None:
        return session_load.abstain("need_lactate_threshold_heart_rate")
    found = reserve(max_hr, born, resting_hr, measured, activity)
    if isinstance(found, str):
        return session_load.abstain(found)
    rest, top = found
    known_sex = None if sex is None else str(sex.value)
    hour = threshold_hour(number(threshold), rest.value, top.value, known_sex)
    if not hour:
        return session_load.abstain("thresholds_too_close")
    sureness = top.confidence * (1.0 if known_sex in WEIGHTS else SEX_UNKNOWN)
    return session_load.result(
        score.value / 100 * hour,
        confidence=score.confidence * sureness,
        tier="ESTIMATE",
        training_stress_score=score.value,
        threshold_hour=hour,
    )
