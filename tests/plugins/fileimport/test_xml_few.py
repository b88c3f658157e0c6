"""Few points are summed up without numpy, to the very words and numbers that numpy gives."""

import gc
import io
import json
import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openfit_fileimport import gpx, table, tcx, texts, xml

DEGREES = st.one_of(
    st.floats(-90, 90).map(str),
    st.sampled_from(["0", "-0.0", "90", "1e308", "-1e308", "400", "nan", "1_0", "", "x", " 7 "]),
)
TIMES = st.one_of(
    st.datetimes().map(lambda time: time.isoformat() + "Z"),
    st.sampled_from(
        ["2026-03-01T07:00:00", "2026-03-01T07:00:59.25+05:30", "", "noon", "x 2026-03-01T07:00Z"]
    ),
)
LEAVES = st.one_of(
    st.tuples(st.just("time"), TIMES),
    st.tuples(st.sampled_from(["ele", "gpxtpx:hr", "cad"]), DEGREES),
)


@st.composite
def tracks(draw):
    parts = []
    for _ in range(draw(st.integers(0, 3))):
        parts.append("<trk>")
        for _ in range(draw(st.integers(0, 3))):
            parts.append("<trkseg>")
            for lat, lon, leaves in draw(
                st.lists(st.tuples(DEGREES, DEGREES, st.lists(LEAVES, max_size=3)), max_size=5)
            ):
                inner = "".join(f"<{name}>{text}</{name}>" for name, text in leaves)
                parts.append(f'<trkpt lat="{lat}" lon="{lon}">{inner}</trkpt>')
            parts.append("</trkseg>")
        parts.append("</trk>")
    return f"<gpx>{''.join(parts)}</gpx>".encode()


def both(inspect, body):
    """As few points are read, and as many."""
    with pytest.MonkeyPatch.context() as patch, np.errstate(all="ignore"):
        plain = inspect(io.BytesIO(body))
        patch.setattr(table, "FEW", -1)
        return plain, inspect(io.BytesIO(body))


@given(tracks())
def test_a_gpx_summary_is_the_same_with_and_without_numpy(body):
    few, many = both(gpx.inspect, body)
    # The last bit of numpy's sines differs from processor to processor.
    assert few.pop("length_2d_m", 0) == pytest.approx(many.pop("length_2d_m", 0), 1e-9, abs=0.01)
    assert json.dumps(few) == json.dumps(many)


@given(st.lists(st.tuples(TIMES, DEGREES), max_size=6))
def test_a_tcx_summary_is_the_same_with_and_without_numpy(rows):
    points = "".join(
        f"<Trackpoint><Time>{time}</Time><HeartRateBpm><Value>{rate}</Value></HeartRateBpm>"
        f"<Cadence>{rate}</Cadence></Trackpoint>"
        for time, rate in rows
    )
    body = f"<TrainingCenterDatabase><Track>{points}</Track></TrainingCenterDatabase>".encode()
    few, many = both(tcx.inspect, body)
    assert json.dumps(few) == json.dumps(many)


@given(st.lists(TIMES.filter(str.split), max_size=40), st.lists(DEGREES.filter(str.split)))
def test_lists_are_the_arrays(times, degrees):
    for convert, found in ((texts.INSTANTS, times), (texts.NUMBERS, degrees)):
        if found:
            np.testing.assert_array_equal(convert.few(found), convert.many(found))


def test_a_column_is_listed_as_it_is_in_an_array():
    points = table.Table({"hr": texts.NUMBERS})
    points.rows = 4
    points.columns["x:hr"] += [0, "7", 2, " ", 3, "9", 3, "8"]
    assert points.counts == {"hr": 3}
    np.testing.assert_array_equal(points.column("hr"), [7, np.nan, np.nan, 9])
    np.testing.assert_array_equal(points.listed("hr"), [7, np.nan, np.nan, 9])
    assert points.counts == {"hr": 3}
    assert points.column("cad") is None is points.listed("cad")


@pytest.mark.parametrize("cut", [None, -30, -40, -70])
def test_a_document_goes_when_nobody_holds_it(cut):
    body = b'<gpx><wpt><name/></wpt><trk><trkseg><trkpt lat="1"><ele/></trkpt></trkseg></trk></gpx>'
    gc.disable()  # no cycle keeps it until the collector comes
    try:
        document = gpx.Gpx()
        assert (xml.parse(io.BytesIO(body[:cut]), document) is None) is (cut is None)
        points = weakref.ref(document.points)
        del document
        assert points() is None
    finally:
        gc.enable()
