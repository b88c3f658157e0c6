"""A night second by second: what was worn is what is stored and what is answered, and no more."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openfit import rates
from openfit.background import work
from openfit.hosting.hosts import Hosts
from openfit.hub import owner_id
from openfit.store import series
from openfit.views import night, seconds
from openfit_sdk.schema import Device, Event, Metric, Sleep
from support import night as nights
from support.asking import API, asking, hub_on
from support.persons import asking as asked
from support.persons import person

AXES = [f"acceleration_{axis}" for axis in "xyz"]
MOST = {"points": 20_000, "beats": 150_000}


# From frames to answers ---------------------------------------------------------------------------


def worn(hub, night):
    """The night, posted as an app does, and all that follows. A client that goes on asking."""
    with asking(hub) as client:
        for post in night.posts():
            answer = client.post(f"{API}/ingest/batch", json=post)
            assert answer.status_code == 200, answer.text
            told = answer.json()
            assert (told["received"], told["new"]) == (len(post["records"]),) * 2
        with Hosts(hub) as hosts:
            work.drain(hub, hosts)
        yield client


def all_stored(hub):
    """metric -> (t, v), of the one source there is."""
    user = owner_id(hub)
    with hub.engine.connect() as conn:
        found = {one.metric: one for one in series.all_live(conn, user)}
        return {name: series.read(conn, user, one, 0, None) for name, one in found.items()}


def same(column, t, v):
    assert column[0].tolist() == t.tolist()
    assert column[1].tolist() == pytest.approx(v.tolist())


def held_against(hub, client, night):
    """Every second's heart rate and acceleration, every beat and every gap, and nothing more."""
    at = (nights.START + night.second) * 1000
    stored = all_stored(hub)
    same(stored["heart_rate"], at, night.heart_rate)
    same(stored["rr_interval"], night.beat_ms, night.beat)
    for name, axis in zip(AXES, night.acceleration.T, strict=True):
        same(stored[name], at, np.round(axis.astype(np.float32).astype(float) * 1000, 1))
    span = {"start": "2025-10-08T12:00:00Z", "end": "2025-10-09T12:00:00Z", "points": 20_000}
    [beats] = client.get(f"{API}/metrics/rr_interval", params=span).json()["sources"]
    known = dict(zip(night.beat_ms.tolist(), night.beat.tolist(), strict=True))
    assert all(known[t] == v for t, v in zip(beats["t"], beats["v"], strict=True))
    assert [beats["t"][n] for n in beats["breaks"]] == night.beat_ms[night.breaks].tolist()
    answered(client.get(f"{API}/night/{nights.DAY}", params=MOST).json(), night)
    assert client.get(f"{API}/night").json()["day"] == nights.DAY


