"""The radio, through bleak: finding bands, and one link to one of them.

bleak lives on an event loop, a plugin's hooks do not. A `Link` owns a thread with a loop, on which
it also keeps the link alive while the hub stores what came; everybody else calls it and waits.
"""

import asyncio
import contextlib
import queue
import threading
import time
from collections.abc import Coroutine, Generator, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from typing import Any, TypeVar

from bleak import BleakAdapter, BleakClient, BleakScanner
from bleak.backends.adapter import BaseBleakAdapter
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.exc import BleakError
from msgspec import Struct
from openfit_sdk import PermanentError

from openfit_openstrap_band.radio import refusals
from openfit_openstrap_band.radio.refusals import LinkLost
from openfit_openstrap_band.radio.talk import WriteFailed
from openfit_openstrap_band.wire import commands, guard
from openfit_openstrap_band.wire.frames import Frame, Reassembler
from openfit_openstrap_band.wire.words import Level

STEMS = {
    4: ("61080001", "-8d6d-82b8-614a-1c8cb0f8dcc6"),
    5: ("fd4b0001", "-cce1-4033-93ce-002d5875f58a"),
}
SERVICES = {generation: first + rest for generation, (first, rest) in STEMS.items()}
HEARD = ("cmd_from", "events", "data")
PLACES = {"cmd_to": 2, "cmd_from": 3, "events": 4, "data": 5}

ENDING_SECONDS = 5.0

Found = TypeVar("Found")


class Timing(Struct, frozen=True):
    """Seconds."""

    find: float = 12.0
    connect: float = 35.0  # 20 for the link and 15 for what it offers
    pair: float = 20.0
    subscribe: float = 15.0
    write: float = 8.0
    settle: float = 0.6  # a gen 5 band needs it after each of the two steps above
    heartbeat: float = 10.0
    leave: float = 5.0
    breath: float = 5.0  # the longest that a caller is kept waiting without a sign


class Radio(Struct, frozen=True):
    """Which bleak to use: the machine's own, or one of a test (`openfit_sdk.testing.radio`)."""

    scanner: type[BaseBleakScanner] | None = None
    client: type[BaseBleakClient] | None = None
    adapter: type[BaseBleakAdapter] | None = None
    timing: Timing = Timing()


RADIO = Radio()  # a test sets another one: `Radio(air.scanner, air.client, air.adapter)`


class Band(Struct, frozen=True):
    """A band in reach, as it advertises itself."""

    address: str
    name: str | None
    rssi: int
    device: Any = None


