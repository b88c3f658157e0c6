"""Time in heart-rate zones."""

from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np
from openfit_sdk.analysis import FloatArray, Known, Result, Series, Tier, analysis
from openfit_sdk.schema import Activity

from openfit.analytics.max_hr import maximum
from openfit.analytics.signal import HEART_RATE_HOLD, coverage, held

SHARES = np.array([0.5, 0.6, 0.7, 0.8, 0.9])  # of the highest heart rate, left-closed
MIN_SECONDS = 60.0
IDS = [f"heart_rate_zone_{zone}_minutes" for zone in range(6)]


def zone_seconds(values: FloatArray, seconds: FloatArray, bounds: Sequence[float]) -> FloatArray:
    """Seconds below the first bound, between each two, and from the last on.

    Parameters
    ----------
    values : array, shape (n,), /min
    seconds : array, shape (n,), s
        How long each value stood.
    bounds : sequence of k rising numbers, /min
        Lower bounds; a value on a bound belongs to the zone above it.

    Returns
    -------
    array, shape (k + 1,), s
    """
    zone = np.searchsorted(bounds, values, "right")
    return np.bincount(zone, seconds, len(bounds) + 1).astype(np.float64)


def bounds_of(
    own: Known | None, stated: Known | None, born: Known | None, day: date
) -> tuple[list[float], float, Tier] | None:
    """The person's own bounds, else shares of the highest heart rate."""
    if own is not None and isinstance(own.value, list):
        return list(own.value), 1.0, "HIGH"
    highest = maximum(stated, born, day)
    if highest is None:
        return None
    return (SHARES * highest.value).tolist(), highest.confidence, highest.tier


@analysis(
    id="heart_rate_zones",
    version=1,
    unit="min",
    tier="HIGH",
    outputs=IDS,
    activity="activity",
    heart_rate="series:heart_rate@activity",
    own="profile:heart_rate_zones",
    max_hr="profile:max_heart_rate",
    born="profile:birth_date",
)
def heart_rate_zones(
    activity: Activity,
    heart_rate: Series | None,
    own: Known | None,
    max_hr: Known | None,
    born: Known | None,
) -> Iterator[Result]:
    """Minutes below zone 1 (zone 0) and in zones 1 to 5. Abstains without a heart rate or
    without a threshold of that day."""
    if heart_rate is None:
        yield heart_rate_zones.abstain("need_heart_rate")
        return
    found = bounds_of(own, max_hr, born, activity.start.date())
    if found is None:
        yield heart_rate_zones.abstain("need_max_heart_rate")
        return
    bounds, sureness, tier = found
    stood = held(heart_rate.times, HEART_RATE_HOLD)
    if stood.sum() < MIN_SECONDS:
        yield heart_rate_zones.abstain("need_seconds", have=stood.sum(), need=MIN_SECONDS)
        return
    confidence = sureness * coverage(stood.sum(), activity)
    edges = [0.0, *bounds]
    minutes = zone_seconds(heart_rate.values, stood, bounds) / 60
    for zone, (id, value) in enumerate(zip(IDS, minutes, strict=True)):
        yield heart_rate_zones.result(
            value, confidence=confidence, id=id, tier=tier, lower=edges[zone]
        )
