"""The fuzz run finds nothing in a few thousand inputs, and finds what is put there."""

import json
import math
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import pytest
from msgspec.structs import replace
from openfit_openstrap_band.deriving import receiving
from openfit_openstrap_band.reading import records
from openfit_openstrap_band.reading.seconds import Second
from openfit_sdk.schema import Metric

SCRIPT = Path(__file__).parents[3] / "bench" / "fuzz_band.py"
DATED = datetime(2026, 5, 28, tzinfo=UTC)


@pytest.fixture(scope="module")
def fuzz_band():
    sys.path.insert(0, str(SCRIPT.parent))
    try:
        return import_module("fuzz_band")
    finally:
        sys.path.remove(str(SCRIPT.parent))


@pytest.fixture
def found(fuzz_band, monkeypatch, capsys, tmp_path):
    """What a short run says, in this process: what it looks at may be replaced."""
    before = signal.getsignal(signal.SIGALRM)
    monkeypatch.setattr(fuzz_band, "DATA", tmp_path)

    def run(*, inputs=300, **replaced):
        for name, value in replaced.items():
            monkeypatch.setattr(fuzz_band, name, value)
        status = fuzz_band.main(["--inputs", str(inputs), "--json"])
        return status, json.loads(capsys.readouterr().out)

    yield run
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("where", ["captured", "made"])
def test_a_short_run_finds_nothing(where, request, tmp_path):
    data = request.getfixturevalue("test_data") if where == "captured" else tmp_path
    ran = subprocess.run(
        [sys.executable, str(SCRIPT), "--inputs", "3000", "--seed", "7", "--json"],
        env={**os.environ, "OPENFIT_TEST_DATA": str(data)},
        capture_output=True,
        text=True,
    )
    said = json.loads(ran.stdout)
    assert (ran.returncode, said["failures"]) == (0, []), ran.stderr[-2000:]
    assert said["inputs"] >= 3000 and said["records"] > 150
    if where == "captured" and (data / "openstrap").is_dir():
        assert said["captured_packets"] > 500


def test_the_same_seed_tries_the_same(found):
    first, second = found(), found()
    assert first[1]["records"] == second[1]["records"] > 0


def test_an_exception_is_found_with_the_input_that_raised_it(found):
    def brittle(raw):
        if raw[:1] == b"\x2f":
            raise IndexError("past the end")
        return records.decode(raw)

    status, said = found(decode=brittle)
    assert status == 1
    assert any("IndexError: past the end" in one["error"] for one in said["failures"])
    assert bytes.fromhex(said["failures"][0]["input"])


def test_a_hang_is_found(found):
    def endless(raw):
        while raw[:1] == b"\x2f":
            pass
        return records.decode(raw)

    status, said = found(decode=endless, PATIENCE=0.05, SHOWN=2)
    assert status == 1 and any("Hang" in one["error"] for one in said["failures"])


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (Second(version=9, ts=1, heart_rate=24, acceleration=(0.0, 0.0, 1.0)), "a heart rate of"),
        (Second(version=24, ts=1, rr=(199,)), "beats (199,)"),
        (Second(version=24, ts=1, rr=(800,) * 9), "too many beats"),
        (Second(version=24, ts=1, acceleration=(math.nan, 0.0, 1.0)), "a number that is nan"),
        (Second(version=7, ts=1, heart_rate=60, acceleration=(0.0, 0.0, 2.0)), "gravity"),
    ],
)
def test_a_value_outside_its_gate_is_found(found, record, said):
    _, report = found(decode=lambda raw: record)
    assert any(said in one["error"] for one in report["failures"])


@pytest.mark.parametrize(
    ("type", "start", "values", "said"),
    [
        ("heart_rate", datetime(1971, 1, 1, tzinfo=UTC), [60.0], "heart_rate from 1971"),
        ("heart_rate", datetime(2027, 1, 1, tzinfo=UTC), [60.0], "heart_rate from 2027"),
        ("heart_rate", DATED, [0.0], "heart_rate outside 1 to 255"),
        ("heart_rate", DATED, [math.inf], "a number that is none"),
        ("rr_interval", DATED, [199.0], "rr_interval outside"),
    ],
)
def test_what_must_not_be_stored_is_found(found, type, start, values, said):
    metric = Metric(key="k", device="band", type=type, start=start, t=[0], v=values)
    _, report = found(normalize=lambda item: [metric])
    assert any(said in one["error"] for one in report["failures"])


def test_a_frame_that_is_lost_on_its_way_in_is_found(found):
    def careless(push, now):
        for got in receiving.receive(push, now):
            yield replace(got, items=got.items[1:])

    _, said = found(receive=careless)
    assert any("frames posted" in one["error"] for one in said["failures"])


def test_a_batch_that_says_something_else_is_found(found):
    def forgetful(raw):
        record = records.decode(raw)
        return record if record is None or record.version != 24 else None

    _, said = found(decode=forgetful)
    assert {one["error"] for one in said["failures"]} == {"Wrong: a batch dates a frame otherwise"}


def test_a_check_that_lets_damage_pass_is_found(found, monkeypatch):
    monkeypatch.setattr(
        "openfit_openstrap_band.wire.frames.header_ok", lambda raw, generation: True
    )
    monkeypatch.setattr("openfit_openstrap_band.wire.frames.crc32", lambda octets: 0)
    monkeypatch.setattr(
        "openfit_openstrap_band.wire.frames.Frame.valid", property(lambda one: True)
    )
    _, said = found()
    assert any("a flipped bit" in one["error"] for one in said["failures"])


def test_memory_that_grows_is_found(found, fuzz_band):
    held = iter(range(0, 1 << 40, 30 << 20))
    status, said = found(resident=lambda: next(held))
    assert status == 1 and said["failures"] == []
    assert said["memory_growth_bytes"] > fuzz_band.MOST_GROWTH
