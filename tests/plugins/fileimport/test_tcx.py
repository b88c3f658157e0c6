"""TCX: the device's laps and sums, tracks and pauses, multisport, courses, odd files."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openfit_fileimport import tcx
from openfit_sdk import Report
from openfit_sdk.schema import Activity, Device, Metric, Totals, problems, rejected

SHA256 = "fedcba9876543210" * 4
START = datetime(2026, 3, 1, 7, 0, tzinfo=UTC)
TPX = '<Extensions><x:TPX xmlns:x="urn:x">{}</x:TPX></Extensions>'


def moment(second):
    return START + timedelta(seconds=second)


def at(second):
    return moment(second).strftime("%Y-%m-%dT%H:%M:%SZ")


def point(second, inner=""):
    return f"<Trackpoint><Time>{at(second)}</Time>{inner}</Trackpoint>"


def position(latitude, longitude=7):
    return (
        f"<Position><LatitudeDegrees>{latitude}</LatitudeDegrees>"
        f"<LongitudeDegrees>{longitude}</LongitudeDegrees></Position>"
    )


def lap(second, *tracks, head=""):
    body = "".join(f"<Track>{''.join(points)}</Track>" for points in tracks)
    return f'<Lap StartTime="{at(second)}">{head}{body}</Lap>'


ID = at(0)


def workout(*laps, sport="Running", tail="", id=ID):
    return f'<Activity Sport="{sport}"><Id>{id}</Id>{"".join(laps)}{tail}</Activity>'


def document(*activities, beside=""):
    return (
        '<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2">'
        f"<Activities>{''.join(activities)}</Activities>{beside}</TrainingCenterDatabase>"
    )


def read(text):
    return list(tcx.read(io.BytesIO(text.encode()), SHA256))


def inspect(text):
    return tcx.inspect(io.BytesIO(text.encode()))


def activities(found):
    return [each for each in found if isinstance(each, Activity)]


def samples(found, type):
    [metric] = [each for each in found if isinstance(each, Metric) and each.type == type]
    return dict(zip(metric.t.tolist(), metric.v.tolist(), strict=True))


def codes(found):
    return [(each.status, each.code) for each in found if isinstance(each, Report)]


def numbers(**values):
    names = {"seconds": "TotalTimeSeconds", "metres": "DistanceMeters", "kcal": "Calories"}
    return "".join(f"<{names[name]}>{value}</{names[name]}>" for name, value in values.items())


def test_an_activity_with_its_laps_and_samples():
    inner = "<HeartRateBpm><Value>12{0}</Value></HeartRateBpm><Cadence>8{0}</Cadence>"
    points = [point(n, inner.format(n)) for n in range(4)]
    found = read(document(workout(lap(0, points[:2]), lap(2, points[2:]), sport="Biking")))
    [activity] = activities(found)
    assert (activity.sport, activity.ext) == ("cycling", {"fileimport.sport": "Biking"})
    assert (activity.start, activity.end) == (START, moment(3))
    assert [(each.start, each.end) for each in activity.laps] == [
        (START, moment(2)),
        (moment(2), moment(3)),
    ]
    assert samples(found, "heart_rate") == {0: 120, 1000: 121, 2000: 122, 3000: 123}
    assert samples(found, "cadence") == {0: 80, 1000: 81, 2000: 82, 3000: 83}
    assert activity.pauses == []
    assert all(each.revision == 20 for each in found if isinstance(each, Metric))


@pytest.mark.parametrize(
    ("inner", "type", "value"),
    [
        ("<AltitudeMeters>12.5</AltitudeMeters>", "altitude", 12.5),
        ("<DistanceMeters>3.25</DistanceMeters>", "track_distance", 3.25),
        ("<HeartRateBpm><Value>131</Value></HeartRateBpm>", "heart_rate", 131),
        (
            "<HeartRateBpm>\n  <x:Value xmlns:x='urn:x'>132.5</x:Value>\n</HeartRateBpm>",
            "heart_rate",
            132.5,
        ),
        ("<HeartRateBpm><!-- a --><Value>13<!-- b -->3</Value></HeartRateBpm>", "heart_rate", 133),
        (TPX.format("<x:Speed>2.5</x:Speed>"), "speed", 2.5),
        (TPX.format("<x:Watts>200</x:Watts>"), "power", 200),
        (TPX.format("<x:RunCadence>85</x:RunCadence>"), "cadence", 85),
        ("<Cadence>70</Cadence>" + TPX.format("<RunCadence>85</RunCadence>"), "cadence", 70),
        ("<Cadence>70</Cadence><Cadence>71</Cadence>", "cadence", 70),
        (position(45.5), "latitude", 45.5),
    ],
)
def test_what_a_trackpoint_can_hold(inner, type, value):
    assert samples(read(document(workout(lap(0, [point(0, inner)])))), type) == {0: value}


def test_the_totals_of_a_lap():
    head = (
        numbers(seconds=60, metres=180.5, kcal=12)
        + "<MaximumSpeed>4.5</MaximumSpeed><AverageHeartRateBpm><Value>140</Value>"
        "</AverageHeartRateBpm><MaximumHeartRateBpm><Value>150</Value></MaximumHeartRateBpm>"
        "<Intensity>Resting</Intensity><Cadence>82</Cadence><TriggerMethod>Distance</TriggerMethod>"
        "<Extensions><LX><AvgSpeed>3</AvgSpeed><MaxRunCadence>90</MaxRunCadence><Steps>170</Steps>"
        "<AvgWatts>210</AvgWatts><MaxWatts>300</MaxWatts></LX></Extensions>"
    )
    [activity] = activities(read(document(workout(lap(0, head=head)))))
    [only] = activity.laps
    assert (only.trigger, only.intensity) == ("distance", "rest")
    assert only.totals == Totals(
        timer_seconds=60,
        distance=180.5,
        energy=12,
        max_speed=4.5,
        avg_speed=3,
        avg_heart_rate=140,
        max_heart_rate=150,
        avg_cadence=82,
        max_cadence=90,
        steps=170,
        avg_power=210,
        max_power=300,
    )
    assert activity.reported == only.totals
    assert activity.end == START + timedelta(seconds=60)


def test_the_sums_of_laps_are_weighted_where_they_are_means():
    rate = "<AverageHeartRateBpm><Value>{}</Value></AverageHeartRateBpm>"
    laps = [
        lap(0, head=numbers(seconds=60, metres=100, kcal=5) + rate.format(120)),
        lap(60, head=numbers(seconds=180, metres=400, kcal=15) + rate.format(160)),
    ]
    [activity] = activities(read(document(workout(*laps))))
    reported = activity.reported
    assert (reported.timer_seconds, reported.distance, reported.energy) == (240, 500, 20)
    assert reported.avg_heart_rate == 150
    assert reported.max_heart_rate is reported.avg_power is reported.steps is None


def test_a_mean_is_left_out_when_one_lap_lacks_it():
    rate = "<AverageHeartRateBpm><Value>120</Value></AverageHeartRateBpm>"
    laps = [lap(0, head=numbers(seconds=60) + rate), lap(60, head=numbers(seconds=60))]
    [activity] = activities(read(document(workout(*laps))))
    assert activity.reported.avg_heart_rate is None


def test_a_lap_without_samples_is_an_activity_all_the_same():
    [activity] = activities(
        read(document(workout(lap(0, head=numbers(seconds=1800, metres=5000)))))
    )
    assert (activity.start, activity.end) == (START, moment(1800))
    assert (activity.reported.distance, activity.computed) == (5000, None)


def test_tracks_of_one_lap_are_apart_by_a_pause_and_laps_are_not():
    def metres(second, north):
        return point(second, position(46 + north * 1e-5))

    first = [metres(0, 0), metres(1, 1)], [metres(60, 500), metres(61, 501)]
    [activity] = activities(read(document(workout(lap(0, *first), lap(62, [metres(62, 502)])))))
    [pause] = activity.pauses
    assert (pause.start, pause.end) == (moment(1), moment(60))
    assert activity.computed.distance == pytest.approx(3 * 1.11195, rel=1e-3)


def test_points_with_only_a_time_mark_a_pause_and_hold_nothing():
    found = read(
        document(workout(lap(0, [point(0, position(46)), point(5), point(9, position(46.1))])))
    )
    assert set(samples(found, "latitude")) == {0, 9000}


def test_the_creator_is_the_device_and_its_number_is_not_kept():
    creator = (
        "<Creator><Name>Forerunner 945</Name><UnitId>3312345678</UnitId><ProductID>3113</ProductID>"
        "<Version><VersionMajor>13</VersionMajor><VersionMinor>0</VersionMinor></Version></Creator>"
    )
    author = "<Author><Name>Some App</Name></Author>"
    found = read(document(workout(lap(0, [point(0, position(1))]), tail=creator), beside=author))
    [device] = [each for each in found if isinstance(each, Device)]
    assert (device.model, device.firmware) == ("Forerunner 945", "13.0")
    assert "3312345678" not in str(found)
    [activity] = activities(found)
    assert activity.device == device.key
    assert {each.device for each in found if isinstance(each, Metric)} == {device.key}
    assert found.index(device) < found.index(activity)


def test_a_multisport_session_is_a_group_of_activities():
    swim, run = workout(lap(0), sport="Swimming"), workout(lap(100), id=at(100))
    change = (
        f'<Transition StartTime="{at(50)}"><TotalTimeSeconds>50</TotalTimeSeconds></Transition>'
    )
    session = (
        f"<MultiSportSession><Id>{at(0)}</Id><FirstSport>{swim}</FirstSport>"
        f"<NextSport>{change}{run}</NextSport></MultiSportSession>"
    )
    found = activities(read(document(session, workout(lap(900), id=at(900)))))
    assert [each.sport for each in found] == ["swimming", "transition", "running", "running"]
    assert found[0].group == found[1].group == found[2].group != found[3].group is None
    assert found[1].reported.timer_seconds == 50
    assert len({each.key for each in found}) == 4


def test_two_multisport_sessions_are_two_groups():
    session = "<MultiSportSession><FirstSport>{}</FirstSport></MultiSportSession>"
    found = activities(read(document(*(session.format(workout(lap(n))) for n in (0, 900)))))
    assert found[0].group != found[1].group


def test_a_course_is_no_recording():
    course = (
        f"<Courses><Course><Name>x</Name><Track>{point(0, position(1))}</Track></Course></Courses>"
    )
    found = read(document(beside=course))
    assert codes(found) == [("unsupported", "route_only")]
    assert inspect(document(beside=course))["Course"] == 1


def test_a_course_beside_an_activity_is_left_out_and_said():
    course = f"<Courses><Course><Track>{point(900, position(1))}</Track></Course></Courses>"
    found = read(document(workout(lap(0, [point(0, position(2))])), beside=course))
    assert codes(found) == [("ok", "route_left_out")]
    assert samples(found, "latitude") == {0: 2}


@pytest.mark.parametrize(
    ("text", "offset"), [("Z", None), ("+02:00", "+02:00"), ("-05:30", "-05:30")]
)
def test_the_offset_is_the_stated_one(text, offset):
    time = f"2026-03-01T07:00:00{text}"
    body = document(f'<Activity Sport="Running"><Lap StartTime="{time}"/></Activity>')
    assert activities(read(body))[0].utc_offset == offset


@pytest.mark.parametrize(
    ("written", "sport"),
    [
        ("Running", ("running", None)),
        ("Biking", ("cycling", None)),
        ("Other", ("generic", None)),
        ("Hiking", ("hiking", None)),
        ("Mountain Biking", ("cycling", "mountain")),
        ("cross_country_skiing", ("cross_country_skiing", None)),
        ("Quidditch", ("generic", None)),
    ],
)
def test_sports_are_translated_and_never_guessed(written, sport):
    [activity] = activities(read(document(workout(lap(0), sport=written))))
    assert (activity.sport, activity.sub_sport) == sport
    assert activity.ext["fileimport.sport"] == written


def test_an_activity_without_any_time_is_refused():
    found = read(document('<Activity Sport="Running"><Id>none</Id></Activity>'))
    assert codes(found) == [("failed", "no_time")]
    assert activities(found) == []


@pytest.mark.parametrize("stray", ["stray", "stray 5", "<Weird>5<Nested>6</Nested></Weird>"])
def test_stray_text_in_a_point_costs_nothing(stray):
    body = document(
        workout(lap(0, [f"<Trackpoint>{stray}\n<Time>{at(0)}</Time>{position(3)}</Trackpoint>"]))
    )
    assert samples(read(body), "latitude") == {0: 3}


def test_a_truncated_file_gives_what_came_before():
    whole = document(workout(lap(0, [point(n, position(n)) for n in range(20)])))
    found = read(whole[: len(whole) // 2])
    assert codes(found) == [("partial", "truncated")]
    assert 5 < len(samples(found, "latitude")) < 15


def test_inspect_counts_what_is_in_the_file():
    laps = [
        lap(
            0,
            [point(0, "<Cadence>80</Cadence>"), point(1)],
            head=numbers(seconds=2.5, metres=10, kcal=3),
        ),
        lap(2, [point(2, TPX.format("<Watts>100</Watts>"))], head=numbers(seconds=1, metres=5)),
    ]
    found = inspect(document(workout(*laps)))
    assert found == {
        "kind": "tcx",
        "Activity": 1,
        "Course": 0,
        "Lap": 2,
        "Track": 2,
        "Trackpoint": 3,
        "Cadence": 1,
        "RunCadence": 0,
        "Watts": 1,
        "sport": ["Running"],
        "total_time_s": 3.5,
        "lap_distance_m": 15,
        "calories": 3,
        "warnings": [],
        "error": None,
    }


@given(st.data())
def test_damage_anywhere_is_an_answer_never_an_exception(data):
    laps = [lap(n * 10, [point(n * 10 + k, position(k)) for k in range(5)]) for n in range(3)]
    body = bytearray(document(workout(*laps)).encode())
    for _ in range(data.draw(st.integers(1, 8))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    found = list(tcx.read(io.BytesIO(bytes(body)), SHA256))
    assert all(each.message for each in found if isinstance(each, Report))
    entities = [each for each in found if not isinstance(each, Report)]
    assert [
        bad for each in entities for bad in rejected(problems(each)) if bad.code != "impossible"
    ] == []


@given(st.lists(st.integers(0, 500), min_size=1, max_size=6, unique=True).map(sorted))
def test_how_a_recording_is_cut_into_laps_changes_no_sample(cuts):
    points = [point(n, position(n / 100)) for n in range(0, 600, 20)]
    whole = read(document(workout(lap(0, points))))
    bounds = [0, *(cut // 20 + 1 for cut in cuts), len(points)]
    pieces = [points[a:b] for a, b in zip(bounds, bounds[1:], strict=False)]
    cut = read(document(workout(*(lap(0, piece) for piece in pieces))))
    assert samples(cut, "latitude") == samples(whole, "latitude")
    assert activities(cut)[0].computed == activities(whole)[0].computed
