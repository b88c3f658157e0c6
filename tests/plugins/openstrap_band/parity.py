"""The plugin's records under the names of the public test vectors, whose names are partly wrong:
`skin_temp_raw` is no temperature, `skin_contact` no contact, `ppg_red_ir` noise."""

import math
import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import numpy as np
from openfit_openstrap_band.deriving import intensity, steps
from openfit_openstrap_band.reading import gen5, imu, live, optics, research, seconds, summaries
from openfit_openstrap_band.reading.base import Record
from openfit_openstrap_band.reading.seconds import Chain, Second

HEX = re.compile(r"(?:[0-9a-fA-F]{2})*")
SAMPLE_VERSIONS = {7, 9, 12, 18, 24, 25}
MOTION_PACKETS = (0x2B, 0x2F)
Found = dict[str, Any] | None


def parity(kind: str, hex: str) -> Found:
    """What a packet of `decode_cases` says; None for what is absent."""
    inner = unhex(hex)
    return None if inner is None else VIEWS[kind](inner)


def frame_parity(group: str, input: dict[str, Any], generation: str | None = None) -> Found:
    """What a vector of `frame_vectors` expects; its generation beside the input, or in it."""
    if group in GROUPS:
        return GROUPS[group](**{key: value for key, value in input.items() if key != "generation"})
    return beside("frame_parity").frame_parity(group, input, generation)


def beside(name: str) -> Any:
    """A module in this folder, from wherever this one was loaded."""
    spec = spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec and spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def unhex(text: str) -> bytes | None:
    return bytes.fromhex(text) if HEX.fullmatch(text) else None


def r24(record: Record | None, inner: bytes) -> Found:
    """Under the frozen names of the corpus, where 0 stands for absent."""
    if record is None:
        return None
    second = record if isinstance(record, Second) else Second(version=25, ts=0)
    zeros = [0.0, 0.0, 0.0] if record is second else []
    return {
        "ts_epoch": record.ts,
        "ts_subsec": record.subsec or 0,
        "counter": record.counter,
        "hr": second.heart_rate or 0,
        "rr_count": len(intervals(second.rr)),
        "rr_intervals_ms": intervals(second.rr),
        "ppg_green": second.ppg_green or 0,
        "ppg_red_ir": second.unnamed_31 or 0,
        "accel_g": list(second.acceleration) if second.acceleration else zeros,
        "skin_contact": second.unnamed_51 or 0,
        "spo2_red_raw": second.spo2_red or 0,
        "spo2_ir_raw": second.spo2_infrared or 0,
        "skin_temp_raw": second.unnamed_68 or 0,
        "ambient_raw": second.ambient_light or 0,
        "raw_tail": inner[13:].hex(),
    }


def intervals(rr: tuple[int | None, ...]) -> list[int]:
    return [interval for interval in rr if interval is not None]


def strict(inner: bytes) -> Found:
    return r24(seconds.decode(inner), inner)


def sample(inner: bytes) -> Found:
    if len(inner) < 4:
        return None
    if inner[0] == 0x28:
        found = live.decode(inner)
        return found and sampled(found.ts, found.heart_rate_byte, 28)
    if inner[0] == 0x33 or len(inner) < 18:
        return None
    if inner[1] in SAMPLE_VERSIONS:
        record = seconds.decode(inner)
        rate = record.heart_rate if isinstance(record, Second) else None
        return record and sampled(record.ts, rate or 0, inner[1])
    motion = motion_of(inner)
    return motion and sampled(motion.ts, motion.heart_rate or 0, 10) | moved(motion)


def motion_of(inner: bytes) -> imu.Motion | None:
    return imu.motion(inner) if inner[0] in MOTION_PACKETS and inner[1] == 10 else None


def sampled(ts: int, rate: int, kind: int) -> dict[str, Any]:
    head = {"ts": ts, "hr": rate, "activity": None, "steps_inc": None}
    return head | {"wrist_on": rate > 0, "rec_type": kind}


def moved(motion: imu.Motion) -> dict[str, Any]:
    if not motion.acceleration:
        return {}
    magnitudes = intensity.magnitude(imu.in_g(motion.acceleration))
    return {"activity": intensity.intensity(magnitudes), "steps_inc": intensity.rhythm(magnitudes)}


def beat_view(inner: bytes) -> Found:
    if len(inner) < 12:
        return None
    found = live.decode(inner) if inner[0] == 0x28 else motion_of(inner)
    beats = intervals(found.rr) if found else []
    return {"ts": found.ts, "rr_ms": beats} if found and found.ts and beats else None


