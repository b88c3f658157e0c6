"""GPX: points to columns, tracks to activities, extensions of every vendor, damage salvaged."""

import io
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import gpxpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openfit_fileimport import gpx
from openfit_sdk import Report
from openfit_sdk.schema import Activity, Metric, problems, rejected
from support import files

SHA256 = "0123456789abcdef" * 4
START = datetime(2026, 3, 1, 7, 0, tzinfo=UTC)


def at(second):
    return (START + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%SZ")


def point(second, inner="", lat=None, lon=7.0, time=None):
    time = at(second) if time is None else time
    lat = 46 + second * 1e-5 if lat is None else lat
    stamp = f"<time>{time}</time>" if time else ""
    return f'<trkpt lat="{lat}" lon="{lon}">{inner}{stamp}</trkpt>'


def track(*segments, head=""):
    body = "".join(f"<trkseg>{''.join(points)}</trkseg>" for points in segments)
    return f"<trk>{head}{body}</trk>"


def document(*parts, declaration='<?xml version="1.0"?>', creator="test"):
    return f'{declaration}<gpx version="1.1" creator="{creator}">{"".join(parts)}</gpx>'


def read(text):
    body = text if isinstance(text, bytes) else text.encode()
    return list(gpx.read(io.BytesIO(body), SHA256))


def inspect(text):
    return gpx.inspect(io.BytesIO(text if isinstance(text, bytes) else text.encode()))


def activities(found):
    return [each for each in found if isinstance(each, Activity)]


def samples(found, type):
    [metric] = [each for each in found if isinstance(each, Metric) and each.type == type]
    return dict(zip(metric.t.tolist(), metric.v.tolist(), strict=True))


def codes(found):
    return [(each.status, each.code) for each in found if isinstance(each, Report)]


def test_a_track_becomes_an_activity_and_its_samples():
    head = "<name>Morning</name><type>Trail Run</type><desc>Hills</desc>"
    points = [point(n, f"<ele>{500 + n}</ele>") for n in range(10)]
    found = read(document(track(points, head=head)))
    [activity] = activities(found)
    assert activity.key == f"{SHA256[:32]}:0"
    assert (activity.start, activity.end) == (START, START + timedelta(seconds=9))
    assert (activity.sport, activity.sub_sport) == ("running", "trail")
    assert activity.ext == {"fileimport.sport": "Trail Run", "fileimport.creator": "test"}
    assert (activity.name, activity.notes) == ("Morning", "Hills")
    assert samples(found, "altitude") == {n * 1000: 500 + n for n in range(10)}
    assert activity.computed.distance == pytest.approx(9 * 1.11195, rel=1e-4)
    assert activity.computed.ascent == 9
    assert codes(found) == []


def test_recorded_and_computed_samples_are_told_apart():
    found = read(document(track([point(n, "<ele>1</ele>") for n in range(5)])))
    metrics = {each.type: each for each in found if isinstance(each, Metric)}
    assert {name for name, each in metrics.items() if each.method == "computed"} == {
        "track_distance",
        "speed",
    }
    assert metrics["speed"].algorithm == "track/1"
    assert all(each.revision == 10 for each in metrics.values())
    assert all(each.activity == f"{SHA256[:32]}:0" for each in metrics.values())


@pytest.mark.parametrize(
    ("inner", "type", "value"),
    [
        ("<x:TrackPointExtension><x:hr>120</x:hr></x:TrackPointExtension>", "heart_rate", 120),
        ("<x:TrackPointExtension><x:cad>80</x:cad></x:TrackPointExtension>", "cadence", 80),
        ("<a><atemp>-4.5</atemp></a>", "ambient_temperature", -4.5),
        ("<a><wtemp>18</wtemp></a>", "water_temperature", 18),
        ("<a><depth>3</depth></a>", "depth", 3),
        ("<a><speed>2.5</speed></a>", "speed", 2.5),
        ("<a><course>90</course></a>", "heading", 90),
        ("<a><bearing>91</bearing></a>", "heading", 91),
        ("<gpxdata:hr>121</gpxdata:hr>", "heart_rate", 121),
        ("<gpxdata:cadence>81</gpxdata:cadence>", "cadence", 81),
        ("<gpxdata:temp>20</gpxdata:temp>", "ambient_temperature", 20),
        ("<gpxdata:distance>12.5</gpxdata:distance>", "track_distance", 12.5),
        ("<gpxdata:seaLevelPressure>1013</gpxdata:seaLevelPressure>", "air_pressure", 1013),
        ("<gpxdata:altitude>99</gpxdata:altitude>", "altitude", 99),
        ("<power>250</power>", "power", 250),
        ("<p:PowerExtension><p:PowerInWatts>251</p:PowerInWatts></p:PowerExtension>", "power", 251),
        ("<watts>252</watts>", "power", 252),
        ("<heartrate>122</heartrate>", "heart_rate", 122),
        ("<heart_rate>123</heart_rate>", "heart_rate", 123),
        ("<RunCadence>82</RunCadence>", "cadence", 82),
    ],
)
def test_extensions_are_known_by_their_local_names(inner, type, value):
    names = 'xmlns:x="urn:x" xmlns:gpxdata="urn:g" xmlns:p="urn:p"'
    text = document(track([point(0, f"<extensions {names}>{inner}</extensions>")]))
    assert samples(read(text), type) == {0: value}


def test_gpx_1_0_has_speed_and_course_in_the_point():
    found = read(document(track([point(0, "<course>180</course><speed>3</speed>")])))
    assert samples(found, "speed") == {0: 3}
    assert samples(found, "heading") == {0: 180}


def test_a_preferred_name_is_completed_by_the_next_point_by_point():
    inner = ["<cad>80</cad><RunCadence>79</RunCadence>", "<RunCadence>81</RunCadence>"]
    found = read(document(track([point(n, each) for n, each in enumerate(inner)])))
    assert samples(found, "cadence") == {0: 80, 1000: 81}


@pytest.mark.parametrize("text", ["", " ", "n/a", "NaN", "inf", "1e400", "1_000", "--"])
def test_what_is_no_number_is_missing(text):
    found = read(document(track([point(0, "<ele>1</ele>"), point(1, f"<ele>{text}</ele>")])))
    assert samples(found, "altitude") == {0: 1}


def test_a_heart_rate_of_zero_is_a_lost_sensor():
    found = read(document(track([point(0, "<hr>0</hr>"), point(1, "<hr>90</hr>")])))
    assert samples(found, "heart_rate") == {1000: 90}


@pytest.mark.parametrize("lat", ["NaN", "91", "-90.001", "x", "1e400", "0.0000001"])
def test_a_position_that_is_nowhere_is_missing(lat):
    lon = "0" if lat == "0.0000001" else "7"
    points = [point(0), point(1, lat=lat, lon=lon), point(2)]
    assert set(samples(read(document(track(points))), "latitude")) == {0, 2000}


def test_each_track_is_an_activity_of_its_own():
    tracks = [track([point(n * 100), point(n * 100 + 1)]) for n in range(3)]
    found = activities(read(document(*tracks)))
    assert [each.key[-2:] for each in found] == [":0", ":1", ":2"]
    assert [each.start for each in found] == [START + timedelta(seconds=n * 100) for n in range(3)]


def test_between_segments_is_a_pause_and_no_way():
    first, second = [point(n) for n in range(3)], [point(n, lat=50 + n / 1e5) for n in (60, 61)]
    found = read(document(track(first, second)))
    [activity] = activities(found)
    [pause] = activity.pauses
    assert (pause.start, pause.end) == (START + timedelta(seconds=2), START + timedelta(seconds=60))
    assert activity.computed.distance == pytest.approx(3 * 1.11195, rel=1e-3)
    assert activity.computed.elapsed_seconds == 61


@pytest.mark.parametrize(
    ("text", "instant", "offset"),
    [
        ("2026-03-01T07:00:00Z", START, None),
        ("2026-03-01T07:00:00.5Z", START + timedelta(milliseconds=500), None),
        ("2026-03-01T07:00:00.123456789Z", START + timedelta(milliseconds=123), None),
        ("2026-03-01T09:00:00+02:00", START, "+02:00"),
        ("2026-03-01T01:30:00-05:30", START, "-05:30"),
        ("2026-03-01T07:00:00", START, None),
        ("2026-03-01 07:00:00Z", START, None),
        ("2026-02-28T24:00:00Z", START - timedelta(hours=7), None),
        ("2026-03-01T06:59:60Z", START, None),
        ("  2026-03-01T07:00:00Z\n", START, None),
        ("2026-03-01T07:07:00+00:07", START, None),
    ],
)
def test_times_in_all_their_forms(text, instant, offset):
    [activity] = activities(read(document(track([point(0, time=text)]))))
    assert (activity.start, activity.utc_offset) == (instant, offset)


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z"])
def test_a_time_that_is_none_is_missing(text):
    found = read(document(track([point(0), point(1, time=text), point(2)])))
    assert set(samples(found, "latitude")) == {0, 2000}
    assert codes(found) == [("partial", "untimed_points")]


def test_times_without_a_zone_are_read_as_utc_and_that_is_said():
    found = read(document(track([point(0, time="2026-03-01T07:00:00")])))
    assert activities(found)[0].basis == "unknown"
    assert codes(found) == [("ok", "no_zone")]


def test_points_out_of_order_are_sorted_and_that_is_said():
    found = read(document(track([point(n, f"<ele>{n}</ele>") for n in (0, 3, 1, 2)])))
    assert samples(found, "altitude") == {0: 0, 1000: 1, 2000: 2, 3000: 3}
    assert codes(found) == [("ok", "out_of_order")]


def test_of_points_at_one_time_the_last_value_of_each_kind_stands():
    points = [point(0, "<ele>1</ele><hr>100</hr>"), point(0, "<ele>2</ele>"), point(1)]
    found = read(document(track(points)))
    assert samples(found, "altitude") == {0: 2}
    assert samples(found, "heart_rate") == {0: 100}


@pytest.mark.parametrize(
    "text",
    [
        document(track([point(0, time=""), point(1, time="")])),
        document('<rte><rtept lat="1" lon="2"/></rte>'),
        document('<wpt lat="1" lon="2"/>'),
        document(),
    ],
)
def test_what_is_no_recording_is_said_to_be_none(text):
    found = read(text)
    assert codes(found) == [("unsupported", "route_only")]
    assert len(found) == 1


def test_a_route_beside_a_recording_is_mentioned():
    assert codes(read(document("<rte/>", track([point(0)])))) == [("ok", "route_left_out")]


def test_the_sums_of_the_device_are_kept_apart_from_ours():
    statistics = (
        "<extensions><TrackStatsExtension><Distance>1234</Distance><TimerTime>60</TimerTime>"
        "<Ascent>12</Ascent></TrackStatsExtension></extensions>"
    )
    [activity] = activities(read(document(track([point(0), point(1)], head=statistics))))
    reported = activity.reported
    assert (reported.distance, reported.timer_seconds, reported.ascent) == (1234, 60, 12)
    assert activity.computed.distance == pytest.approx(1.11, abs=0.01)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "cp1252"])
