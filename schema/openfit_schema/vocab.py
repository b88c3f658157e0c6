"""The words that entities use, and what they mean."""

from functools import cache
from pathlib import Path

import msgspec
from msgspec import Struct


class Vocabulary(Struct, frozen=True, kw_only=True):
    """vocab.toml. The first four are open: an unknown word is kept."""

    sport: frozenset[str]
    sub_sport: frozenset[str]
    device: frozenset[str]
    event: frozenset[str]
    sleep_stage: dict[str, str]  # word: meaning
    tier: dict[str, str]


@cache
def vocabulary() -> Vocabulary:
    toml = Path(__file__).with_name("vocab.toml").read_bytes()
    return msgspec.toml.decode(toml, type=Vocabulary)