def magnitude_view(inner: bytes) -> Found:
    if len(inner) < 32:
        return None
    found = imu.part(inner) if inner[0] == 0x33 else motion_of(inner)
    if found is None or not found.ts or not found.acceleration:
        return None
    x, y, z = np.array(found.acceleration, np.float64)
    magnitudes = np.sqrt(x * x + y * y + z * z) / 4096
    index = found.index if isinstance(found, imu.Part) else 0
    return {"ts": found.ts, "idx": index, "mags": magnitudes.tolist()}


VIEWS = {"r24": strict, "record": sample, "rr": beat_view, "accel": magnitude_view}


def record_gen4(inner_hex: str, decoder: str) -> Found:
    inner = bytes.fromhex(inner_hex)
    return strict(inner) if decoder == "strict" else r24(Chain().decode(inner), inner)


def record_chain_session(inners_hex: list[str]) -> Found:
    chain, rates, remembered = Chain(), [], []
    for inner_hex in inners_hex:
        record = chain.decode(bytes.fromhex(inner_hex))
        rates.append(record and r24(record, b"")["hr"])
        remembered.append({str(version): name for version, name in chain.remembered.items()})
    return {"hr": rates, "detected_after": remembered}


def realtime_hr(inner_hex: str) -> Found:
    found = live.decode(bytes.fromhex(inner_hex)) if inner_hex.startswith("28") else None
    if found is None or found.heart_rate is None:
        return None
    worn = found.worn_byte in (None, 1)
    beats = intervals(found.rr)
    return {"ts_epoch": found.ts, "hr": found.heart_rate, "rr_ms": beats, "wearing": worn}


def realtime_hr_v2(body_hex: str) -> Found:
    found = live.decode(bytes.fromhex(body_hex))
    if found is None or found.version != 2 or found.location is None:
        return None
    head = {"revision": 2, "ts_epoch": found.ts, "ts_subsec": found.subsec}
    off = found.worn_byte == 0
    return head | {"hr": found.heart_rate_byte, "off_body": off, "location": found.location}


def r10_imu(inner_hex: str) -> Found:
    inner = bytes.fromhex(inner_hex)
    found = imu.motion(inner) if inner[:2] == b"\x2b\x0a" else None
    if found is None or not found.rotation:
        return None
    acceleration = imu.in_g(found.acceleration).tolist()
    rotation = imu.in_degrees(found.rotation).tolist()
    named = {f"accel_{axis}": acceleration[n] for n, axis in enumerate("xyz")}
    return {"ts": found.ts} | named | {f"gyro_{axis}": rotation[n] for n, axis in enumerate("xyz")}


def gen5_record(inner_hex: str) -> Found:
    inner = bytes.fromhex(inner_hex)
    found = gen5.decode(inner) if len(inner) > 1 and inner[0] in MOTION_PACKETS else None
    if found is None:
        return None
    head = {
        "hist_version": found.version,
        "flags": found.flags,
        "ppg_rate_hz": found.optical_rate,
        "record_index": found.counter,
        "unix": found.ts,
        "ts_subsec": found.subsec,
    }
    kind, body = GEN5[type(found)]
    return head | {"kind": kind} | body(found)


def summary(found: summaries.Summary) -> dict[str, Any]:
    return {
        "hr": found.heart_rate or 0,
        "rr_intervals_ms": intervals(found.rr),
        "cardiac_flags": found.cardiac_flags,
        "hr_quality_flags": found.quality_flags,
        "hr_alt": found.other_heart_rate,
        "hr_alt_corroborated": bool(found.quality_flags & 0x80),
        "rr_packed": found.unnamed_30,
        "cardiac_status_raw": found.cardiac_status,
        "dynamic_accel_g": found.motion,
        "gravity_g": list(found.acceleration or ()),
        "step_counter": found.motion_counter,
        "step_cadence": found.cadence,
        "activity_class": found.activity,
        "temp_cell_c": found.cell_temperature,
        "temp_ambient_c": found.ambient_temperature,
        "skin_temp_c": found.skin_temperature,
        "status_words": list(found.channel_states),
        "sleep_state": found.sleep_state,
        "spo2_raw": found.spo2_status,
        "pd_mean_b": found.sensor_means[0],
        "pd_mean_a": found.sensor_means[1],
        "psnr_b": found.signal_to_noise[0],
        "psnr_a": found.signal_to_noise[1],
        "signal_log_variance": found.signal_log_variance,
    }


