"""The envelopes of both generations, and frames out of chunks cut anywhere."""

import gzip
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openfit_openstrap_band.wire import crc, frames
from plugins.openstrap_band.frame_parity import frame_parity

GENERATIONS = pytest.mark.parametrize("generation", [4, 5])
packets = st.binary(min_size=1, max_size=120)
generations = st.sampled_from([4, 5])
START_FREE = st.binary(max_size=40).map(lambda noise: noise.replace(b"\xaa", b"\x55"))


def vectors(test_data, *groups):
    packed = test_data / "openstrap" / "frame_vectors.json.gz"
    if not packed.is_file():
        pytest.skip("the band's frame vectors are absent")
    every = json.loads(gzip.decompress(packed.read_bytes()))["vectors"]
    return [one for one in every if one["group"] in groups]


def differing(chosen):
    return [
        (one["id"], got, one["expected"])
        for one in chosen
        if (got := frame_parity(one["group"], one["input"], one["generation"])) != one["expected"]
    ]


def padded(packet):
    return packet + bytes(-len(packet) % 4)


def inners(found):
    return [one.inner for one in found if one.valid]


def fed(stream, chunks):
    return [frame for chunk in chunks for frame in stream.feed(chunk)]


@st.composite
def cut(draw, whole):
    places = sorted(draw(st.lists(st.integers(0, len(whole)), max_size=12)))
    return [whole[a:b] for a, b in zip([0, *places], [*places, len(whole)], strict=True)]


def test_published_vectors_of_frames_are_reproduced(test_data):
    chosen = vectors(test_data, "crc", "frame_parse", "frame_build", "reassembly")
    assert len(chosen) >= 39 and differing(chosen) == []


def test_the_generation_shows_in_the_bytes_of_a_frame(test_data):
    chosen = vectors(test_data, "crc", "frame_parse", "reassembly")
    got = [frame_parity(one["group"], one["input"]) for one in chosen]
    assert got == [one["expected"] for one in chosen]


@pytest.mark.parametrize(
    ("check", "octets", "value"),
    [
        (crc.crc8, b"123456789", 0xF4),
        (crc.crc8, b"\x08\x00", 0xA8),
        (crc.crc8, b"\x10\x00", 0x57),
        (crc.crc16_modbus, b"123456789", 0x4B37),
        (crc.crc16_modbus, bytes.fromhex("AA0108000001"), 0x71E6),
        (crc.crc16_modbus, b"", 0xFFFF),
        (crc.crc32, b"123456789", 0xCBF43926),
    ],
)
def test_checksums_have_their_known_answers(check, octets, value):
    assert check(octets) == value


@given(packets, generations)
def test_a_built_frame_parses_to_its_padded_packet(packet, generation):
    frame = frames.parse(frames.build(packet, generation), generation)
    assert frame is not None and frame.decodable and frame.inner == padded(packet)
    assert frames.identify(frames.build(packet, generation)) == frame


@GENERATIONS
def test_a_frame_longer_than_the_band_reads_is_not_built(generation):
    room = frames.LONGEST - frames.HEADER[generation] - 4
    assert len(frames.build(bytes(room), generation)) == frames.LONGEST
    with pytest.raises(ValueError, match="longer than a frame"):
        frames.build(bytes(room + 1), generation)


@GENERATIONS
def test_a_frame_cut_anywhere_is_no_frame(generation):
    whole = frames.build(b"\x23\x00\x23\x00\x01", generation)
    assert {frames.parse(whole[:end], generation) for end in range(len(whole))} == {None}
    assert frames.parse(whole + b"more", generation) == frames.parse(whole, generation)
    assert frames.identify(whole + b"more") is None


@given(st.binary(max_size=60), generations)
def test_parsing_never_raises(raw, generation):
    for tried in (raw, b"\xaa" + raw, b"\xaa\x08\x00\xa8" + raw):
        frame = frames.parse(tried, generation)
        assert frame is None or frame.generation == generation


