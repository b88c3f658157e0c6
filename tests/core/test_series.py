"""Series in a real database: what is put in comes out, once, at any resolution."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from openfit.store import connections, engine, series, tombstones
from openfit.store.tables import block, minute_block, rollup
from openfit_schema.metrics import METRICS
from openfit_schema.time import Clock
from sqlalchemy import func, select
from support.samples import DAY, MONDAY, USER, database, put, ref, samples

SECOND, MINUTE, HOUR = 1000, 60_000, 3_600_000
HEART_RATE = ("heart_rate", 7, "", "reported")


@pytest.fixture
def conn(database_url):
    made = database(database_url)
    with engine.write(made) as conn:
        yield conn
    made.dispose()


def only(conn):
    (one,) = series.all_live(conn, USER)
    return one


def test_samples_come_out_as_they_went_in(conn):
    touched = put(conn, ref(), [0, 5 * SECOND, DAY + 1], [60, 61, 62])
    assert touched == {date(2026, 3, 30), date(2026, 3, 31)}
    t, v = series.read(conn, USER, only(conn), MONDAY + 1, None)
    assert ((t - MONDAY).tolist(), v.tolist()) == ([5 * SECOND, DAY + 1], [61.0, 62.0])


def test_the_same_again_touches_nothing(conn):
    put(conn, ref(), [0, 1], [60, 61], receipt=1)
    assert put(conn, ref(), [0, 1], [60, 61], receipt=1) == set()
    assert put(conn, ref(), [0, 1], [60, 61], receipt=2) == set()
    assert samples(conn)[HEART_RATE] == {0: (60.0, None), 1: (61.0, None)}


def test_the_greater_revision_wins_in_either_order(conn):
    put(conn, ref(), [0], [60], receipt=1, order=9)
    put(conn, ref(), [0], [70], receipt=2, order=8)
    assert samples(conn)[HEART_RATE] == {0: (60.0, None)}


def test_a_covered_span_forgets_lower_revisions_even_late_ones(conn):
    put(conn, ref(), [0, 10, 20], [60, 61, 62], receipt=1)
    touched = put(conn, ref(), [10], [80], receipt=3, covers=(0, 3 * DAY))
    assert touched == {date(2026, 3, 30)}
    put(conn, ref(), [5, 2 * DAY], [50, 51], receipt=2)
    assert samples(conn)[HEART_RATE] == {10: (80.0, None)}


@pytest.mark.parametrize(
    "scale, value", [(1.0, 62.0), (0.1, 62.3), (1e-7, 51.4778901), (0.25, 0.75)]
)
def test_values_are_kept_to_their_resolution(conn, scale, value):
    put(conn, ref(scale=scale), [0, 1], [value, value + scale * 0.4])
    _, v = series.read(conn, USER, only(conn), MONDAY, None)
    assert v.tolist() == [value, value]


def test_before_1970_is_a_time_like_any_other(conn):
    put(conn, ref(), [-MONDAY - DAY - 1, -MONDAY - 1], [60, 61])
    assert list(samples(conn)[HEART_RATE]) == [-MONDAY - DAY - 1, -MONDAY - 1]
    assert series.extents(conn, USER)[0][1:] == (-DAY - 1, -1)


def test_sources_methods_and_activities_do_not_mix(conn):
    for n, more in enumerate([{}, {"source_id": 8}, {"method": "computed"}, {"activity_id": "a"}]):
        put(conn, ref(**more), [0], [60 + n])
    assert sorted(v[0][0] for v in samples(conn).values()) == [60.0, 61.0, 62.0, 63.0]
    assert [(one.method, n) for one, n in series.of_activity(conn, USER, "a")] == [("reported", 1)]
    assert len(series.continuous(conn, USER, "heart_rate")) == 3


# Taking away -------------------------------------------------------------------------------------


def test_a_raw_item_that_fed_alone_leaves_nothing(conn):
    put(conn, ref(), [0], [60], receipt=1)
    assert series.strip(conn, USER, 1) == {"heart_rate": {date(2026, 3, 30)}}
    assert series.all_live(conn, USER) == []
    for table in (block, minute_block, rollup):
        assert conn.execute(select(func.count()).select_from(table)).scalar() == 0


def test_what_lay_beside_a_removed_item_stays_and_needs_no_rebuild(conn):
    put(conn, ref(), [0, 1], [60, 61], receipt=1)
    put(conn, ref(), [HOUR, DAY], [70, 71], receipt=2)
    series.strip(conn, USER, 2)
    assert samples(conn)[HEART_RATE] == {0: (60.0, None), 1: (61.0, None)}
    assert series.stale(conn, USER, "c") == []


def test_what_lay_under_a_removed_item_comes_back_by_a_rebuild(conn):
    connection = connections.ensure(conn, USER, "fileimport", 0).connection_id
    mine = ref(connection_id=connection)
    put(conn, mine, [0, 1], [60, 61], receipt=1)
    put(conn, mine, [1, 2], [70, 71], receipt=2)
    series.strip(conn, USER, 2)
    assert samples(conn)[HEART_RATE] == {0: (60.0, None)}
    assert connections.get(conn, USER, connection).rebuild == "series"
    (stale,) = series.stale(conn, USER, connection)
    assert series.feeders(conn, USER, {stale.series_id}) == [1]
    generation = series.begin_rebuild(conn, USER, connection)
    put(conn, mine, [0, 1], [60, 61], receipt=1, generation=generation)
    touched = series.swap(conn, USER, connection, generation, only={stale.series_id})
    assert touched == {"heart_rate": {date(2026, 3, 30)}}
    assert samples(conn)[HEART_RATE] == {0: (60.0, None), 1: (61.0, None)}
    assert series.stale(conn, USER, connection) == []


def test_readers_see_the_old_until_the_swap(conn):
    put(conn, ref(), [0, DAY], [60, 61], receipt=1)
    put(conn, ref("power"), [0], [200], receipt=1)
    generation = series.begin_rebuild(conn, USER, "c")
    put(conn, ref(), [0, DAY], [60, 99], receipt=1, generation=generation)
    assert samples(conn)[HEART_RATE] == {0: (60.0, None), DAY: (61.0, None)}
    touched = series.swap(conn, USER, "c", generation)
    assert touched == {"heart_rate": {date(2026, 3, 31)}, "power": {date(2026, 3, 30)}}
    assert samples(conn) == {HEART_RATE: {0: (60.0, None), DAY: (99.0, None)}}


def test_a_rebuild_that_was_cut_off_leaves_no_trace(conn):
    put(conn, ref(), [0], [60])
    put(conn, ref(), [0, 1], [80, 81], generation=series.begin_rebuild(conn, USER, "c"))
    again = series.begin_rebuild(conn, USER, "c")
    put(conn, ref(), [0], [70], generation=again)
    series.swap(conn, USER, "c", again)
    assert samples(conn)[HEART_RATE] == {0: (70.0, None)}


def test_erasing_reaches_what_is_being_rebuilt(conn):
    put(conn, ref(), [0, HOUR], [60, 61])
    generation = series.begin_rebuild(conn, USER, "c")
    put(conn, ref(), [0, HOUR], [60, 61], generation=generation)
    touched = series.erase(conn, USER, 7, "heart_rate", (MONDAY, MONDAY + MINUTE))
    assert touched == {date(2026, 3, 30)}
    assert samples(conn)[HEART_RATE] == {HOUR: (61.0, None)}
    series.swap(conn, USER, "c", generation)
    assert samples(conn)[HEART_RATE] == {HOUR: (61.0, None)}


def test_samples_of_a_deleted_activity_are_not_seen(conn):
    put(conn, ref(activity_id="a"), [0], [60])
    put(conn, ref(activity_id="b"), [0], [61])
    number = tombstones.hide_entity(conn, USER, "a", 0)
    assert [one.activity_id for one in series.all_live(conn, USER)] == ["b"]
    tombstones.lift(conn, USER, number)
    series.drop_activities(conn, USER, ["b"])
    assert [one.activity_id for one in series.all_live(conn, USER)] == ["a"]


def test_of_many_activities_each_is_one_value_where_the_span_is_long(conn):
    put(conn, ref(), [0], [50])
    for n, name in enumerate(["a", "b", "c"]):
        put(conn, ref(activity_id=name), [n * 100 * DAY, n * 100 * DAY + MINUTE], [60, 60 + n])
    put(conn, ref("steps", activity_id="b", cumulative=True), [5, 6], [30, 40], [1, 1])
    put(conn, ref(activity_id="b", source_id=8), [100 * DAY], [99])
    [mine, other] = series.outings(conn, USER, "heart_rate", MONDAY + 1, MONDAY + 999 * DAY)
    assert (mine.t - MONDAY).tolist() == [100 * DAY, 200 * DAY]
    assert mine.v.tolist() == [60.5, 61.0]
    assert (other.one.source_id, other.v.tolist()) == (8, [99.0])
    [steps] = series.outings(conn, USER, "steps", 0, MONDAY + DAY)
    assert steps.v.tolist() == [70.0]
    assert set(series.outings_extents(conn, USER)) == {
        ("heart_rate", 7, MONDAY, MONDAY + 200 * DAY + MINUTE),
        ("heart_rate", 8, MONDAY + 100 * DAY, MONDAY + 100 * DAY),
        ("steps", 7, MONDAY + 5, MONDAY + 6),
    }
    tombstones.hide_entity(conn, USER, "c", 0)
    [mine, _] = series.outings(conn, USER, "heart_rate", MONDAY, MONDAY + 999 * DAY)
    assert mine.v.tolist() == [60.0, 60.5]


# Resolutions -------------------------------------------------------------------------------------


def worn(days: int, every: int, seed: int = 1):
    chance = np.random.default_rng(seed)
    t = np.arange(0, days * DAY, every)
    return t[chance.random(t.size) > 0.1], chance.integers(40, 180, t.size)


@pytest.mark.parametrize("every", [30 * SECOND, 40, 10], ids=["day", "hour", "minute"])
def test_minutes_hours_and_days_equal_the_samples_at_any_block_width(conn, every):
    """In blocks of a day, an hour or a minute, as the rate of the first delivery asks."""
    put(conn, ref(), np.arange(20) * every, np.full(20, 60))
    t, v = worn(3, 30 * SECOND)
    v = v[: t.size]
    for some in (slice(0, None, 3), slice(1, None, 3), slice(2, None, 3)):
        put(conn, ref(), t[some], v[some], order=1)
    at, values = series.read(conn, USER, only(conn), MONDAY, MONDAY + 3 * DAY)
    expected = by(at, values)
    for span, unit in ((3, MINUTE), (61, HOUR), (1200, DAY)):
        found = series.window(conn, USER, only(conn), MONDAY, MONDAY + span * DAY, 10_000)
        assert dict(zip(found.t, found.v, strict=True)) == expected(unit)


def by(t, v):
    def means(unit):
        return {at: v[t // unit * unit == at].mean() for at in np.unique(t // unit * unit)}

    return means


def test_a_shrunken_day_has_shrunken_totals(conn):
    put(conn, ref(), [0, HOUR, 5 * HOUR], [60, 70, 80], receipt=1)
    put(conn, ref(), [HOUR], [90], receipt=2, covers=(0, DAY))
    found = series.window(conn, USER, only(conn), MONDAY, MONDAY + 100 * DAY, 100)
    assert ((found.t - MONDAY).tolist(), found.v.tolist()) == ([HOUR], [90.0])


def test_the_server_chooses_the_resolution_by_the_span():
    spans = (2 * DAY, 3 * DAY, 61 * DAY, 2000 * DAY)
    assert [series.resolution(span) for span in spans] == ["raw", "minute", "hour", "day"]


def test_thinning_keeps_the_ends_and_the_extremes():
    v = np.sin(np.arange(10_000) / 50.0)
    v[4321], v[8765] = 9.0, -9.0
    shown = series.thin(np.arange(10_000), v, 200)
    assert {0, 4321, 8765, 9999} <= set(shown.tolist())
    assert len(shown) <= 200 and (np.diff(shown) > 0).all()
    assert series.thin(np.arange(5), v[:5], 200).tolist() == [0, 1, 2, 3, 4]


# The wearer's days -------------------------------------------------------------------------------

CLOCKS = {
    "UTC": Clock.fixed("+00:00"),
    "half-hour": Clock.fixed("+05:30"),
    "a 23-hour day": Clock.in_zone("Europe/Berlin"),
    "far west": Clock.fixed("-09:30"),
}


@pytest.mark.parametrize("clock", CLOCKS.values(), ids=CLOCKS)
@pytest.mark.parametrize(
    "metric", ["floors_climbed", "skin_temperature", "max_heart_rate", "weight", "heart_rate"]
)
def test_days_equal_those_of_the_samples(conn, clock, metric):
    definition = METRICS[metric]
    t, v = worn(4, 11 * MINUTE)
    v = v[: t.size] * definition.resolution
    put(conn, ref(metric, scale=definition.resolution), t - 2 * DAY, v)
    first, last = date(2026, 3, 27), date(2026, 4, 1)
    found = series.fold_days(conn, USER, only(conn), definition, clock, first, last)
    expected = day_by_day(clock, t + MONDAY - 2 * DAY, v)
    assert {day: n for day, _, n in found} == {day: len(some) for day, some in expected.items()}
    assert {day: value for day, value, _ in found} == pytest.approx(
        {day: fold(definition, some, t + MONDAY - 2 * DAY) for day, some in expected.items()}
    )


def day_by_day(clock, t, v):
    """The slow way: ask the clock for the day of every sample."""
    days: dict[date, list[tuple[int, float]]] = {}
    for at, value in zip(t.tolist(), v.tolist(), strict=True):
        days.setdefault(clock.day_of(datetime.fromtimestamp(at / 1000, UTC)), []).append(
            (at, value)
        )
    return days


def fold(definition, some, t):
    values = [value for _, value in some]
    if definition.fold == "time_weighted":
        hold = definition.hold_seconds * 1000
        until = [min([other - at for other in t if other > at] + [hold]) for at, _ in some]
        stood = [min(span, hold) for span in until]
        return sum(v * s for v, s in zip(values, stood, strict=True)) / sum(stood)
    simple = {"sum": sum, "min": min, "max": max, "last": lambda v: v[-1]}
    return simple.get(definition.fold, lambda v: sum(v) / len(v))(values)


def test_an_interval_over_midnight_is_shared_by_its_days(conn):
    steps = ref("steps", cumulative=True)
    touched = put(conn, steps, [DAY - 2 * HOUR], [300], [3 * HOUR])
    assert touched == {date(2026, 3, 30), date(2026, 3, 31)}
    found = fold_steps(conn, Clock.fixed("+00:00"))
    assert found == [(date(2026, 3, 30), 200.0, 1), (date(2026, 3, 31), 100.0, 0)]
    assert sum(value for _, value, _ in fold_steps(conn, Clock.fixed("+05:45"))) == 300


def fold_steps(conn, clock):
    span = (date(2026, 3, 29), date(2026, 4, 2))
    return series.fold_days(conn, USER, only(conn), METRICS["steps"], clock, *span)


def test_minutes_of_a_day_follow_the_clock(conn):
    put(conn, ref("steps", cumulative=True), [-HOUR, 0], [60, 90], [HOUR, 2 * MINUTE])
    minutes, sums = series.minutes_of_day(
        conn, USER, only(conn), Clock.fixed("-00:01"), date(2026, 3, 30)
    )
    assert ((minutes - MONDAY // MINUTE).tolist(), sums.tolist()) == ([1], [45])


def test_a_day_that_was_skipped_has_no_value(conn):
    samoa = Clock.in_zone("Pacific/Apia")  # 2011-12-30 never was
    put(conn, ref("weight", scale=0.01), [-MONDAY + 1_325_239_200_000], [70.0])
    first = date(2011, 12, 29)
    found = series.fold_days(
        conn, USER, only(conn), METRICS["weight"], samoa, first, first + timedelta(days=3)
    )
    assert found == [(date(2011, 12, 31), 70.0, 1)]