def pip(found: research.Pip) -> dict[str, Any]:
    window = found.window
    return {
        "pip_counter": found.segment,
        "first_sample": window.first,
        "deltas": list(window.deltas),
        "accel_delta_g": found.acceleration_delta,
        "state_word": found.state_word,
        "primary_flags": found.primary_flags,
        "morphology": found.morphology,
        "tail": found.pad,
        "reconstruction": delta_window(window.first, list(window.deltas)),
    }


def delta_window(first: int, deltas: list[int]) -> dict[str, Any]:
    found = research.codes(first, tuple(deltas))
    return {
        "samples": list(found.samples),
        "first_ambiguous": found.first_ambiguous,
        "out_of_range": list(found.out_of_range),
        "trusted_count": found.trusted,
    }


def gen5_motion(found: gen5.Motion) -> dict[str, Any]:
    counts = {"count_accel": len(found.acceleration[0]), "count_gyro": len(found.rotation[0])}
    acceleration = imu.in_g(found.acceleration).tolist()
    rotation = imu.in_degrees(found.rotation).tolist()
    named = {f"accel_{axis}_g": acceleration[n] for n, axis in enumerate("xyz")}
    return counts | named | {f"gyro_{axis}_dps": rotation[n] for n, axis in enumerate("xyz")}


def gen5_optical(found: optics.Optical) -> dict[str, Any]:
    return {"sample_rate_hz": found.sample_rate, "blocks": [*map(block, found.blocks)]}


def block(found: optics.Block) -> dict[str, Any]:
    first, second = found.channels
    return {
        "count": len(first),
        "ch0": list(first),
        "ch1": list(second),
        "led_a_driver": found.leds[0],
        "led_a_current_ua": found.led_currents[0],
        "led_b_driver": found.leds[1],
        "led_b_current_ua": found.led_currents[1],
        "tia1_source": found.amplifiers[0],
        "tia1_range_ua": found.ranges[0],
        "tia1_offset_na": found.offsets[0],
        "tia2_source": found.amplifiers[1],
        "tia2_range_ua": found.ranges[1],
        "tia2_offset_na": found.offsets[1],
    }


def researched(found: research.Research) -> dict[str, Any]:
    view: dict[str, Any] = {
        "tag": found.tag,
        "windows": [
            {"offset": each.at, "first": each.first, "deltas": list(each.deltas)}
            for each in found.windows
        ],
        "accel_delta_g": found.acceleration_delta,
        "state_word": found.state_word,
        "primary_flags": found.primary_flags,
        "flags_snapshot": found.flags_snapshot,
        "unnamed_floats": list(found.unnamed),
        "pip_unix": found.pip_ts,
    }
    if found.extension is not None:
        view["extension_hex"] = found.extension.hex()
    if found.acceleration_tail is not None:
        axes = zip("xyz", found.acceleration, strict=True)
        view |= {f"accel_raw_{axis}": list(counts) for axis, counts in axes}
        view["accel_tail_hex"] = found.acceleration_tail.hex()
    return view


GEN5 = {
    summaries.Summary: ("summary", summary),
    research.Pip: ("pip", pip),
    gen5.Motion: ("imu", gen5_motion),
    optics.Optical: ("optical", gen5_optical),
    research.Research: ("research", researched),
}


def pedometer(formula: str, hz: float, amp_g: float, seconds: float, fs: int) -> dict[str, Any]:
    assert formula == "1 + amp*sin(2*pi*hz*i/fs)" and fs == imu.RATE
    at = range(int(seconds * fs))
    signal = np.array([1 + amp_g * math.sin(2 * math.pi * hz * i / fs) for i in at])
    return {"steps": steps.count(signal)}


def of_inner(view: Any) -> Any:
    def call(inner_hex: str) -> Found:
        inner = unhex(inner_hex)
        return None if inner is None else view(inner)

    return call


GROUPS: dict[str, Any] = {
    "sample": of_inner(sample),
    "realtime_rr": of_inner(beat_view),
    "imu_accel": of_inner(magnitude_view),
    "record_gen4": record_gen4,
    "record_chain_session": record_chain_session,
    "realtime_hr": realtime_hr,
    "realtime_hr_v2": realtime_hr_v2,
    "r10_imu": r10_imu,
    "gen5_record": gen5_record,
    "delta_window": delta_window,
    "pedometer": pedometer,
}