@given(packets, generations, st.data())
def test_one_flipped_bit_leaves_no_valid_frame(packet, generation, data):
    whole = bytearray(frames.build(packet, generation))
    bit = data.draw(st.integers(0, len(whole) * 8 - 1))
    whole[bit // 8] ^= 1 << bit % 8
    alone = frames.parse(bytes(whole), generation)
    assert alone is None or not alone.valid
    assert inners(frames.Reassembler(generation).feed(bytes(whole))) == []
    assert frames.identify(bytes(whole)) is None


def test_every_single_bit_of_a_captured_frame_counts(test_data):
    captured = [
        one
        for one in vectors(test_data, "frame_parse")
        if one["provenance"] == "capture" and one["expected"]
    ]
    assert captured
    for one in captured:
        whole, generation = bytes.fromhex(one["input"]["hex"]), int(one["generation"][-1])
        for bit in range(len(whole) * 8):
            flipped = bytearray(whole)
            flipped[bit // 8] ^= 1 << bit % 8
            assert inners(frames.Reassembler(generation).feed(bytes(flipped))) == []
            assert frames.identify(bytes(flipped)) is None


@GENERATIONS
def test_every_single_bit_of_a_made_frame_counts(generation):
    whole = frames.build(bytes(range(0xA0, 0x100)), generation)
    for bit in range(len(whole) * 8):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        assert inners(frames.Reassembler(generation).feed(bytes(flipped))) == []


@given(st.lists(packets, max_size=6), generations, st.data())
def test_any_cut_of_a_stream_gives_the_same_frames(sent, generation, data):
    gaps = [bytes(data.draw(st.integers(0, 9))) for _ in sent]
    whole = b"".join(
        frames.build(one, generation) + gap for one, gap in zip(sent, gaps, strict=True)
    )
    stream = frames.Reassembler(generation)
    assert inners(fed(stream, data.draw(cut(whole)))) == [padded(one) for one in sent]
    assert stream.resynced == 0


@given(st.lists(st.tuples(START_FREE, packets), max_size=6), generations, st.data())
def test_noise_between_frames_costs_no_frame(sent, generation, data):
    whole = b"".join(noise + frames.build(one, generation) for noise, one in sent)
    found = fed(frames.Reassembler(generation), data.draw(cut(whole)))
    assert inners(found) == [padded(one) for _, one in sent]


@given(st.binary(max_size=300), packets, generations, st.data())
def test_noise_full_of_start_bytes_costs_no_later_frame_for_long(noise, packet, generation, data):
    """What looks like a header can hide a frame only as long as the length that it tells."""
    whole = b"\xaa" + noise + frames.build(packet, generation) * 80
    found = inners(fed(frames.Reassembler(generation), data.draw(cut(whole))))
    assert found.count(padded(packet)) >= 1 or len(packet) * 80 < frames.LONGEST


@given(packets, packets, generations, st.data())
def test_a_truncated_frame_costs_only_itself(lost, kept, generation, data):
    whole = frames.build(lost, generation)
    rest = data.draw(st.integers(1, len(whole) - 1))
    follower = frames.build(kept, generation)
    stream = frames.Reassembler(generation)
    found = fed(stream, [whole[:rest], *[follower] * 80])
    assert set(inners(found)) <= {padded(lost), padded(kept)}
    assert inners(found)[-1:] == [padded(kept)] and len(inners(found)) >= 40


@given(st.lists(st.binary(max_size=3000), max_size=12), generations)
def test_what_waits_is_never_more_than_the_longest_frame(chunks, generation):
    stream = frames.Reassembler(generation)
    for chunk in [b"\xaa\xfc\x0f" + bytes((crc.crc8(b"\xfc\x0f"),)), *chunks, b"\xaa" * 9000]:
        stream.feed(chunk)
        assert len(stream._waiting) <= frames.LONGEST


class AsDescribed:
    """The rules of reassembly one after another, as they are written down, with no thought of
    speed: what the real one has to agree with."""

    def __init__(self, generation):
        self.generation, self.buffer = generation, b""

    def feed(self, chunk):
        found, header = [], frames.HEADER[self.generation]
        self.buffer += chunk
        while len(self.buffer) >= header + 4:
            at = 1 if self.generation == 4 else 2
            size = int.from_bytes(self.buffer[at : at + 2], "little")
            begins = self.buffer[0] == 0xAA and 4 <= size <= 4096 - header
            if not begins or not frames.header_ok(self.buffer, self.generation):
                self.resync()
            elif len(self.buffer) < header + size:
                break
            else:
                frame = frames.parse(self.buffer, self.generation)
                found.append(frame)
                if frame.crc_ok:
                    self.buffer = self.buffer[header + size :].lstrip(b"\0")
                else:
                    self.resync()
        return found

    def resync(self):
        at = self.buffer.find(b"\xaa", 1)
        self.buffer = b"" if at < 0 else self.buffer[at:]


@st.composite
def messy(draw, generation):
    """Frames, damaged frames, cut frames, headers without a frame, start bytes, noise."""
    pieces = []
    for _ in range(draw(st.integers(0, 12))):
        whole = bytearray(frames.build(draw(packets), generation))
        kind = draw(st.integers(0, 5))
        if kind == 1:
            whole[draw(st.integers(0, len(whole) - 1))] ^= draw(st.integers(1, 255))
        elif kind == 2:
            del whole[draw(st.integers(1, len(whole) - 1)) :]
        elif kind == 3:
            whole[draw(st.integers(9, len(whole))) :] = whole[: frames.HEADER[generation]]
        elif kind == 4:
            whole = b"\xaa" * draw(st.integers(1, 20)) + draw(st.binary(max_size=20))
        pieces.append(bytes(whole) + bytes(draw(st.sampled_from([0, 0, 0, 1, 3, 12]))))
    return b"".join(pieces)


@given(generations, st.data())
def test_reassembly_is_what_its_rules_say(generation, data):
    chunks = data.draw(cut(data.draw(messy(generation))))
    assert fed(frames.Reassembler(generation), chunks) == fed(AsDescribed(generation), chunks)


def test_a_wrong_payload_is_told_and_its_length_is_not_believed():
    inside = frames.build(b"\x2f\x18\x01\x02")
    outer = bytearray(frames.build(inside + b"tail"))
    outer[-1] ^= 1
    stream = frames.Reassembler()
    found = stream.feed(bytes(outer))
    assert [one.valid for one in found] == [False, True] and found[1].inner == b"\x2f\x18\x01\x02"
    assert stream.resynced == 2


def test_zeros_after_a_frame_are_padding_in_whatever_chunk_they_come():
    stream = frames.Reassembler()
    whole = frames.build(b"\x24\x01\x0a\x01")
    assert fed(stream, [whole + b"\0", b"\0\0", b"\0" + whole]) == [frames.parse(whole)] * 2
    assert stream.resynced == 0


@GENERATIONS
def test_a_long_capture_in_one_piece_is_read_in_one_pass(generation):
    whole = frames.build(bytes(range(96)), generation)
    found = frames.Reassembler(generation).feed(whole * 5_000)
    assert len(found) == 5_000 and all(one.valid for one in found)


def test_a_gen5_frame_of_another_revision_is_valid_and_not_read():
    head = bytes.fromhex("AA0208000001")
    inner = bytes.fromhex("23039101")
    whole = head + crc.crc16_modbus(head).to_bytes(2, "little") + inner
    [frame] = frames.Reassembler(5).feed(whole + zlib.crc32(inner).to_bytes(4, "little"))
    assert frame.valid and not frame.decodable
