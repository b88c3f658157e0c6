"""Names, scales and enumerations of the FIT protocol, from profile.json."""

from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec


class FieldRule(NamedTuple):
    """value = stored / scale - offset."""

    name: str
    scale: float = 1
    offset: float = 0


@cache
def tables() -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(
        Path(__file__).with_name("profile.json").read_bytes()
    )
    return found


@cache
def message_names() -> dict[int, str]:
    return {int(number): row[0] for number, row in tables()["messages"].items()}


@cache
def message_numbers() -> dict[str, int]:
    return {name: number for number, name in message_names().items()}


@cache
def fields(message: int) -> dict[str, tuple[int, FieldRule]]:
    """Fields of a message by name: number and rule."""
    _, rows = tables()["messages"].get(str(message), ("", {}))
    return {row[0]: (int(number), FieldRule(*row)) for number, row in rows.items()}


def message_name(number: int) -> str:
    return message_names().get(number, f"mesg_{number}")


@cache
def enum(name: str) -> dict[int, str]:
    rows = tables()["enums"].get(name, {})
    return {int(value): text for value, text in rows.items()}
