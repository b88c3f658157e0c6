"""Times that are written alike are read at once, and as each of them would be read alone."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openfit_fileimport import texts

MANY = texts.ENOUGH
RARE = [
    "2024-02-30T06:02:31Z",
    "2024-02-29T24:00:00Z",
    "2024-13-01T06:02:31Z",
    "2024-00-10T06:02:31Z",
    "2024-01-00T06:02:31Z",
    "2016-12-31T23:59:60Z",
    "2016-12-31T23:61:00Z",
    "2016-12-31t23:59:00Z",
    "2016-12-31T23:59:00z",
    "2016-12-31T23:59:0Z.",
    "2016/12/31T23:59:00Z",
    "٢016-12-31T23:59:00Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "0000-01-01T00:00:00Z",
]


def alone(found: list[str]) -> np.ndarray:
    return np.concatenate([texts.instants([text]) for text in found])


@given(
    st.lists(st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)), min_size=MANY, max_size=40),
    st.sampled_from(["seconds", "milliseconds", "microseconds"]),
    st.sampled_from(["Z", "+00:00", "-00:00", "+05:45", "-11:00"]),
)
def test_times_written_alike_are_read_as_each_alone(times, precision, zone):
    written = [time.isoformat(timespec=precision) + zone for time in times]
    np.testing.assert_array_equal(texts.instants(written), alone(written))


@given(st.lists(st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1)), min_size=MANY))
def test_what_was_written_is_read_to_the_microsecond(times):
    found = texts.instants([time.isoformat(timespec="microseconds") + "Z" for time in times])
    read = [texts.from_us(us) for us in found[:, 0].tolist()]
    assert read == [time.replace(tzinfo=UTC) for time in times]


@pytest.mark.parametrize("odd", RARE)
@pytest.mark.parametrize("place", [0, MANY // 2])
def test_one_odd_time_among_many_is_read_as_it_is_alone(odd, place):
    written = [f"2024-05-06T07:08:{n:02}Z" for n in range(MANY)]
    written[place] = odd
    np.testing.assert_array_equal(texts.instants(written), alone(written))


@pytest.mark.parametrize("digits", range(12))
def test_fractions_of_any_length(digits):
    fraction = "." + "123456789012"[:digits] if digits else ""
    written = [f"2024-05-06T07:08:{n:02}{fraction}Z" for n in range(MANY)]
    np.testing.assert_array_equal(texts.instants(written), alone(written))
