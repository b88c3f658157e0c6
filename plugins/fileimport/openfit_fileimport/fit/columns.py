"""Pass two: the fields of one kind of message as columns, decoded when they are asked for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import isfinite
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from openfit_fileimport.fit import profile
from openfit_fileimport.fit.records import Definition, FieldDef, Index

Float = NDArray[np.float64]
Int = NDArray[np.int64]

TIMESTAMP = 253
DATE_MIN = 0x10000000  # below: seconds since the device was switched on, no date
EPOCH = 631_065_600  # 1989-12-31T00:00:00Z
EVERY = slice(None)
NONE = np.empty(0, np.int64)


class BaseType(NamedTuple):
    dtype: str
    invalid: int | None  # as stored; None: NaN, by itself
    little: np.dtype[Any]
    big: np.dtype[Any]

    @property
    def size(self) -> int:
        return self.little.itemsize


def base(dtype: str, invalid: int | None) -> BaseType:
    return BaseType(dtype, invalid, np.dtype(f"<{dtype}"), np.dtype(f">{dtype}"))


BASE_TYPES = {
    0x00: base("u1", 0xFF),
    0x01: base("i1", 0x7F),
    0x02: base("u1", 0xFF),
    0x03: base("i2", 0x7FFF),
    0x04: base("u2", 0xFFFF),
    0x05: base("i4", 0x7FFFFFFF),
    0x06: base("u4", 0xFFFFFFFF),
    0x07: base("u1", 0),
    0x08: base("f4", None),
    0x09: base("f8", None),
    0x0A: base("u1", 0),
    0x0B: base("u2", 0),
    0x0C: base("u4", 0),
    0x0D: base("u1", 0xFF),
    0x0E: base("i8", 0x7FFFFFFFFFFFFFFF),
    0x0F: base("u8", 0xFFFFFFFFFFFFFFFF),
    0x10: base("u8", 0),
}
SECONDS = 0x06  # the base type of every time


@dataclass(frozen=True)
class DeveloperField:
    """What a field_description says of a developer's field."""

    index: int
    number: int
    base_type: int
    name: str
    units: str
    scale: float
    offset: float
    native_message: int | None
    native_field: int | None


@dataclass
class FitFile:
    """One FIT file of a chain: its messages by number."""

    body: memoryview
    index: Index
    _messages: dict[int, "Messages"] = field(default_factory=dict)

    @cached_property
    def octets(self) -> NDArray[np.uint8]:
        return np.frombuffer(self.body, np.uint8)

    @cached_property
    def by_message(self) -> dict[int, list[Definition]]:
        found: dict[int, list[Definition]] = {}
        for definition in self.index.definitions:
            if definition.offsets:
                found.setdefault(definition.message, []).append(definition)
        return found

    def messages(self, which: str | int) -> "Messages":
        number = profile.message_numbers().get(which, -1) if isinstance(which, str) else which
        if number not in self._messages:
            self._messages[number] = Messages(self, number, self.by_message.get(number, []))
        return self._messages[number]

    def count(self, number: int) -> int:
        return sum(len(definition.offsets) for definition in self.by_message.get(number, ()))

    def counts(self) -> dict[str, int]:
        """Messages by name."""
        found: dict[str, int] = {}
        for number, definitions in self.by_message.items():
            name = profile.message_name(number)
            found[name] = found.get(name, 0) + sum(len(d.offsets) for d in definitions)
        return found

    @cached_property
    def times(self) -> tuple[Int, Float]:
        """Offsets of all messages that bear a time, in file order, and that time (Unix seconds;
        before 1999 it counts from when the device was switched on, and is no date).

        A compressed header holds the low 5 bits of the time since the message before it.
        """
        offsets, low, full = [NONE], [NONE], [NONE]
        for definition in self.index.definitions:
            at = np.asarray(definition.offsets, np.int64)
            heads = self.octets[at]
            packed, plain = at[heads >= 0x80], at[heads < 0x80]
            offsets.append(packed)
            low.append((self.octets[packed] & 0x1F).astype(np.int64))
            full.append(np.full(packed.size, -1, np.int64))
            seconds = stated(self.octets, definition, plain)
            known = seconds >= 0
            offsets.append(plain[known])
            full.append(seconds[known])
            low.append(seconds[known] & 0x1F)
        return unrolled(*map(np.concatenate, (offsets, low, full)))


