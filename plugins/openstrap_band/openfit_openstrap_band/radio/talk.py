"""What a conversation with the band is made of: writing, listening, and waiting for a reply.

It is a generator. It yields a Step and is sent an Answer: what was heard, and the time. Whoever
drives it (`syncing`, or a test) writes, waits and stores on its behalf. An error of the link is
thrown into it, so that nothing of one link is ever said on another.
"""

from collections import deque
from collections.abc import Generator
from typing import Any

from msgspec import Struct

from openfit_openstrap_band.radio import heard
from openfit_openstrap_band.radio.bursts import Burst
from openfit_openstrap_band.wire import commands
from openfit_openstrap_band.wire.frames import Frame
from openfit_openstrap_band.wire.responses import Response, answers


class Timing(Struct, frozen=True):
    """Seconds."""

    reply: float = 3.0
    hello: float = 5.0
    between: float = 0.12  # two commands of the greeting
    idle: float = 60.0
    abort: float = 3.0
    floor: float = 5.0  # between two requests for history
    progress: float = 600.0


class Write(Struct, frozen=True):
    """Write this frame to the band; the answer comes when the band has confirmed it."""

    frame: bytes
    command: str


class Listen(Struct, frozen=True):
    """Wait for the next frame, in order of arrival, but no longer than until then."""

    until: float


class Keep(Struct, frozen=True):
    """Store this durably; the answer comes when it is."""

    burst: Burst
    memory: dict[str, str]


Step = Write | Listen | Keep


class Answer(Struct, frozen=True):
    now: float  # seconds of a clock that only goes forward
    frame: Frame | None = None
    arrived_at: float = 0.0  # when that frame did


Talk = Generator[Step, Answer, Any]


class WriteFailed(Exception):
    """The link holds, but the band did not confirm a write. Thrown in by the driver."""


class Trouble(Exception):
    """Why a session ends before its time; `wait` is how long to leave the band alone."""

    def __init__(self, message: str, wait: float | None = None, memory: Any = None) -> None:
        super().__init__(message)
        self.message, self.wait, self.memory = message, wait, memory


class NotBonded(Trouble):
    """The band hears nothing that it is told."""


class Talker:
    """One end of a conversation on one link."""

    def __init__(
        self, generation: int, timing: Timing, sequences: commands.Sequences | None = None
    ) -> None:
        self.generation, self.timing = generation, timing
        self.sequences = sequences or commands.Sequences()
        self.now = 0.0
        self.arrived_at = 0.0  # when the frame did that is being looked at
        self.waiting: deque[tuple[float, Frame]] = deque()  # heard while waiting for another
        self.replies: dict[int, Response] = {}  # by opcode, the last one

    def step(self, step: Step) -> Generator[Step, Answer, Frame | None]:
        answer = yield step
        self.now = answer.now
        if answer.frame is not None:
            self.arrived_at = answer.arrived_at
        return answer.frame

    def write(self, command: str, sequence: int | None = None, **arguments: Any) -> Talk:
        number = self.sequences.command() if sequence is None else sequence
        frame = commands.frame(command, number, self.generation, **arguments)
        yield from self.step(Write(frame, command))

    def hear(self, until: float) -> Generator[Step, Answer, Frame | Response | None]:
        """What comes next from the band; replies are put down on the way."""
        frame = yield from self.step(Listen(until))
        reply = None if frame is None else heard.reply(frame)
        if reply is not None:
            self.replies[reply.opcode] = reply
        return reply or frame

    def next(self, until: float) -> Generator[Step, Answer, Frame | None]:
        """The next frame that is no reply, waiting ones first."""
        if self.waiting:
            self.arrived_at, frame = self.waiting.popleft()
            return frame
        while True:
            found = yield from self.hear(until)
            if not isinstance(found, Response):
                return found

    def hear_of(self, until: float) -> Generator[Step, Answer, Response | None]:
        """The next reply, if it is what comes next; all else waits for its turn."""
        found = yield from self.hear(until)
        if isinstance(found, Frame):
            self.waiting.append((self.arrived_at, found))
            return None
        return found

    def pause(self, seconds: float) -> Talk:
        until = self.now + seconds
        while self.now < until:
            yield from self.hear_of(until)

    def ask(
        self, command: str, within: float, sequence: int | None = None
    ) -> Generator[Step, Answer, Response | None]:
        """A command and its final reply. None where none comes."""
        number = self.sequences.command() if sequence is None else sequence
        opcode = commands.packet(command, self.generation)[0]
        yield from self.write(command, number)
        until = self.now + within
        while self.now < until:
            reply = yield from self.hear_of(until)
            if reply is not None and reply.final and answers(reply, opcode, number, [opcode]):
                return reply
        return None
