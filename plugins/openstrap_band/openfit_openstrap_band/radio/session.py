"""The sync conversation: what to say to the band next, given what it says. No radio, no clock."""

from collections.abc import Generator
from typing import NoReturn

from msgspec import Struct

from openfit_openstrap_band.radio import clock, heard
from openfit_openstrap_band.radio.bursts import Burst
from openfit_openstrap_band.radio.talk import (
    Answer,
    Keep,
    NotBonded,
    Step,
    Talk,
    Talker,
    Timing,
    Trouble,
    WriteFailed,
)
from openfit_openstrap_band.wire import commands
from openfit_openstrap_band.wire.control import Mark
from openfit_openstrap_band.wire.frames import Frame
from openfit_openstrap_band.wire.words import HISTORY_COMPLETE, HISTORY_END, HISTORY_START

ACKNOWLEDGE_TRIES, ACKNOWLEDGE_PAUSES = 3, (0.2, 0.4)
ASK_AGAIN = {4: 2, 5: 15}  # how often a burst that came short is asked for again
ALLOWED_SHORT, SHORT_FROM = 2, 4  # packets on gen 5, from the fourth time on
MOST_RESTARTS = 3
MOST_ROUNDS = 6
MOST_REPEATS = 6  # of one burst, over all connections
DATA_RANGE = 0x22
MOST_BYTES = 8 * 1024 * 1024  # of a burst; they have tens of kilobytes
BEHIND = 300.0  # s of records that are worth another round at once


class Outcome(Struct, frozen=True):
    """What came of a session."""

    bursts: int
    packets: int
    newest: int | None  # s since 1970
    noted: tuple[str, ...] = ()