def unrolled(offsets: Int, low: Int, full: Int) -> tuple[Int, Float]:
    order = np.argsort(offsets, kind="stable")
    offsets, low, full = offsets[order], low[order], full[order]
    stated = full >= 0
    step = np.zeros(low.size, np.int64)
    step[1:] = (low[1:] - low[:-1]) & 0x1F
    step[stated] = 0
    total = np.cumsum(step)
    last = np.maximum.accumulate(np.where(stated, np.arange(low.size), -1))
    known = last >= 0
    times = np.full(low.size, np.nan)
    anchor = last[known]
    seconds = full[anchor] + total[known] - total[anchor]
    times[known] = seconds + EPOCH
    return offsets, times


def gather(
    octets: NDArray[np.uint8], at: Int, start: int, kind: np.dtype[Any], count: int = 1
) -> NDArray[Any]:
    """The field that begins `start` bytes into each message, shape (messages, count).

    One view in which the field begins at every byte of the file: picking from it copies no more
    than what is picked.
    """
    places = octets.size - start - kind.itemsize * count + 1
    if at.size == 0 or places <= 0:
        return np.empty((0, count), kind)
    everywhere: NDArray[Any] = np.ndarray((places, count), kind, octets, start, (1, kind.itemsize))
    return everywhere[at]


def stated(octets: NDArray[np.uint8], definition: Definition, at: Int) -> Int:
    """The time field of messages as it is stored, -1 where there is none."""
    stamp = next((f for f in definition.fields if f.number == TIMESTAMP and f.size == 4), None)
    if stamp is None or stamp.developer >= 0:
        return np.full(at.size, -1, np.int64)
    kind = BASE_TYPES[SECONDS]
    seconds = gather(octets, at, stamp.start, kind.big if definition.big_endian else kind.little)
    return np.where(seconds[:, 0] == kind.invalid, -1, seconds[:, 0].astype(np.int64))


