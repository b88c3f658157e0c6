"""Decoding FIT: every case that the format allows and devices use."""

import gzip
import json
import math
import random
import struct
import warnings

import fitdecode
import fitparse
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openfit_fileimport import fit
from openfit_fileimport.fit.channels import channel
from openfit_fileimport.fit.crc import crc16
from openfit_sdk import BadInput
from support.fit_writer import (
    BYTE,
    ENUM,
    EPOCH,
    FLOAT32,
    START,
    STRING,
    U8,
    U16,
    U32,
    Writer,
    activity,
    crc,
)


def one(writer):
    [file] = fit.decode(writer.bytes())
    return file


def records(*fields, **options):
    return Writer(**options).define(0, 20, [(253, U32, 1), *fields])


@given(st.binary(max_size=5000))
def test_the_checksum_in_lanes_equals_the_one_nibble_by_nibble(body):
    assert crc16(body) == crc(body)


@pytest.mark.parametrize("header", [12, 14])
@pytest.mark.parametrize("big_endian", [False, True])
def test_both_byte_orders_and_headers_read_the_same(header, big_endian):
    plain = fit.inspect(activity())
    found = fit.inspect(activity(big_endian=big_endian, header=header))
    assert found == plain
    assert (found["record_count"], found["warnings"], found["error"]) == (60, [], None)
    assert found["heart_rate_mean"] == pytest.approx(np.mean([120 + n % 40 for n in range(60)]))


def test_a_header_checksum_of_zero_means_none_was_computed():
    body = bytearray(activity())
    body[12:14] = b"\0\0"
    body[-2:] = crc(bytes(body[:-2])).to_bytes(2, "little")
    assert fit.inspect(bytes(body))["warnings"] == []


def test_sentinels_are_absent_values():
    w = records((3, U8, 1), (7, U16, 1), (13, 0x01, 1), (5, U32, 1))
    w.write(0, START, 0xFF, 0xFFFF, 0x7F, 0xFFFFFFFF).write(0, START + 1, 150, 250, -5, 1234)
    found = fit.inspect(w.bytes())
    assert (found["heart_rate_n"], found["power_n"], found["distance_n"]) == (1, 1, 1)
    assert (found["heart_rate_min"], found["temperature_min"]) == (150, -5)
    assert found["distance_last"] == 12.34


def test_a_signalling_not_a_number_is_an_absent_value_and_no_noise():
    w = records((3, FLOAT32, 1)).write(0, START, 61.5).write(0, START + 1, 62.0)
    w.records = w.records.replace(struct.pack("<f", 62.0), b"\x01\x00\x80\x7f")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rates = one(w).messages("record").column("heart_rate")
    np.testing.assert_array_equal(rates, [61.5, np.nan])


def test_compressed_headers_count_on_from_any_full_time_and_roll_over():
    w = Writer().define(0, 20, [(253, U32, 1), (3, U8, 1)]).define(1, 20, [(3, U8, 1)])
    w.write(0, START, 100)
    ahead = [1, 2, 2, 30, 33, 64, 95]
    for after in ahead:
        w.write(1, 101, compressed=(START + after) & 0x1F)
    found = one(w).messages("record").times - EPOCH - START
    assert found.tolist() == [0, 1, 2, 2, 30, 33, 64, 95]


def test_a_time_before_any_full_one_is_unknown():
    w = Writer().define(1, 20, [(3, U8, 1)]).write(1, 90, compressed=4)
    assert np.isnan(one(w).messages("record").times).all()


def test_times_since_power_up_are_no_dates():
    w = records((3, U8, 1)).write(0, 4711, 90)
    assert np.isnan(one(w).messages("record").times).all()
    assert fit.inspect(w.bytes())["first_timestamp"] == 4711 + EPOCH


def test_redefining_before_every_record_makes_one_layout():
    w = Writer()
    for n in range(200):
        w.define(0, 20, [(253, U32, 1), (3, U8, 1)]).write(0, START + n, 100 + n % 50)
    file = one(w)
    assert len(file.index.definitions) == 1
    assert file.messages("record").column("heart_rate").tolist() == [
        100 + n % 50 for n in range(200)
    ]


def test_interleaved_layouts_of_one_message_keep_the_order_of_the_file():
    w = (
        Writer()
        .define(0, 20, [(253, U32, 1), (3, U8, 1)])
        .define(1, 20, [(253, U32, 1), (7, U16, 1)])
    )
    for n in range(6):
        w.write(n % 2, START + n, 100 + n)
    messages = one(w).messages("record")
    assert (messages.times - EPOCH - START).tolist() == [0, 1, 2, 3, 4, 5]
    nan = math.nan
    np.testing.assert_array_equal(messages.column("heart_rate"), [100, nan, 102, nan, 104, nan])
    np.testing.assert_array_equal(messages.column("power"), [nan, 101, nan, 103, nan, 105])


