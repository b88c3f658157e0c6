"""The FIT checksum, CRC-16/ARC, in parallel lanes.

A step by one 16-bit word is one look-up, since the word covers the whole state, and it is linear
over GF(2): the CRC of A then B is the CRC of A, shifted by the length of B, xor the CRC of B. So a
thousand lanes run side by side and are folded with the tables of the shifts.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

POLYNOMIAL = 0xA001
LANES = 1024

Table = NDArray[np.uint16]


@cache
def word_step() -> Table:
    """The state after a zero word, for every state; with a word, look up `state ^ word`."""
    state = np.arange(65536, dtype=np.uint16)
    for _ in range(16):
        state = np.where(state & 1, (state >> 1) ^ POLYNOMIAL, state >> 1).astype(np.uint16)
    return state


@cache
def shift(words: int) -> Table:
    """The state after so many zero words, for every state."""
    if words == 1:
        return word_step()
    half = shift(words // 2)
    twice = half[half]
    return word_step()[twice] if words % 2 else twice


def crc16(body: memoryview | bytes) -> int:
    """The checksum of a file's header and records; 0 when its own checksum is included."""
    octets = np.frombuffer(body, np.uint8)
    width = max(1, -(-octets.size // (2 * LANES)))  # words a lane
    padded = np.zeros(2 * LANES * width, np.uint8)
    padded[padded.size - octets.size :] = octets  # zeros in front change nothing
    lanes = padded.view("<u2").reshape(LANES, width).T
    step = word_step()
    state = np.zeros(LANES, np.uint16)
    for row in np.ascontiguousarray(lanes):
        state = step[state ^ row]
    while state.size > 1:
        state = shift(width)[state[0::2]] ^ state[1::2]
        width *= 2
    return int(state[0])
