"""The wearer's clock, from what records state and where home is."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from openfit.deriving.wearer import BEGINNING, segments


def at(text):
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def shape(found):
    return [(s.utc_offset, s.zone_name, s.basis) for s in found]


def test_nothing_known_is_said_to_be_unknown():
    assert shape(segments([], [])) == [(0, None, "unknown")]


def test_without_a_home_the_last_stated_offset_holds_until_the_next():
    found = segments([(at("2026-01-01"), 60), (at("2026-01-05"), 60), (at("2026-07-01"), 120)], [])
    assert [(s.from_utc, s.utc_offset) for s in found] == [
        (BEGINNING, 60),
        (at("2026-07-01"), 120),
    ]


def test_a_journey_leaves_home_and_comes_back_to_homes_daylight_saving():
    home = [(at("2020-01-01"), "Europe/Berlin")]
    stated = [(at("2026-02-01"), 60), (at("2026-03-20"), -300), (at("2026-04-02"), 120)]
    assert shape(segments(stated, home)) == [
        (60, "Europe/Berlin", "implied"),
        (-300, None, "stated"),
        (120, "Europe/Berlin", "stated"),
    ]


def test_a_move_for_good_changes_the_home_zone_from_its_day():
    homes = [(at("2020-01-01"), "Europe/Berlin"), (at("2026-05-01"), "Asia/Kolkata")]
    found = segments([(at("2026-06-01"), 330)], homes)
    assert shape(found) == [(60, "Europe/Berlin", "implied"), (330, "Asia/Kolkata", "implied")]


@given(st.lists(st.tuples(st.integers(0, 2_000_000_000_000), st.sampled_from([-300, 0, 60, 330]))))
def test_segments_rise_and_neighbours_differ(stated):
    found = segments(sorted(stated), [])
    assert all(a.from_utc < b.from_utc for a, b in zip(found, found[1:], strict=False))
    assert all(a.utc_offset != b.utc_offset for a, b in zip(found, found[1:], strict=False))