def test_encodings(encoding):
    declared = {"utf-8-sig": "utf-8", "cp1252": "windows-1252"}.get(encoding, encoding)
    declaration = f'<?xml version="1.0" encoding="{declared}"?>'
    text = document(track([point(0)], head="<name>café</name>"), declaration=declaration)
    assert activities(read(text.encode(encoding)))[0].name == "café"


def test_a_long_recording_crosses_the_blocks_of_the_reader():
    points = [point(n, f"<ele>{n % 100}</ele>" if n % 3 else "") for n in range(6000)]
    found = read(document(track(points)))
    altitude, latitude = samples(found, "altitude"), samples(found, "latitude")
    assert len(latitude) == 6000
    assert altitude == {n * 1000: n % 100 for n in range(6000) if n % 3}


def test_a_truncated_file_gives_what_came_before():
    whole = document(track([point(n) for n in range(20)]))
    found = read(whole[: whole.index("<trkpt", len(whole) // 2) + 20])
    [report] = [each for each in found if isinstance(each, Report)]
    assert (report.status, report.code) == ("partial", "truncated")
    assert 0 < report.at_byte < len(whole)
    assert 5 < len(samples(found, "latitude")) < 15


def test_damage_in_the_middle_gives_what_came_before():
    whole = document(track([point(n) for n in range(20)]))
    cut = whole.index("<trkpt", len(whole) // 2)
    found = read(whole[:cut] + "<&>" + whole[cut:])
    assert codes(found) == [("partial", "bad_xml")]
    assert 5 < len(samples(found, "latitude")) < 15


def test_what_follows_the_root_is_left_and_said():
    found = read(document(track([point(0)])) + "<html/>")
    assert len(activities(found)) == 1
    assert codes(found) == [("partial", "junk_after_root")]


def test_stray_text_around_leaves_does_no_harm():
    found = read(
        document(
            track(
                [f"<trkpt lat='1' lon='2'>stray {'<ele>5</ele>'} text<time>{at(0)}</time></trkpt>"]
            )
        )
    )
    assert samples(found, "altitude") == {0: 5}
    assert activities(found)[0].start == START


def test_a_point_within_a_point_does_not_confuse_the_reader():
    inner = point(1)
    found = read(document(track([f'<trkpt lat="1" lon="2">{inner}</trkpt>', point(2)])))
    assert len(activities(found)) == 1


@pytest.mark.parametrize("n", range(3))
def test_all_that_comes_out_can_be_stored(n):
    found = read(files.gpx(n, offset="+05:30"))
    assert activities(found)[0].utc_offset == "+05:30"
    assert [each for entity in found for each in rejected(problems(entity))] == []


@given(st.permutations(range(8)), st.lists(st.booleans(), min_size=8, max_size=8))
def test_the_order_of_points_changes_no_sample(order, gaps):
    points = [point(n, "" if gap else f"<ele>{n}</ele>") for n, gap in enumerate(gaps)]
    [mixed] = activities(read(document(track([points[n] for n in order]))))
    straight = read(document(track(points)))
    assert mixed.computed == activities(straight)[0].computed
    metrics = [each for each in straight if isinstance(each, Metric)]
    assert all(all(a < b for a, b in pairwise(each.t)) for each in metrics)


@given(st.data())
def test_any_cut_of_a_file_is_read_as_far_as_it_goes(data):
    whole = files.gpx(0, points=30)
    cut = data.draw(st.integers(0, len(whole) - 1))
    found = read(whole[:cut])
    timed = whole[:cut].count(b"</time>")
    assert (len(samples(found, "latitude")) if activities(found) else 0) == timed
    assert codes(found)[-1][1] == "truncated"


@given(st.data())
def test_damage_anywhere_is_an_answer_never_an_exception(data):
    body = bytearray(files.gpx(0, points=20))
    for _ in range(data.draw(st.integers(1, 8))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    found = read(bytes(body))
    assert all(each.message for each in found if isinstance(each, Report))
    assert {"kind", "error", "trkpts"} <= inspect(bytes(body)).keys()


def test_values_are_those_of_gpxpy():
    body = files.gpx(5, points=300, offset="+02:00")
    theirs = gpxpy.parse(body.decode()).tracks[0].segments[0].points
    found = read(body)
    start = activities(found)[0].start
    assert [p.latitude for p in theirs] == list(samples(found, "latitude").values())
    assert [p.longitude for p in theirs] == list(samples(found, "longitude").values())
    assert [p.elevation for p in theirs] == list(samples(found, "altitude").values())
    times = [(p.time - start) / timedelta(milliseconds=1) for p in theirs]
    assert times == list(samples(found, "latitude"))
