"""Commands and their replies, one at a time, on a link of its own."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from openfit_sdk import TransientError

from openfit_openstrap_band.radio import heard, refusals
from openfit_openstrap_band.radio.ble import Link, patiently
from openfit_openstrap_band.radio.talk import WriteFailed
from openfit_openstrap_band.wire import commands, frames
from openfit_openstrap_band.wire.events import Event, event
from openfit_openstrap_band.wire.frames import Frame
from openfit_openstrap_band.wire.responses import Response, answers
from openfit_openstrap_band.wire.words import Level

REPLY_SECONDS = 5.0


class Asking:
    """A band that is asked. What it says beside its replies is kept, in order."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.beside: deque[Frame] = deque()

    @classmethod
    @contextmanager
    def of(cls, address: str) -> Iterator[Self]:
        """The link is not open yet: that takes a while, and is for the caller to wait for."""
        link = Link(address)
        try:
            yield cls(link)
        finally:
            link.close()

    def ask(
        self,
        command: str,
        asked: Level = Level.SAFE,
        within: float = REPLY_SECONDS,
        **arguments: Any,
    ) -> Response | None:
        packet = commands.packet(command, self.link.generation, **arguments)
        return self.send(packet, asked, within)

    def send(
        self, packet: bytes, asked: Level = Level.SAFE, within: float = REPLY_SECONDS
    ) -> Response | None:
        """Opcode and body; the final reply to it, or None where none comes."""
        number = self.link.sequences.command()
        self.write(packet, number, asked)
        for frame in patiently(self.link, within):
            reply = None if frame is None else heard.reply(frame)
            if reply is not None and reply.final and answers(reply, packet[0], number, packet[:1]):
                return reply
            if frame is not None and reply is None:
                self.beside.append(frame)
        return None

    def tell(self, command: str, asked: Level = Level.SAFE, **arguments: Any) -> None:
        """A command whose reply proves nothing and is not waited for."""
        packet = commands.packet(command, self.link.generation, **arguments)
        self.write(packet, self.link.sequences.command(), asked)

    def write(self, packet: bytes, number: int, asked: Level) -> None:
        inner = bytes([commands.COMMAND, number]) + packet
        try:
            self.link.write(frames.build(inner, self.link.generation), asked)
        except WriteFailed as error:
            raise TransientError(
                "The band did not confirm a command. Bring it nearer and try again.",
                detail=str(error),
            ) from error

    def needed(self, command: str, **arguments: Any) -> Response:
        """A reply without which there is nothing to talk about."""
        reply = self.ask(command, **arguments)
        if reply is None:
            raise refusals.not_bonded(self.link.pairing_refused)
        return reply

    def happened(self, wanted: set[int], within: float) -> Event | None:
        """One of these events, said since the link was opened or soon."""
        for frame in patiently(self.link, within):
            if frame is not None:
                self.beside.append(frame)
            while self.beside:
                found = event(self.beside.popleft().inner, self.link.generation)
                if found is not None and found.event_id in wanted:
                    return found
        return None
