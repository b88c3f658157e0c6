"""The optical record of gen 5 (version 20)."""

import msgspec

from openfit_openstrap_band.reading.base import Gen5, gen5_head
from openfit_openstrap_band.reading.fields import GEN5_BLOCK, GEN5_OPTICAL

BLOCKS, BLOCKS_AT, MOST_IN_BLOCK = 5, 18, 50


class Block(msgspec.Struct, frozen=True):
    """Of the optical record: a colour's two channels and how they were lit."""

    channels: tuple[tuple[int, ...], tuple[int, ...]]
    leds: tuple[int, int]
    led_currents: tuple[int, int]  # uA
    amplifiers: tuple[int, int]
    ranges: tuple[int, int]  # uA
    offsets: tuple[int, int]  # nA


class Optical(Gen5, frozen=True, kw_only=True):
    """v20: green, red, a fourth, infrared, ambient."""

    sample_rate: int
    blocks: tuple[Block, ...]


def decode(packet: bytes) -> Optical:
    found = GEN5_OPTICAL.read(packet)
    starts = range(BLOCKS_AT, BLOCKS_AT + BLOCKS * GEN5_BLOCK.shortest, GEN5_BLOCK.shortest)
    return Optical(
        **gen5_head(packet, found),
        sample_rate=found["sample_rate"],
        blocks=tuple(_block(packet[at : at + GEN5_BLOCK.shortest]) for at in starts),
    )


def _block(block: bytes) -> Block:
    found = GEN5_BLOCK.read(block)
    count = found["count"] if found["count"] <= MOST_IN_BLOCK else 0
    return Block(
        channels=(_signed(found["channel_0"][:count]), _signed(found["channel_1"][:count])),
        leds=(found["led_a"], found["led_b"]),
        led_currents=(found["led_a_current"] * 10, found["led_b_current"] * 10),
        amplifiers=(found["amplifier_1"], found["amplifier_2"]),
        ranges=(found["amplifier_1_range"], found["amplifier_2_range"]),
        offsets=(found["amplifier_1_offset"] * 10, found["amplifier_2_offset"] * 10),
    )


def _signed(samples: tuple[int, ...]) -> tuple[int, ...]:
    """20 bits with a sign, in 32 whose upper ones mean nothing."""
    return tuple(((sample & 0xFFFFF) ^ 0x80000) - 0x80000 for sample in samples)
