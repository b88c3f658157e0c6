"""What clients post and files hold becomes raw items, byte for byte, and is counted honestly."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openfit_openstrap_band.deriving import receiving
from openfit_openstrap_band.reading import hexlines
from openfit_sdk import BadInput, Push
from support import band

T = band.START
NOW = datetime.fromtimestamp(T + 3600, UTC)
SECONDS = [band.second(T + n) for n in range(3)]


def post(body, route="batch"):
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    push = Push(route=route, body=body, media_type="application/json")
    [pushed] = receive(push, NOW)
    return pushed


def receive(push, now):
    return list(receiving.receive(push, now))


def records(*frames):
    return {
        "device_id": "4C22",
        "records": [one if isinstance(one, str) else one.hex() for one in frames],
    }


def pieces(item):
    """The frames of a raw item, with the time of each."""
    at, found = 0, []
    for size, ts in zip(item.pieces.sizes, item.pieces.at, strict=True):
        found.append((item.body[at : at + size], ts))
        at += size
    assert at == len(item.body)
    return found


def test_a_batch_is_one_item_of_its_frames():
    pushed = post(records(*SECONDS))
    assert (pushed.device, len(pushed.items)) == ("4C22", 1)
    assert pieces(pushed.items[0]) == [(frame, T + n) for n, frame in enumerate(SECONDS)]
    assert (pushed.items[0].kind, pushed.items[0].joins) == ("frames", "waiting")
    assert pushed.counts == {"decoded": 3, "undecodable": 0, "minutes_touched": 1}
    assert pushed.aliases == {"minutes_written": "minutes_touched"}


def test_frames_stay_as_they_came():
    frames = [band.framed(SECONDS[0]), band.framed(band.summary(T), 5), SECONDS[1]]
    pushed = post(records(*frames))
    assert [frame for frame, _ in pieces(pushed.items[0])] == frames
    assert [at for _, at in pieces(pushed.items[0])] == [T, T, T + 1]
    assert pushed.counts["decoded"] == 3


def test_letters_of_either_size_are_hex():
    pushed = post({"device_id": "x", "records": [SECONDS[0].hex().upper()]})
    assert pieces(pushed.items[0]) == [(SECONDS[0], T)]


def test_motion_goes_by_the_hour_and_events_by_themselves():
    hour = T // 3600 * 3600
    motion = [band.motion(hour + at) for at in (0, 3599, 3600)]
    part = band.imu_part(hour, 3, band.at_rest(10))
    stored = band.motion(hour, packet=0x2F, version=11)
    event = band.event(9, T)
    pushed = post(records(SECONDS[0], *motion, part, event, stored, band.live(T)))
    found = {(item.kind, item.id if item.joins == "all" else ""): item for item in pushed.items}
    names = [datetime.fromtimestamp(hour + n, UTC).strftime("%Y-%m-%dT%H") for n in (0, 3600)]
    assert set(found) == {("frames", ""), ("events", ""), *(("imu", name) for name in names)}
    assert [frame for frame, _ in pieces(found["imu", names[0]])] == [*motion[:2], part, stored]
    assert pieces(found["imu", names[1]]) == [(motion[2], hour + 3600)]
    assert pieces(found["events", ""]) == [(event, T)]
    assert [frame for frame, _ in pieces(found["frames", ""])] == [SECONDS[0], band.live(T)]


def test_motion_of_an_unset_clock_belongs_to_no_hour():
    pushed = post(records(band.motion(31_626_932), band.motion(0), band.motion(T)))
    assert [(item.kind, len(item.pieces.sizes)) for item in pushed.items] == [
        ("frames", 2),
        ("imu", 1),
    ]


def test_many_hours_take_no_longer_than_one():
    """Each is cut out once; 20,000 times 20,000 would be noticed."""
    parts = [band.imu_part(T + n * 3600, 0, band.at_rest(10), length=84) for n in range(20_000)]
    pushed = post(records(*parts))
    assert len(pushed.items) == 20_000
    assert {item.body for item in pushed.items} == set(parts)


BAD = ["", "zz", "2f1", "2f 18", "ü", None, 7, 12, ["2f"], {}, True, 1.5]


@pytest.mark.parametrize("bad", BAD)
def test_what_is_no_frame_is_kept_and_told(bad):
    pushed = post({"device_id": "x", "records": [SECONDS[0].hex(), bad, SECONDS[1].hex()]})
    assert pushed.counts == {"decoded": 2, "undecodable": 1, "minutes_touched": 1}
    frames, unreadable = pushed.items
    assert [frame for frame, _ in pieces(frames)] == SECONDS[:2]
    assert unreadable.kind == "unreadable"
    [(kept, at)] = pieces(unreadable)
    assert at == 0
    assert kept.decode().strip() in (bad, json.dumps(bad), json.dumps(bad, separators=(",", ":")))


def test_damaged_frames_are_kept_apart():
    damaged = band.framed(SECONDS[0])[:-1] + b"\x00"
    pushed = post(records(SECONDS[1], damaged))
    assert [(item.kind, pieces(item)) for item in pushed.items] == [
        ("frames", [(SECONDS[1], T + 1)]),
        ("unreadable", [(damaged, 0)]),
    ]
    assert pushed.counts["undecodable"] == 1


def test_counts_tell_records_from_other_packets():
    unset, ahead = band.second(31_626_932), band.second(T + 3600 + 86_401)
    others = [band.event(61, T), band.metadata(3), b"\x32\x01\x02\x00"]
    unknown = [b"\x77\x01", band.second(version=200, heart_rate=0)]
    pushed = post(records(SECONDS[0], band.second(T + 60), unset, ahead, *others, *unknown))
    assert pushed.counts == {"decoded": 7, "undecodable": 2, "minutes_touched": 2}


def test_the_route_of_events_takes_events_and_records():
    event = band.event(9, T)
    for body in ({"events": [event.hex()]}, {"records": [event.hex()]}):
        pushed = post({"device_id": "x"} | body, route="events")
        assert [pieces(item) for item in pushed.items] == [[(event, T)]]
        assert pushed.aliases == {"total": "received", "stored": "new"}
    both = post({"device_id": "x", "events": [event.hex()], "records": [SECONDS[0].hex()]})
    assert {item.kind for item in both.items} == {"events", "frames"}


def test_an_empty_batch_is_counted_as_such():
    pushed = post({"device_id": "x", "records": []})
    assert (pushed.items, pushed.counts["decoded"]) == ([], 0)


def test_fields_of_other_clients_are_passed_over():
    assert post(records(*SECONDS) | {"app": "1.2", "sent": 7}).counts["decoded"] == 3


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not_json"),
        (b"\xff\xfe", "not_json"),
        (b'{"device_id": "\xff", "records": []}', "not_json"),
        (b'{"device_id": "x", "records": ["\\ud800"]}', "not_json"),
        (b'{"device_id": "x", "records": [', "not_json"),
        ([], "shape"),
        ("text", "shape"),
        ({}, "shape"),
        ({"records": []}, "shape"),
        ({"device_id": "x"}, "shape"),
        ({"device_id": 7, "records": []}, "shape"),
        ({"device_id": None, "records": []}, "shape"),
        ({"device_id": "x", "records": "2f18"}, "shape"),
        ({"device_id": "x", "records": {"0": "2f18"}}, "shape"),
        ({"device_id": "", "records": []}, "device_id"),
        ({"device_id": "  ", "records": []}, "device_id"),
    ],
)
def test_a_post_of_another_shape_is_refused_with_the_right_one(body, code):
    with pytest.raises(BadInput, match="Post") as caught:
        post(body)
    assert caught.value.code == code


def test_a_frame_longer_than_any_is_kept_in_pieces_that_the_hub_takes():
    long = "ab" * 70_000
    pushed = post(records(SECONDS[0], long))
    [frames, unreadable] = pushed.items
    assert pieces(frames) == [(SECONDS[0], T)]
    assert max(unreadable.pieces.sizes) <= 0xFFFF
    assert unreadable.body.decode() == long
    assert pushed.counts["undecodable"] == 1


mixed = st.lists(
    st.sampled_from([*SECONDS, band.live(T), band.motion(T), band.event(9, T)]).map(bytes.hex)
    | st.sampled_from(BAD)
    | st.text(max_size=9),
    max_size=8,
)


@settings(max_examples=80)
@given(mixed)
def test_no_batch_fails_and_nothing_of_it_is_lost(given):
    pushed = post({"device_id": "x", "records": given})
    kept = [piece for item in pushed.items for piece, _ in pieces(item)]
    assert len(kept) == len(given)
    assert pushed.counts["decoded"] + pushed.counts["undecodable"] == len(given)
    good = [one for one in given if isinstance(one, str) and hexlines.of([one]).data]
    for one in good:
        assert bytes.fromhex(one) in kept


@pytest.mark.parametrize("bad", [b'"\xff"', b"1.50", b"12", b"[[[]]]"])
def test_a_record_that_no_text_can_be_is_kept_as_it_was_sent(bad):
    body = b'{"device_id": "x", "records": ["' + SECONDS[0].hex().encode() + b'", ' + bad + b"]}"
    pushed = post(body)
    assert [(item.kind, item.body.strip()) for item in pushed.items] == [
        ("frames", SECONDS[0]),
        ("unreadable", bad),
    ]


def test_a_post_that_is_nested_without_end_is_refused():
    with pytest.raises(BadInput, match="Post"):
        post(b'{"device_id": "x", "records": [' + b"[" * 100_000 + b"]" * 100_000 + b"]}")


# Files -------------------------------------------------------------------------------------------


def hand_over(text, name="band.txt"):
    return receive(Push(route="file", body=text, media_type="text/plain", name=name), NOW)


def test_a_file_of_lines_becomes_items_part_by_part(monkeypatch):
    monkeypatch.setattr(receiving, "PART_LINES", 2)
    text = "\r\n".join(frame.hex() for frame in SECONDS) + "\n\nxyz\n"
    found = hand_over(text.encode())
    assert len(found) == 3
    kept = [piece for pushed in found for item in pushed.items for piece in pieces(item)]
    assert kept == [*[(frame, T + n) for n, frame in enumerate(SECONDS)], (b"xyz", 0)]
    assert sum(pushed.counts["decoded"] for pushed in found) == 3
    assert {pushed.device for pushed in found} == {"band"}


def test_a_part_is_bounded_by_bytes_too(monkeypatch):
    monkeypatch.setattr(receiving, "PART_BYTES", 250)
    found = hand_over("\n".join(frame.hex() for frame in SECONDS).encode())
    assert [pushed.counts["decoded"] for pushed in found] == [2, 1]
    assert receiving.PART_LINES >= 100_000


def test_a_file_without_a_line_break_is_no_danger():
    found = hand_over(b"q" * 300_000)
    kept = [item for pushed in found for item in pushed.items]
    assert {item.kind for item in kept} == {"unreadable"}
    assert b"".join(item.body for item in kept) == b"q" * 300_000
    assert max(size for item in kept for size in item.pieces.sizes) <= 0xFFFF


@pytest.mark.parametrize("text", [b""])
def test_an_empty_file_is_refused(text):
    with pytest.raises(BadInput, match="empty"):
        hand_over(text)
