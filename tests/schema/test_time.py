from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openfit_schema import (
    Clock,
    Segment,
    Sleep,
    offset_minutes,
    offset_of,
    offset_text,
    sleep_day,
    wearer_day,
)

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def hours(spans):
    return [(end - start) / HOUR for start, end in spans]


def moved(*segments):
    """A clock of (from, offset or zone) pairs."""
    return Clock(
        Segment(start=at(start), **{"zone" if "/" in place else "utc_offset": place})
        for start, place in segments
    )


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("+00:00", 0), ("+05:30", 330), ("-03:30", -210), ("+05:45", 345), ("-00:15", -15)],
)
def test_offsets_are_read_and_written(text, minutes):
    assert (offset_minutes(text), offset_text(minutes)) == (minutes, text)


@pytest.mark.parametrize("text", ["5:30", "+5:30", "+0530", "Z", "+17:00", "+05:60", ""])
def test_what_is_no_offset_is_refused(text):
    with pytest.raises(ValueError, match="is no UTC offset"):
        offset_minutes(text)


def test_the_offset_of_an_aware_time_is_kept():
    assert offset_of(datetime.fromisoformat("2026-05-17T12:00:00+05:30")) == "+05:30"
    with pytest.raises(ValueError, match="has no UTC offset"):
        offset_of(datetime(2026, 5, 17))


@pytest.mark.parametrize(
    ("instant", "offset", "day"),
    [
        ("2026-05-16T18:29:59", "+05:30", date(2026, 5, 16)),
        ("2026-05-16T18:30:00", "+05:30", date(2026, 5, 17)),
        ("2026-01-01T09:59:59", "-10:00", date(2025, 12, 31)),
        ("2026-01-01T10:00:00", "+14:00", date(2026, 1, 2)),
    ],
)
def test_the_day_is_the_date_on_the_wearers_wrist(instant, offset, day):
    assert wearer_day(at(instant), offset) == day


# Clocks that change


def test_the_day_the_clock_springs_forward_has_23_hours():
    clock = Clock.in_zone("Europe/Berlin")
    assert clock.day_span(date(2026, 3, 29)) == [(at("2026-03-28T23:00"), at("2026-03-29T22:00"))]
    assert hours(clock.day_span(date(2026, 3, 29))) == [23]


def test_the_day_the_clock_falls_back_has_25_hours():
    clock = Clock.in_zone("Europe/Berlin")
    assert clock.day_span(date(2026, 10, 25)) == [(at("2026-10-24T22:00"), at("2026-10-25T23:00"))]
    assert hours(clock.day_span(date(2026, 10, 25))) == [25]


def test_a_half_hour_change_makes_days_of_23_and_a_half_and_24_and_a_half():
    clock = Clock.in_zone("Australia/Lord_Howe")
    assert hours(clock.day_span(date(2026, 10, 4))) == [23.5]
    assert hours(clock.day_span(date(2026, 4, 5))) == [24.5]


def test_a_midnight_that_never_was_starts_the_day_at_one():
    clock = Clock.in_zone("Africa/Cairo")  # 00:00 becomes 01:00 on the last Friday of April
    assert hours(clock.day_span(date(2026, 4, 24))) == [23]


def test_a_midnight_that_came_twice_is_one_day_before_and_one_after():
    clock = Clock.in_zone("America/Havana")  # 01:00 becomes 00:00
    assert hours(clock.day_span(date(2026, 11, 1))) == [25]


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns"])
def test_zones_of_half_and_quarter_hours_have_whole_days(zone):
    assert hours(Clock.in_zone(zone).day_span(date(2026, 5, 17))) == [24]


def test_a_zone_that_skipped_a_day_has_none():
    clock = Clock.in_zone("Pacific/Apia")
    assert clock.day_span(date(2011, 12, 30)) == []
    assert hours(clock.day_span(date(2011, 12, 29))) == [24]
    assert hours(clock.day_span(date(2011, 12, 31))) == [24]


# A wearer who travels


def test_a_day_flown_over_the_date_line_going_west_is_missing():
    clock = moved(("2026-01-01T00:00", "-10:00"), ("2026-03-02T10:00", "+14:00"))
    assert clock.day_span(date(2026, 3, 2)) == []
    assert hours(clock.day_span(date(2026, 3, 1))) == [24]
    assert hours(clock.day_span(date(2026, 3, 3))) == [24]


def test_a_day_flown_over_the_date_line_going_east_is_lived_twice():
    clock = moved(("2026-01-01T00:00", "+13:00"), ("2026-03-02T15:00", "-10:00"))
    assert clock.day_span(date(2026, 3, 2)) == [
        (at("2026-03-01T11:00"), at("2026-03-02T11:00")),
        (at("2026-03-02T15:00"), at("2026-03-03T10:00")),
    ]
    assert hours(clock.day_span(date(2026, 3, 3))) == [4, 24]


