"""Where a beat does not follow the one before: by values, and on both databases through the API."""

from datetime import UTC, datetime

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openfit.config import Config
from openfit.hub import open_hub
from openfit.leaving import samples
from openfit.store.outgoing import ALWAYS
from openfit.store.series.beats import breaks, carried, shown_beside
from openfit.store.series.reading import thin
from openfit_sdk.schema import Device, Metric
from support.persons import asking, person

START = datetime(2026, 3, 1, 22, tzinfo=UTC)
SLOT = 1000


def broken(t, v, slot_ms=SLOT):
    return np.flatnonzero(breaks(np.array(t, np.int64), np.array(v, float), slot_ms)).tolist()


def stamped(v, from_ms=0, slot_ms=SLOT):
    """Times as a device writes them that knows whole seconds only: each beat's second and order."""
    ends = from_ms + np.cumsum(v)
    slots = ends // slot_ms * slot_ms
    return [int(at) + slots[:n].tolist().count(at) for n, at in enumerate(slots)]


@pytest.mark.parametrize(
    ("t", "v", "found"),
    [
        ([], [], []),
        ([5000], [800], []),
        ([0, 1000, 2000], [800, 990, 1010], []),
        ([0, 1000, 1001, 2000], [640, 630, 620, 640], []),  # two beats of one second
        ([8000, 10_000, 11_000], [1091, 1091, 1091], []),  # 55 bpm: no beat fell into second 9
        ([0, 1000, 3000, 4000], [900, 900, 900, 900], [2]),  # a second without its beat
        ([0, 1000, 61_000, 62_000], [900, 900, 900, 900], [2]),  # a minute off the wrist
        ([0, 1], [1010, 1010], [1]),  # both in one second, which they do not fit into
        ([0, 1000], [800, float("nan")], [1]),
        ([0, 999], [800, 900], []),  # order within the slot tells no time
    ],
)
def test_beats_of_whole_seconds(t, v, found):
    assert broken(t, v) == found


@pytest.mark.parametrize(
    ("t", "v", "found"),
    [
        ([800, 1610, 2400], [800, 810, 790], []),
        ([800, 1610, 3190], [800, 810, 790], [2]),  # 790 ms are missing
        ([800, 1690], [800, 800], []),  # 90 ms: a clock that is read late
        ([800, 1700], [800, 800], [1]),
    ],
)
def test_beats_that_have_each_a_time(t, v, found):
    assert broken(t, v, 0) == found


rhythms = st.lists(st.integers(300, 2000), min_size=2, max_size=60)


@given(rhythms, st.integers(0, 10**9))
def test_a_rhythm_of_which_nothing_is_lost_has_no_break(v, from_ms):
    assert broken(stamped(v, from_ms), v) == []
    assert broken(np.cumsum(v) + from_ms, v, 0) == []


@given(rhythms, st.integers(0, 10**9), st.data())
def test_two_seconds_that_are_lost_are_seen(v, from_ms, data):
    """Of what is shorter a whole second may still look like nothing."""
    first = data.draw(st.integers(1, len(v) - 1))
    lost = np.cumsum(v[first:])
    enough = np.flatnonzero(lost[:-1] >= 2 * SLOT)
    last = first + (data.draw(st.sampled_from(enough.tolist())) + 1 if enough.size else 0)
    t = stamped(v, from_ms)
    kept = [*range(first), *range(last, len(v))]
    found = broken([t[n] for n in kept], [v[n] for n in kept])
    assert found == ([first] if last > first else [])


@given(rhythms, st.data())
def test_where_times_are_exact_every_lost_beat_is_seen(v, data):
    lost = data.draw(st.integers(1, len(v) - 1))
    t = np.cumsum(v)
    found = broken(np.delete(t, lost), np.delete(v, lost), 0)
    assert found == ([lost] if lost < len(v) - 1 else [])


@given(
    st.lists(st.tuples(st.integers(-(2**52), 2**52), st.floats()), max_size=30),
    st.sampled_from([0, 100, 1000, 60_000]),
)
def test_anything_at_all_has_an_answer(pairs, slot_ms):
    pairs = sorted(pairs, key=lambda one: one[0])
    t, v = [at for at, _ in pairs], [value for _, value in pairs]
    assert 0 not in broken(t, v, slot_ms)


@given(st.lists(st.booleans(), min_size=1, max_size=300), st.integers(10, 60))
def test_a_break_stays_where_it_is_however_few_points_are_shown(mask, points):
    mask = np.array([False, *mask])
    t = np.arange(mask.size) * 1000
    shown = shown_beside(thin(t, np.sin(t) + 900, points), mask, points)
    found = carried(mask, shown)
    if 2 * mask.sum() <= points:
        assert shown[found].tolist() == np.flatnonzero(mask).tolist()
        assert (shown[found] - 1).tolist() == [shown[n - 1] for n in found]
    else:
        gaps = [mask[a + 1 : b + 1].any() for a, b in zip(shown[:-1], shown[1:], strict=True)]
        assert found == (np.flatnonzero(gaps) + 1).tolist()


