"""The analyses that come with the hub: a plugin like any other, in its own process.

Pure functions of what they are given: arrays and the SDK, nothing else of the hub.
"""

from openfit_sdk import hookimpl
from openfit_sdk.analysis import Analysis

from openfit.analytics.efforts import best_power, best_time, heart_rate_held
from openfit.analytics.load import acute_load, chronic_load, daily_load, training_balance
from openfit.analytics.power import normalized_power, training_stress_score
from openfit.analytics.session import session_load
from openfit.analytics.totals import total_ascent, total_distance, total_time
from openfit.analytics.trimp import trimp
from openfit.analytics.zones import heart_rate_zones

ANALYSES = [
    heart_rate_zones,
    trimp,
    normalized_power,
    training_stress_score,
    session_load,
    daily_load,
    acute_load,
    chronic_load,
    training_balance,
    best_power,
    best_time,
    heart_rate_held,
    total_distance,
    total_time,
    total_ascent,
]


@hookimpl
def analyses() -> list[Analysis]:
    return ANALYSES
