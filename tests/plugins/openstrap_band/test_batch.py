"""Many frames at once say what each says alone."""

import gzip
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openfit_openstrap_band.reading import base, imu, live, records, seconds, summaries
from openfit_openstrap_band.reading.batch import decode_batch
from support import band

KINDS = [
    band.second(rr=(800, 30_000, 812)),
    band.second(version=12, length=88, rr=(500,) * 8),
    band.second(declared=9),
    band.second(heart_rate=0, acceleration=(0, 0, 0), ppg_green=0, spo2_red=0),
    band.second(version=7, rate_at=27),
    band.second(version=9),
    band.second(version=18, rate_at=14),
    band.second(version=200, heart_rate=24),
    band.second(acceleration=(0.00015, -0.00015, math.nan)),
    band.burst(),
    band.live(rr=(800, 100)),
    band.live(heart_rate=251, worn=7),
    band.live(length=13, rr=(700, 701)),
    band.motion(rr=(812, 2600)),
    band.motion(version=11),
    band.motion(length=400, packet=0x2F),
    band.imu_part(band.START, 3, band.at_rest(10)),
    band.summary(rr=(700,)),
    band.summary(heart_rate=20, skin=-5000, gravity=(0, 17, 0)),
    band.summary(skin=-1234, gravity=(math.inf, 0, 0), rr=(100, 300), length=109),
    band.optical(band.START, range(100)),
    band.event(9),
    band.metadata(2, count=3),
    b"",
    b"\x2f",
    b"\xaa",
]
WRAPS = (bytes, band.framed, lambda inner: band.framed(inner, 5))


def alone(frame):
    """What one frame says, as the columns of a batch have it."""
    record = records.decode(frame)
    match record:
        case seconds.Second():
            names = ("ppg_green", "spo2_red", "spo2_infrared", "ambient_light")
            head = (record.version, record.counter, record.heart_rate or 0)
            return (
                "second",
                record.ts,
                record.subsec,
                head,
                beats(record.rr),
                vector(record.acceleration),
                tuple(getattr(record, name) or 0 for name in names),
            )
        case live.Live():
            worn = -1 if record.worn is None else int(record.worn)
            head = (record.heart_rate or 0, worn)
            return ("live", record.ts, record.subsec, head, beats(record.rr))
        case imu.Motion():
            head = (record.counter, record.heart_rate or 0)
            return (
                "motion",
                record.ts,
                record.subsec,
                head,
                beats(record.rr),
                vector(record.gravity),
                record.acceleration,
            )
        case summaries.Summary():
            head = (record.counter, record.heart_rate or 0)
            skin = "absent" if record.skin_temperature is None else record.skin_temperature
            values = vector(record.acceleration), skin
            return ("summary", record.ts, record.subsec, head, beats(record.rr), *values)
        case imu.Part():
            return ("part", record.ts, record.index, record.acceleration)
    return record


def beats(rr):
    return tuple(interval or 0 for interval in rr)


def vector(given):
    return given or "absent"


def together(frames, sizes=None):
    """The same from a batch, frame by frame."""
    found = decode_batch(frames, sizes)
    out = [None] * found.verdict.size
    for n, at in enumerate(found.seconds.index):
        row = found.seconds
        names = ("ppg_green", "spo2_red", "spo2_infrared", "ambient_light")
        out[at] = (
            "second",
            row.ts[n],
            row.subsec[n],
            (row.version[n], row.counter[n], row.heart_rate[n]),
            tuple(row.rr[n][: row.declared[n]]),
            of(row.acceleration[n]),
            tuple(getattr(row, name)[n] for name in names),
        )
    for n, at in enumerate(found.lives.index):
        row = found.lives
        head = (row.heart_rate[n], row.worn[n])
        out[at] = ("live", row.ts[n], row.subsec[n], head, tuple(row.rr[n][: row.declared[n]]))
    for n, at in enumerate(found.motions.index):
        row = found.motions
        samples = tuple(map(tuple, row.acceleration[n].tolist())) if row.moving[n] else ()
        out[at] = (
            "motion",
            row.ts[n],
            row.subsec[n],
            (row.counter[n], row.heart_rate[n]),
            tuple(row.rr[n][: row.declared[n]]),
            of(row.gravity[n]),
            samples,
        )
    for n, at in enumerate(found.parts.index):
        row = found.parts
        out[at] = (
            "part",
            row.ts[n],
            row.part[n],
            tuple(map(tuple, row.acceleration[n].tolist())),
        )
    for n, at in enumerate(found.summaries.index):
        row = found.summaries
        skin = row.skin_temperature[n]
        out[at] = (
            "summary",
            row.ts[n],
            row.subsec[n],
            (row.counter[n], row.heart_rate[n]),
            tuple(row.rr[n][: row.declared[n]]),
            of(row.acceleration[n]),
            "absent" if np.isnan(skin) else skin,
        )
    for at, record in found.others:
        out[at] = record
    assert (found.decoded == [one is not None for one in out]).all()
    return out