def test_a_field_whose_size_does_not_fit_its_type_harms_no_other():
    w = Writer().raw(bytes([0x40, 0, 0, 20, 0, 3, 253, 4, 0x86, 78, 1, 0x86, 3, 1, 0x02]))
    w.layouts[0] = ([(253, U32, 1), (78, U8, 1), (3, U8, 1)], ())
    w.write(0, START, 7, 140)
    found = fit.inspect(w.bytes())
    assert (found["heart_rate_max"], found.get("altitude_n")) == (140, None)


def test_the_precise_field_goes_before_its_short_twin_and_absence_does_not_erase():
    w = records((6, U16, 1), (73, U32, 1), (2, U16, 1), (78, U32, 1))
    w.write(0, START, 0xFFFF, 3210, (100 + 500) * 5, 0xFFFFFFFF)
    messages = one(w).messages("record")
    assert channel(messages, "speed").tolist() == [3.21]
    assert channel(messages, "altitude").tolist() == [100.0]


def packed_speed_distance(speed, sixteenths):
    value = speed | sixteenths << 12
    return value.to_bytes(3, "little")


def test_compressed_speed_and_distance_are_unrolled_and_nothing_is_not_zero():
    w = records((8, BYTE, 3))
    for n, travelled in enumerate([0, 1000, 2000, 4000, 6000]):
        w.write(0, START + n, packed_speed_distance(300 + n, travelled & 0xFFF))
    w.write(0, START + 9, b"\xff\xff\xff")
    messages = one(w).messages("record")
    distance, speed = channel(messages, "track_distance"), channel(messages, "speed")
    assert distance[:5].tolist() == [0, 62.5, 125.0, 250.0, 375.0]
    assert speed[:2].tolist() == [3.0, 3.01]
    assert np.isnan([distance[5], speed[5]]).all()


def test_an_absent_component_leaves_the_explicit_field_alone():
    w = records((8, BYTE, 3), (5, U32, 1)).write(0, START, b"\xff\xff\xff", 123_400)
    assert channel(one(w).messages("record"), "track_distance").tolist() == [1234.0]


def test_strings_end_at_their_nul_and_junk_after_it_is_not_read():
    w = Writer().define(0, 12, [(3, STRING, 12)])
    w.write(0, b"Lauf\xc3\xbc\0\xff\xfe\xfdxx").write(0, b"no end here!").write(0, b"\0" * 12)
    assert one(w).messages("sport").texts("name") == ["Laufü", "no end here!", None]


def test_arrays_and_64_bit_integers():
    w = Writer().define(0, 78, [(0, U16, 5)]).write(0, [800, 810, 0xFFFF, 0xFFFF, 0xFFFF])
    w.define(1, 0xFF00, [(1, 0x8F, 1)]).write(1, 2**63 + 11)
    file = one(w)
    intervals = file.messages("hrv").array("time")
    assert intervals.shape == (1, 5)
    assert intervals[0, :2].tolist() == [0.8, 0.81]
    assert np.isnan(intervals[0, 2:]).all()
    assert file.messages(0xFF00).octets_of(1) == [(2**63 + 11).to_bytes(8, "little")]


def test_unknown_messages_are_counted():
    w = Writer().define(3, 4711, [(0, U8, 1)]).write(3, 1).write(3, 2)
    assert fit.inspect(w.bytes())["messages"] == {"mesg_4711": 2}


def test_chained_files_start_afresh():
    a, b = activity(seconds=30), activity(seconds=20, start=START + 86_400)
    both, alone = fit.inspect(a + b), [fit.inspect(a), fit.inspect(b)]
    assert both["record_count"] == 50
    assert both["sessions"] == alone[0]["sessions"] + alone[1]["sessions"]
    assert len(fit.decode(a + b)) == 2


def test_damage_is_said_with_its_byte_and_what_came_before_is_kept():
    body = activity()
    cut = fit.inspect(body[:900])
    assert cut["error"]["code"] == "truncated"
    assert 800 < cut["error"]["at_byte"] <= 900
    assert 0 < cut["record_count"] < 60
    flipped = bytearray(body)
    flipped[-2] ^= 0xFF
    assert "checksum" in fit.inspect(bytes(flipped))["warnings"][0]
    assert fit.inspect(bytes(flipped))["record_count"] == 60
    assert "no FIT file" in fit.inspect(body + b"garbage-at-end")["warnings"][0]
    unclosed = bytearray(body)
    unclosed[4:8] = b"\0\0\0\0"
    assert fit.inspect(bytes(unclosed))["record_count"] == 60
    assert "never closed" in fit.inspect(bytes(unclosed))["warnings"][0]
    no_crc = fit.inspect(body[:-2])
    assert no_crc["record_count"] == 60


