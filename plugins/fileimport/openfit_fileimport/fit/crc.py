"""The FIT checksum, CRC-16/ARC, in parallel lanes.

A step by one 16-bit word is one look-up, since the word covers the whole state, and it is linear
over GF(2): the CRC of A then B is the CRC of A, shifted by the length of B, xor the CRC of B. So a
thousand lanes run side by side and are folded in pairs.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

POLYNOMIAL = 0xA001
LANES = 1024
BLOCK = 512 * 1024  # bounds what is copied, and the number of shifts that are kept

Words = NDArray[np.uint16]


@cache
def word_step() -> Words:
    """The state after a zero word, for every state; with a word, look up `state ^ word`."""
    state = np.arange(65536, dtype=np.uint16)
    for _ in range(16):
        state = np.where(state & 1, (state >> 1) ^ POLYNOMIAL, state >> 1).astype(np.uint16)
    return state


class Shift:
    """The state after so many zero words, by the low and the high byte of the state."""

    def __init__(self, low: Words, high: Words) -> None:
        self.low, self.high = low, high

    def __call__(self, state: Words) -> Words:
        shifted: Words = self.low[state & 0xFF] ^ self.high[state >> 8]
        return shifted

    def then(self, other: "Shift") -> "Shift":
        return Shift(other(self.low), other(self.high))


@cache
def shift(words: int) -> Shift:
    if words == 1:
        return Shift(word_step()[:256], word_step()[::256])
    half = shift(words // 2)
    twice = half.then(half)
    return twice.then(shift(1)) if words % 2 else twice


def crc16(body: memoryview | bytes) -> int:
    """The checksum of a file's header and records; 0 when its own checksum is included."""
    octets = np.frombuffer(body, np.uint8)
    first = octets.size % BLOCK
    state = block(octets[:first])
    for at in range(first, octets.size, BLOCK):
        state = shift(BLOCK // 2)(state) ^ block(octets[at : at + BLOCK])
    return int(state[0])


def block(octets: NDArray[np.uint8]) -> Words:
    """The state after up to BLOCK bytes, shape (1,)."""
    width = max(1, -(-octets.size // (2 * LANES)))  # words a lane
    padded = np.zeros(2 * LANES * width, np.uint8)
    padded[padded.size - octets.size :] = octets  # zeros in front change nothing
    step = word_step()
    state = np.zeros(LANES, np.uint16)
    for row in np.ascontiguousarray(padded.view("<u2").reshape(LANES, width).T):
        state = step[state ^ row]
    while state.size > 1:
        state = shift(width)(state[0::2]) ^ state[1::2]
        width *= 2
    return state
