"""Activities for the writers: made at random, and how to read what was written."""

import io
from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import strategies as st
from openfit_fileimport import reading, writing
from openfit_sdk import Report
from openfit_sdk.schema import METRICS, Activity, Device, Lap, Length, Metric, Pause, Totals

START = datetime(2026, 3, 1, 7, 0, tzinfo=UTC)
KEY = "0123456789abcdef0123456789abcdef:0"
WATCH = Device(key="fit:watch", type="watch", vendor="garmin", model="fenix5", firmware="9.10")
RANGES = {
    "latitude": (-89, 89),
    "longitude": (-179, 179),
    "heart_rate": (30, 220),
    "power": (0, 2000),
    "cadence": (0, 200),
    "altitude": (-400, 8000),
    "speed": (0, 30),
    "track_distance": (0, 200_000),
    "ambient_temperature": (-40, 50),
    "heading": (0, 360),
    "left_right_balance": (1, 99),
    "step_length": (0.3, 2.5),
}


def read(body):
    """Activities, metrics, devices and reports of a file."""
    things = list(reading.read(io.BytesIO(body)))
    return [
        [t for t in things if isinstance(t, kind)] for kind in (Activity, Metric, Device, Report)
    ]


def of(activity, metrics):
    return [metric for metric in metrics if metric.activity == activity.key]


def written(activity, metrics, devices, format="fit"):
    return writing.write(activity, of(activity, metrics), devices, format).body


def instants(metric):
    start = round(metric.start.timestamp() * 1000)
    return start + np.asarray(metric.t, np.int64)


def by_type(metrics):
    return {(metric.type, metric.method, metric.device): metric for metric in metrics}


def metric(type, t, v, device=WATCH.key, method="reported"):
    """Samples of the activity; `t` ms after its start, `v` to the resolution of the type."""
    scale = METRICS[type].resolution
    return Metric(
        key=f"{KEY}:{type}",
        type=type,
        device=device,
        start=START,
        t=np.asarray(t, np.int64),
        v=np.round(np.asarray(v, np.float64) / scale) * scale,
        activity=KEY,
        method=method,
    )


names = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
amounts = st.floats(0.5, 200, allow_nan=False).map(lambda x: round(x, 1))


@st.composite
def outings(draw, *, fine=True, located=None):
    """An activity with its metrics and devices, as a reader yields them."""
    n = draw(st.integers(2, 40))
    step = draw(st.sampled_from([1000, 1000, 250, 4321] if fine else [1000, 3000]))
    t = np.cumsum(np.full(n, step)) - step
    if draw(st.booleans()):
        t[n // 2 :] += draw(st.integers(10, 900)) * 1000
    wanted = set(draw(st.sets(st.sampled_from(sorted(RANGES)), min_size=1)))
    places = {"latitude", "longitude"}
    wanted = (
        wanted | places if located or (located is None and draw(st.booleans())) else wanted - places
    )
    chance = np.random.default_rng(draw(st.integers(0, 2**32)))
    metrics = []
    for type in sorted(wanted or {"heart_rate"}):
        some = np.sort(chance.choice(n, draw(st.integers(1, n)), replace=False))
        some = np.arange(n) if type in places else some
        metrics.append(metric(type, t[some], chance.uniform(*RANGES[type], some.size)))
    end = START + timedelta(milliseconds=int(t[-1]))
    activity = Activity(
        key=KEY,
        device=WATCH.key,
        start=START,
        end=end + timedelta(seconds=1),
        utc_offset=draw(st.sampled_from([None, "+02:00", "-03:30"])),
        sport=draw(st.sampled_from(["running", "cycling", "generic", "quidditch"])),
        sub_sport=draw(st.sampled_from([None, "trail"])),
        name=draw(st.none() | names),
        notes=draw(st.none() | names),
        reported=Totals(
            timer_seconds=draw(st.none() | amounts),
            distance=draw(st.none() | amounts),
            energy=draw(st.none() | amounts),
            avg_heart_rate=draw(st.none() | st.integers(40, 200)),
        ),
        laps=[
            Lap(
                start=START,
                end=end,
                name=draw(st.none() | names),
                trigger="manual",
                totals=Totals(distance=draw(amounts)),
            )
        ],
        pauses=pauses_in(t) if draw(st.booleans()) else [],
        lengths=[Length(start=START, seconds=30.0, stroke="freestyle", strokes=12)],
    )
    return activity, metrics, [WATCH]


def pauses_in(t):
    longest = int(np.argmax(np.diff(t)))
    edges = (START + timedelta(milliseconds=int(t[longest + n])) for n in (0, 1))
    start, end = edges
    return [Pause(start=start, end=end)]
