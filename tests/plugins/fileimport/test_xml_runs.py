"""Points that are taken past expat are those that expat would have told, and so is all the rest."""

import io
from xml.parsers import expat

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openfit_fileimport import gpx, runs, shapes, tcx, xml

NEVER = 1 << 60
NUMBERS = st.sampled_from(["1", "-2.5", "46.0000001", "1e3", "0"])
ODD = ["", " ", " 7 ", "\n7\r\n", "x", "é", "&amp;", "&#55;", "7>", "7]", "]]>", "&x;", "\x01"]
ODD += ["\x7f", "<!-- 7 -->", "<!--<trkpt lat='1'></trkpt>-->", "<![CDATA[7]]>", "<?a b?>", "<b/>"]
ODD += ["\x1c5", "<![CDATA[<trkpt></trkpt>", "<!-- <Trackpoint></Trackpoint>", "-->", "<trkpt/>"]
ODD_TEXTS = st.sampled_from(ODD)
TEXTS = st.one_of(NUMBERS, NUMBERS, NUMBERS, ODD_TEXTS)
TIMES = st.integers(0, 59).map(lambda second: f"2026-03-01T07:00:{second:02}Z")
BETWEEN = st.one_of(
    st.just("\n"),
    st.just("\n"),
    st.sampled_from(["", " \r\n\t", "stray", "<!-- -->", "<?a?>", "<x/>", "<x>", "</x>"]),
    st.sampled_from(["</trkseg><trkseg>", "</trk><trk>", "</Track><Track>", "</trkpt>", "é", "\0"]),
    ODD_TEXTS,
)
# How a point may be written: {0} and {1} are attributes or leaves, {2} a time, {3} any text.
GPX_POINTS = [
    '<trkpt lat="{0}" lon="{1}"><ele>{3}</ele><time>{2}</time></trkpt>',
    "<trkpt lat='{0}' lon = '{1}' >\n <time>{2}</time>\n <ele>{0}</ele>\n</trkpt>",
    '<trkpt lat="{0}" lon="{1}"/>',
    '<trkpt lat="{3}" lon="{1}" x:lat="{0}" ><time>{2}</time></trkpt>',
    '<trkpt lat="{0}" lon="{1}" lat="{1}"><time>{2}</time></trkpt>',
    '<trkpt lon="{1}" lat="{0}"><time>{2}</time><extensions xmlns:x="urn:x"><x:a b="{1}"><x:hr>{3}'
    "</x:hr><x:cad>{0}</x:cad><x:hr>{1}</x:hr></x:a></extensions></trkpt >",
    '<trkpt lat="{0}"><name>a {3} b</name><temp><y>{0}</y></temp><power/><hr>{1}<z>{0}</z>'
    "</hr></trkpt>",
    "<trkpt>{3}<aValue>{0}</aValue><ele/><hr><Value>{1}</Value><Value>{0}</Value></hr></trkpt>",
    '<x:trkpt lat="{0}" lon="{1}"><x:time>{2}</x:time></x:trkpt>',
    '<é:trkpt lat="{0}" lon="{1}"><time>{2}</time></é:trkpt>',
    '<trkpt lat="{0}"><trkpt lat="{1}"><ele>{3}</ele></trkpt><time>{2}</time></trkpt>',
    '<wpt lat="{0}" lon="{1}"><name>{3}</name></wpt>',
    '<rtept lat="{0}" lon="{1}"><ele>{3}</ele><wpt/></rtept>',
    '<trkpt lat="{0}"><ele>{3}</time></trkpt>',
    '<trkpt lat="{0}"><link lon="{1}" ele="{3}"/><time>{2}</time></trkpt>',
]
TCX_POINTS = [
    "<Trackpoint><Time>{2}</Time><HeartRateBpm><Value>{3}</Value></HeartRateBpm></Trackpoint>",
    "<Trackpoint>\n<Time>{2}</Time>\n<Position>\n<LatitudeDegrees>{0}</LatitudeDegrees>\n"
    "<LongitudeDegrees>{1}</LongitudeDegrees>\n</Position>\n<HeartRateBpm a='{0}'>\n"
    "<Value>{0}</Value>\n</HeartRateBpm>\n</Trackpoint>",
    "<Trackpoint><Time>{2}</Time><Value>{0}</Value><Extensions><TPX xmlns='urn:x'><Speed>{0}"
    "</Speed><x:Watts>{3}</x:Watts></TPX></Extensions><Value>{1}</Value></Trackpoint>",
    "<Trackpoint><HeartRateBpm><Value>{0}</Value><Value>{1}</Value></HeartRateBpm></Trackpoint>",
    "<Trackpoint><Value>{0}</Value><Cadence>{1}</Cadence><Time>{2}</Time></Trackpoint>",
    "<Trackpoint/>",
]
HEADS = ["", '<?xml version="1.0"?>'] + [
    f'<?xml version="1.0" encoding="{encoding}"?>'
    for encoding in ("UTF-8", "us-ascii", "ISO-8859-1", "windows-1252", "utf-16", "nothing")
]
FRAMES = {
    "gpx": (GPX_POINTS, "<gpx><trk><trkseg>", "</trkseg></trk></gpx>"),
    "tcx": (
        TCX_POINTS,
        "<TrainingCenterDatabase><Activities><Activity Sport='Running'><Lap><Track>",
        "</Track></Lap></Activity></Activities></TrainingCenterDatabase>",
    ),
}