@pytest.mark.parametrize(
    ("body", "code"), [(b"", "empty"), (b"hello there, friend", "not_fit"), (b"\x0e", "not_fit")]
)
def test_what_is_no_fit_file_is_refused(body, code):
    with pytest.raises(BadInput) as caught:
        fit.decode(body)
    assert caught.value.code == code
    assert fit.inspect(body)["error"]["code"] == code


@given(st.integers(0, 2**32), st.integers(1, 30), st.integers(0, 3))
def test_flipped_and_missing_bytes_never_do_more_than_lose_data(seed, flips, cut):
    chance = random.Random(seed)
    body = bytearray(activity(seconds=12))
    for _ in range(flips):
        body[chance.randrange(len(body))] = chance.randrange(256)
    body = body[: len(body) - cut * chance.randrange(200)]
    try:
        entities = list(fit.read(bytes(body), "0" * 64))
    except BadInput:
        return
    assert entities[-1].status in ("ok", "partial", "failed", "unsupported")
    json.dumps(fit.inspect(bytes(body)))


def values_by(messages, names):
    return [{name: message.get(name) for name in names} for message in messages]


NAMES = ("heart_rate", "cadence", "power", "distance", "temperature")


def test_two_other_decoders_read_our_file_alike(tmp_path):
    path = tmp_path / "a.fit"
    path.write_bytes(activity())
    by_fitparse = [m.get_values() for m in fitparse.FitFile(str(path)).get_messages("record")]
    with fitdecode.FitReader(str(path)) as reader:
        frames = [f for f in reader if f.frame_type == fitdecode.FIT_FRAME_DATA]
    by_fitdecode = [
        {field.name: field.value for field in frame.fields}
        for frame in frames
        if frame.name == "record"
    ]
    messages = fit.decode(path.read_bytes())[0].messages("record")
    ours = [
        dict(zip(NAMES, row, strict=True))
        for row in zip(*(messages.column(n).tolist() for n in NAMES), strict=True)
    ]
    assert ours == values_by(by_fitparse, NAMES) == values_by(by_fitdecode, NAMES)


# Real files --------------------------------------------------------------------------------------


def close(found, wanted):
    if isinstance(wanted, float | int) and isinstance(found, float | int):
        return abs(found - wanted) <= 1e-3 + 1e-5 * abs(wanted)
    if isinstance(wanted, list) and isinstance(found, list):
        return len(found) == len(wanted) and all(map(close, found, wanted))
    if isinstance(wanted, dict) and isinstance(found, dict):
        return all(name in found and close(found[name], value) for name, value in wanted.items())
    return found == wanted


def test_every_real_file_agrees_with_what_other_decoders_agree_on(test_data):
    folder = test_data / "files" / "fit"
    cases = json.loads((folder / "expected.json").read_text())
    wrong = {}
    for name, case in cases.items():
        body = (folder / name).read_bytes()
        found = fit.inspect(gzip.decompress(body) if name.endswith(".gz") else body)
        wanted = case["expected"] or {}
        wrong |= {(name, k): found.get(k) for k, v in wanted.items() if not close(found.get(k), v)}
        for at_least in (case.get("salvageable") or {}).values():
            wrong |= {(name, k): found.get(k) for k, v in at_least.items() if found.get(k, 0) < v}
        damaged = not wanted and "coros" not in name  # that one is whole, only odd
        assert not damaged or found["error"] or found["warnings"], name
    assert len(cases) >= 60
    assert wrong == {}


def test_a_whole_file_behind_one_that_was_never_closed_is_read_too():
    unclosed = bytearray(activity(seconds=30))
    unclosed[4:8] = b"\0\0\0\0"
    found = fit.inspect(bytes(unclosed) + activity(seconds=20, start=START + 86_400))
    assert found["record_count"] == 50


def test_long_chains_and_many_sessions_cost_in_proportion():
    w = Writer().define(0, 20, [(253, U32, 1), (3, U8, 1)])
    w.define(4, 18, [(253, U32, 1), (2, U32, 1), (5, ENUM, 1), (7, U32, 1)])
    for n in range(400):
        w.write(0, START + n, 100).write(4, START + n + 1, START + n, 1, 1000)
    legs = [e for e in fit.read(w.bytes(), "0" * 64) if type(e).__name__ == "Activity"]
    assert len(legs) == 400
    assert len(fit.decode(records((3, U8, 1)).write(0, START, 1).bytes() * 3000)) == 3000
