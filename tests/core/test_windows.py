"""The walk through a vendor's history."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from openfit.intake.windows import days, plan

NOW = datetime(2026, 3, 29, 12, 30, tzinfo=UTC)


def spans(**options):
    return [
        (w.start.date().isoformat(), w.end.isoformat())
        for w in plan(NOW, date(2026, 3, 1), set(), **options)
    ]


def test_today_comes_first_and_nothing_is_asked_of_the_future():
    first = next(plan(NOW, date(2026, 3, 1), set(), slice_days=7, reread_days=0))
    assert first.end == NOW
    assert first.start == datetime(2026, 3, 22, 10, tzinfo=UTC)  # the 23rd begins in the east


def test_slices_walk_back_to_where_history_is_wanted():
    assert len(spans(slice_days=7, reread_days=0)) == 5


def test_covered_slices_are_skipped_but_the_last_days_are_read_again():
    everything = set(days(date(2026, 3, 1), date(2026, 3, 29)))
    found = list(plan(NOW, date(2026, 3, 1), everything, slice_days=1, reread_days=2))
    days_asked = [(w.start + timedelta(hours=14)).date().day for w in found]
    assert days_asked == [29, 28, 27]


@given(
    st.integers(0, 400),
    st.integers(1, 60),
    st.integers(0, 10),
    st.sets(st.integers(0, 400), max_size=60),
)
def test_every_day_that_is_not_covered_is_asked_for(history, width, reread, covered):
    first = NOW.date() - timedelta(days=history)
    known = {NOW.date() - timedelta(days=n) for n in covered}
    asked = [
        day
        for w in plan(NOW, first, known, slice_days=width, reread_days=reread)
        for day in days(w.start.date() + timedelta(days=1), w.end.date())
    ]
    assert set(days(first, NOW.date())) - known <= set(asked)
