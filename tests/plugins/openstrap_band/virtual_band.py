"""A band without hardware: it speaks the protocol, strictly, and keeps book of what it was told.

`Band` is the firmware: commands in, notifications out, time passed in. It is written from the
protocol's description and reads none of the plugin's code, so that a mistake there is no mistake
here too. `on_air` puts one on the radio of the SDK's test kit, where bleak finds it.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from support import band as frames

RESEND = 2.5  # s after which a burst that nobody acknowledged comes again
FAILURE, SUCCESS, PENDING, UNSUPPORTED = range(4)

Notification = tuple[str, bytes]  # role, frame


class Dropped(ConnectionError):
    """The link is gone."""


@dataclass(frozen=True)
class Told:
    """A command as the band received it."""

    opcode: int
    seq: int
    body: bytes
    at: float = 0.0  # by the band's own time


@dataclass
class Band:
    """A band with records in its flash, oldest first."""

    flash: list[bytes]
    generation: int = 4
    clock: float = frames.START  # what its clock says when `now` is 0
    burst: int = 8  # records of one burst
    serial: str = "4A0123456"
    battery: float = 73.5  # %
    short: int = 0  # how many packets more it announces than it sends, each time
    lose: Callable[[int, bytes], bool] = lambda nth, frame: False  # notifications that never arrive
    beside: Callable[[int], list[Notification]] = lambda nth: []  # what comes before burst nth
    deaf: frozenset[int] = frozenset()  # opcodes that it does not answer, as if not bonded
    stuck: bool = False  # acknowledgements reach it mangled
    silent_after: int | None = None  # notifications, and then none for good
    watch: Callable[[list[bytes]], None] = lambda records: None  # told what is about to be trimmed
    newest: int | None = None  # record, as it says; else as it is
    written: list[list[bytes]] = field(default_factory=list)  # records that appear after COMPLETE
    told: list[Told] = field(default_factory=list)
    trimmed: list[bytes] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)  # what was wrong with what it was sent
    acknowledged: list[bytes] = field(default_factory=list)  # tokens
    bursts: int = 0  # sent so far, over all connections
    sent: int = 0  # notifications so far
    pulse: Callable[[int], tuple[int, list[int]]] = lambda second: (61, [980])
    alarm: tuple[float, bytes] | None = None
    buzzed: list[int] = field(default_factory=list)
    live: set[int] = field(default_factory=set)  # switches that are on
    trim: int = 29_011
    wraps: int = 26
    now: float = 0.0
    open: tuple[bytes, int, float] | None = None  # token, records, when it was sent
    replayed: bool = False
    number: int = 0

    # The link --------------------------------------------------------------------------------

    def joined(self) -> None:
        """Somebody has connected: nothing of the link before is left."""
        self.open, self.replayed = None, False
        self.live.clear()

    def write(self, raw: bytes) -> list[Notification]:
        """One write to cmd_to; what it makes the band say."""
        command = self.understood(raw)
        if command is None:
            return []
        self.told.append(command)
        found = [] if command.opcode in self.deaf else list(self.answer(command))
        return self.on_the_way(found)

    def tick(self, now: float) -> list[Notification]:
        """Time has passed: a burst that nobody acknowledged comes again, a second of live data."""
        seconds, self.now = int(now) - int(self.now), now
        found: list[Notification] = []
        if self.open is not None and now - self.open[2] >= RESEND:
            found += self.history()
        if 0x03 in self.live:
            found += [self.live_second() for _ in range(seconds)]
        return self.on_the_way(found)

    def on_the_way(self, found: list[Notification]) -> list[Notification]:
        arriving = []
        for role, frame in found:
            self.sent += 1
            silent = self.silent_after is not None and self.sent > self.silent_after
            if not silent and not self.lose(self.sent, frame):
                arriving.append((role, frame))
        return arriving

    def understood(self, raw: bytes) -> Told | None:
        inner = self.opened(raw)
        if inner is None:
            return None
        if inner[0] != 0x23 or len(inner) < 3:
            return self.refuse(f"no command: {inner.hex()}")
        return Told(inner[2], inner[1], inner[3:], self.now)

    def opened(self, raw: bytes) -> bytes | None:
        """The padded inner packet of a frame that is right in every byte."""
        header = 4 if self.generation == 4 else 8
        if len(raw) < header + 8 or raw[0] != 0xAA:
            return self.refuse(f"no frame: {raw.hex()}")
        at = 1 if self.generation == 4 else 2
        [size] = struct.unpack_from("<H", raw, at)
        inner = raw[header:-4]
        if frames.framed(inner, 4)[4:] != raw[header:] or size != len(raw) - header:
            return self.refuse(f"a wrong size or checksum: {raw.hex()}")
        if self.generation == 4 and raw[3] != frames.crc8(raw[1:3]):
            return self.refuse(f"a wrong header: {raw.hex()}")
        if self.generation == 5 and (
            raw[1] != 1
            or raw[4:6] != b"\x00\x01"
            or struct.unpack_from("<H", raw, 6)[0] != frames.crc16(raw[:6])
        ):
            return self.refuse(f"a wrong header: {raw.hex()}")
        return inner

    def refuse(self, why: str) -> None:
        self.refused.append(why)

    # Commands --------------------------------------------------------------------------------

    def answer(self, told: Told) -> Iterator[Notification]:
        if not self.replayed:
            self.replayed = True
            yield self.event(11)
        body = told.body
        match told.opcode:
            case 0x01:
                yield self.reply(told, SUCCESS)
            case 0x03 | 0x3F | 0x6A | 0x6B | 0x6C:
                yield from self.switch(told)
            case 0x0A:
                yield from self.set_clock(told)
            case 0x0B:
                seconds = self.rtc()
                fraction = int(seconds % 1 * 32768)
                yield self.reply(told, SUCCESS, struct.pack("<II", int(seconds), fraction))
            case 0x14:
                self.open = None
                yield self.reply(told, SUCCESS)
            case 0x16:
                yield self.reply(told, PENDING)
                yield from self.history()
            case 0x17:
                yield from self.result(told)
            case 0x1A:
                said = struct.pack("<H", round(self.battery * 10))
                yield self.reply(told, SUCCESS, said if self.generation == 4 else bytes([73]))
            case 0x22:
                yield self.reply(told, PENDING)
                yield self.reply(told, SUCCESS, self.range())
            case 0x23 if self.generation == 4:
                yield self.reply(told, SUCCESS, self.hello())
            case 0x91 if self.generation == 5:
                yield self.reply(told, SUCCESS, self.hello5())
            case 0x42:
                yield from self.set_alarm(told)
            case 0x43:
                when = 0 if self.alarm is None else int(self.alarm[0])
                yield self.reply(told, SUCCESS, struct.pack("<BBIH", 4, int(when > 0), when, 0))
            case 0x44:
                yield self.reply(told, SUCCESS, bytes([1, 5]))
            case 0x45:
                self.alarm = None
                yield self.reply(told, SUCCESS)
            case 0x4C:
                name = b"Somebody's band"
                yield self.reply(told, SUCCESS, bytes([1, 0, len(name)]) + name)
            case 0x4F:
                self.buzzed.append(body[0])
                yield self.reply(told, SUCCESS)
                yield self.event(60)
            case 0x13:
                self.buzzed.append(body[1])
                yield self.reply(told, SUCCESS)
            case 0x7A:
                yield self.reply(told, SUCCESS)
            case _:
                self.refuse(f"command {told.opcode:02x} is none that this band should be sent")
                yield self.reply(told, UNSUPPORTED)

    def reply(self, told: Told, status: int, body: bytes = b"") -> Notification:
        self.number = (self.number + 1) % 256
        echo = 0 if told.opcode == 0x17 else told.seq
        return "cmd_from", self.framed(bytes([0x24, self.number, told.opcode, echo, status]) + body)

    def event(self, id: int, body: bytes = b"") -> Notification:
        return "events", self.framed(frames.event(id, int(self.rtc()), body))

    def framed(self, inner: bytes) -> bytes:
        return frames.framed(inner, self.generation)

    def rtc(self) -> float:
        return self.clock + self.now

    def set_clock(self, told: Told) -> Iterator[Notification]:
        if len(told.body) < 8:  # acknowledged and not latched, as a real one does
            self.refuse(f"a clock of {len(told.body)} bytes")
            yield self.reply(told, SUCCESS)
            return
        seconds, fraction = struct.unpack_from("<II", told.body)
        self.clock = seconds + fraction / 32768 - self.now
        yield self.reply(told, SUCCESS)
        yield self.event(16)

    def switch(self, told: Told) -> Iterator[Notification]:
        on = told.body[1] if told.opcode in (0x6B, 0x6C) else told.body[0]
        (self.live.add if on else self.live.discard)(told.opcode)
        yield self.reply(told, PENDING)
        if told.opcode == 0x03:
            yield self.event(33 if on else 34)

    def set_alarm(self, told: Told) -> Iterator[Notification]:
        wanted = 20 if self.generation == 4 else 21
        if told.body[:1] != b"\x04" or len(told.body) < wanted:
            self.refuse(f"an alarm that never buzzes: {told.body.hex()}")
            yield self.reply(told, SUCCESS, bytes([4, 1]))
            return
        seconds, fraction = struct.unpack_from("<IH", told.body, 2)
        self.alarm = (seconds + fraction / 32768, told.body[8:20])
        yield self.reply(told, SUCCESS, bytes([4, 1]))
        yield self.event(56)

    def hello(self) -> bytes:
        """The payload begins with the echo and the status, which `reply` writes."""
        body = struct.pack("<H", round(self.battery * 10)).ljust(14, b"\0")
        return body + self.serial.encode() + b"\0" + b"a1b2c3d4e5f60718293a" + b"\0"

    def hello5(self) -> bytes:
        body = bytearray(104)
        struct.pack_into("<BIBII", body, 0, 1, round(self.battery * 10), 0, int(self.rtc()), 0)
        body[14:25] = self.serial.encode().ljust(11, b"\0")
        body[102] = 1
        return bytes(body)

    def range(self) -> bytes:
        """Rev, six numbers of the ring, two counts, and four moments."""
        at = [self.when(frame) for frame in self.flash] or [0]
        ring = (self.trim, self.trim, self.trim + len(self.flash), self.trim, self.wraps, 131_072)
        found = struct.pack("<B8I", 1, *ring, len(self.flash), 1000)
        newest = at[-1] if self.newest is None else self.newest
        return found + struct.pack("<8I", at[0], 0, at[0], 0, at[0], 0, newest, 0)

    @staticmethod
    def when(inner: bytes) -> int:
        [ts] = struct.unpack_from("<I", inner, 7)
        return int(ts)

    # History ---------------------------------------------------------------------------------

    def history(self) -> Iterator[Notification]:
        """The next burst, or word that all is sent."""
        records = self.flash[: self.burst]
        if not records:
            self.open = None
            yield "data", self.framed(frames.metadata(3, int(self.rtc())))
            self.flash += self.written.pop(0) if self.written else []
            return
        self.bursts += 1
        token = self.token(len(records))
        self.open = (token, len(records), self.now)
        beside = self.beside(self.bursts)
        told = len(records) + len(beside) + self.short
        yield "data", self.framed(frames.metadata(1, int(self.rtc())))
        for at, inner in enumerate(records):
            yield "data", self.framed(inner)
            if at < len(beside):
                yield beside[at]
        yield from beside[len(records) :]
        yield "data", self.framed(frames.metadata(2, int(self.rtc()), told, token))

    def token(self, records: int) -> bytes:
        return struct.pack("<II", self.trim + records, self.wraps)

    def result(self, told: Told) -> Iterator[Notification]:
        """Trims on one thing alone: the token of the burst that is open, whole and right."""
        body, given = told.body, self.open
        if given is None:
            self.refuse(f"a result for no burst: {body.hex()}")
            yield self.reply(told, FAILURE)
        elif body[0] == 0:
            yield self.reply(told, SUCCESS)
            yield from self.history()
        elif self.stuck or body[0] != 1 or body[1:9] != given[0] or any(body[9:]):
            if not self.stuck:
                self.refuse(f"a wrong token: {body.hex()}, not 01{given[0].hex()}")
            yield self.reply(told, FAILURE)
            yield from self.history()
        else:
            token, records, _ = given
            self.watch(self.flash[:records])
            self.trimmed += self.flash[:records]
            del self.flash[:records]
            self.trim += records
            self.acknowledged.append(token)
            yield self.reply(told, SUCCESS)
            yield from self.history()

    def live_second(self) -> Notification:
        rate, beats = self.pulse(int(self.rtc()))
        inner = frames.live(int(self.rtc()), rate, beats, worn=1)
        return "data", self.framed(inner)
