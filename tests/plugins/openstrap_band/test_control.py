"""What the band says beside its records: events, marks, console, answers, who it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openfit_openstrap_band.wire import words
from openfit_openstrap_band.wire.control import Chunk, Console, Mark, console, mark
from openfit_openstrap_band.wire.events import Event, event
from openfit_openstrap_band.wire.hello import Hello, hello_gen4, hello_gen5
from openfit_openstrap_band.wire.responses import Alarm, Clock, Response, answers, response
from plugins.openstrap_band.test_frames import differing, vectors

CLOCK = 1_786_000_000
generations = st.sampled_from([4, 5])
octets = st.binary(max_size=160)


def an_event(event_id, body=b"", sequence=5, ts=CLOCK, subsec=0):
    head = bytes((0x30, sequence)) + event_id.to_bytes(2, "little") + ts.to_bytes(4, "little")
    return head + subsec.to_bytes(2, "little") + len(body).to_bytes(2, "little") + body


def an_answer(opcode, body, status=1, request=0xA1):
    return bytes((0x24, 0x42, opcode, request, status)) + body


def little(*numbers, size=4):
    return b"".join(number.to_bytes(size, "little") for number in numbers)


def a_range(oldest=CLOCK - 100, newest=CLOCK, write=30, total=100, revision=1):
    pages = little(10, 20, write, 40, 3, total, 500, 600)
    times = little(oldest, 1, CLOCK - 50, 1, CLOCK - 40, 1, newest, 1)
    return bytes((revision,)) + pages + times


def test_published_vectors_of_the_control_plane_are_reproduced(test_data):
    groups = ("command_response", "hello_gen4", "gen5_hello", "event", "metadata")
    chosen = vectors(test_data, *groups, "console_log", "console_reassembly")
    assert len(chosen) >= 88 and differing(chosen) == []


@given(octets, generations)
def test_no_bytes_make_a_reader_raise(raw, generation):
    for kind in (b"", b"\x24\x01", b"\x30\x01", b"\x31\x01", b"\x32\x01"):
        packet = kind + raw
        assert event(packet, generation) is None or packet[0] == 0x30
        assert response(packet, generation) is None or packet[0] == 0x24
        assert mark(packet) is None or packet[0] == 0x31
        assert console(packet) is None or packet[0] == 0x32
    assert (hello_gen5(b"\x01" + raw) is None) == (len(raw) < 103)
    assert hello_gen4(raw) == Hello() or len(raw) >= 10


@given(octets, generations, st.sampled_from(sorted(word.code for word in words.OPCODES)))
def test_every_number_of_an_answer_passes_its_gate(body, generation, opcode):
    got = response(an_answer(opcode, body), generation)
    assert got.battery is None or 0 <= got.battery <= 100
    assert got.span is None or words.WALL_CLOCK[0] <= got.span[0] <= got.span[1]
    assert got.ring is None or 0 <= got.ring.write_page <= got.ring.total_pages > 0
    assert got.name is None or got.name.isprintable() and got.name.isascii()


@given(octets, generations, st.sampled_from(sorted(words.EVENT)))
def test_every_number_of_an_event_passes_its_gate(body, generation, event_id):
    told = event(an_event(event_id, body), generation).details
    for percent in ("battery_pct", "condition_soc_pct"):
        assert 0 <= told.get(percent, 0) <= 100


def test_an_event_that_is_cut_says_what_it_still_holds():
    whole = an_event(9, subsec=7)
    assert event(whole[:3]) is None
    assert event(whole[:4]) == Event(9, "WRIST_ON", 5, None, None, b"", {"on_wrist": True})
    assert event(whole[:8]).ts == CLOCK and event(whole[:8]).subsec is None
    assert event(whole[:10]).subsec == 7


def test_padding_behind_the_body_of_an_event_is_none_of_it():
    assert event(an_event(16, b"\xaa") + b"\1\2\3").body == b"\xaa"


@pytest.mark.parametrize(
    ("event_id", "generation", "body", "details"),
    [
        (9, 4, b"", {"on_wrist": True}),
        (10, 4, b"", {"on_wrist": False}),
        (14, 4, b"", {"double_tap": True}),
        (21, 5, b"", {"pack_connected": True}),
        (96, 4, b"", {"high_freq_sync": "prompt"}),
        (13, 4, b"", {}),
        (3, 4, b"\2\xe8\3\0\0\x3c\x0f\0\0\0\0", {}),
        (3, 4, b"\2\xe9\3\0\0\x3c\x0f\0\0\0\0\0", {"battery_mv": 3900, "charging": False}),
        (29, 5, b"\1\0\0\0\x0a", {"condition_pages_behind": 1}),
        (29, 5, b"", {}),
        (100, 5, b"\1\1", {"haptics_revision": 1, "haptics_termination_code": 1}),
        (123, 4, b"\1\6\0", {}),
        (200, 5, b"\1\2\3", {}),
    ],
)
def test_an_event_tells_what_its_body_holds_and_no_more(event_id, generation, body, details):
    told = dict(event(an_event(event_id, body), generation).details)
    told.pop("haptics_termination", None)
    assert told == details


def test_the_battery_pack_of_gen5_names_itself():
    body = b"\1" + bytes(range(0x10, 0x16)) + b"Pack 7".ljust(16, b"\0") + little(870, size=2)
    told = event(an_event(109, body + b"\3\x0c"), 5).details
    assert told == {
        "pack_revision": 1,
        "pack_address": "10:11:12:13:14:15",
        "pack_name": "Pack 7",
        "pack_battery_raw": 870,
        "pack_colorway": 3,
        "pack_hardware_family": 12,
    }


def test_an_unnamed_event_is_kept_under_its_number():
    assert event(an_event(200, b"\1")).name == "EVENT_200"
    assert (event(an_event(29), 4).name, event(an_event(29), 5).name) == (
        "EVENT_29",
        "STRAP_CONDITION_REPORT",
    )


def test_the_end_of_a_burst_gives_back_its_token_and_an_unset_clock():
    raw = bytes.fromhex("316a02b496e201804d34000000647100001a000000000000")
    got = mark(raw)
    token = bytes.fromhex("647100001a000000")
    assert got == Mark(2, "HISTORY_END", 52, token, 31_626_932, 0x4D80)
    assert got.wrap_count == 26 and not got.clock_set
    assert mark(raw[:20]).token is None and mark(raw[:20]).count == 52
    assert mark(raw[:12]) == Mark(2, "HISTORY_END")


def test_console_lines_are_joined_over_the_end_of_the_index_and_not_over_a_gap():
    log = Console()
    pieces = [Chunk(index, 0, 0, 1, text) for index, text in [(255, "a"), (0, "b"), (2, "c")]]
    assert [log.add(piece) for piece in pieces] == ["", "", "ab"]
    assert (log.flush(), log.flush()) == ("c", "")


def test_a_clock_that_was_never_set_is_told_as_unset():
    got = response(an_answer(0x0B, little(31_626_932, 16_384))).clock
    assert got == Clock(31_626_932, 16_384) and not got.set
    assert response(an_answer(0x0B, little(CLOCK)[:3])).clock is None
    assert response(an_answer(0x0B, little(CLOCK), status=0), 5).clock is None
    assert response(an_answer(0x0B, little(CLOCK), status=0), 4).clock == Clock(CLOCK)


@pytest.mark.parametrize(
    ("opcode", "generation", "body", "said"),
    [
        (0x1A, 4, little(305, size=2), {"battery": 30.5}),
        (0x1A, 4, little(1001, size=2), {}),
        (0x1A, 5, b"\x64", {"battery": 100.0}),
        (0x1A, 5, b"\x65", {}),
        (0x43, 4, b"\1" + little(0), {"alarm": Alarm(0)}),
        (0x43, 4, b"\4\1" + little(CLOCK), {"alarm": Alarm(CLOCK, True)}),
        (0x43, 4, b"\4\1" + little(CLOCK)[:3], {}),
        (0x4C, 4, b"\1\1\4Band", {"name": "Band"}),
        (0x4C, 4, b"\1\1\xffBand", {"name": "Band"}),
        (0x8D, 5, b"\1\0\0", {}),
        (0x93, 5, b"\1" + little(CLOCK), {"clock": Clock(CLOCK)}),
        (0x93, 5, b"\2" + little(CLOCK), {}),
        (0x93, 4, b"\1" + little(CLOCK), {}),
        (0x7B, 4, b"\1\2", {"wrist": b"\1\2"}),
        (0xEE, 4, b"\1\2\3\4\5\6\7", {}),
    ],
)
def test_an_answer_says_this(opcode, generation, body, said):
    got = response(an_answer(opcode, body), generation)
    assert got == Response(opcode=opcode, sequence=0x42, request=0xA1, status=1, **said)


def test_a_failure_without_a_body_is_no_empty_battery():
    padded = an_answer(0x1A, b"\0\0\0", status=0)
    assert response(padded) == Response(opcode=0x1A, sequence=0x42, request=0xA1, status=0)
    assert response(an_answer(0x1A, b"\0\0")).battery == 0


@pytest.mark.parametrize(
    ("changed", "has"),
    [
        ({}, (True, True)),
        ({"revision": 2}, (False, False)),
        ({"total": 0}, (True, False)),
        ({"write": 101}, (True, False)),
        ({"oldest": CLOCK + 1}, (False, True)),
        ({"oldest": 31_626_932}, (False, True)),
        ({"newest": 4_102_444_801}, (False, True)),
    ],
)
def test_what_the_flash_holds_is_told_where_it_can_be(changed, has):
    got = response(an_answer(0x22, a_range(**changed)))
    assert (got.span is not None, got.ring is not None) == has


def test_an_alarm_refused_says_why_also_when_the_command_failed():
    for generation in (4, 5):
        got = response(an_answer(0x42, b"\3\x0a", status=0), generation)
        assert got.alarm_status == 10 and got.alarm_status in words.ALARM_REJECTED


def test_an_answer_belongs_to_its_command_or_to_the_only_one_that_waits():
    got = Response(opcode=0x0B, sequence=1, request=0xA3)
    zero = Response(opcode=0x17, sequence=2, request=0)
    assert answers(got, 0x0B, 0xA3) and not answers(got, 0x0B, 0xA4)
    assert not answers(got, 0x0A, 0xA3)
    assert answers(zero, 0x17, 9, [0x17, 0x0B]) and not answers(zero, 0x17, 9, [0x17, 0x17])
    assert not answers(zero, 0x17, 9)


def test_pending_ends_all_but_two_commands():
    pending = [Response(opcode=code, sequence=1, status=2).final for code in (0x22, 0x91, 0x3F)]
    assert pending == [False, False, True]


def test_a_gen4_band_tells_its_serial_only_where_it_stands_clean():
    payload = b"\x01\x01\x04" + little(755, size=2) + bytes(11) + b"4A1234567\0" + b"a1" * 20
    assert hello_gen4(payload) == Hello("4A1234567", "a1" * 20, 75.5)
    assert hello_gen4(payload.replace(b"4A12", b"4A\x0112")).serial is None
    assert hello_gen4(payload.replace(b"4A12", b"4A-2")).serial is None
    assert hello_gen4(payload[:9]) == Hello()


def test_a_gen5_band_is_read_by_place_or_not_at_all():
    body = bytearray(104)
    body[0:6] = b"\1" + little(905) + b"\1"
    body[14:25] = b"5AG0000001\0"
    body[91:98] = b"\x32\x28\1" + little(2)
    body[102:104] = b"\1\xff"
    got = hello_gen5(bytes(body))
    assert (got.serial, got.battery, got.charging, got.on_wrist) == ("5AG0000001", 90, True, True)
    assert (got.firmware, got.error, got.clock_set) == ("50.40.1.2", -1, False)
    assert hello_gen5(bytes(body[:-1])) is None and hello_gen5(b"\2" + bytes(body[1:])) is None


@pytest.mark.parametrize(
    "table",
    [words.PACKETS, words.EVENTS, words.METADATA, words.LOCATIONS, words.ALARM_STATUSES]
    + [words.COMMAND_STATUSES, words.OPCODES],
)
def test_tables_stand_in_order_and_name_each_number_once(table):
    codes = [word.code for word in table]
    assert codes == sorted(set(codes))