@pytest.fixture
def ada(tmp_path, database_url):
    hub = open_hub(Config(data=tmp_path / "data", database_url=database_url))
    with asking(hub) as client:
        yield person(client, hub)


def test_two_records_of_a_second_are_no_gap():
    """Records every 0.961 s: one second in 25 has two, of which the later has half a second."""
    ticks = [0.961 * n for n in range(60)]
    late = {n for n in range(1, 60) if int(ticks[n]) == int(ticks[n - 1])}
    t = [int(tick) * 1000 + 500 * (n in late) for n, tick in enumerate(ticks)]
    v = [961] * 60
    assert late and broken(t, v, 500) == []
    lost = [n for n in range(60) if n not in (30, 31)]
    assert broken([t[n] for n in lost], [v[n] for n in lost], 500) == [30]


def rhythm(v, lost=(), slot_ms=SLOT):
    t = stamped(v) if slot_ms else np.cumsum(v).tolist()
    kept = [n for n in range(len(v)) if n not in lost]
    return Metric(
        key="beats",
        device="strap",
        type="rr_interval",
        start=START,
        t=[t[n] for n in kept],
        v=[v[n] for n in kept],
        slot_ms=slot_ms,
    )


STRAP = Device(key="strap", type="strap", name="Strap")
SPAN = {"start": "2026-03-01T21:00:00Z", "end": "2026-03-02T09:00:00Z"}


@pytest.mark.parametrize("slot_ms", [1000, None])
def test_the_answer_says_where_beats_are_missing(ada, slot_ms):
    v = [900 + n % 7 for n in range(4000)]
    lost = [*range(100, 104), *range(2000, 2100)]
    ada.store(STRAP, rhythm(v, lost, slot_ms))
    [whole] = ada.get("/metrics/rr_interval", points=5000, **SPAN)["sources"]
    assert (whole["resolution"], len(whole["t"])) == ("raw", 4000 - len(lost))
    assert whole["breaks"] == [100, 1996]
    [thinned] = ada.get("/metrics/rr_interval", points=200, **SPAN)["sources"]
    assert len(thinned["t"]) < 250
    beside = [(thinned["t"][n - 1], thinned["t"][n]) for n in thinned["breaks"]]
    assert beside == [(whole["t"][n - 1], whole["t"][n]) for n in whole["breaks"]]


def test_minutes_say_nothing_of_single_beats(ada):
    ada.store(STRAP, rhythm([900] * 300, [150]))
    [found] = ada.get("/metrics/rr_interval", **SPAN | {"end": "2026-03-31T00:00:00Z"})["sources"]
    assert found["resolution"] == "minute"
    assert "breaks" not in found


def test_what_is_no_interval_has_no_breaks(ada):
    rate = Metric(
        key="rate", device="strap", type="heart_rate", start=START, interval_ms=1000, v=[60] * 50
    )
    ada.store(STRAP, rate)
    [found] = ada.get("/metrics/heart_rate", **SPAN)["sources"]
    assert "breaks" not in found


def test_a_table_says_of_each_beat_whether_it_follows(ada):
    """Midnight is no gap, though samples are written a day at a time."""
    v = [1000] * 9000  # from 22:00 to half past midnight
    ada.store(STRAP, rhythm(v, [50, 51, 52]))
    lines = export(ada, "rr_interval").splitlines()
    assert lines[0].split(",")[1:3] == ["rr_interval [ms]", "after_gap"]
    assert [n for n, line in enumerate(lines[1:]) if line.split(",")[2] == "1"] == [50]
    assert len(lines) == 8998
    assert "after_gap" not in export(ada, "rr_interval", resolution="minute").splitlines()[0]


@pytest.mark.parametrize("slot_ms", [1000, None])
def test_what_is_taken_out_says_how_its_times_are_to_be_read(ada, slot_ms):
    ada.store(STRAP, rhythm([900 + n % 9 for n in range(100)], [50], slot_ms))
    with ada.hub.engine.connect() as conn:
        written = samples.lines(conn, ada.user_id, ALWAYS, {})
        found = [msgspec.json.decode(line) for line in written]
    assert {(one["type"], one.get("slot_ms")) for one in found} == {("rr_interval", slot_ms)}


def export(ada, metric, **query):
    answer = ada.client.get(
        f"/api/v1/export/metrics/{metric}.csv", params=query, headers=ada.headers
    )
    assert answer.status_code == 200, answer.text
    return answer.text.lstrip("\ufeff")