def of(row):
    return "absent" if np.isnan(row).any() else tuple(row.tolist())


def agree(frames):
    expected = [alone(frame) for frame in frames]
    assert repr_all(together(frames)) == repr_all(expected)
    sizes = [len(frame) for frame in frames]
    assert repr_all(together(b"".join(frames), sizes)) == repr_all(expected)


def repr_all(found):
    """NaN equals itself here, and NumPy's integers are integers."""
    return [repr(one) if isinstance(one, base.Record) else repr(plain(one)) for one in found]


def plain(one):
    if isinstance(one, tuple):
        return tuple(map(plain, one))
    return one.item() if isinstance(one, np.generic) else one


@pytest.mark.parametrize("wrap", WRAPS)
def test_every_kind_says_the_same_in_a_batch(wrap):
    frames = [wrap(inner) for inner in KINDS]
    agree(frames)
    for frame in frames:
        agree([frame])
        agree([frame] * 3)


def test_every_kind_mixed_with_every_envelope():
    agree([wrap(inner) for inner in KINDS for wrap in WRAPS])


mutated = st.builds(
    lambda inner, wrap, cut, flips: flip(wrap(inner), flips)[: cut or None],
    st.sampled_from(KINDS),
    st.sampled_from(WRAPS),
    st.integers(0, 130),
    st.lists(st.tuples(st.integers(0, 90), st.integers(0, 255)), max_size=3),
)


def flip(frame, flips):
    changed = bytearray(frame)
    for at, value in flips:
        if at < len(changed):
            changed[at] = value
    return bytes(changed)


@settings(max_examples=150)
@given(st.lists(mutated | st.binary(max_size=200), max_size=6))
def test_a_batch_equals_its_frames_whatever_they_are(frames):
    agree(frames)


@settings(max_examples=100)
@given(st.lists(mutated, min_size=1, max_size=3))
def test_no_value_escapes_its_gate(frames):
    found = decode_batch(frames)
    for rr in (found.seconds.rr, found.lives.rr, found.motions.rr):
        assert (((rr >= 200) & (rr <= 2500)) | (rr == 0)).all()
    assert (found.lives.heart_rate <= 250).all()
    gated = ~np.isin(found.seconds.version, (24, 12))
    square = (found.seconds.acceleration[gated] ** 2).sum(axis=1)
    assert ((square >= 0.25) & (square <= 3.24)).all()
    assert (
        (found.seconds.heart_rate[gated] >= 25) & (found.seconds.heart_rate[gated] <= 230)
    ).all()


def test_every_published_packet_says_the_same_in_a_batch(test_data):
    with gzip.open(test_data / "openstrap" / "decode_cases.json.gz") as file:
        texts = sorted({case["hex"] for case in json.load(file)})
    inners = [bytes.fromhex(text) for text in texts]
    agree(inners)
    agree([band.framed(inner) for inner in inners])
    agree([flip(inner, [(n % 40, n % 256)]) for n, inner in enumerate(inners)])
    assert repr_all(together(texts)) == repr_all(together(inners))
    assert repr_all(together("\n".join(texts).encode())) == repr_all(together(inners))


@pytest.mark.parametrize("generation", [4, 5])
def test_no_flipped_bit_leaves_a_frame(generation):
    frame = band.framed(band.summary() if generation == 5 else band.second(), generation)
    assert decode_batch([frame]).decoded.all()
    flipped = [
        flip(frame, [(at, frame[at] ^ 1 << bit)]) for at in range(len(frame)) for bit in range(8)
    ]
    found = decode_batch(flipped)
    assert not found.decoded.any()
    assert all(records.decode(each) is None for each in flipped)


@pytest.mark.parametrize("buffer", [bytes, bytearray, memoryview])
def test_any_buffer_and_lines_as_files_give_them_will_do(buffer):
    frames = [band.second(), band.live(), band.second(rr=(800,))]
    sizes = np.array([len(one) for one in frames])
    lines = [one.hex() + "\r\n" for one in frames]
    expected = repr_all(together(frames))
    assert repr_all(together(buffer(b"".join(frames)), sizes)) == expected
    assert repr_all(together(buffer("".join(lines).encode()))) == expected
    assert repr_all(together(lines)) == expected
    assert repr_all(together(tuple(frames))) == expected


def test_a_line_that_is_no_hex_keeps_its_place():
    found = decode_batch([band.second().hex(), "zz", "", band.live().hex()])
    assert found.decoded.tolist() == [True, False, False, True]


def test_no_frames_are_no_columns():
    found = decode_batch([])
    assert (found.verdict.size, found.seconds.index.size, found.others) == (0, 0, [])
    assert decode_batch(b"").verdict.size == 0
    assert decode_batch(b"", []).verdict.size == 0


@pytest.mark.parametrize("sizes", [[1], [3, -1], [1, 2]])
def test_sizes_that_do_not_add_up_are_refused(sizes):
    with pytest.raises(ValueError, match="sizes"):
        decode_batch(b"ab", sizes)