def answered(view, night):
    [source] = view["sources"]
    beats = source["beats"]
    assert beats["t"] == night.beat_ms.tolist()
    assert beats["v"] == night.beat.tolist()
    assert beats["breaks"] == night.breaks.tolist()
    assert (beats["n"], beats["gaps"]) == (night.beat.size, night.breaks.size)
    holes = np.flatnonzero(np.diff(night.second) > 1) + 1
    rate = source["heart_rate"]
    assert (rate["n"], rate["gaps"]) == (night.second.size, holes.size)
    known = dict(zip(night.second.tolist(), night.heart_rate.tolist(), strict=True))
    shown = [t // 1000 - nights.START for t in rate["t"]]
    assert [known[second] for second in shown] == rate["v"]
    assert [shown[n] for n in rate["breaks"]] == night.second[holes].tolist()
    t, moved = night.motion
    motion = dict(zip(t.tolist(), np.round(moved, 1).tolist(), strict=True))
    assert source["motion"]["n"] == t.size
    assert {at: motion[at] for at in source["motion"]["t"]} == dict(
        zip(source["motion"]["t"], source["motion"]["v"], strict=True)
    )
    assert max(source["motion"]["v"]) == np.round(moved, 1).max()


def test_a_made_night_is_answered_as_it_was_worn(tmp_path, database_url):
    hub = hub_on(tmp_path / "data", database_url)
    night = nights.made()
    for client in worn(hub, night):
        held_against(hub, client, night)
        view = client.get(f"{API}/night/{nights.DAY}", params=MOST).json()
        assert (view["earlier"], view["later"], view["latest"]) == (None, None, nights.DAY)
        assert view["first"] == "2025-10-08T21:30:00Z"
        [source] = view["sources"]
        assert [source[name]["gaps"] for name in ("heart_rate", "motion")] == [1, 1]
        gaps = [source["beats"]["t"][n] // 1000 - nights.START for n in source["beats"]["breaks"]]
        assert gaps == [nights.WITHOUT_BEATS.stop, nights.LOST.stop]
        turned = source["motion"]["t"][int(np.argmax(source["motion"]["v"]))]
        assert turned == (nights.START + nights.TURNED) * 1000


def test_a_real_night_is_answered_as_it_was_worn(tmp_path, sqlite_url, test_data):
    night = nights.captured(test_data)
    if night is None:
        pytest.skip("real night absent: set OPENFIT_TEST_DATA")
    many = {"pushes": rates.Rate(1000, 1000)}
    hub = hub_on(tmp_path / "data", sqlite_url, rates=many)
    for client in worn(hub, night):
        held_against(hub, client, night)


# Any source ---------------------------------------------------------------------------------------

NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)
DAY = date(2026, 3, 10)


@pytest.fixture
def ada(tmp_path, database_url):
    hub = hub_on(tmp_path / "data", database_url)
    with asked(hub) as client:
        yield person(client, hub)


def rate(start, n, step_ms=1000, device="strap", **more):
    return Metric(
        key=f"{device} {start}",
        device=device,
        type="heart_rate",
        start=start,
        interval_ms=step_ms,
        v=[60] * n,
        **more,
    )


STRAP = Device(key="strap", type="strap", name="Strap")
LATE = NOON + timedelta(hours=10)


def test_of_nobody_s_nights_there_is_none(ada):
    view = ada.get("/night")
    assert (view["sources"], view["latest"], view["first"], view["sleep"]) == ([], None, None, None)
    assert ada.get(f"/night/{DAY}")["day"] == str(DAY)
    assert ada.get("/night/tomorrow", 400)
    assert ada.get("/night/0001-01-01", 400)["code"] == "day"


def test_what_is_worn_all_day_is_cut_at_noon_and_neighbours_are_known(ada):
    ada.store(STRAP, rate(NOON - timedelta(hours=3), 30 * 60, 60_000))
    view = ada.get(f"/night/{DAY}")
    assert (view["begin"], view["end"]) == ("2026-03-09T12:00:00Z", "2026-03-10T12:00:00Z")
    assert (view["first"], view["last"]) == ("2026-03-09T12:00:00Z", "2026-03-10T11:59:00Z")
    assert (view["earlier"], view["later"]) == ("2026-03-09", "2026-03-11")
    [source] = view["sources"]
    assert (source["label"], source["heart_rate"]["n"]) == ("Strap", 1440)
    assert (source["beats"], source["motion"], source["off_wrist"]) == (None, None, [])
    assert ada.get("/night/2026-04-01")["sources"] == []


def test_noons_are_the_wearer_s(ada):
    end = LATE - timedelta(hours=2)
    slept = Sleep(key="n", device="strap", start=NOON, end=end, kind="main", utc_offset="+09:00")
    ada.store(STRAP, slept, rate(NOON, 600))
    view = ada.get("/night/2026-03-10")
    assert (view["begin"], view["end"]) == ("2026-03-09T03:00:00Z", "2026-03-10T03:00:00Z")
    assert view["latest"] == "2026-03-10"


def test_a_night_is_narrowed_to_where_seconds_were_measured(ada):
    """A watch's minutes go on all day; the strap was worn at night."""
    ada.store(
        STRAP,
        Device(key="watch", type="watch", name="Watch"),
        rate(NOON, 1440, 60_000, "watch"),
        Metric(key="b", device="strap", type="rr_interval", start=LATE, t=[0, 900], v=[900, 900]),
    )
    view = ada.get(f"/night/{DAY}")
    assert (view["first"], view["last"]) == ("2026-03-09T22:00:00Z", "2026-03-09T22:00:00.900000Z")
    assert len(view["sources"]) == 2


def test_a_closer_look_has_every_second(ada):
    ada.store(STRAP, rate(LATE, 8 * 3600))
    whole = ada.get(f"/night/{DAY}", points=100)["sources"][0]["heart_rate"]
    assert len(whole["t"]) <= 100 < whole["n"]
    span = {"start": "2026-03-09T23:00:00Z", "end": "2026-03-09T23:01:00Z"}
    close = ada.get(f"/night/{DAY}", points=100, **span)["sources"][0]["heart_rate"]
    assert (len(close["t"]), close["n"], close["breaks"]) == (62, 60, [])
    assert close["t"] == [int(LATE.timestamp() + 3599 + n) * 1000 for n in range(62)]
    outside = ada.get(f"/night/{DAY}", start="2026-03-12T00:00:00Z")
    assert outside["sources"][0]["heart_rate"] is None


def told(kind, minutes):
    at = LATE + timedelta(minutes=minutes)
    return Event(key=f"{kind} {minutes}", device="strap", type=kind, start=at)


def test_taken_off_is_told_from_off_to_on_and_by_whose_word(ada):
    marks = [("wrist_on", 0), ("wrist_off", 5), ("wrist_off", 6), ("wrist_on", 9), ("tag", 10)]
    ada.store(STRAP, rate(LATE, 600), *(told(*one) for one in [*marks, ("wrist_off", 12)]))
    view = ada.get(f"/night/{DAY}")
    [source] = view["sources"]
    assert [(one["start"][11:16], one["end"][11:16]) for one in source["off_wrist"]] == [
        ("22:05", "22:09"),
        ("22:12", "12:00"),
    ]
    assert [one["type"] for one in view["events"]].count("wrist_off") == 3
    assert {one["source_id"] for one in view["events"]} == {source["source_id"]}
    assert "tag" not in {one["type"] for one in view["events"]}


def test_the_sleep_that_ended_on_the_day_is_named(ada):
    end = LATE + timedelta(hours=8)
    slept = Sleep(key="n", device="strap", start=LATE, end=end, kind="main", utc_offset="+00:00")
    ada.store(STRAP, rate(LATE, 600), slept)
    found = ada.get(f"/night/{DAY}")["sleep"]
    assert found["id"] == ada.get("/sleep")["days"][0]["night"]
    assert (found["start"], found["end"]) == ("2026-03-09T22:00:00Z", "2026-03-10T06:00:00Z")


def still(metric, seconds=60):
    key = f"strap {metric}"
    return Metric(
        key=key, device="strap", type=metric, start=LATE, interval_ms=1000, v=[1.0] * seconds
    )


def test_families_that_are_not_shared_are_not_seen(ada):
    end = LATE + timedelta(hours=8)
    slept = Sleep(key="n", device="strap", start=LATE, end=end, kind="main", utc_offset="+00:00")
    ada.store(
        STRAP, rate(LATE, 60), told("wrist_off", 1), slept, *(still(metric) for metric in AXES)
    )

    def seen(families):
        with ada.hub.engine.connect() as conn:
            view = night.night(
                ada.hub, conn, ada.user_id, DAY, NOON, families.__contains__, points=99, beats=99
            )
        [source] = view.sources or [None]
        what = source and [source.heart_rate is not None, source.motion is not None]
        return what, bool(view.events), view.sleep is not None

    assert seen({"heart", "raw", "device", "sleep"}) == ([True, True], True, True)
    assert seen({"heart"}) == ([True, False], False, False)
    assert seen({"raw"}) == ([False, True], False, False)
    assert seen({"journal"}) == (None, False, False)


# Arithmetic ---------------------------------------------------------------------------------------


def column(t, v=None):
    return np.array(t, np.int64), np.array(v if v is not None else np.zeros(len(t)), float)


@pytest.mark.parametrize(
    ("t", "holes"),
    [
        ([], []),
        ([7], []),
        ([0, 1000, 2000, 3000], []),
        ([*range(0, 20_000, 1000), *range(21_000, 30_000, 1000)], [20]),  # one second
        ([*range(0, 6_000_000, 300_000), 12_000_000, 12_300_000], [20]),
        ([0, 60_000, 200_000, 430_000, 630_000, 700_000], []),  # now and then
        ([0, 60_000, 200_000, 430_000, 630_000, 60_000_000], [5]),
    ],
)
def test_holes_are_where_a_source_that_measures_steadily_did_not(t, holes):
    found = seconds.steady(*column(t))
    assert np.flatnonzero(found.broken).tolist() == holes


def test_motion_is_how_far_the_vector_came_in_a_second():
    x = column([0, 1000, 2000, 5000, 6000], [0, 30, 30, 500, 500])
    y = column([0, 1000, 2000, 5000, 6000], [0, 40, 40, 500, 512])
    z = column([0, 1000, 2000, 4000, 5000, 6000], [1000, 1000, 1000, 9, 500, 505])
    found = seconds.motion([x, y, z])
    assert found.t.tolist() == [1000, 2000, 6000]
    assert found.v.tolist() == [50, 0, 13]
    assert found.broken.tolist() == [False, False, True]
    assert seconds.motion([column([0])] * 3).t.size == 0
    assert seconds.motion([column([0, 3000])] * 3).t.size == 0


MINUTES = [*range(0, 600_000, 60_000), *range(900_000, 1_200_000, 60_000)]


@pytest.mark.parametrize(
    ("span", "shown", "n"),
    [
        ((0, 1_200_000), MINUTES, 15),
        ((120_000, 240_000), [60_000, 120_000, 180_000, 240_000], 2),
        ((130_000, 140_000), [120_000, 180_000], 0),  # a line goes through
        ((550_000, 700_000), None, 0),  # after the last before a hole
        ((520_000, 910_000), [480_000, 540_000, 900_000, 960_000], 2),
        ((900_000, 910_000), [900_000, 960_000], 1),  # nothing is known before
        ((2_000_000, 3_000_000), None, 0),
        ((-50, 0), None, 0),
    ],
)
def test_a_line_goes_on_beyond_what_is_looked_at(span, shown, n):
    held = seconds.steady(*column(MINUTES))
    found = seconds.course(held, "/min", span, 100)
    assert (found and found.t) == shown
    assert found is None or (found.n, [found.t[k] for k in found.breaks]) == (
        n,
        [900_000] if shown[0] < 900_000 <= shown[-1] else [],
    )


@given(st.lists(st.integers(0, 400), unique=True, max_size=80).map(sorted), st.integers(10, 50))
def test_a_course_never_goes_over_a_hole(found, points):
    held = seconds.steady(*column([at * 1000 for at in found], np.cos(found)))
    shown = seconds.course(held, "/min", (0, 10**9), points)
    if shown is None:
        assert found == []
        return
    assert shown.n == len(found) and shown.gaps == int(held.broken.sum())
    assert set(shown.t) <= set(held.t.tolist())
    drawn = zip(shown.t, shown.t[1:], range(1, len(shown.t)), strict=False)
    for before, at, n in drawn:
        inside = held.broken[(held.t > before) & (held.t <= at)].any()
        assert inside == (n in shown.breaks)