def test_moving_for_good_changes_days_from_then_on_and_none_before():
    home, away = Clock.in_zone("Europe/Berlin"), Clock.in_zone("America/New_York")
    clock = moved(("2020-01-01T00:00", "Europe/Berlin"), ("2026-06-01T12:00", "America/New_York"))
    assert clock.day_span(date(2026, 5, 31)) == home.day_span(date(2026, 5, 31))
    assert clock.day_span(date(2026, 6, 2)) == away.day_span(date(2026, 6, 2))
    assert hours(clock.day_span(date(2026, 6, 1))) == [30]


def test_before_its_first_segment_a_clock_stands_as_in_it():
    clock = moved(("2026-05-17T12:00", "+05:30"))
    assert clock.day_of(at("2020-01-01T18:30")) == date(2020, 1, 2)


def test_days_of_a_range_are_those_it_touches():
    clock = Clock.fixed("+05:30")
    assert clock.days(at("2026-05-16T18:29"), at("2026-05-17T18:31")) == [
        date(2026, 5, 16),
        date(2026, 5, 17),
        date(2026, 5, 18),
    ]
    assert clock.days(at("2026-05-16T18:30"), at("2026-05-17T18:30")) == [date(2026, 5, 17)]


def test_a_clock_of_nothing_or_of_two_answers_is_refused():
    with pytest.raises(ValueError, match="at least one segment"):
        Clock([])
    with pytest.raises(ValueError, match="same instant"):
        moved(("2026-01-01T00:00", "+01:00"), ("2026-01-01T00:00", "+02:00"))
    with pytest.raises(ValueError, match="needs an offset or a zone"):
        Segment(start=at("2026-01-01T00:00"))
    with pytest.raises(ValueError, match="No time zone is called 'Mars/Olympus'"):
        Clock.in_zone("Mars/Olympus")


# Sleeps


def night(end, utc_offset="+02:00"):
    return Sleep(key="n", start=at("2026-10-24T21:00"), end=end, utc_offset=utc_offset)


def test_a_sleep_belongs_to_the_day_of_waking():
    assert sleep_day(night(at("2026-10-25T05:00"))) == date(2026, 10, 25)


def test_a_sleep_over_a_change_of_clock_is_dated_by_the_offset_at_waking():
    waking = at("2026-10-25T22:30")  # 23:30 in winter time, 00:30 in summer time
    assert sleep_day(night(waking)) == date(2026, 10, 26)
    assert sleep_day(night(waking), Clock.in_zone("Europe/Berlin")) == date(2026, 10, 25)


def test_a_sleep_that_has_not_ended_or_has_no_offset_has_no_day():
    assert sleep_day(night(None)) is None
    assert sleep_day(night(at("2026-10-25T05:00"), utc_offset=None)) is None


# Properties

ZONES = [
    "Europe/Berlin",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Auckland",
    "Africa/Cairo",
    "Antarctica/Troll",
    "UTC",
]
starts = st.datetimes(datetime(2009, 1, 1), datetime(2013, 1, 1), timezones=st.just(UTC))
segments = st.builds(
    lambda start, place: Segment(start=start, **place),
    starts,
    st.sampled_from([{"zone": zone} for zone in ZONES])
    | st.integers(-48, 56).map(lambda quarters: {"utc_offset": offset_text(quarters * 15)}),
)
clocks = st.lists(segments, min_size=1, max_size=4, unique_by=lambda s: s.start).map(Clock)


@settings(max_examples=150, deadline=None)
@given(clocks, st.dates(date(2009, 1, 1), date(2013, 1, 1)))
def test_the_spans_of_days_divide_time_without_gap_or_overlap(clock, first):
    days = [first + n * DAY for n in range(6)]
    spans = sorted(span for day in days for span in clock.day_span(day))
    middle = datetime.combine(first + 3 * DAY, datetime.min.time(), UTC)
    near = [(start, end) for start, end in spans if start < middle + DAY and middle - DAY < end]
    assert all(start < end for start, end in spans)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    assert all(a[1] == b[0] for a, b in pairwise(near))
    assert near[0][0] <= middle - DAY and middle + DAY <= near[-1][1]


@settings(max_examples=300, deadline=None)
@given(clocks, starts)
def test_an_instant_lies_in_the_span_of_its_day_and_of_no_other(clock, instant):
    day = clock.day_of(instant)
    holding = [
        other
        for other in (day + n * DAY for n in range(-2, 3))
        if any(start <= instant < end for start, end in clock.day_span(other))
    ]
    assert holding == [day]


@settings(max_examples=100, deadline=None)
@given(clocks, st.dates(date(2009, 1, 1), date(2013, 1, 1)))
def test_all_instants_of_a_span_have_its_day(clock, day):
    for start, end in clock.day_span(day):
        for instant in (start, start + (end - start) / 2, end - timedelta(microseconds=1)):
            assert clock.day_of(instant) == day
        assert clock.days(start, end) == [day]


@given(st.integers(-16 * 60 - 59, 16 * 60 + 59))
def test_offset_text_and_minutes_are_inverse(minutes):
    assert offset_minutes(offset_text(minutes)) == minutes
