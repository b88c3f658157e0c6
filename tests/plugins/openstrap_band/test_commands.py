"""What is written to the band: the bytes of every command, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openfit_openstrap_band.wire import commands, frames, guard, words
from openfit_openstrap_band.wire.commands import InvalidArgument, inner
from openfit_openstrap_band.wire.words import Level
from plugins.openstrap_band.test_frames import differing, vectors

ARGUMENTS = {
    "set_clock": {"epoch_ms": 1_750_000_000_000},
    "history_result_ok": {"token": b"12345678"},
    "set_alarm": {"epoch_ms": 1_750_000_000_000},
    "set_alarm_simple": {"epoch_ms": 1_750_000_000_000},
    "get_alarm_time": {},
    "run_alarm": {"mode": 1},
    "disable_alarm": {},
    "set_advertising_name": {"name": "Band"},
    "set_custom_advertising_name": {"name": "Band"},
    "buzz": {},
    "buzz_maverick": {},
    "raw_data_start": {"duration_ms": 60_000},
    "enter_high_freq_sync": {},
    "select_wrist": {"wrist": 1},
    "get_config_value": {"name": "key"},
    "get_flag_value": {"name": "key"},
    "filtered_reading_generation": {"operation": 1},
    "set_config": {"name": "enable_r22_packets", "value": "1", "consent": True},
}
INIT = [
    "aa0800a823002300ada86a2d",
    "aa0800a823014c00f2b5cdce",
    "aa0800a823022200824df537",
    "aa0800a823034301c54dd63d",
    "aa0800a823041600c7c25288",
]


def test_published_vectors_of_commands_are_reproduced(test_data):
    chosen = vectors(test_data, "command")
    assert len(chosen) >= 62 and differing(chosen) == []


def test_a_connection_opens_with_the_frames_that_the_band_knows():
    assert [one.hex() for one in commands.init_frames()] == INIT
    assert commands.init_frames(5)[0].hex() == "aa0108000001e67123019101363e5c8d"


def test_sequence_numbers_of_acknowledgements_and_commands_never_meet():
    given = commands.Sequences()
    acks = [given.ack() for _ in range(252)]
    others = [given.command() for _ in range(97)]
    assert acks == [*range(5, 256), 5] and others == [*range(0xA0, 0x100), 0xA0]


@pytest.mark.parametrize(
    ("command", "generation", "arguments", "expected"),
    [
        ("set_clock", 4, {"epoch_ms": 1_750_000_000_999}, "0a80e14e68df7f0000"),
        ("history_result_ok", 5, {"token": b"\1\2\3\4\5\6\7\x08"}, "17010102030405060708"),
        ("set_alarm", 5, {"epoch_ms": 1000}, "420401010000000000" + "2f980000000000000000071e00"),
        ("set_alarm_simple", 4, {"epoch_ms": 1500}, "4201010000000040"),
        ("get_alarm_time", 5, {"alarm_id": 6}, "430406"),
        ("run_alarm", 5, {"mode": 1}, "440201"),
        ("run_alarm", 4, {"mode": 9}, "440209"),
        ("disable_alarm", 4, {"revision": 2, "alarm_id": 0}, "450200"),
        ("disable_alarm", 5, {"alarm_id": 6}, "450206"),
        ("set_advertising_name", 4, {"name": "Band"}, "4d010442616e6400000000"),
        ("buzz_maverick", 5, {"overall_loop": 900}, "13012f980000000000000000ff"),
        ("enter_high_freq_sync", 4, {}, "6002b400201c"),
        ("select_wrist", 4, {"wrist": 2}, "7b0102"),
        ("toggle_imu", 5, {"on": False}, "6a0100"),
        ("filtered_reading_generation", 5, {"operation": 3}, "7c0103"),
        ("get_flag_key_name", 5, {}, "7601"),
    ],
)
def test_a_command_is_these_bytes(command, generation, arguments, expected):
    assert inner(command, 7, generation, **arguments).hex() == "2307" + expected


@pytest.mark.parametrize(
    ("command", "generation", "arguments"),
    [
        ("history_result_ok", 4, {"token": b"1234567"}),
        ("set_clock", 4, {"epoch_ms": -1}),
        ("set_clock", 5, {"epoch_ms": 4_294_967_296_000}),
        ("set_alarm", 4, {"epoch_ms": 1, "index": 7}),
        ("set_alarm", 5, {"epoch_ms": 1, "index": 0}),
        ("set_alarm", 4, {"epoch_ms": 1, "haptics": b"123"}),
        ("set_alarm", 4, {"epoch_ms": 1, "haptics": [300] * 12}),
        ("get_alarm_time", 5, {"alarm_id": 7}),
        ("run_alarm", 5, {}),
        ("run_alarm", 4, {"mode": 256}),
        ("disable_alarm", 4, {"alarm_id": 1}),
        ("disable_alarm", 4, {"revision": 3}),
        ("set_advertising_name", 4, {"name": "x" * 21}),
        ("set_advertising_name", 4, {"name": "Bänd"}),
        ("set_advertising_name", 5, {"name": "Band"}),
        ("set_custom_advertising_name", 5, {"name": "x" * 16}),
        ("buzz", 4, {"pattern": 256}),
        ("buzz", 5, {}),
        ("enter_high_freq_sync", 4, {"interval_s": 65_536}),
        ("enter_high_freq_sync", 5, {"duration_s": 28_800}),
        ("raw_data_start", 4, {"duration_ms": 1}),
        ("select_wrist", 4, {"wrist": 0}),
        ("get_config_value", 5, {"name": "x" * 32}),
        ("set_config", 5, {"name": "enable_r22_packets", "value": "1"}),
        ("set_config", 5, {"name": "enable_r22_packets", "value": "0", "consent": True}),
        ("send_r10_r11_realtime", 5, {"on": True}),
        ("enable_optical", 5, {"on": True}),
        ("get_custom_advertising_name", 4, {}),
        ("force_trim", 4, {}),
        ("get_clock", 4, {"revision": 1}),
    ],
)
def test_what_the_band_would_misread_is_never_built(command, generation, arguments):
    with pytest.raises(InvalidArgument):
        inner(command, 1, generation, **arguments)


@pytest.mark.parametrize("sequence", [-1, 256])
def test_a_sequence_number_is_one_byte(sequence):
    with pytest.raises(InvalidArgument, match="sequence is 0 to 255"):
        inner("link_valid", sequence)


@pytest.mark.parametrize("generation", [4, 5])
def test_a_command_written_is_a_frame_of_its_generation(generation):
    written = commands.frame("get_clock", 0xA0, generation)
    frame = frames.parse(written, generation)
    assert frame and frame.valid and frame.inner == bytes.fromhex("23a00b00")


def test_flags_that_stay_in_the_band_are_built_with_consent_alone():
    with pytest.raises(InvalidArgument, match="needs consent"):
        inner("set_config", 1, 5, name="enable_r22_packets", value="1")
    packet = inner("set_config", 1, 5, name="enable_r22_packets", value="1", consent=True)
    assert len(packet) == 3 + 65 and packet[2:4] == b"\x78\x01" and packet[36:38] == b"1\0"


SAMPLES = [
    *((name, generation, {}) for name in commands.FIXED for generation in (4, 5)),
    *((name, by, {"on": on}) for name in commands.TOGGLES for by in (4, 5) for on in (0, 1)),
    *((name, by, arguments) for name, arguments in ARGUMENTS.items() for by in (4, 5)),
]


def built():
    for name, generation, arguments in SAMPLES:
        try:
            yield name, generation, commands.frame(name, 7, generation, **arguments)
        except InvalidArgument:
            continue


def test_every_command_that_can_be_built_is_in_the_table_of_opcodes():
    found = {frames.identify(written).opcode for _, _, written in built()}
    assert found <= set(words.OPCODE) and len(found) > 40
    assert {name for name, _, _ in built()} == {name for name, _, _ in SAMPLES}


def test_a_schedule_may_read_and_acknowledge_and_set_the_clock_and_no_more():
    free = {name for name, _, written in built() if guard.refused(written) is None}
    assert free == {
        *(set(commands.FIXED) | {"set_clock", "history_result_ok", "get_alarm_time"}),
        *("get_config_value", "get_flag_value", "toggle_realtime_hr"),
        *("send_r10_r11_realtime", "toggle_imu", "enable_optical", "toggle_optical"),
    }
    switched_on = [
        commands.frame(name, 7, generation, on=True)
        for name, generation in [("send_r10_r11_realtime", 4), ("toggle_imu", 4)]
        + [("toggle_imu", 5), ("enable_optical", 4), ("toggle_optical", 4), ("toggle_optical", 5)]
    ]
    assert all("only when a person asks" in guard.refused(one) for one in switched_on)


def test_a_person_may_send_all_but_what_stays_in_the_band():
    kept = {name for name, _, written in built() if guard.refused(written, Level.USER)}
    assert kept == {"set_config"}
    assert not any(guard.refused(written, Level.CONSENT) for _, _, written in built())


@pytest.mark.parametrize("generation", [4, 5])
def test_no_dangerous_and_no_unknown_opcode_passes_whoever_asks(generation):
    blocked = set()
    for opcode in range(256):
        written = frames.build(bytes((0x23, 1, opcode, 1)) + bytes(8), generation)
        if guard.refused(written, Level.CONSENT):
            with pytest.raises(guard.Refused, match="never sent"):
                guard.allow(written, Level.CONSENT)
            blocked.add(opcode)
    allowed = {word.code for word in words.OPCODES if word.level is not Level.NEVER} - {0x78}
    assert set(range(256)) - blocked == allowed - ({0x6B} if generation == 5 else set())


def test_the_reference_list_of_dangerous_commands_is_blocked():
    dangerous = bytes.fromhex(
        "19 1D 20 21 24 25 26 8E 8F 90 0F 99 9A 94 95 8A 0E 77 2D"
        "37 CC 63 64 27 29 2B 34 35 3D 53 83"
    )
    assert {words.OPCODE[code].level for code in dangerous} == {Level.NEVER}


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("enable_r22_packets", "1", None),
        ("enable_r22_v8_packets", "2", None),
        ("disable_pip_r26_packets", "2", None),
        ("enable_r22_v7_packets", "1", "never sent"),
        ("hr_ch_switching", "1", "never sent"),
        ("enable_r22_packets\x01", "1", "never sent"),
    ],
)
def test_with_consent_only_the_flags_of_the_deep_buffers_are_written(name, value, reason):
    written = commands.frame("set_config", 1, 5, name=name, value=value, consent=True)
    refused = guard.refused(written, Level.CONSENT)
    assert refused is None if reason is None else reason in refused
    assert guard.refused(written, Level.USER) is not None


@pytest.mark.parametrize("generation", [4, 5])
def test_an_acknowledgement_is_written_whole_or_not(generation):
    whole = bytes.fromhex("2305170101020304050607080000")
    for length in range(4, 16):
        written = frames.build(whole[:length].ljust(length, b"\1"), generation)
        sent = guard.refused(written) is None
        assert sent == (9 <= length <= 12)
    assert guard.refused(frames.build(bytes.fromhex("23051700"), generation)) is None
    assert guard.refused(frames.build(bytes.fromhex("23051702") + bytes(8), generation))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        bytes.fromhex("23001900"),
        frames.build(b"\x23\x01\x0b")[:-1],
        frames.build(b"\x23\x01\x0b") + frames.build(b"\x23\x01\x19"),
        frames.build(b"\x25\x01\x0b"),
        frames.build(b""),
    ],
)
def test_what_is_not_one_whole_command_is_not_written(raw):
    assert guard.refused(raw, Level.CONSENT) is not None


@given(st.binary(max_size=40))
def test_only_what_was_built_as_a_command_is_written(raw):
    assert guard.refused(raw, Level.CONSENT) is not None or frames.identify(raw).opcode
