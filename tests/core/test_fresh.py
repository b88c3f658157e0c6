"""Series of activities written all at once are those that are written one by one."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openfit.intake.samples import Samples
from openfit.store import engine, series
from openfit.store.series import Delivery
from openfit.store.tables import block, feeds
from openfit.store.tables import series as series_rows
from sqlalchemy import delete, select
from support.samples import DAY, MONDAY, USER, database, put, ref

TABLES = (series_rows, feeds, block)


@st.composite
def deliveries(draw):
    t = np.array(sorted(draw(st.sets(st.integers(0, 2 * DAY), max_size=6))), np.int64)
    cumulative = draw(st.booleans())
    of = ref(
        "steps" if cumulative else draw(st.sampled_from(["heart_rate", "power"])),
        activity_id=draw(st.sampled_from("ab")),
        source_id=draw(st.sampled_from([7, 8])),
        cumulative=cumulative,
        scale=1.0 if cumulative else 0.1,
    )
    v = draw(st.lists(st.integers(0, 300), min_size=t.size, max_size=t.size))
    d = np.full(t.size, 500, np.int64) if cumulative and draw(st.booleans()) else None
    covers = draw(st.sampled_from([None, (MONDAY, MONDAY + DAY), (MONDAY + 5, MONDAY + 3 * DAY)]))
    return Delivery(of, Samples(t + MONDAY, np.array(v, float), d), draw(st.integers(0, 3)), covers)


def stored(conn):
    return [conn.execute(select(table).order_by(*table.primary_key)).all() for table in TABLES]


@pytest.fixture
def conn(database_url):
    made = database(database_url)
    with engine.write(made) as conn:
        yield conn
    made.dispose()


def empty(conn):
    for table in TABLES[::-1]:
        conn.execute(delete(table))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.lists(st.lists(deliveries(), max_size=6), max_size=3))
def test_all_at_once_is_one_by_one(conn, pages):
    empty(conn)
    for receipt, page in enumerate(pages, 1):
        series.put_all(conn, USER, page, receipt=receipt)
    at_once = stored(conn)
    empty(conn)
    for receipt, page in enumerate(pages, 1):
        for one in page:
            put_one(conn, one, receipt)
    assert stored(conn) == at_once


def put_one(conn, one, receipt):
    more = {"receipt": receipt, "order": one.order, "covers": one.covers}
    series.put(conn, USER, one.ref, one.samples, **more)


def test_a_series_that_was_written_afresh_is_known_in_its_new_generation(conn):
    of, samples = ref(activity_id="a"), Samples(np.array([MONDAY]), np.array([60.0]), None)
    put(conn, of, [0], [50])
    generation = series.begin_rebuild(conn, USER, "c")
    put(conn, of, [0, 1000], [50, 51], generation=generation)
    series.swap(conn, USER, "c", generation)
    series.put_all(conn, USER, [Delivery(of, samples, 0, None)], receipt=9)
    [one] = series.all_live(conn, USER)
    t, v = series.read(conn, USER, one, 0, None)
    assert (one.generation, (t - MONDAY).tolist(), v.tolist()) == (generation, [0, 1000], [60, 51])
