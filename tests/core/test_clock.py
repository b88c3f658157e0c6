"""The wearer's clock as the API tells it: travel and summer time are changes of offset."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openfit.config import Config
from openfit.hub import open_hub
from openfit.views import clock as view
from openfit_schema.time import Clock, Segment
from openfit_sdk.schema import Activity
from support.persons import asking, person


@pytest.fixture
def hub(tmp_path, database_url):
    return open_hub(Config(data=tmp_path / "data", database_url=database_url))


@pytest.fixture
def ada(hub):
    with asking(hub) as client:
        yield person(client, hub)


def outing(day, offset):
    start = datetime(2026, 3, day, 7, tzinfo=UTC)
    return Activity(
        key=f"{day}",
        sport="running",
        start=start,
        end=start + timedelta(hours=1),
        utc_offset=offset,
    )


def said(ada, **query):
    found = ada.get("/profile/clock", **query)["items"]
    return [(one["start"], one["utc_offset"]) for one in found]


def test_nothing_known_is_utc_and_says_so(ada):
    [only] = ada.get("/profile/clock", **{"from": "2026-03-01", "to": "2026-03-31"})["items"]
    assert (only["utc_offset"], only["zone"], only["basis"]) == ("+00:00", None, "unknown")


def test_summer_time_is_a_change(ada):
    ada.send("PUT", "/profile/zone", {"value": "Europe/Berlin", "since": "2020-01-01"})
    ada.settle()
    assert said(ada, **{"from": "2026-03-20", "to": "2026-04-05"}) == [
        ("2026-03-18T00:00:00Z", "+01:00"),
        ("2026-03-29T01:00:00Z", "+02:00"),
    ]


def test_a_flight_is_a_change_where_the_records_tell_of_it(ada):
    ada.store(outing(2, "+01:00"), outing(4, "+09:00"), outing(9, "+01:00"))
    offsets = [offset for _, offset in said(ada, **{"from": "2026-03-01", "to": "2026-03-12"})]
    assert offsets == ["+01:00", "+09:00", "+01:00"]


def test_a_span_that_nobody_lives_is_refused(ada):
    answer = ada.get("/profile/clock", 400, **{"from": "1900-01-01", "to": "2026-01-01"})
    assert answer["code"] == "span"


ZONES = st.sampled_from(["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Tokyo"])
DAYS = st.dates(date(2000, 1, 1), date(2037, 1, 1))


@given(zone=ZONES, first=DAYS, length=st.integers(0, 800), probe=st.floats(0, 1))
def test_the_offset_in_force_is_always_that_of_the_clock(zone, first, length, probe):
    clock = Clock([Segment(start=datetime(1990, 1, 1, tzinfo=UTC), zone=zone)])
    low = datetime(first.year, first.month, first.day, tzinfo=UTC)
    high = low + timedelta(days=length, hours=1)
    cuts = list(view.changes(clock, low, high))
    at = low + (high - low) * probe
    in_force = max(cut for cut in cuts if cut <= at)
    assert clock.offset_at(in_force) == clock.offset_at(at)
