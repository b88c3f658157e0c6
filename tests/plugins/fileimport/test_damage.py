"""Whatever happens to a file on its way: what can be had is had, and nothing is raised."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openfit_fileimport import inspect, normalize
from openfit_sdk import RawItem, Report
from openfit_sdk.schema import Metric
from support.files import gpx, gzipped, zipped
from support.fit_writer import activity

GPX = gpx(1, points=12)
TCX = (
    b"<TrainingCenterDatabase><Activities><Activity Sport='Running'><Id>2026-03-01T07:00:00Z</Id>"
    b"<Lap StartTime='2026-03-01T07:00:00Z'><TotalTimeSeconds>9</TotalTimeSeconds><Track>"
    + b"".join(
        b"<Trackpoint><Time>2026-03-01T07:00:0%dZ</Time><HeartRateBpm><Value>%d</Value>"
        b"</HeartRateBpm></Trackpoint>" % (second, 100 + second)
        for second in range(10)
    )
    + b"</Track></Lap></Activity></Activities></TrainingCenterDatabase>"
)
BODIES = {
    "gpx": GPX,
    "tcx": TCX,
    "fit": activity(),
    "gz": gzipped(GPX),
    "zip": zipped({"a.gpx": GPX, "b.tcx": TCX, "c.gz": gzipped(GPX)}),
}


def read(body):
    return list(normalize(RawItem(kind="file", id="1", body=body)))


def well_told(found):
    """Every run of entities is followed by the report on its file."""
    return isinstance(found[-1], Report) and all(
        report.message.endswith(".") for report in found if isinstance(report, Report)
    )


def samples(found):
    """(metric, ms since 1970) -> value of what was recorded, not computed."""
    return {
        (one.type, round(one.start.timestamp() * 1000) + t): v
        for one in found
        if isinstance(one, Metric) and one.method == "reported"
        for t, v in zip(one.t, one.v, strict=True)
    }


@pytest.mark.parametrize("name", BODIES)
@given(st.data())
def test_bytes_that_were_changed_raise_nothing(name, data):
    body = bytearray(BODIES[name])
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    assert well_told(read(bytes(body)))
    assert "error" in inspect(RawItem(kind="file", id="1", body=bytes(body)))


@pytest.mark.parametrize("name", BODIES)
@given(st.data())
def test_bytes_that_were_lost_or_repeated_raise_nothing(name, data):
    body = BODIES[name]
    first, last = sorted(data.draw(st.lists(st.integers(0, len(body)), min_size=2, max_size=2)))
    assert well_told(read(body[:first] + body[last:]))
    assert well_told(read(body[:last] + body[first:]))


@given(st.binary(max_size=300))
def test_noise_is_told_to_be_noise(noise):
    found = read(noise)
    assert well_told(found)
    assert found[-1].status in ("failed", "unsupported", "partial")


@pytest.mark.parametrize("name", ["tcx", "gz"])
@given(st.data())
def test_a_file_cut_off_gives_what_came_before(name, data):
    whole = samples(read(BODIES[name]))
    cut = data.draw(st.integers(1, len(BODIES[name]) - 1))
    found = read(BODIES[name][:cut])
    assert samples(found).items() <= whole.items()
    assert found[-1].status != "ok"
