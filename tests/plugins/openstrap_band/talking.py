"""A session and a virtual band, face to face: no radio, no thread, and time that is only passed."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from openfit_openstrap_band.radio.session import Session
from openfit_openstrap_band.radio.talk import Answer, Keep, Listen, Write, WriteFailed
from openfit_openstrap_band.wire.frames import Reassembler
from plugins.openstrap_band.virtual_band import Band, Dropped

STORM = 20_000  # steps after which a conversation has run away


@dataclass
class Hub:
    """What is stored, durably: the bytes of every frame, once."""

    stored: list[bytes] = field(default_factory=list)
    readable: list[bytes] = field(default_factory=list)  # of these: not damaged on their way
    memory: dict[str, str] = field(default_factory=dict)

    def keep(self, keep: Keep) -> None:
        self.stored += [frame.inner for frame in keep.burst.frames if frame.inner not in self.held]
        self.readable += [frame.inner for frame in keep.burst.frames if frame.valid]
        self.memory = keep.memory

    @property
    def held(self) -> set[bytes]:
        return set(self.stored)


@dataclass
class Link:
    """Drives a session against a band. `dies_at` counts steps: each write, each notification and
    each commit is one before it happens and one after."""

    band: Band
    hub: Hub
    wall: float
    dies_at: int | None = None
    fails: Callable[[int], bool] = lambda nth: False  # writes that the band does not confirm
    chunk: int = 37
    air: Callable[[bytes], Sequence[bytes]] = lambda chunk: [chunk]  # what arrives of a chunk
    commit_takes: float = 0.0  # s, in which the band goes on talking
    now: float = 0.0
    steps: int = 0
    writes: int = 0
    began: float = 0.0

    def run(self, **given: Any) -> Any:
        self.arrived: deque[Any] = deque()
        self.reassemblers: dict[str, Reassembler] = {}
        self.band.joined()
        self.arrived_at = 0.0
        self.began = self.band.now
        session = Session(self.band.generation, self.wall + self.began, self.hub.memory, **given)
        talk = session.run()
        step = next(talk)
        for _ in range(STORM):
            try:
                step = self.take(talk, step)
            except StopIteration as end:
                return end.value
        raise AssertionError("the conversation never ends")

    def take(self, talk: Any, step: Any) -> Any:
        try:
            frame = self.did(step)
        except (Dropped, WriteFailed) as error:
            return talk.throw(error)
        return talk.send(Answer(self.now, frame, self.arrived_at))

    def did(self, step: Any) -> Any:
        match step:
            case Write():
                self.write(step)
            case Keep():
                self.lived()
                self.hub.keep(step)
                self.wait(self.now + self.commit_takes)
                self.lived()
            case Listen():
                return self.listen(step.until)
        return None

    def write(self, step: Write) -> None:
        self.lived()
        self.writes += 1
        if self.fails(self.writes):
            raise WriteFailed
        self.deliver(self.band.write(step.frame))
        self.lived()

    def listen(self, until: float) -> Any:
        while not self.arrived:
            if self.now >= until:
                return None
            self.wait(min(until, self.now + 0.5))
        self.lived()
        self.arrived_at, frame = self.arrived.popleft()
        return frame

    def wait(self, until: float) -> None:
        while self.now < until:
            self.now = min(until, self.now + 0.5)
            self.deliver(self.band.tick(self.began + self.now))

    def deliver(self, notifications: list[tuple[str, bytes]]) -> None:
        for role, frame in notifications:
            mine = self.reassemblers.setdefault(role, Reassembler(self.band.generation))
            for at in range(0, len(frame), self.chunk):
                for chunk in self.air(frame[at : at + self.chunk]):
                    self.arrived.extend((self.now, one) for one in mine.feed(chunk))

    def lived(self) -> None:
        self.steps += 1
        if self.steps == self.dies_at:
            raise Dropped("out of reach")