@dataclass
class Messages:
    """All messages of one number in a file, in file order."""

    file: FitFile
    number: int
    definitions: list[Definition]

    def __post_init__(self) -> None:
        self.size = sum(len(definition.offsets) for definition in self.definitions)
        self.places: list[Int] = [np.asarray(each.offsets) for each in self.definitions]

    def __len__(self) -> int:
        return self.size

    @cached_property
    def offsets(self) -> Int:
        found = np.concatenate([NONE, *self.places])
        return found if len(self.places) == 1 else np.sort(found)

    @cached_property
    def rows(self) -> Sequence[Int | slice]:
        """Which places in file order the messages of each definition have."""
        if len(self.places) <= 1:
            return [EVERY] * len(self.places)
        order = np.argsort(np.concatenate(self.places), kind="stable")
        ranks = np.empty_like(order)
        ranks[order] = np.arange(order.size)
        return np.split(ranks, np.cumsum([at.size for at in self.places])[:-1])

    @cached_property
    def times(self) -> Float:
        """Unix seconds of each message; NaN where no date is known."""
        return np.where(self.stamps >= DATE_MIN + EPOCH, self.stamps, np.nan)

    @cached_property
    def stamps(self) -> Float:
        """As `times`, with those that count from when the device was switched on."""
        found = np.full(self.size, np.nan)
        if self.file.index.compressed:
            offsets, times = self.file.times
            at = np.searchsorted(offsets, self.offsets)
            same = np.append(offsets, -1)[at] == self.offsets
            found[same] = times[at[same]]
            return found
        for definition, at, rows in zip(self.definitions, self.places, self.rows, strict=True):
            seconds = stated(self.file.octets, definition, at)
            found[rows] = np.where(seconds < 0, np.nan, seconds + EPOCH)
        return found

    @cached_property
    def native(self) -> set[int]:
        """Numbers of the fields that are defined."""
        return set().union(*(definition.native for definition in self.definitions))

    def defined(self, number: int, developer: int = -1) -> bool:
        if developer < 0:
            return number in self.native
        return any(field_of(each, number, developer) for each in self.definitions)

    def has(self, name: str) -> bool:
        """Whether a field is defined in these messages, with or without values."""
        rule = profile.fields(self.number).get(name)
        return rule is not None and rule[0] in self.native

    def column(self, name: str) -> Float:
        """A field's first element, scaled; NaN where it is absent."""
        number, rule = profile.fields(self.number)[name]
        stored = self.stored(number, first_only=True)[:, 0]
        return stored if rule[1:] == (1, 0) else stored / rule.scale - rule.offset

    def array(self, name: str) -> Float:
        """A field with all its elements, shape (messages, most elements), scaled."""
        number, rule = profile.fields(self.number)[name]
        return self.scaled(number, rule.scale, rule.offset)

    def scaled(self, number: int, scale: float = 1, offset: float = 0) -> Float:
        stored = self.stored(number)
        return stored if (scale, offset) == (1, 0) else stored / scale - offset

    def stored(
        self,
        number: int,
        developer: int = -1,
        base_type: int | None = None,
        *,
        first_only: bool = False,
    ) -> Float:
        """As stored but for the absent, which are NaN."""
        parts = [
            self.part(definition, at, number, developer, base_type, first_only)
            for definition, at in zip(self.definitions, self.places, strict=True)
        ]
        if len(parts) == 1 and parts[0] is not None:
            return parts[0]
        width = max((part.shape[1] for part in parts if part is not None), default=1)
        found = np.full((self.size, width), np.nan)
        for part, rows in zip(parts, self.rows, strict=True):
            if part is not None:
                found[rows, : part.shape[1]] = part
        return found

    def part(
        self,
        definition: Definition,
        at: Int,
        number: int,
        developer: int,
        base_type: int | None,
        first_only: bool,
    ) -> Float | None:
        """The field in the messages of one definition; None if they have none."""
        one = field_of(definition, number, developer)
        if one is None:
            return None
        base = BASE_TYPES.get((one.base_type if base_type is None else base_type) & 0x1F)
        if base is None:
            return None
        kind = base.big if definition.big_endian else base.little
        count, rest = divmod(one.size, kind.itemsize)
        if count == 0 or rest:
            return None
        stored = gather(self.file.octets, at, one.start, kind, 1 if first_only else count)
        if base.invalid is None:
            with np.errstate(invalid="ignore"):  # a signalling NaN is absent like any other
                return stored.astype(np.float64)
        values = stored.astype(np.float64)
        values[stored == base.invalid] = np.nan
        return values

    def octets_of(self, number: int, developer: int = -1) -> list[bytes]:
        """The bytes of a field of each message, as they lie there."""
        found = [b""] * self.size
        for definition, at, rows in zip(self.definitions, self.places, self.rows, strict=True):
            one = field_of(definition, number, developer)
            if one is None:
                continue
            for row, place in zip(np.arange(self.size)[rows].tolist(), at.tolist(), strict=True):
                begin = place + one.start
                found[row] = bytes(self.file.body[begin : begin + one.size])
        return found

    def texts(self, name: str) -> list[str | None]:
        """A string field: up to its first NUL; what follows is junk in files of some devices."""
        number, _ = profile.fields(self.number)[name]
        return [text_of(raw) for raw in self.octets_of(number)]

    def enums(self, name: str, enum: str) -> list[str | None]:
        """An enumerated field by name; unknown values as their number."""
        names = profile.enum(enum)
        return [
            names.get(int(value), str(int(value))) if isfinite(value) else None
            for value in self.column(name).tolist()
        ]

    def dates(self, name: str) -> Float:
        """A date_time field as Unix seconds."""
        stored = self.column(name)
        return np.where(stored >= DATE_MIN, stored + EPOCH, np.nan)


def field_of(definition: Definition, number: int, developer: int) -> FieldDef | None:
    if developer < 0:
        return definition.native.get(number)
    return next(
        (f for f in definition.fields if f.number == number and f.developer == developer), None
    )


def text_of(raw: bytes) -> str | None:
    text = raw.split(b"\0", 1)[0].decode("utf-8", "replace").strip()
    return text or None