class Session(Talker):
    """One conversation on one link."""

    def __init__(
        self,
        generation: int,
        wall: float,
        memory: dict[str, str] | None = None,
        timing: Timing | None = None,
        sequences: commands.Sequences | None = None,
    ) -> None:
        """`wall` is s since 1970 when the driver's clock says 0; `memory` what `Keep` carried."""
        super().__init__(generation, timing or Timing(), sequences)
        self.wall = wall
        self.memory = dict(memory or {})
        self.burst: Burst | None = None
        self.began_at = 0.0  # when its first frame arrived
        self.acknowledged: bytes | None = None  # the last token
        self.acknowledged_at = 0.0
        self.beside = Burst()  # events that belong to no burst
        self.aborted = False
        self.announced_more: int | None = None  # packets, than a gen 4 band sends
        self.shortened: dict[bytes, int] = {}  # token: how often it came short
        self.bursts = self.packets = self.restarts = 0
        self.newest: int | None = None
        self.asked_at = float("-inf")
        self.moved_at = 0.0
        self.noted: list[str] = []

    def run(self) -> Talk:
        """The whole of it. Answers with an Outcome."""
        yield from self.greet()
        for _ in range(MOST_ROUNDS):
            before = self.packets
            yield from self.drain()
            if self.packets == before or not self.far_behind():
                break
            yield from self.ask_for_history()
        yield from self.keep(None)
        return Outcome(self.bursts, self.packets, self.newest, tuple(self.noted))

    # The beginning -----------------------------------------------------------------------------

    def greet(self) -> Talk:
        """Read first, write second: the time, then everything that opens a session."""
        if self.generation == 5:
            yield from self.ask("get_hello", sequence=1, within=self.timing.hello)
        yield from self.mind_the_clock()
        init = commands.INIT[self.generation]
        for sequence, command in init:
            if self.generation == 4 or command != "get_hello":
                yield from self.write(command, sequence)
                yield from self.pause(self.timing.between)
        self.asked_at = self.moved_at = self.now
        yield from self.be_heard()

    def be_heard(self) -> Talk:
        """An unbonded band confirms every write and answers none."""
        until = self.now + self.timing.hello
        while not self.replies and not self.waiting and self.now < until:
            yield from self.hear_of(until)
        if not self.replies and not self.waiting:
            raise NotBonded(
                "The band answers nothing: it is not paired with this machine. Put it in pairing "
                "mode (off the wrist, tap it twice) and pair it again.",
            )

    def mind_the_clock(self) -> Talk:
        reading = yield from self.read_clock()
        if reading is None:
            yield from self.set_clock()
            return
        if reading.suspects_host and not self.waited_long_enough():
            self.suspect(reading)
        self.memory.pop("clock_suspect_since", None)
        if not reading.to_be_set(self.generation):
            return
        for _ in range(clock.TRIES):
            yield from self.set_clock()
            again = yield from self.read_clock()
            if not reading.wrong or (again and abs(again.drift) <= clock.SETTLED):
                return
        raise Trouble(
            "The band does not take the time: its clock is wrong after it was set "
            f"{clock.TRIES} times. Charge the band, then sync again; its records stay on it.",
            wait=3600,
        )

    def read_clock(self) -> Generator[Step, Answer, clock.Reading | None]:
        reply = yield from self.ask("get_clock", within=self.timing.reply)
        if reply is None or reply.clock is None:
            return None
        said = reply.clock.seconds + (reply.clock.subsec or 0) / commands.SUBSECONDS
        return clock.Reading(said, self.wall + self.now)

    def set_clock(self) -> Talk:
        ms = round((self.wall + self.now) * 1000)
        yield from self.write("set_clock", epoch_ms=ms)
        yield from self.pause(self.timing.between)

    def waited_long_enough(self) -> bool:
        since = float(self.memory.get("clock_suspect_since") or self.wall)
        return self.wall - since >= clock.SUSPECT_SECONDS

    def suspect(self, reading: clock.Reading) -> NoReturn:
        since = self.memory.get("clock_suspect_since") or str(self.wall)
        raise Trouble(
            f"The band's clock is {reading.drift / clock.DAY:.0f} days ahead of this machine's. "
            "Set this machine's clock and sync again; if it is right, wait 12 hours and the "
            "band's is set.",
            wait=1800,
            memory={**self.memory, "clock_suspect_since": since},
        )

    # History -----------------------------------------------------------------------------------

    def drain(self) -> Talk:
        """Until the band says that it has sent everything."""
        while True:
            frame = yield from self.next(self.now + self.timing.idle)
            if self.now - self.moved_at > self.timing.progress:
                raise Trouble("The band has sent nothing new for ten minutes.", wait=900)
            if frame is None:
                yield from self.start_over()
                continue
            marker = heard.marker(frame)
            if marker is None:
                yield from self.take(frame)
            elif marker.subtype == HISTORY_START:
                self.begin(Burst())
                self.aborted = False
            elif marker.subtype == HISTORY_END:
                yield from self.finish(marker)
            elif marker.subtype == HISTORY_COMPLETE:
                yield from self.keep(self.burst, whole=True)  # and never acknowledged
                self.burst, self.aborted = None, False
                return

    def take(self, frame: Frame) -> Talk:
        """What is neither a marker nor a reply. Of a burst nothing is left out, whether or not it
        can be read: once acknowledged it is gone from the band."""
        if self.burst is None and (not frame.valid or heard.is_record(frame)):
            self.begin(Burst(headless=True))
        if not frame.valid or heard.lasting(frame):
            (self.beside if self.burst is None else self.burst).add(frame)
        if self.beside.size > MOST_BYTES:
            yield from self.keep(None)
        if self.burst is not None and self.burst.size > MOST_BYTES:
            raise Trouble(
                "The band sends without end, which no band is known to do. Restart it (hold it on "
                "the charger), then sync again; its records stay on it.",
                wait=3600,
            )

    def finish(self, marker: Mark) -> Talk:
        """The end of a burst: stored first, then acknowledged, or asked for again."""
        burst, self.burst = self.burst or Burst(headless=True), None
        if self.aborted or marker.token is None or self.is_echo(marker.token):
            return
        if not self.whole(burst, marker):
            yield from self.keep(burst)
            yield from self.write("history_result_fail", self.sequences.ack())
            return
        self.refuse_the_future(burst)
        self.count_repeats(marker.token)
        self.bursts += 1
        yield from self.keep(burst, whole=True)
        yield from self.acknowledge(marker.token)

    def begin(self, burst: Burst) -> None:
        self.burst, self.began_at = burst, self.arrived_at

    def is_echo(self, token: bytes) -> bool:
        """A burst that the band sent again before it was told that the first is stored. Its token
        is used up: given back once more, it would answer the burst after it."""
        return token == self.acknowledged and self.began_at <= self.acknowledged_at

    def whole(self, burst: Burst, marker: Mark) -> bool:
        """Whether it may be acknowledged: all that was announced is there, or it has been asked
        for often enough."""
        assert marker.token is not None
        missing = (marker.count or 0) - burst.counted
        sound = not burst.damaged and bool(marker.count or not burst.headless)
        if sound and missing <= 0:
            return True
        times = self.shortened[marker.token] = self.shortened.get(marker.token, 0) + 1
        if self.generation == 5:
            return self.short_on_gen5(missing, times) and sound
        return self.short_on_gen4(missing, times, sound)

    def short_on_gen4(self, missing: int, times: int, sound: bool) -> bool:
        """What a gen 4 band counts is not proven. One that always announces so many more is
        believed at once from then on; any other is asked again."""
        if sound and missing == self.announced_more:
            return True
        if times <= ASK_AGAIN[4]:
            return False
        self.announced_more = missing if sound else None
        self.noted.append(f"A burst was announced with {missing} more packets than the band has.")
        return True

    def short_on_gen5(self, missing: int, times: int) -> bool:
        if times >= ASK_AGAIN[5]:
            raise Trouble(
                f"The band announces more than it sends ({missing} packets of one burst). They "
                "stay on the band.",
                wait=120,
            )
        return missing <= ALLOWED_SHORT and times >= SHORT_FROM

    def refuse_the_future(self, burst: Burst) -> None:
        """All of a burst in the future: this machine's clock is wrong, and what is acknowledged
        now would be dated by it for good."""
        wall = self.wall + self.now
        dated = [at for at in burst.record_times if at > 0]
        if dated and all(clock.in_the_future(at, wall) for at in dated):
            raise Trouble(
                "The band's records are dated more than a day ahead of this machine's clock. Set "
                "this machine's clock and sync again; the records stay on the band.",
                wait=1800,
            )

    def count_repeats(self, token: bytes) -> None:
        """A burst that comes again although it was acknowledged, on this link or another."""
        same = self.memory.get("token") == token.hex()
        times = int(self.memory.get("times", 0)) + 1 if same else 1
        if times > MOST_REPEATS:
            raise Trouble(
                f"The band sends the same burst again, {times - 1} times so far, although it was "
                "stored and acknowledged. Restart the band (hold it on the charger), then sync "
                "again; nothing is lost.",
                wait=6 * 3600,
                memory={},
            )
        self.memory |= {"token": token.hex(), "times": str(times)}

    def acknowledge(self, token: bytes) -> Talk:
        """The one command that lets the band forget. Only ever for what was just stored."""
        for tried in range(ACKNOWLEDGE_TRIES):
            try:
                yield from self.write("history_result_ok", self.sequences.ack(), token=token)
            except WriteFailed:
                if tried + 1 == ACKNOWLEDGE_TRIES:
                    raise Trouble(
                        "The band did not hear that its records are stored. They are, and it "
                        "sends them again next time.",
                        wait=60,
                    ) from None
                yield from self.pause(ACKNOWLEDGE_PAUSES[tried])
            else:
                break
        self.restarts, self.moved_at = 0, self.now
        self.acknowledged, self.acknowledged_at = token, self.now

    def keep(self, burst: Burst | None, whole: bool = False) -> Talk:
        """Store a burst, with the events that came beside it. Only a whole one is counted: any
        other comes again."""
        loose, self.beside = self.beside, Burst()
        found = (burst or Burst()).with_others(loose)
        if whole:
            self.packets += len(found.record_times)
        if found.frames or whole:
            self.newest = max([self.newest or 0, *found.record_times]) or None
            yield from self.step(Keep(found, dict(self.memory)))

    # Starting over -----------------------------------------------------------------------------

    def start_over(self) -> Talk:
        """The band fell silent in the middle: what it began is not acknowledged."""
        self.restarts += 1
        if self.restarts > MOST_RESTARTS:
            raise Trouble(
                f"The band fell silent {self.restarts} times while it sent its records. It keeps "
                "them; bring it closer and sync again.",
                wait=300,
            )
        yield from self.keep(self.burst)
        self.burst, self.aborted = None, True
        yield from self.write("abort_historical")
        yield from self.pause(self.timing.abort)
        yield from self.ask_for_history()

    def ask_for_history(self) -> Talk:
        yield from self.write("get_data_range")
        yield from self.pause(self.timing.between)
        yield from self.write("get_clock")
        yield from self.pause(max(0.0, self.asked_at + self.timing.floor - self.now))
        yield from self.write("send_historical_data")
        self.asked_at = self.now

    def far_behind(self) -> bool:
        """Whether the band has written much since it was asked."""
        reply = self.replies.get(DATA_RANGE)
        if reply is None or reply.span is None or self.newest is None:
            return False
        return reply.span[1] - self.newest > BEHIND