@st.composite
def bodies(draw, kind):
    """Runs of points, most of them alike, with what files should not have in between."""
    points, head, tail = FRAMES[kind]
    parts = [draw(st.sampled_from(HEADS)), head]
    for form in draw(st.lists(st.sampled_from(points), min_size=1, max_size=6)):
        between = draw(st.sampled_from(["", "\n", "\r\n  "]))
        odd = draw(st.sampled_from([True, False, False]))
        for _ in range(draw(st.integers(1, 6))):
            values = draw(st.tuples(NUMBERS, NUMBERS, TIMES, TEXTS if odd else NUMBERS))
            parts += [form.format(*values), draw(BETWEEN) if odd else between]
    body = "".join([*parts, tail]).encode(draw(st.sampled_from(["utf-8", "utf-8", "latin-1"])))
    return damaged(draw, body)


def damaged(draw, body):
    damage = draw(st.sampled_from(["none", "none", "cut", "changed", "lost"]))
    at = draw(st.integers(0, len(body) - 1))
    if damage == "cut":
        return body[:at]
    if damage == "changed":
        by = draw(st.one_of(st.integers(0, 255), st.sampled_from(b"<>&/\"'] \r!-\0")))
        return body[:at] + bytes([by]) + body[at + 1 :]
    return body[:at] + body[at + draw(st.integers(1, 40)) :] if damage == "lost" else body


class InPieces(io.BytesIO):
    """A file that gives less than it is asked for."""

    def __init__(self, body, sizes):
        super().__init__(body)
        self.sizes = sizes
        self.n = 0

    def read(self, size=-1):
        self.n += 1
        return super().read(min(size, self.sizes[self.n % len(self.sizes)]))


