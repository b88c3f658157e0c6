"""A session driven over a link, a page at a time: the hub stores each before it asks for more."""

import time
from collections.abc import Generator, Iterator
from datetime import datetime

from openfit_sdk import AuthState, Cursor, ReauthRequired, SyncResult, TransientError

from openfit_openstrap_band.radio import bursts, refusals
from openfit_openstrap_band.radio.ble import Link
from openfit_openstrap_band.radio.refusals import LinkLost
from openfit_openstrap_band.radio.session import Outcome, Session
from openfit_openstrap_band.radio.talk import (
    Answer,
    Keep,
    Listen,
    NotBonded,
    Step,
    Timing,
    Trouble,
    Write,
    WriteFailed,
)
from openfit_openstrap_band.wire.frames import Frame

LINKS = 3  # lost one after another with nothing new: the rest is left to the next sync
TIMING = Timing()

Pages = Generator[SyncResult, None, Outcome]


def sync(auth_state: AuthState, cursor: Cursor, now: datetime) -> Iterator[SyncResult]:
    """All that the band holds. Nothing where the connection was made for pushes alone."""
    address = auth_state.extra.get("address")
    if address:
        yield from fetch(str(address), dict(cursor), now)


def fetch(address: str, memory: Cursor, now: datetime) -> Pages:
    """Over as many links as it takes, but for a band that leaves before it brings anything new."""
    began, fruitless = time.monotonic(), 0
    while True:
        wall, before = now.timestamp() + time.monotonic() - began, memory.get("token")
        try:
            return (yield from over_one_link(address, memory, wall))
        except LinkLost as error:
            fruitless = fruitless + 1 if memory.get("token") == before else 0
            if fruitless == LINKS or error.message != refusals.WENT:
                raise


def over_one_link(address: str, memory: Cursor, wall: float) -> Pages:
    link = Link(address)
    try:
        for _ in link.open():
            yield SyncResult([])
        session = Session(link.generation, wall, memory, TIMING, link.sequences)
        return (yield from driven(link, session, memory))
    finally:
        link.close()


def driven(link: Link, session: Session, memory: Cursor) -> Pages:
    """The session's steps, done. `memory` is kept up to date for the next link."""
    talk = session.run()
    step: Step = next(talk)
    while True:
        frame: Frame | None = None
        failed: Exception | None = None
        try:
            frame = yield from done(link, step, memory)
        except (LinkLost, WriteFailed) as error:
            failed = error
        try:
            step = (
                talk.throw(failed)
                if failed
                else talk.send(Answer(link.now(), frame, link.arrived_at))
            )
        except StopIteration as end:
            outcome: Outcome = end.value
            return outcome
        except Trouble as trouble:
            yield from remembered(trouble, memory)
            raise explained(trouble, link) from trouble
        except WriteFailed as error:
            raise LinkLost(refusals.WENT) from error


def done(link: Link, step: Step, memory: Cursor) -> Generator[SyncResult, None, Frame | None]:
    match step:
        case Write():
            link.write(step.frame)
        case Keep():
            # Resumed only once the hub has committed it: what follows is the acknowledgement.
            yield SyncResult(bursts.items(step.burst), next_cursor=dict(step.memory))
            replace(memory, step.memory)
        case Listen():
            return (yield from heard(link, step.until))
    return None


def heard(link: Link, until: float) -> Generator[SyncResult, None, Frame | None]:
    """Waiting, with an empty page now and then, so that the hub knows that all is well."""
    while True:
        left = until - link.now()
        frame = link.listen(min(left, link.timing.breath))
        if frame is not None or left <= link.timing.breath:
            return frame
        yield SyncResult([])


def remembered(trouble: Trouble, memory: Cursor) -> Iterator[SyncResult]:
    if trouble.memory is not None:
        replace(memory, trouble.memory)
        yield SyncResult([], next_cursor=dict(memory))


def replace(memory: Cursor, new: Cursor) -> None:
    memory.clear()
    memory.update(new)


def explained(trouble: Trouble, link: Link) -> ReauthRequired | TransientError:
    if isinstance(trouble, NotBonded):
        return refusals.not_bonded(link.pairing_refused)
    return TransientError(trouble.message, retry_after=trouble.wait)
