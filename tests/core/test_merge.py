"""Several sources, one view."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from openfit.deriving.merge import (
    OUTNUMBERED,
    Candidate,
    Session,
    alike,
    pair,
    resolve,
    twin_groups,
    unite,
)

HOUR = 3_600_000
WATCH, PHONE, RING = 1, 2, 3


def candidate(source, device, value, method="computed"):
    return Candidate(source, device, method, value, 1)


def test_the_ladder_decides_and_a_named_source_beats_its_device_type():
    rows = [candidate(WATCH, "watch", 61.0), candidate(RING, "ring", 57.0)]
    assert resolve(rows, []).source_id == RING
    assert resolve(rows, ["watch", "ring"]).source_id == WATCH
    assert resolve(rows, ["watch", str(RING)]).source_id == WATCH
    assert resolve(rows, [str(RING), "watch"]).source_id == RING


def test_what_the_person_entered_beats_every_device():
    rows = [candidate(RING, "ring", 57.0), candidate(PHONE, "app", 55.0, "manual")]
    assert resolve(rows, ["ring"]).value == 55.0


def test_a_spot_reading_is_not_a_day_that_a_device_measured():
    night, spot = Candidate(RING, "ring", "reported", 51.5, 90), Candidate(9, "", "manual", 72.0, 1)
    assert resolve([night, spot], []).source_id == RING
    assert resolve([spot, night], ["ring", "watch"]).source_id == RING
    assert resolve([night, spot], ["9"]).source_id == 9
    assert resolve([spot], []).value == 72.0


@given(st.integers(1, 50), st.integers(1, 1500))
def test_a_persons_word_counts_first_until_it_is_outnumbered(entered, measured):
    rows = [
        Candidate(RING, "ring", "reported", 51.5, measured),
        Candidate(9, "", "manual", 72.0, entered),
    ]
    assert (resolve(rows, []).source_id == 9) == (measured < OUTNUMBERED * entered)


def test_a_vendors_own_summary_beats_our_fold_of_the_same_source():
    rows = [candidate(RING, "ring", 57.2), candidate(RING, "ring", 57.0, "reported")]
    assert (resolve(rows, []).value, resolve(rows, []).method) == (57.0, "reported")


def test_nothing_resolves_to_nothing():
    assert resolve([], ["ring"]) is None


def minutes(**pairs):
    keys = np.array([int(key[1:]) for key in pairs], dtype=np.int64)
    return keys, np.array(list(pairs.values()), dtype=np.int64)


def test_phone_and_watch_are_not_added_and_a_charging_watch_loses_no_steps():
    watch = minutes(m10=100, m11=90)  # then on its charger
    phone = minutes(m11=80, m12=70)
    at, steps, origin = unite([watch, phone])
    assert at.tolist() == [10, 11, 12]
    assert steps.tolist() == [100, 90, 70]
    assert origin.tolist() == [0, 0, 1]


def test_several_totals_of_one_source_in_a_minute_all_count():
    at, steps, _ = unite([(np.array([5, 5]), np.array([3, 4])), (np.array([5]), np.array([100]))])
    assert (at.tolist(), steps.tolist()) == ([5, 5], [3, 4])


@given(
    st.lists(
        st.dictionaries(st.integers(0, 50), st.integers(0, 100), max_size=20),
        min_size=1,
        max_size=4,
    )
)
def test_each_minute_belongs_to_the_best_source_that_has_it(sources):
    packs = [minutes(**{f"m{m}": total for m, total in sorted(s.items())}) for s in sources]
    at, values, origin = unite(packs)
    assert at.tolist() == sorted(set().union(*sources))
    for minute, value, source in zip(at, values, origin, strict=True):
        best = next(i for i, s in enumerate(sources) if int(minute) in s)
        assert (source, value) == (best, sources[best][int(minute)])


def session(id, start=0.0, hours=1.0, distance=None, heart_rate=None, richness=1):
    start = round(start * HOUR)
    return Session(id, start, start + round(hours * HOUR), "c", "", distance, heart_rate, richness)


def ids(groups):
    return [[s.id for s in group] for group in groups]


def test_the_same_run_from_watch_and_phone_is_one_event_led_by_the_richer_record():
    watch = session("watch", 0, 1.0, 10_000, 150, richness=9)
    phone = session("phone", 0.02, 0.97, 10_150, 152)
    assert ids(twin_groups([phone, watch])) == [["watch", "phone"]]


def test_two_workouts_back_to_back_stay_two():
    assert ids(twin_groups([session("a", 0, 1), session("b", 1, 1)])) == [["a"], ["b"]]
    assert ids(twin_groups([session("a", 0, 1), session("b", 0.9, 1)])) == [["a"], ["b"]]


def test_two_people_on_one_account_at_one_time_are_told_apart_by_distance_or_heart_rate():
    assert not alike(session("a", distance=10_000), session("b", distance=6_000))
    assert not alike(session("a", heart_rate=150), session("b", heart_rate=118))


def test_a_short_lap_inside_a_long_ride_is_no_twin_of_it():
    assert not alike(session("ride", 0, 5), session("lap", 1, 0.5))


def test_a_person_can_split_and_join_whatever_they_look_like():
    a, b, c = session("a"), session("b"), session("c", 30, 2)
    assert ids(twin_groups([a, b, c], {pair("a", "b"): "split"})) == [["a"], ["b"], ["c"]]
    assert ids(twin_groups([a, b, c], {pair("c", "a"): "join"})) == [["a", "b", "c"]]


sessions = st.lists(
    st.builds(
        session,
        st.uuids().map(str),
        st.floats(0, 20),
        st.floats(0.1, 4),
        st.none() | st.floats(100, 50_000),
        st.none() | st.floats(60, 180),
        st.integers(1, 5),
    ),
    max_size=8,
    unique_by=lambda s: s.id,
)


@given(sessions, st.randoms())
def test_groups_depend_on_no_order_and_hold_each_record_once(found, random):
    groups = ids(twin_groups(found))
    shuffled = list(found)
    random.shuffle(shuffled)
    assert ids(twin_groups(shuffled)) == groups
    assert sorted(id for group in groups for id in group) == sorted(s.id for s in found)


@given(sessions, st.data())
def test_no_group_holds_a_pair_that_was_split(found, data):
    if len(found) < 2:
        return
    a, b = data.draw(st.permutations(found))[:2]
    groups = ids(twin_groups(found, {pair(a.id, b.id): "split"}))
    assert not any(a.id in group and b.id in group for group in groups)
