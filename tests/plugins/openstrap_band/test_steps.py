"""The pedometer: regular walking is counted, all else is not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openfit_openstrap_band.deriving import steps
from support import band


def magnitude(seconds, rate=1.8, swing=0.3):
    return np.linalg.norm(band.walk(seconds, rate, swing), axis=0)


def slowly(signal):
    """The procedure as it is written down, sample by sample."""
    size, half = len(signal), steps.HALF_WINDOW
    if size < steps.SHORTEST:
        return 0
    smooth = [sum(signal[max(0, n - 7) : n + 1]) / min(n + 1, 8) for n in range(size)]
    threshold, middles, run, confirmed, total = sum(signal) / size, [], 0, False, 0
    pending = last = None
    for n in range(half, size - half):
        window, value = smooth[n - half : n + half + 1], smooth[n]
        if value == max(window):
            if pending is None or value > pending[1]:
                pending = n, value
            continue
        if value != min(window) or pending is None:
            continue
        (at, top), pending = pending, None
        high = top > threshold + 0.05 and value < threshold - 0.05
        if n - at > steps.LONGEST_HALF or not high:
            run, confirmed = 0, False
            continue
        gap, last = None if last is None else at - last, at
        if gap is not None and not 20 <= gap <= 200:
            run, confirmed = 0, False
            continue
        if top - value > 0.10:
            middles = [*middles, (top + value) / 2][-4:]
            threshold = sum(middles) / len(middles)
        run += 1
        if confirmed:
            total += 1
        elif run >= 8:
            total, confirmed = total + run, True
    return total


@pytest.mark.parametrize("rate", [1.0, 1.4, 1.8, 2.5, 3.0])
def test_walking_is_counted_to_the_step(rate):
    assert steps.count(magnitude(60, rate)) == pytest.approx(60 * rate, abs=3)


@pytest.mark.parametrize(
    "signal",
    [
        np.ones(6000),
        magnitude(60, swing=0.03),  # below the dead zone
        magnitude(3),  # fewer than eight
        magnitude(0.2),  # no window at all
        magnitude(60, rate=0.4),  # slower than anyone walks
        np.zeros(0),
    ],
)
def test_all_else_is_no_step(signal):
    assert steps.count(signal) == 0


def test_steps_fall_where_the_signal_swings():
    still = np.ones(1000)
    found = steps.find(np.concatenate([still, magnitude(20), still]))
    assert found.size == pytest.approx(36, abs=2)
    assert found.min() >= 1000
    assert found.max() <= 3010
    assert (np.diff(found) > 0).all()


def test_seven_steps_count_only_with_the_eighth():
    swings = [steps.count(magnitude(n / 1.8)) for n in range(5, 16)]
    assert 0 in swings
    assert min(count for count in swings if count) == 8


noisy = st.builds(
    lambda seed, rate, swing, noise, seconds, levels: (
        np.round(
            (
                magnitude(seconds, rate, swing)
                + np.random.default_rng(seed).normal(0, noise, int(seconds * 100))
            )
            * levels
        )
        / levels
    ),
    st.integers(0, 10_000),
    st.floats(0.3, 4),
    st.floats(0, 0.6),
    st.sampled_from([0, 0.005, 0.05, 0.3]),
    st.floats(0, 12),
    st.sampled_from([8, 64, 4096]),
)


@settings(max_examples=40)
@given(noisy)
def test_the_fast_way_counts_as_the_slow_one(signal):
    """On a few levels plateaus are many; a threshold may fall between the two ways' rounding."""
    exact = np.round(signal * 4096) / 4096
    assert steps.count(exact) == slowly(exact.tolist())


def test_a_published_record_at_rest_has_no_steps(test_data):
    from openfit_openstrap_band.reading import imu

    text = (test_data / "openstrap" / "r10_fixture.hex").read_text().strip()
    found = imu.motion(bytes.fromhex(text))
    signal = imu.magnitudes(np.array([found.acceleration], np.int16))[0]
    assert 0.9 < signal.mean() < 1.1
    assert steps.count(signal) == 0
