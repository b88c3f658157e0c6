"""Bluetooth without a radio: devices of a test's own that bleak's own classes find and speak to.

`Air` holds a bumble link in a thread. Its `scanner`, `client` and `adapter` are backends for the
`backend=` parameter of bleak, so that all of a plugin's code runs as it does over a real adapter.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from bleak.backends.adapter import BaseBleakAdapter
from bleak.backends.client import BaseBleakClient
from bleak.backends.scanner import BaseBleakScanner
from bumble import att, hci
from bumble.controller import Controller
from bumble.core import AdvertisingData, BaseBumbleError
from bumble.device import Connection, Device
from bumble.gatt import Characteristic, CharacteristicValue, Service
from bumble.host import Host
from bumble.link import LocalLink
from bumble.transport.common import AsyncPipeSink

from openfit_sdk.testing.backends import LONGEST, Adapter, Client, Scanner

CENTRAL = "F0:F1:F2:F3:F4:F5"
QUICK = 20.0  # ms between two advertisements
WITHIN = 20.0  # seconds for anything that the air does for somebody

Found = TypeVar("Found")
Services = dict[str, dict[str, str]]  # service -> characteristic -> "write" or "notify"


class Peripheral:
    """A device that can be found: what it offers, and who hears what is written to it.

    `written` is called with a characteristic and what was written to it, in the thread of the air;
    raising `PermissionError` refuses the write as an unbonded device does."""

    def __init__(
        self,
        address: str,
        name: str | None,
        services: Services,
        written: Callable[[str, bytes], None],
        *,
        joined: Callable[[], None] = lambda: None,
        left: Callable[[], None] = lambda: None,
        bonds: bool = True,
        advertised: bool = True,
    ) -> None:
        self.address, self.name, self.services = address, name, services
        self.written, self.joined, self.left = written, joined, left
        self.bonds, self.advertised = bonds, advertised
        self.connection: Connection | None = None
        self.links = 0  # how often somebody connected
        self._device: Device | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._characteristics: dict[str, Characteristic[bytes]] = {}

    async def power_on(self, link: LocalLink) -> None:
        self._loop = asyncio.get_running_loop()
        device = device_on(link, self.name or "", self.address)
        for service, offered in self.services.items():
            made = {uuid: self._characteristic(uuid, how) for uuid, how in offered.items()}
            self._characteristics |= made
            device.add_service(Service(service, list(made.values())))
        device.on("connection", self._connected)
        self._device = device
        await device.power_on()
        await self.advertise()

    def _characteristic(self, uuid: str, how: str) -> "Characteristic[bytes]":
        def write(_: Any, value: bytes) -> None:
            try:
                self.written(uuid, bytes(value))
            except PermissionError as error:
                raise att.ATT_Error(att.ErrorCode.INSUFFICIENT_AUTHENTICATION) from error

        if how == "notify":
            return Characteristic(
                uuid, Characteristic.Properties.NOTIFY, Characteristic.READABLE, b""
            )
        return Characteristic(
            uuid,
            Characteristic.Properties.WRITE,
            Characteristic.WRITEABLE,
            CharacteristicValue(write=write),
        )

    async def advertise(self) -> None:
        if not self.advertised or self._device is None or self.connection is not None:
            return
        told = [
            (AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS, uuid_of(self.services))
        ]
        if self.name is not None:
            shown = self.name.encode()[:10]
            told.append((AdvertisingData.SHORTENED_LOCAL_NAME, shown))
        await self._device.start_advertising(
            advertising_data=bytes(AdvertisingData(told)),
            advertising_interval_min=QUICK,
            advertising_interval_max=QUICK,
        )

    def _connected(self, connection: Connection) -> None:
        self.connection = connection
        self.links += 1
        connection.on("disconnection", self._disconnected)
        self.joined()

    def _disconnected(self, _reason: int) -> None:
        self.connection = None
        self.left()
        asyncio.get_running_loop().create_task(self.advertise())

    async def notify(self, uuid: str, value: bytes) -> None:
        """In the thread of the air; what nobody has subscribed to goes nowhere."""
        if len(value) > LONGEST:
            raise ValueError(f"A notification of {len(value)} bytes; {LONGEST} is the most.")
        if self._device is not None and self.connection is not None:
            await self._device.gatt_server._notify_single_subscriber(
                self.connection, self._characteristics[uuid], value, False
            )

    def drop_now(self) -> None:
        """The same from any other thread, which waits until it has happened."""
        if self._loop is not None:
            asyncio.run_coroutine_threadsafe(self.drop(), self._loop).result(WITHIN)

    async def drop(self) -> None:
        """Leave, as a band does that goes out of range."""
        if self.connection is not None:
            with contextlib.suppress(BaseBumbleError):
                await self.connection.disconnect()


def uuid_of(services: Services) -> bytes:
    return bytes.fromhex(next(iter(services)).replace("-", ""))[::-1]


def device_on(link: LocalLink, name: str, address: str) -> Device:
    controller = Controller(name, link=link)
    host = Host(controller, AsyncPipeSink(controller))
    device = Device(name=name, address=hci.Address(address), host=host)
    return device


class Air:
    """The space in which devices and bleak meet. Use it as a context manager."""

    def __init__(self, *peripherals: Peripheral) -> None:
        self.peripherals = {one.address: one for one in peripherals}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="air", daemon=True)
        air = self

        class AirScanner(Scanner):
            def __init__(self, *given: Any, **more: Any) -> None:
                super().__init__(air, *given, **more)

        class AirClient(Client):
            def __init__(self, *given: Any, **more: Any) -> None:
                super().__init__(air, *given, **more)

        class AirAdapter(Adapter):
            @classmethod
            async def get(cls, **_: Any) -> "AirAdapter":
                return cls(air)

        self.scanner: type[BaseBleakScanner] = AirScanner
        self.client: type[BaseBleakClient] = AirClient
        self.adapter: type[BaseBleakAdapter] = AirAdapter
        self.links: dict[str, Connection] = {}  # the system's, whoever asked for them

    def __enter__(self) -> "Air":
        self._thread.start()
        self.wait(self._power_on())
        return self

    def __exit__(self, *_: object) -> None:
        self.wait(self._power_off())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _power_on(self) -> None:
        link = LocalLink()  # type: ignore[no-untyped-call]
        self.central = device_on(link, "central", CENTRAL)
        await self.central.power_on()
        for peripheral in self.peripherals.values():
            await peripheral.power_on(link)

    async def _power_off(self) -> None:
        for peripheral in self.peripherals.values():
            await peripheral.drop()
        mine = asyncio.current_task()
        others = [task for task in asyncio.all_tasks() if task is not mine]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def wait(self, work: Coroutine[Any, Any, Found]) -> Found:
        """Do something in the thread of the air, from any other."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(WITHIN)

    async def do(self, work: Coroutine[Any, Any, Found]) -> Found:
        """The same from an event loop, which goes on meanwhile."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))
