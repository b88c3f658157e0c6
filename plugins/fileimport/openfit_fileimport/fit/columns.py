"""Pass two: the fields of one kind of message as columns, decoded when they are asked for."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openfit_fileimport.fit import profile
from openfit_fileimport.fit.records import Definition, FieldDef, Index

Float = NDArray[np.float64]
Int = NDArray[np.int64]

TIMESTAMP = 253
DATE_MIN = 0x10000000  # below: seconds since the device was switched on, no date
EPOCH = 631_065_600  # 1989-12-31T00:00:00Z
NOTHING = np.empty(0, np.int64)


@dataclass(frozen=True)
class BaseType:
    dtype: str
    invalid: int | None  # as stored; None: NaN, by itself

    @property
    def size(self) -> int:
        return np.dtype(self.dtype).itemsize


BASE_TYPES = {
    0x00: BaseType("u1", 0xFF),
    0x01: BaseType("i1", 0x7F),
    0x02: BaseType("u1", 0xFF),
    0x03: BaseType("i2", 0x7FFF),
    0x04: BaseType("u2", 0xFFFF),
    0x05: BaseType("i4", 0x7FFFFFFF),
    0x06: BaseType("u4", 0xFFFFFFFF),
    0x07: BaseType("u1", 0),
    0x08: BaseType("f4", None),
    0x09: BaseType("f8", None),
    0x0A: BaseType("u1", 0),
    0x0B: BaseType("u2", 0),
    0x0C: BaseType("u4", 0),
    0x0D: BaseType("u1", 0xFF),
    0x0E: BaseType("i8", 0x7FFFFFFFFFFFFFFF),
    0x0F: BaseType("u8", 0xFFFFFFFFFFFFFFFF),
    0x10: BaseType("u8", 0),
}


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
        offsets, low, full = [], [], []
        for definition in self.index.definitions:
            at = np.asarray(definition.offsets, np.int64)
            if at.size == 0:
                continue
            heads = self.octets[at]
            packed = at[heads >= 0x80]
            offsets.append(packed)
            low.append((self.octets[packed] & 0x1F).astype(np.int64))
            full.append(np.full(packed.size, -1, np.int64))
            stamp = next(
                (f for f in definition.fields if f.number == TIMESTAMP and f.size == 4), None
            )
            if stamp is not None and stamp.developer < 0:
                plain = at[heads < 0x80]
                seconds = gather(self.octets, plain, stamp, definition.big_endian, "u4")[:, 0]
                good = seconds != 0xFFFFFFFF
                offsets.append(plain[good])
                full.append(seconds[good].astype(np.int64))
                low.append(seconds[good].astype(np.int64) & 0x1F)
        return unrolled(
            *(
                np.concatenate(part) if part else np.empty(0, np.int64)
                for part in (offsets, low, full)
            )
        )


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
    octets: NDArray[np.uint8], at: Int, one: FieldDef, big_endian: bool, dtype: str
) -> NDArray[Any]:
    """Rows of one field, shape (messages, elements)."""
    first = at + one.start
    rows = octets[first[:, None] + np.arange(one.size)]
    return rows.view(np.dtype(dtype).newbyteorder(">" if big_endian else "<"))


@dataclass
class Messages:
    """All messages of one number in a file, in file order."""

    file: FitFile
    number: int
    definitions: list[Definition]

    def __len__(self) -> int:
        return sum(len(definition.offsets) for definition in self.definitions)

    @cached_property
    def places(self) -> list[Int]:
        return [np.asarray(definition.offsets, np.int64) for definition in self.definitions]

    @cached_property
    def offsets(self) -> Int:
        return np.sort(np.concatenate(self.places)) if self.places else np.empty(0, np.int64)

    @cached_property
    def order(self) -> Int:
        """Where in file order each message of the definitions, one after another, belongs."""
        if not self.places:
            return np.empty(0, np.int64)
        return np.argsort(np.concatenate(self.places), kind="stable")

    @cached_property
    def times(self) -> Float:
        """Unix seconds of each message; NaN where no date is known."""
        return np.where(self.stamps >= DATE_MIN + EPOCH, self.stamps, np.nan)

    @cached_property
    def stamps(self) -> Float:
        """As `times`, with those that count from when the device was switched on."""
        offsets, times = self.file.times
        found = np.full(self.offsets.size, np.nan)
        if offsets.size:
            at = np.minimum(np.searchsorted(offsets, self.offsets), offsets.size - 1)
            same = offsets[at] == self.offsets
            found[same] = times[at[same]]
        return found

    def defined(self, number: int, developer: int = -1) -> bool:
        return any(
            f.number == number and f.developer == developer
            for definition in self.definitions
            for f in definition.fields
        )

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
        width = max((part.shape[1] for part in parts), default=1)
        found = np.full((len(self), width), np.nan)
        row = 0
        for part in parts:
            found[row : row + part.shape[0], : part.shape[1]] = part
            row += part.shape[0]
        return found[self.order]

    def part(
        self,
        definition: Definition,
        at: Int,
        number: int,
        developer: int,
        base_type: int | None,
        first_only: bool,
    ) -> Float:
        one = field_of(definition, number, developer)
        if one is None:
            return np.full((at.size, 1), np.nan)
        base = BASE_TYPES.get((one.base_type if base_type is None else base_type) & 0x1F)
        if base is None or one.size == 0 or one.size % base.size:
            return np.full((at.size, 1), np.nan)
        if first_only:
            one = one._replace(size=base.size)
        stored = gather(self.file.octets, at, one, definition.big_endian, base.dtype)
        with np.errstate(invalid="ignore"):  # a signalling NaN is a value like any other absent one
            values = stored.astype(np.float64)
        if base.invalid is not None:
            values[stored == base.invalid] = np.nan
        return values

    def octets_of(self, number: int, developer: int = -1) -> list[bytes]:
        """The bytes of a field of each message, as they lie there."""
        found: list[bytes] = []
        for definition, at in zip(self.definitions, self.places, strict=True):
            one = field_of(definition, number, developer)
            for place in at.tolist():
                begin = place + one.start if one else 0
                found.append(bytes(self.file.body[begin : begin + one.size]) if one else b"")
        return [found[place] for place in self.order.tolist()]

    def texts(self, name: str) -> list[str | None]:
        """A string field: up to its first NUL; what follows is junk in files of some devices."""
        number, _ = profile.fields(self.number)[name]
        return [text_of(raw) for raw in self.octets_of(number)]

    def enums(self, name: str, enum: str) -> list[str | None]:
        """An enumerated field by name; unknown values as their number."""
        names = profile.enum(enum)
        return [
            None if np.isnan(value) else names.get(int(value), str(int(value)))
            for value in self.column(name).tolist()
        ]

    def dates(self, name: str) -> Float:
        """A date_time field as Unix seconds."""
        stored = self.column(name)
        return np.where(stored >= DATE_MIN, stored + EPOCH, np.nan)


def field_of(definition: Definition, number: int, developer: int) -> FieldDef | None:
    return next(
        (f for f in definition.fields if f.number == number and f.developer == developer), None
    )


def text_of(raw: bytes) -> str | None:
    text = raw.split(b"\0", 1)[0].decode("utf-8", "replace").strip()
    return text or None
