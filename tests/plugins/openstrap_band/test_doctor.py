"""What is inside a file of frames, told without what is nobody's business."""

import json

from openfit_openstrap_band import inspect
from openfit_sdk import Pieces, RawItem
from support import band

T = band.START
SERIAL = b"4C2248092"


def file(*lines):
    return RawItem(kind="file", id="f", name="band.txt", body="\n".join(lines).encode())


def test_a_file_is_described_by_kind():
    frames = [band.second(T + n) for n in (0, 1, 2, 10)]
    found = inspect(
        file(
            *(frame.hex() for frame in frames),
            band.framed(band.live(T)).hex(),
            band.framed(band.summary(T + 2), 5).hex(),
            band.event(9, T).hex(),
            band.second(31_626_932).hex(),
        )
    )
    assert (found["kind"], found["frames"], found["crc_failures"]) == ("band_frames", 8, 0)
    assert found["envelopes"] == {"gen4": 1, "gen5": 1, "none": 6}
    assert found["kinds"][1] == {
        "packet": "2F",
        "name": "HISTORICAL_DATA",
        "version": 18,
        "length": 112,
        "count": 1,
        "decoded": 1,
    }
    assert found["clock"] == {
        "first": "2026-05-28T20:26:40Z",
        "last": "2026-05-28T20:26:50Z",
        "not_set": 1,
        "impossible": 0,
    }
    assert found["gaps"]["longest"] == [
        {"after": "2026-05-28T20:26:42Z", "before": "2026-05-28T20:26:50Z", "seconds": 7}
    ]
    assert (found["gaps"]["count"], found["gaps"]["seconds"], found["error"]) == (1, 7, None)
    assert json.loads(json.dumps(found)) == found


def test_what_cannot_be_read_is_shown_without_serial_or_name():
    unknown = b"\x77\x01\x02" + SERIAL + b"\0\x01\x02"
    damaged = band.framed(band.second())[:-1] + b"\0"
    hello = b"\x24\x01\x23\x00\x01" + SERIAL
    found = inspect(file(*(one.hex() for one in [unknown] * 5 + [damaged, hello])))
    shown = json.dumps(found)
    assert SERIAL.hex() not in shown
    assert SERIAL.decode() not in shown
    by_packet = {one["packet"]: one for one in found["undecodable"]}
    assert set(by_packet) == {"77", "00"}
    assert by_packet["77"]["count"] == 5
    assert by_packet["77"]["samples"] == ["770102" + b"X".hex() * 9 + "000102"] * 3
    assert found["crc_failures"] == 1
    assert found["warnings"][0].startswith("Frames that fail their checks: 1.")


def test_a_sealed_frame_is_no_damaged_one():
    frame = bytearray(band.framed(band.summary(), 5))
    frame[1] = 2
    frame[6:8] = band.crc16(frame[:6]).to_bytes(2, "little")
    found = inspect(file(frame.hex()))
    assert (found["envelopes"], found["crc_failures"]) == ({"other": 1}, 0)
    assert found["undecodable"][0]["count"] == 1


def test_lines_that_are_no_hex_are_told_by_their_fault():
    found = inspect(file(band.second().hex(), "secret", "2f1"))
    assert found["lines_that_are_no_hex"] == 2
    assert found["bad_lines"] == [
        {"line": 2, "fault": "character 1 of 6 is no hex digit"},
        {"line": 3, "fault": "3 digits; a byte takes two"},
    ]
    assert "secret" not in json.dumps(found)


def test_nothing_to_read_is_an_error():
    for item in (file(""), file("nothing", "here")):
        assert inspect(item)["error"]["code"] == "no_frames"


def test_an_item_of_the_hub_is_described_alike():
    frames = [band.second(T), band.motion(T)]
    pieces = Pieces([len(one) for one in frames], [T, T])
    item = RawItem(kind="frames", id="x", body=b"".join(frames), pieces=pieces)
    assert inspect(item) == inspect(file(*(one.hex() for one in frames)))
