import json
from array import array
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from openfit_schema import (
    Activity,
    Lap,
    Metric,
    Source,
    Totals,
    WireError,
    check_version,
    decode_document,
    decode_json,
    decode_lines,
    decode_msgpack,
    encode_document,
    encode_json,
    encode_msgpack,
    msgpack_decoder,
)

NOON = datetime(2026, 5, 17, 12, tzinfo=UTC)
RUN = Activity(key="run", start=NOON, sport="running")
PULSE = Metric(
    key="hr", type="heart_rate", start=NOON, v=array("B", [60, 61]), t=array("H", [0, 1000])
)


def document(**fields):
    return json.dumps(
        {"entity": "activity", "key": "run", "start": "2026-05-17T12:00:00Z"} | fields
    )


def test_a_column_is_an_array_in_json():
    assert encode_json(PULSE) == (
        b'{"entity":"metric","key":"hr","type":"heart_rate","start":"2026-05-17T12:00:00Z",'
        b'"v":[60,61],"t":[0,1000]}'
    )


def test_a_column_is_extension_1_in_messagepack():
    tree = msgspec.msgpack.decode(encode_msgpack(PULSE))
    assert tree["v"] == msgspec.msgpack.Ext(1, b"B\x3c\x3d")
    assert tree["t"] == msgspec.msgpack.Ext(1, b"H\x00\x00\xe8\x03")


def test_a_plain_array_is_read_as_a_column_from_messagepack():
    tree = msgspec.msgpack.decode(encode_msgpack(PULSE)) | {"v": [60, 61], "t": [0, 1000]}
    tree["start"] = "2026-05-17T12:00:00Z"
    assert decode_msgpack(msgspec.msgpack.encode(tree)) == PULSE


def test_an_instant_given_at_another_offset_is_the_same_instant_in_utc():
    india = timezone(timedelta(hours=5, minutes=30))
    local = msgspec.structs.replace(RUN, start=NOON.astimezone(india))
    assert (local, local.start.tzinfo) == (RUN, UTC)
    assert b'"start":"2026-05-17T12:00:00Z"' in encode_json(local)


def test_a_naive_instant_is_an_error_and_never_a_guess():
    with pytest.raises(ValueError, match="no UTC offset"):
        Lap(start=datetime(2026, 5, 17, 12))


def test_unknown_fields_are_named_by_json_pointer():
    entity = decode_json(
        document(sport="running", laps=[{"start": "2026-05-17T12:00:00Z", "a/b~c": 1}], later={})
    )
    assert entity.unknown == {"/laps/0/a~1b~0c": 1, "/later": {}}


def test_an_unknown_field_goes_with_its_parent():
    entity = decode_json(
        document(sport="running", laps=[{"start": "2026-05-17T12:00:00Z", "later": 1}])
    )
    assert encode_json(msgspec.structs.replace(entity, laps=[])) == encode_json(RUN)


def test_an_unknown_field_cannot_take_the_place_of_a_known_one():
    forged = msgspec.structs.replace(RUN, unknown={"/key": "other", "/sport": "golf"})
    assert encode_json(forged) == encode_json(RUN)


def test_an_extension_of_a_later_version_is_kept():
    tree = msgspec.msgpack.decode(encode_msgpack(RUN)) | {"later": msgspec.msgpack.Ext(9, b"x")}
    entity = decode_msgpack(msgspec.msgpack.encode(tree))
    assert decode_msgpack(encode_msgpack(entity)).unknown == {
        "/later": msgspec.msgpack.Ext(9, b"x")
    }


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("encode", [encode_json, encode_msgpack])
def test_what_is_not_finite_is_refused_with_its_place(encode, bad):
    lap = Lap(start=NOON, totals=Totals(distance=bad))
    with pytest.raises(WireError, match=r"at `\$\.laps\[1\]\.totals\.distance`"):
        encode(msgspec.structs.replace(RUN, laps=[Lap(start=NOON), lap]))
    with pytest.raises(WireError, match=r"at `\$\.v\[1\]`: leave a missing value out"):
        encode(msgspec.structs.replace(PULSE, v=array("d", [1.0, bad])))