def told(body, document, sizes, enough):
    """All that is left of a document, and the fault in it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "ENOUGH", enough)
        patch.setattr(runs, "PATIENCE", NEVER)
        fault = xml.parse(InPieces(body, sizes), document)
    tables = document.tables.values()
    counts = [(table.rows, sorted(table.counts.items())) for table in tables]
    columns = [
        (name, None if column is None else column.tobytes())
        for table in tables
        for name in table.convert
        for column in [table.column(name)]
    ]
    return fault, counts, columns, outside(document)


def outside(document):
    """What the document made of the elements beside points."""
    if isinstance(document, gpx.Gpx):
        tracks = [vars(track) for track in document.tracks]
        return document.routes, document.creator, tracks
    laps = [vars(lap) for lap in document.laps]
    sections = [{**vars(each), "laps": len(each.laps)} for each in document.activities]
    return sections, laps, document.counts


def both(kind, body, sizes):
    make = {"gpx": gpx.Gpx, "tcx": tcx.Tcx}[kind]
    return [repr(told(body, make(), sizes, enough)) for enough in (NEVER, 0)]


SIZES = st.one_of(
    st.just([NEVER]), st.lists(st.integers(1, 400), min_size=1, max_size=5), st.just([1])
)


@pytest.mark.parametrize("kind", FRAMES)
@given(st.data())
def test_what_is_read_is_the_same_with_runs_and_without(kind, data):
    body = data.draw(bodies(kind))
    plain, with_runs = both(kind, body, data.draw(SIZES))
    assert plain == with_runs


def run_of(kind, form, odd, points=5):
    """Points that are alike, but for what one of them holds."""
    _, head, tail = FRAMES[kind]
    texts = ["7"] * (points - 2) + [odd, "7"]
    body = "".join(form.format(n, n + 60, f"T{n}", text) for n, text in enumerate(texts))
    return f"{head}{body}{tail}".encode()


FORMS = [(kind, form) for kind, frame in FRAMES.items() for form in frame[0]]


@pytest.mark.parametrize(("kind", "form"), FORMS)
def test_a_run_of_points_is_read_as_its_points_are(kind, form):
    for odd in ODD:
        for tag in ("", odd, "<x/>"):
            body = run_of(kind, form + tag, odd)
            plain, with_runs = both(kind, body, [NEVER])
            assert plain == with_runs, body


@pytest.mark.parametrize("kind", FRAMES)
@pytest.mark.parametrize(
    "hide", ["<!--{}-->", "<![CDATA[{}]]>", "<?x {}?>", "<x>{}", "<x a='{}'/>"]
)
def test_points_that_are_none_are_not_taken(kind, hide):
    points, head, tail = FRAMES[kind]
    run = points[0].format(1, 2, "2026-03-01T07:00:00Z", 3) * 3
    for last in (run, "", points[0][:12] + ' x="/>"/>'):
        for parts in ((run, hide.format(run), last), (hide.format(run), last, hide.format(run))):
            body = "".join([head, *parts, tail]).encode()
            for sizes in ([NEVER], [len(head) + len(run) + 20]):
                plain, with_runs = both(kind, body, sizes)
                assert plain == with_runs, body


@pytest.mark.parametrize(("kind", "form"), [("gpx", GPX_POINTS[5]), ("tcx", TCX_POINTS[1])])
@pytest.mark.parametrize(
    "by", [b"", b"<", b">", b"&", b'"', b"'", b"/", b" ", b"]", b"\0", b"\xff"]
)
def test_a_byte_changed_at_any_place_is_told_the_same(kind, form, by):
    body = run_of(kind, form.replace(" >", ">"), "7", points=4)
    for at in range(len(body)):
        changed = body[:at] + by + body[at + 1 :]
        plain, with_runs = both(kind, changed, [NEVER])
        assert plain == with_runs, changed


@pytest.mark.parametrize(("kind", "form"), [("gpx", GPX_POINTS[0]), ("tcx", TCX_POINTS[0])])
def test_a_document_cut_at_any_place_is_told_the_same(kind, form):
    body = run_of(kind, form, "7")
    for at in range(len(body)):
        for sizes in ([NEVER], [50]):
            plain, with_runs = both(kind, body[:at], sizes)
            assert plain == with_runs, body[:at]


def test_a_tag_with_a_bracket_in_its_value_is_no_end():
    for run in ('<trkpt lat="1"/>' * 3, '<trkpt lat="1"/>\n' * 3):
        for odd in ('<trkpt lat="/>', '<trkpt lat="/>"/>', '<trkpt lat="/>" a="/>'):
            body = f"<gpx><trk><trkseg>{run}{odd}{run}</trkseg></trk></gpx>".encode()
            plain, with_runs = both("gpx", body, [NEVER])
            assert plain == with_runs, body


def alike(points, form=GPX_POINTS[0]):
    times = [f"2026-03-01T{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}Z" for n in range(points)]
    body = "\n".join(form.format(n / 8, -n / 8, time, n) for n, time in enumerate(times))
    return f"<gpx><trk><trkseg>\n{body}\n</trkseg></trk></gpx>".encode()


def passed(body, block=xml.BLOCK):
    """How many bytes are taken past expat."""
    parser, document = expat.ParserCreate(), gpx.Gpx()
    listener = xml.Listener(parser, document)
    feeder = runs.Feeder(parser, listener)
    for at in range(0, len(body), block):
        feeder.feed(body[at : at + block])
    listener.close(parser)
    assert feeder.given + feeder.passed == feeder.read == len(body)
    return feeder.passed, document.tables["trkpt"].rows


@pytest.mark.parametrize("form", [GPX_POINTS[n] for n in (0, 1, 2, 3, 5, 6)])
def test_points_that_are_alike_are_taken_past_expat(form):
    form = form.replace("</trkpt >", "</trkpt>").replace("<z>{0}</z>", "")
    body = alike(4000, form)
    taken, rows = passed(body)
    assert rows == 4000
    assert taken > 0.98 * len(body)
    plain, with_runs = both("gpx", body, [NEVER])
    assert plain == with_runs


def test_points_of_a_few_shapes_by_turns_are_taken_past_expat():
    forms = [GPX_POINTS[n] for n in (0, 1, 2, 3)]
    one = ["".join(f.format(1, 2, "2026-03-01T07:00:00Z", 3) for f in forms)]
    body = f"<gpx><trk><trkseg>{''.join(one * 1000)}</trkseg></trk></gpx>".encode()
    taken, rows = passed(body)
    assert rows == 4000
    assert taken > 0.97 * len(body)


@pytest.mark.parametrize("text", ["&amp;", "<!---->", "<![CDATA[7]]>", "é", "7]", " 7", "7>"])
def test_what_is_unusual_is_left_to_expat(text):
    body = alike(1000, GPX_POINTS[0].replace("{3}", text))
    assert passed(body) == (0, 1000)


@pytest.mark.parametrize(
    ("encoding", "known"),
    [("utf-8", True), ("UTF-8", True), ("us-ascii", True), ("iso-8859-1", True), ("cp1252", False)],
)
def test_runs_are_taken_where_ascii_is_sure_to_be_ascii(encoding, known):
    body = f'<?xml version="1.0" encoding="{encoding}"?>'.encode() + alike(1000)
    taken, rows = passed(body)
    assert rows == 1000
    assert (taken > 0) is known


def test_a_document_of_unlike_points_is_soon_given_up():
    body = "".join(f'<trkpt lat="1"><a{n}/></trkpt>\n' for n in range(5000))
    body = f"<gpx><trk><trkseg>{body}</trkseg></trk></gpx>".encode()
    parser = expat.ParserCreate()
    listener = xml.Listener(parser, gpx.Gpx())
    feeder = runs.Feeder(parser, listener)
    feeder.feed(body)
    assert feeder.kinds["trkpt"].singly < 20
    assert feeder.names == ("rtept", "wpt")
    listener.close(parser)


def test_a_fault_behind_a_run_is_told_where_it_is_in_the_file():
    body = alike(3000).replace(b"</trkseg>", b"<&></trkseg>")
    fault = xml.parse(io.BytesIO(body), gpx.Gpx())
    assert (fault.code, fault.at_byte) == ("bad_xml", body.index(b"<&>") + 1)


@pytest.mark.parametrize("points", ["<trkpt/>", '<trkpt lat="1"><ele>1</ele></trkpt>'])
def test_a_root_that_is_a_point_around_a_point_is_read(points):
    document = gpx.Gpx()
    assert xml.parse(io.BytesIO(f"<trkpt>{points}</trkpt>".encode()), document) is None
    assert document.points.rows == 1  # the inner one is part of it


@pytest.mark.parametrize(
    "point",
    [
        "<trkpt>",
        "<trkpt></trkpt></trkpt>",
        "<trkpt></wpt>",
        "<trkpt><a></b></trkpt>",
        "<trkpt a='1' a='2'/>",
        "<trkpt a='1'b='2'/>",
        "<trkpt><trkpt/></trkpt>",
        "<trkpt>7</trkpt ><a/>",
        "<trkpt>stray<a/></trkpt>",
        "<trkpt></trkpt a='1'>",
        "<trkpt/><trkpt/>",
        "<1/>",
        " <trkpt/>",
        "",
    ],
)
def test_no_shape_is_learned_from_what_is_not_one_plain_point(point):
    assert shapes.shape_of(point, frozenset({"ele"})) is None
