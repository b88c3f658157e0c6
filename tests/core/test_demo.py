"""The demo's athlete: always the same, up to now, and taken in once."""

import os
from datetime import UTC, datetime, timedelta

import pytest
from openfit import demo, importing, profile
from openfit.config import Config
from openfit.hub import open_hub, owner_id

NOON = datetime(2026, 5, 20, 12, 0, tzinfo=UTC)


def test_a_day_later_the_same_outings_are_there_and_none_in_the_future():
    before, after = demo.planned(NOON), demo.planned(NOON + timedelta(days=7))
    assert len(before) > 60
    assert set(before) - set(after) == {one for one in before if one.start < after[-1].start}
    assert all(one.start + demo.LONGEST < NOON for one in before)
    assert len({one.name for one in before}) == len(before)


def test_an_outing_is_the_same_file_each_time_and_over_when_it_is_said_to_be():
    one = next(one for one in demo.planned(NOON) if one.plan.kilometres > 60)
    assert demo.tcx(one.outing()) == demo.tcx(one.outing())
    assert one.outing().times()[-1] < one.start + demo.LONGEST


def test_some_outings_have_no_heart_rate():
    unstrapped = next(one for one in demo.planned(NOON) if not one.strapped)
    assert "HeartRateBpm" not in demo.tcx(unstrapped.outing())


@pytest.fixture
def hub(tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "now_ms", lambda: int(NOON.timestamp() * 1000))
    return open_hub(Config(data=tmp_path, database_url=f"sqlite:///{tmp_path}/openfit.db"))


def test_what_is_there_is_not_taken_in_again(hub):
    me, latest = owner_id(hub), demo.planned(NOON)[:2]
    demo.take(hub, me, importing.new_import(), latest)
    assert demo.wanted(hub, me, demo.planned(NOON)[:3]) == demo.planned(NOON)[2:3]


def test_the_child_ends_with_its_parent(hub):
    reading, writing = os.pipe()
    os.close(writing)
    demo.fill(hub, importing.new_import(), reading)
    os.close(reading)
    assert demo.known_names(hub, owner_id(hub)) == set()


def test_a_demo_that_has_everything_begins_nothing(hub, monkeypatch):
    monkeypatch.setattr(demo, "WEEKS", 0)
    me, reading = owner_id(hub), os.open(os.devnull, os.O_RDONLY)
    demo.take(hub, me, importing.new_import(), demo.planned(NOON))
    demo.fill(hub, importing.new_import(), reading)
    os.close(reading)
    assert len(demo.known_names(hub, me)) == len(demo.planned(NOON))


def test_thresholds_hold_for_every_outing(hub):
    demo.state_thresholds(hub, owner_id(hub))
    with hub.engine.connect() as conn:
        said = profile.statements(conn, owner_id(hub))
    firsts = {one.field: one.since for one in said}  # each field's oldest comes last
    assert set(firsts) == {field for field, _, _ in demo.STATED}
    assert max(firsts.values()) <= demo.planned(NOON)[-1].start.date()
