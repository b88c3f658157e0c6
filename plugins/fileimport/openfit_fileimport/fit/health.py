"""Weight, blood pressure, stress, SpO2, respiration, HRV, VO2max and sleep messages."""

from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
from openfit_sdk.schema import AnyEntity, Metric, Sleep, Stage

from openfit_fileimport.fit.columns import EPOCH, FitFile
from openfit_fileimport.fit.metric import metric

CALCULATING = 655.34  # kg; the scale was still at it
STAGES = {0: "unknown", 1: "wake", 2: "light", 3: "deep", 4: "rem"}
LAST_STAGE = 60.0  # s, when nothing says how long the last one lasted

# message: field, metric type
READINGS = (
    ("weight_scale", "percent_fat", "body_fat"),
    ("weight_scale", "percent_hydration", "body_water"),
    ("weight_scale", "bone_mass", "bone_mass"),
    ("weight_scale", "muscle_mass", "muscle_mass"),
    ("weight_scale", "metabolic_age", "metabolic_age"),
    ("weight_scale", "visceral_fat_rating", "visceral_fat_rating"),
    ("weight_scale", "bmi", "bmi"),
    ("blood_pressure", "systolic_pressure", "blood_pressure_systolic"),
    ("blood_pressure", "diastolic_pressure", "blood_pressure_diastolic"),
    ("blood_pressure", "mean_arterial_pressure", "blood_pressure_mean"),
    ("blood_pressure", "heart_rate", "heart_rate"),
    ("monitoring_hr_data", "resting_heart_rate", "resting_heart_rate"),
    ("spo2_data", "reading_spo2", "spo2"),
    ("respiration_rate", "respiration_rate", "respiration_rate"),
    ("hrv_status_summary", "last_night_average", "hrv_rmssd_night"),
    ("hrv_value", "value", "hrv_rmssd_5min"),
    ("max_met_data", "vo2_max", "vo2_max"),
)
ZERO_IS_NONE = {"resting_heart_rate", "spo2", "respiration_rate", "heart_rate"}


def readings(file: FitFile, key: str, device: str | None) -> Iterator[AnyEntity]:
    for message, field, type in READINGS:
        messages = file.messages(message)
        if len(messages):
            values = messages.column(field)
            if type in ZERO_IS_NONE:
                values = np.where(values > 0, values, np.nan)
            at = messages.dates("update_time") if message == "max_met_data" else messages.times
            yield from metric(f"{key}:{message}:{field}", type, at, values, device)
    for more in (weight, stress):
        yield from more(file, key, device)
    yield from sleep(file, key, device)


def weight(file: FitFile, key: str, device: str | None) -> Iterator[Metric]:
    messages = file.messages("weight_scale")
    if len(messages):
        kilograms = messages.column("weight")
        settled = np.where(kilograms < CALCULATING, kilograms, np.nan)
        yield from metric(f"{key}:weight", "weight", messages.times, settled, device)


def stress(file: FitFile, key: str, device: str | None) -> Iterator[Metric]:
    """A negative level says why there is none: off the wrist, in motion."""
    messages = file.messages("stress_level")
    if len(messages):
        level = messages.column("stress_level_value")
        at = messages.column("stress_level_time") + EPOCH
        yield from metric(
            f"{key}:stress", "stress", at, np.where(level >= 0, level, np.nan), device
        )


def sleep(file: FitFile, key: str, device: str | None) -> Iterator[Sleep]:
    """A night as its stages, each lasting until the next."""
    messages = file.messages("sleep_level")
    times = messages.times if len(messages) else np.empty(0)
    levels = messages.column("sleep_level") if len(messages) else np.empty(0)
    good = np.isfinite(times) & np.isfinite(levels)
    if not good.any():
        return
    order = np.argsort(times[good], kind="stable")
    at, level = times[good][order], levels[good][order].astype(int)
    ends = np.append(at[1:], at[-1] + LAST_STAGE)
    stages = [
        Stage(start=instant(a), end=instant(b), stage=STAGES.get(int(n), "unknown"))  # type: ignore[arg-type]
        for a, b, n in zip(at, ends, level, strict=True)
        if b > a
    ]
    yield Sleep(
        key=f"{key}:sleep",
        device=device,
        start=stages[0].start,
        end=stages[-1].end,
        stages=stages,
    )


def instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(float(seconds), UTC)
