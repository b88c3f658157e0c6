"""The bytes of an export as another process writes them, for a handler that sends them on."""

import asyncio
import logging
import os
import sys
from asyncio.subprocess import PIPE, Process

import msgspec

from openfit.errors import HubError
from openfit.hub import Hub
from openfit.leaving.child import Failure, Order

log = logging.getLogger("openfit.export")

CHUNK = 256 * 1024
AT_ONCE = 2  # processes; each takes some tens of megabytes and a core
STALLED = (
    120.0  # seconds without anybody taking bytes: the moment it looks at cannot be kept for ever
)
BUSY = asyncio.Semaphore(AT_ONCE)


class Bytes:
    """An asynchronous iterator over what the process writes. The process ends with it."""

    def __init__(self, process: Process, first: bytes) -> None:
        self.process, self.first = process, first
        self.watch = asyncio.get_running_loop().call_later(STALLED, self.give_up)

    def __aiter__(self) -> "Bytes":
        return self

    async def __anext__(self) -> bytes:
        self.watch.cancel()
        try:
            chunk, self.first = self.first or await self.read(), b""
        except BaseException:
            self.give_up()
            raise
        if not chunk:
            if await self.process.wait():
                assert self.process.stderr is not None
                log.error("an export broke off: %s", (await self.process.stderr.read()).decode())
                raise HubError("The export broke off; the hub's log says why.", code="broke_off")
            raise StopAsyncIteration
        self.watch = asyncio.get_running_loop().call_later(STALLED, self.give_up)
        return chunk

    async def read(self) -> bytes:
        assert self.process.stdout is not None
        return await self.process.stdout.read(CHUNK)

    def give_up(self) -> None:
        if self.process.returncode is None:
            self.process.kill()


async def written(hub: Hub, order: Order) -> Bytes:
    """Start it. What is wrong with the order is raised before anything is sent."""
    async with BUSY:
        process = await started(hub)
        try:
            first = await asked(process, order)
        except BaseException:
            if process.returncode is None:
                process.kill()
            raise
    return Bytes(process, first)


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
        return HubError("The export could not be made; the hub's log says why.")
    error = HubError(failure.message, code=failure.code, next_step=failure.next_step)
    error.status = failure.status
    return error