class Loop:
    """A thread with an event loop, for as long as it is entered."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="band", daemon=True)
        self._thread.start()

    def begin(self, work: Coroutine[Any, Any, Found]) -> "Future[Found]":
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def watch(
        self, work: Coroutine[Any, Any, Found], breath: float
    ) -> Generator[None, None, Found]:
        """Do it, with a sign of life every few seconds. Answers with what came of it."""
        future = self.begin(work)
        try:
            while not future.done():
                with contextlib.suppress(NotYet):
                    future.exception(breath)
                yield
            return future.result()
        finally:
            future.cancel()

    def close(self) -> None:
        with contextlib.suppress(NotYet):  # a task that will not end goes with the process
            self.begin(self._end()).result(ENDING_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @staticmethod
    async def _end() -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


def is_band(address: str, told: AdvertisementData) -> bool:
    """By its service, or by its name, which its wearer may have changed."""
    by_service = any(uuid in SERVICES.values() for uuid in told.service_uuids)
    return by_service or "whoop" in (told.local_name or "").lower()


async def discover(radio: Radio, seconds: float) -> list[Band]:
    """Every band in reach, the nearest first. Others hold theirs: a band that is connected to a
    phone does not advertise."""
    with refusals.explained():
        seen = await BleakScanner.discover(
            seconds, return_adv=True, service_uuids=[*SERVICES.values()], **backend(radio.scanner)
        )
    bands = [
        Band(device.address, told.local_name or device.name, told.rssi, device)
        for device, told in seen.values()
        if is_band(device.address, told)
    ]
    return sorted(bands, key=lambda band: -band.rssi)


async def find(radio: Radio, address: str) -> BLEDevice:
    with refusals.explained():
        found = await held(radio, address) or await BleakScanner.find_device_by_filter(
            lambda device, _: device.address.lower() == address.lower(),
            radio.timing.find,
            service_uuids=[*SERVICES.values()],
            **backend(radio.scanner),
        )
    if found is None:
        raise LinkLost(
            "The band is not in reach. Bring it near this machine, and close other apps that hold "
            "it: a band speaks to one at a time."
        )
    return found


async def held(radio: Radio, address: str) -> BLEDevice | None:
    """A band that this machine holds already does not advertise: the system keeps the link of a
    hub that was killed."""
    try:
        adapter = await BleakAdapter.get(**backend(radio.adapter))
        devices = await adapter.get_connected_devices([*SERVICES.values()])
    except NotImplementedError:  # where a system does not tell
        return None
    return next((one for one in devices if one.address.lower() == address.lower()), None)


def backend(own: Any) -> dict[str, Any]:
    return {} if own is None else {"backend": own}


class Link:
    """One connection to one band."""

    def __init__(self, address: str, radio: Radio | None = None) -> None:
        self.address, self.radio = address, radio or RADIO
        self.timing = self.radio.timing
        self.sequences = commands.Sequences()
        self.generation = 4
        self.pairing_refused: str | None = None
        self._began = time.monotonic()
        self._loop = Loop()
        self.arrived_at = 0.0  # when the frame did that was listened to last
        self._arrived: queue.SimpleQueue[tuple[float, Frame | None]] = queue.SimpleQueue()
        self._client: BleakClient | None = None
        self._places: dict[str, Any] = {}
        self._writing = asyncio.Lock()
        self._traffic = self._began
        self._reassemblers: list[Reassembler] = []
        self._over = False
        self._beating: asyncio.Task[None] | None = None

    def now(self) -> float:
        """Seconds since this link was begun."""
        return time.monotonic() - self._began

    def open(self, pair: bool = True) -> Generator[None, None, None]:
        """Connect; a sign every few seconds until it is done."""
        yield from self._loop.watch(self._open(pair), self.timing.breath)

    def write(self, frame: bytes, asked: Level = Level.SAFE) -> None:
        """The one way to say anything to the band. `WriteFailed` where it did not confirm it."""
        guard.allow(frame, asked)
        future = self._loop.begin(self._write(frame))
        try:
            future.result(2 * self.timing.write + 1)  # a heartbeat may be under way
        except NotYet:
            future.cancel()
            raise WriteFailed("no answer") from None

    def listen(self, seconds: float) -> Frame | None:
        """The next frame in order of arrival, from whichever of its voices. None after a while."""
        try:
            self.arrived_at, frame = self._arrived.get(timeout=max(0.0, seconds))
        except queue.Empty:
            return None
        if frame is None:
            self._arrived.put((self.arrived_at, None))  # for the next who asks
            raise LinkLost(refusals.WENT)
        return frame

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self._loop.begin(self._close()).result(self.timing.leave)
        self._loop.close()

    # On the loop -------------------------------------------------------------------------------

    async def _open(self, pair: bool) -> None:
        device = await find(self.radio, self.address)
        with refusals.explained():
            self._client = BleakClient(device, self._lost, **backend(self.radio.client))
            async with asyncio.timeout(self.timing.connect):
                await self._client.connect()
            if pair:
                await self._pair(self._client)
        self._settle_on(self._client)
        await self._breathe()
        for role in HEARD:
            await self._subscribe(role)
        await self._breathe()
        self._beating = asyncio.create_task(self._beat())

    async def _pair(self, client: BleakClient) -> None:
        """A refusal shows in the band's silence, or does not matter: it may be paired already.
        On macOS the system pairs when it has to, and has no way to be asked."""
        try:
            async with asyncio.timeout(self.timing.pair):
                await client.pair()
        except NotImplementedError:
            return
        except (BleakError, TimeoutError) as error:
            self.pairing_refused = str(error) or "it did not answer"

    def _settle_on(self, client: BleakClient) -> None:
        """Which generation it is shows in what it offers, whatever its name."""
        for generation, (stem, rest) in STEMS.items():
            if client.services.get_service(stem + rest) is None:
                continue
            self.generation = generation
            self._places = {
                role: client.services.get_characteristic(f"{stem[:-1]}{place}{rest}")
                for role, place in PLACES.items()
            }
        missing = [role for role in PLACES if self._places.get(role) is None]
        if missing:
            raise PermanentError(
                f"{self.address} is no band that is known here: it lacks {', '.join(missing)}. "
                "Choose another device."
            )

    @property
    def resynced(self) -> int:
        """How often the beginning of a frame had to be looked for anew."""
        return sum(one.resynced for one in self._reassemblers)

    async def _breathe(self) -> None:
        if self.generation == 5:
            await asyncio.sleep(self.timing.settle)

    async def _subscribe(self, role: str) -> None:
        reassembler = Reassembler(self.generation)
        self._reassemblers.append(reassembler)

        def arrived(_: Any, chunk: bytearray) -> None:
            self._traffic = time.monotonic()
            for frame in reassembler.feed(bytes(chunk)):
                self._arrived.put((self.now(), frame))

        assert self._client is not None
        with refusals.explained():
            async with asyncio.timeout(self.timing.subscribe):
                await self._client.start_notify(self._places[role], arrived)

    def _lost(self, _: BleakClient) -> None:
        self._over = True
        self._arrived.put((self.now(), None))

    async def _write(self, frame: bytes) -> None:
        async with self._writing:
            if self._over or self._client is None:
                raise LinkLost(refusals.WENT)
            self._traffic = time.monotonic()
            try:
                async with asyncio.timeout(self.timing.write):
                    await self._client.write_gatt_char(self._places["cmd_to"], frame, response=True)
            except (BleakError, OSError, TimeoutError, EOFError) as error:
                if refusals.unbonded(error):
                    raise refusals.not_bonded(self.pairing_refused) from error
                if self._over or not self._client.is_connected:
                    raise LinkLost(refusals.WENT) from error
                raise WriteFailed(str(error)) from error

    async def _beat(self) -> None:
        """While nothing is said on either side, as while the hub stores a burst."""
        while not self._over:
            await asyncio.sleep(self.timing.heartbeat / 4)
            if time.monotonic() - self._traffic < self.timing.heartbeat:
                continue
            frame = commands.frame("link_valid", self.sequences.command(), self.generation)
            with contextlib.suppress(LinkLost, WriteFailed):
                await self._write(guard.allow(frame))

    async def _close(self) -> None:
        self._over = True
        if self._beating is not None:
            self._beating.cancel()
        if self._client is not None:
            await self._client.disconnect()


def patiently(link: Link, seconds: float) -> Iterator[Frame | None]:
    """Frames for so long; None now and then, so that who waits can be stopped."""
    until = link.now() + seconds
    while (left := until - link.now()) > 0:
        yield link.listen(min(left, link.timing.breath))
