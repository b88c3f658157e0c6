"""A band's frames in any partition, order and repetition end in the same series."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from openfit.store.series import blocks
from openfit_openstrap_band import normalize
from openfit_sdk import Pieces, RawItem
from openfit_sdk.schema import Metric
from support import band

random = np.random.default_rng(7)
RECORDS: list[list[int]] = []  # beats of each


def as_a_band_sends_them(count):
    """Records every 0.961 s, the live packets and motion of the same time, and some that differ."""
    found = []
    for n in range(count):
        ts, subsec = divmod(n * 31_500, 32_768)
        ts += band.START
        beats = random.integers(600, 1000, n % 4).tolist()
        rates = random.integers(50, 90, 4).tolist()
        gravity = (float(random.random()), 0.5, 0.5)
        RECORDS.extend([beats, [700 + n], [800 + n], [650, 660]])
        found.append(band.second(ts, rates[0], beats, gravity, subsec=subsec, counter=n))
        found += [band.live(ts, rates[1], [700 + n])] * (n % 3 == 0)
        found += [band.motion(ts, None, rates[2], [800 + n], subsec=subsec)] * (n % 7 == 0)
        found += [band.second(ts, rates[3], [650, 660], subsec=subsec)] * (n % 10 == 0)
    return found


FRAMES = as_a_band_sends_them(60)
SECONDS = len({n * 31_500 // 32_768 for n in range(60)})


def stored(parts):
    """As the hub keeps them: one item after another."""
    series = {}
    for receipt, frames in enumerate(parts, start=1):
        pieces = Pieces([len(one) for one in frames], [0] * len(frames))
        item = RawItem(kind="frames", id="x", body=b"".join(frames), pieces=pieces)
        for metric in normalize(item):
            if isinstance(metric, Metric):
                add(series, metric, receipt)
    return {kind: (block.t.tolist(), block.v.tolist()) for kind, block in series.items()}


def add(series, metric, receipt):
    t = np.asarray(metric.t, np.int64) + round(metric.start.timestamp() * 1000)
    v = np.round(np.asarray(metric.v, np.float64) * 1000).astype(np.int64)
    block = blocks.fresh(t, v, None, (metric.revision, receipt))
    known = series.get(metric.type, blocks.empty(False))
    series[metric.type] = blocks.merge(known, block, metric.slot_ms or 0)


WHOLE = stored([FRAMES])


@settings(max_examples=15)
@given(st.permutations(range(len(FRAMES))), st.data())
def test_series_are_the_same_however_frames_come(order, data):
    again = data.draw(st.lists(st.sampled_from(order), max_size=20))
    frames = [FRAMES[at] for at in [*order, *again]]
    cuts = data.draw(st.lists(st.integers(0, len(frames)), max_size=5).map(sorted))
    edges = zip([0, *cuts], [*cuts, len(frames)], strict=True)
    assert stored([frames[begin:end] for begin, end in edges]) == WHOLE


def test_every_second_has_one_rate_and_one_gravity():
    for kind in ("heart_rate", "acceleration_x", "acceleration_y", "acceleration_z"):
        t, _ = WHOLE[kind]
        assert len(t) == len({at // 1000 for at in t}) == SECONDS < 60


def test_beats_of_one_half_second_are_of_one_record():
    beats = {}
    for at, value in zip(*WHOLE["rr_interval"], strict=True):
        beats.setdefault(at // 500, []).append(value // 1000)
    records = {tuple(one) for one in RECORDS}
    assert {tuple(one) for one in beats.values()} <= records
    assert len({half // 2 for half in beats}) <= SECONDS
