"""The bytes of an export as another process writes them, for a handler that sends them on."""

import asyncio
import logging
import os
import sys
from asyncio.subprocess import PIPE, Process
from weakref import WeakValueDictionary

import msgspec

from openfit.errors import HubError, TooOften
from openfit.hub import Hub
from openfit.leaving.child import Failure, Order

log = logging.getLogger("openfit.export")

CHUNK = 256 * 1024
AT_ONCE = 2  # processes; each takes up to a hundred megabytes and a core
OF_ONE = 1  # person's of them, so that nobody takes all places
PATIENCE = 20.0  # seconds that the next one waits for a place
LATER = 30  # s
LOOK_UP = 0.1
STALLED = (
    120.0  # seconds without anybody taking bytes: the moment it looks at cannot be kept for ever
)
RUNNING: set[asyncio.Task[None]] = set()  # a loop alone does not keep its tasks alive


class Busy(HubError):
    status = 503
    code = "busy"


class Place:
    """Of one export; left once, when its process has ended."""

    def __init__(self, *held: asyncio.Semaphore) -> None:
        self.held = held

    def leave(self) -> None:
        for one in self.held:
            one.release()
        self.held = ()


class Places:
    """How many exports a hub writes at once, whoever reads them however slowly."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self.patience = patience
        self.all = asyncio.Semaphore(AT_ONCE)
        self.of: WeakValueDictionary[int, asyncio.Semaphore] = WeakValueDictionary()

    async def take(self, user_id: int) -> Place:
        own = self.of.setdefault(user_id, asyncio.Semaphore(OF_ONE))
        if not await self.won(own):
            raise TooOften(
                "An export of yours is still on its way.",
                next_step="Take it to its end or break it off, then ask again.",
                retry_after=LATER,
            )
        place = Place(own)
        try:
            if not await self.won(self.all):
                raise busy()
        except BaseException:
            place.leave()
            raise
        return Place(own, self.all)

    async def won(self, turn: asyncio.Semaphore) -> bool:
        try:
            async with asyncio.timeout(self.patience):
                return await turn.acquire()
        except TimeoutError:
            return False


def busy() -> Busy:
    error = Busy(
        "The hub is writing as many exports as it can at once.",
        next_step=f"Ask again in {LATER} s.",
    )
    error.headers = {"retry-after": str(LATER)}
    return error


class Bytes:
    """An asynchronous iterator over what the process writes. The process ends with it."""

    def __init__(self, process: Process, first: bytes) -> None:
        self.process, self.first = process, first
        self.watch = self.watched()

    def watched(self) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(STALLED, give_up, self.process)

    def __del__(self) -> None:
        """Nobody reads on: a line that broke while bytes were on it says nothing else."""
        self.watch.cancel()
        give_up(self.process)

    def __aiter__(self) -> "Bytes":
        return self

    async def __anext__(self) -> bytes:
        self.watch.cancel()
        try:
            chunk, self.first = self.first or await self.read(), b""
        except BaseException:
            give_up(self.process)
            raise
        if not chunk:
            if await self.process.wait():
                assert self.process.stderr is not None
                log.error("an export broke off: %s", (await self.process.stderr.read()).decode())
                raise HubError(
                    "The export broke off; the hub's log says why.",
                    code="broke_off",
                    next_step="Ask for it again.",
                )
            raise StopAsyncIteration
        self.watch = self.watched()
        return chunk

    async def read(self) -> bytes:
        assert self.process.stdout is not None
        return await self.process.stdout.read(CHUNK)


def give_up(process: Process) -> None:
    if process.returncode is None:
        process.kill()


async def written(hub: Hub, order: Order, places: Places) -> Bytes:
    """Start it. What is wrong with the order is raised before anything is sent."""
    place = await places.take(order.user_id)
    try:
        process = await started(hub)
    except BaseException:
        place.leave()
        raise
    keeping = asyncio.create_task(kept(place, process))
    RUNNING.add(keeping)
    keeping.add_done_callback(RUNNING.discard)
    try:
        return Bytes(process, await asked(process, order))
    except BaseException:
        give_up(process)
        raise


async def kept(place: Place, process: Process) -> None:
    """While the process lives. Its own `wait` may wait for a pipe that nobody reads, too."""
    try:
        while process.returncode is None:
            await asyncio.sleep(LOOK_UP)
    finally:
        place.leave()


async def started(hub: Hub) -> Process:
    config = hub.config
    environment = os.environ | {
        "OPENFIT_DATA": str(config.data),
        "OPENFIT_DATABASE_URL": config.database_url,
    }
    command = (sys.executable, "-m", "openfit.leaving.child")
    return await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment, limit=CHUNK
    )


async def asked(process: Process, order: Order) -> bytes:
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(msgspec.json.encode(order))
    process.stdin.close()
    first = await process.stdout.read(CHUNK)
    if not first:
        assert process.stderr is not None
        said = await process.stderr.read()
        if await process.wait():
            raise failed(said)
    return first


def failed(said: bytes) -> HubError:
    last = said.strip().rpartition(b"\n")[2]
    try:
        failure = msgspec.json.decode(last, type=Failure)
    except msgspec.DecodeError:
        return HubError(
            "The export could not be made; the hub's log says why.",
            next_step="Ask for it again; where it fails again, report what the log says.",
        )
    error = HubError(failure.message, code=failure.code, next_step=failure.next_step)
    error.status = failure.status
    return error
