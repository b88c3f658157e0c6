"""How long, how far and how high: an activity's totals as results, so that records know them."""

from openfit_sdk.analysis import Analysis, Result, analysis
from openfit_sdk.schema import Activity

COMPUTED = 0.9  # ours, from a track with its scatter


def total(one: Analysis, reported: float | None, computed: float | None) -> Result:
    """The device's own figure, else ours."""
    if reported:
        return one.result(reported, confidence=1.0, tier="AUTH")
    if computed:
        return one.result(computed, confidence=COMPUTED)
    return one.abstain(f"need_{one.id.removeprefix('total_')}")


@analysis(id="total_distance", version=1, unit="m", tier="HIGH", activity="activity")
def total_distance(activity: Activity) -> Result:
    """Distance covered."""
    ours = activity.computed
    return total(total_distance, activity.reported.distance, ours.distance if ours else None)


@analysis(id="total_time", version=1, unit="s", tier="HIGH", activity="activity")
def total_time(activity: Activity) -> Result:
    """Time without pauses; what runs on while moving, where no timer was kept."""
    ours = activity.computed
    return total(total_time, activity.reported.timer_seconds, ours.moving_seconds if ours else None)


@analysis(id="total_ascent", version=1, unit="m", tier="HIGH", activity="activity")
def total_ascent(activity: Activity) -> Result:
    """Metres climbed."""
    ours = activity.computed
    return total(total_ascent, activity.reported.ascent, ours.ascent if ours else None)
