"""The FIT checksum, CRC-16/ARC, by folding a file onto itself.

Its polynomial is x^16 + x^15 + x^2 + 1 = (x + 1)(x^15 + x + 1). Over GF(2) a square has no mixed
terms, so modulo the second factor x^(15·2^k) = x^(2^k) + 1 for every k: what lies more than 15·2^k
bits before the end may be moved there, and added at two places, which for k >= 3 are whole bytes.
A few such folds leave some bytes that equal the file modulo that factor. Modulo x + 1 the file is
one bit, its parity; adding the second factor where it differs leaves bytes of the same checksum.
"""

import struct
from array import array
from functools import cache

import numpy as np
from numpy.typing import NDArray

POLYNOMIAL = 0xA001  # lowest bit first, as the bits of a file count
FACTOR = (0x01, 0xC0)  # x^15 + x + 1 as the last two bytes of a file
SHORT = 512  # bytes that are sooner summed than folded
BLOCK = 512 * 1024  # bytes at a time: bounds what is copied

Octets = NDArray[np.uint8]


@cache
def word_steps() -> "array[int]":
    """The state after two zero bytes, for every state."""
    states = np.arange(1 << 16, dtype=np.uint16)
    for _ in range(16):
        states = np.where(states & 1, (states >> 1) ^ POLYNOMIAL, states >> 1).astype(np.uint16)
    return array("H", states.tobytes())


def crc16(body: memoryview | bytes) -> int:
    """The checksum of a file's header and records; 0 when its own checksum is included."""
    if len(body) <= SHORT:
        return summed(bytes(body))
    octets = np.frombuffer(body, np.uint8)
    rest = folded(octets[:BLOCK])
    for at in range(BLOCK, octets.size, BLOCK):
        rest = folded(np.concatenate([rest, octets[at : at + BLOCK]]))
    if parity(rest) != parity(octets):
        rest[-2:] ^= np.array(FACTOR, np.uint8)
    return summed(rest.tobytes())


def folded(octets: Octets) -> Octets:
    """At most SHORT bytes that equal these modulo x^15 + x + 1."""
    shift = 1 << max(0, (octets.size // 15).bit_length() - 1)
    while octets.size > SHORT:
        while 15 * shift >= octets.size:
            shift //= 2
        head, tail = octets[: -15 * shift], octets[-15 * shift :]
        octets = np.zeros(max(tail.size, head.size + shift), np.uint8)
        octets[-tail.size :] = tail
        octets[-head.size :] ^= head
        octets[-head.size - shift : -shift] ^= head
    return octets


def parity(octets: Octets) -> int:
    """Whether the number of bits that are set is odd."""
    whole = octets.size // 8 * 8
    words = np.bitwise_xor.reduce(octets[:whole].view(np.uint64), initial=0)
    rest = int.from_bytes(octets[whole:].tobytes(), "little")
    return (int(words) ^ rest).bit_count() & 1


def summed(body: bytes) -> int:
    """Two bytes at a time; a zero byte before all others changes nothing."""
    if len(body) % 2:
        body = b"\0" + body
    steps, state = word_steps(), 0
    for word in struct.unpack(f"<{len(body) // 2}H", body):
        state = steps[state ^ word]
    return state