def test_a_column_with_nan_is_refused_on_the_way_in():
    tree = msgspec.msgpack.decode(encode_msgpack(PULSE))
    tree["v"] = msgspec.msgpack.Ext(1, b"f" + b"\x00\x00\xc0\x7f" * 2)
    with pytest.raises(WireError, match=r"nan at `\$\.v\[0\]`"):
        decode_msgpack(msgspec.msgpack.encode(tree))


def test_large_finite_values_pass_although_their_sum_is_infinite():
    big = msgspec.structs.replace(PULSE, v=array("d", [1.7e308, 1.7e308]))
    assert decode_msgpack(encode_msgpack(big)) == big


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"[1", "truncated"),
        (b"[]", "Expected `object`, got `list` at `$`"),
        (b'{"key":"x"}', "Expected one of device, activity,"),
        (b'{"entity":"hologram","key":"x"}', "got 'hologram'"),
        (document(sport=3), "activity run: Expected `str`, got `int` - at `$.sport`"),
        (document(), "missing required field `sport`"),
        (document(sport="golf", **{"$unknown": {}}), "reserved"),
        (document(sport="golf", end="2026-05-17T12:00:00"), "timezone component - at `$.end`"),
        (
            b'{"entity":"metric","key":"m","type":"weight","start":"2026-05-17T12:00:00Z","v":[null]}',
            "metric m: a column holds numbers, not None at 0; leave gaps out - at `$.v`",
        ),
        (
            b'{"entity":"result","key":"r","id":"strain","value":null,"unit":"1","confidence":0.5,'
            b'"tier":"HIGH"}',
            "confidence is 0 exactly when there is no value",
        ),
    ],
)
def test_a_bad_document_is_refused_with_what_where_and_what_was_expected(body, says):
    with pytest.raises(WireError) as caught:
        decode_json(body)
    assert says in str(caught.value)


def test_a_broken_packed_column_is_a_wire_error_in_frames_as_well():
    tree = msgspec.msgpack.decode(encode_msgpack(PULSE)) | {"v": msgspec.msgpack.Ext(1, b"h\x00")}
    with pytest.raises(WireError, match="ends inside a number"):
        msgpack_decoder().decode(msgspec.msgpack.encode(tree))


def test_a_frame_may_hold_any_container_of_entities():
    class Page(msgspec.Struct):
        entities: list[Activity | Metric]

    encoded = msgspec.msgpack.encode({"entities": [msgspec.Raw(encode_msgpack(PULSE))]})
    assert msgpack_decoder(Page).decode(encoded) == Page([PULSE])


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.12"])
def test_a_later_minor_version_is_read(version):
    assert decode_document(json.dumps({"openfit": version, "entities": [], "later": 1})) == []


@pytest.mark.parametrize(
    ("version", "says"),
    [("2.0", "Update the program"), (None, "no OpenFit document"), ("1", "no OpenFit document")],
)
def test_another_major_version_is_refused_with_the_next_step(version, says):
    with pytest.raises(WireError, match=says):
        check_version(version)


def test_a_document_holds_its_version_and_entities():
    assert decode_document(encode_document([RUN, PULSE])) == [RUN, PULSE]
    assert json.loads(encode_document([]))["openfit"] == "1.0"


def test_a_document_without_entities_is_refused():
    with pytest.raises(WireError, match=r"Expected `array`, got `NoneType` at `\$\.entities`"):
        decode_document(b'{"openfit":"1.0"}')


def test_an_archive_says_in_which_line_it_is_broken():
    with pytest.raises(WireError, match=r"^line 3: "):
        list(decode_lines([b'{"openfit":"1.0"}\n', encode_json(RUN), b'{"entity":"activity"}\n']))
    with pytest.raises(WireError, match=r"^line 1: .*OpenFit 3\.0"):
        list(decode_lines([b'{"openfit":"3.0"}\n']))


def test_defaults_are_not_written():
    entity = Activity(
        key="run",
        start=NOON,
        sport="running",
        source=Source(integration="a", version="1", connection="c"),
    )
    assert set(json.loads(encode_json(entity))) == {"entity", "key", "start", "sport", "source"}


def test_a_day_at_one_hertz_is_packed_columns_and_not_objects():
    day = Metric(
        key="hr", type="heart_rate", start=NOON, v=array("B", bytes(86_400)), interval_ms=1000
    )
    assert len(encode_msgpack(day)) < 86_400 + 200
    assert decode_msgpack(encode_msgpack(day)) == day
