"""Arguments of actions: one line of a manifest, and every value held against it."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openfit_sdk.arguments import Argument, ArgumentError, argument, check

NOW = datetime(2026, 11, 21, 20, 8, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def one(line: str, value):
    return check([argument("it", line)], {"it": value}, NOW, BERLIN)["it"]


@pytest.mark.parametrize(
    ("line", "value", "found"),
    [
        ("text", "AA:BB:CC", "AA:BB:CC"),
        ("integer", 7, 7),
        ("integer:0..7", "7", 7),
        ("integer:..7", -3, -3),
        ("number:0.5..2", "1.5", 1.5),
        ("number", 2, 2.0),
        ("choice:soft|strong", "strong", "strong"),
        ("flag", True, True),
        ("flag", "no", False),
        ("time", "2026-11-22T07:00:00+00:00", "2026-11-22T07:00:00+00:00"),
        ("time", "2026-11-22T07:00", "2026-11-22T07:00:00+01:00"),
        ("time", "22:00", "2026-11-21T22:00:00+01:00"),
        ("time", "7:00", "2026-11-22T07:00:00+01:00"),
    ],
)
def test_values_of_forms_and_of_command_lines(line, value, found):
    assert one(line, value) == found
    assert type(one(line, value)) is type(found)


@pytest.mark.parametrize(
    ("line", "value", "said"),
    [
        ("text", "two\nlines", "a line of text"),
        ("text", 5, "a line of text"),
        ("text", "x" * 1001, "1000 characters"),
        ("integer:0..7", 8, "a whole number from 0 to 7"),
        ("integer", 1.5, "a whole number"),
        ("integer", True, "a whole number"),
        ("integer", "nan", "a whole number"),
        ("integer", "inf", "a whole number"),
        ("number:0..", "1e400", "a number from 0"),
        ("choice:soft|strong", "loud", "one of soft, strong"),
        ("choice:soft|strong", 1, "one of soft, strong"),
        ("flag", "perhaps", "true or false"),
        ("flag", 1, "true or false"),
        ("time", "25:00", "such as 07:00"),
        ("time", 7, "such as 07:00"),
    ],
)
def test_a_wrong_value_is_refused_with_what_may_stand_there(line, value, said):
    with pytest.raises(ArgumentError, match=said) as refused:
        one(line, value)
    assert str(refused.value).startswith("it is ")


def test_defaults_stand_in_and_what_is_optional_stays_away():
    wanted = [argument("a", "integer=3"), argument("b", "text?"), argument("c", "flag")]
    assert check(wanted, {}) == {"a": 3, "c": False}
    assert check(wanted, {"a": "", "b": "x", "c": None}) == {"a": 3, "b": "x", "c": False}


def test_a_missing_or_unknown_argument_is_named():
    with pytest.raises(ArgumentError, match="at is missing; it is a time"):
        check([argument("at", "time")], {})
    with pytest.raises(ArgumentError, match="'of' is no argument of this action; it takes at"):
        check([argument("at", "time")], {"of": 1})
    with pytest.raises(ArgumentError, match="takes none"):
        check([], {"of": 1})


def test_a_default_time_of_day_is_the_next_one():
    wanted = [argument("at", "time=07:00")]
    assert check(wanted, {}, NOW, BERLIN) == {"at": "2026-11-22T07:00:00+01:00"}
    with pytest.raises(ValueError, match="as in 07:00"):
        argument("at", "time=2026-11-22T07:00:00Z")


def test_a_time_of_day_on_the_night_that_the_clock_changes_is_that_of_the_clock():
    """07:00 of the morning after, though the night has 25 hours."""
    evening = datetime(2026, 10, 24, 22, 0, tzinfo=BERLIN)
    assert check([argument("at", "time")], {"at": "07:00"}, evening, BERLIN) == {
        "at": "2026-10-25T07:00:00+01:00"
    }


@settings(max_examples=60)
@given(st.integers(0, 23), st.integers(0, 59), st.integers(-12, 14), st.integers(0, 86_399))
def test_the_next_time_is_within_a_day_and_never_past(hour, minute, offset, second):
    zone = timezone(timedelta(hours=offset))
    now = NOW + timedelta(seconds=second)
    found = check([argument("at", "time")], {"at": f"{hour}:{minute:02}"}, now, zone)["at"]
    moment = datetime.fromisoformat(found)
    assert timedelta(0) < moment - now <= timedelta(days=1)
    assert (moment.hour, moment.minute) == (hour, minute)


@settings(max_examples=100)
@given(st.text(max_size=30))
def test_any_line_is_read_or_refused_in_words(line):
    try:
        found = argument("it", line)
    except ValueError as error:
        assert "'it'" in str(error) or "it is" in str(error)
    else:
        assert isinstance(found, Argument)


@settings(max_examples=100)
@given(
    st.sampled_from(["text", "integer:0..7", "number", "flag", "choice:a|b", "time"]),
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.lists(st.integers(), max_size=2),
)
def test_any_value_is_taken_or_refused_in_words(line, value):
    try:
        check([argument("it", line)], {"it": value}, NOW, BERLIN)
    except ArgumentError as error:
        assert str(error).startswith("it is ")
