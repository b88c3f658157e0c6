"""Bluetooth without a radio: devices of a test's own that bleak's own classes find and speak to.

`Air` holds a bumble link in a thread. Its `scanner`, `client` and `adapter` are backends for the
`backend=` parameter of bleak, so that all of a plugin's code runs as it does over a real adapter.
"""

import asyncio
import contextlib
import threading
import uuid
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from bleak.backends.adapter import BaseBleakAdapter
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakDeviceNotFoundError, BleakError, BleakGATTProtocolError
from bumble import att, hci
from bumble.controller import Controller
from bumble.core import UUID, AdvertisingData, BaseBumbleError
from bumble.device import Connection, Device, Peer
from bumble.gatt import Characteristic, CharacteristicValue, Service
from bumble.host import Host
from bumble.link import LocalLink
from bumble.transport.common import AsyncPipeSink

CENTRAL = "F0:F1:F2:F3:F4:F5"
QUICK = 20.0  # ms between two advertisements
MTU = 247
LONGEST = MTU - 3  # bytes of a notification
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


def in_full(said: UUID) -> str:
    """As bleak spells it, however short it was said."""
    return str(uuid.UUID(bytes=said.to_bytes(force_128=True)[::-1]))


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


class Adapter(BaseBleakAdapter):
    """bleak's adapter: what is connected already, and does not advertise. A system keeps a link
    whose program has died."""

    def __init__(self, air: Air) -> None:
        self._air = air

    async def get_connected_devices(self, service_uuids: frozenset[str]) -> list[BLEDevice]:
        held = [self._air.peripherals[address] for address in self._air.links]
        return [
            BLEDevice(one.address, one.name, None)
            for one in held
            if service_uuids & one.services.keys()
        ]


class Scanner(BaseBleakScanner):
    """bleak's scanner, over the air."""

    def __init__(
        self,
        air: Air,
        detection_callback: Any,
        service_uuids: list[str] | None,
        scanning_mode: str = "active",
        **_: Any,
    ) -> None:
        super().__init__(detection_callback, service_uuids)
        self._air = air
        self._mine: asyncio.AbstractEventLoop | None = None

    async def start(self) -> None:
        self.seen_devices = {}
        self._mine = asyncio.get_running_loop()
        self._air.central.on("advertisement", self._heard)
        await self._air.do(self._air.central.start_scanning(scan_interval=10, scan_window=10))

    async def stop(self) -> None:
        self._air.central.remove_listener("advertisement", self._heard)
        await self._air.do(self._air.central.stop_scanning())

    def _heard(self, heard: Any) -> None:
        if self._mine is not None:
            self._mine.call_soon_threadsafe(self._seen, heard)

    def _seen(self, heard: Any) -> None:
        lists = heard.data.get_all(AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS)
        offered = list(dict.fromkeys(in_full(one) for found in lists for one in found))
        if not self.is_allowed_uuid(offered):
            return
        address = heard.address.to_string(False)
        peripheral = self._air.peripherals.get(address)
        name = peripheral.name if peripheral is not None else None
        told = AdvertisementData(name, {}, {}, offered, None, -50, ())
        device = self.create_or_update_device(address, address, name, heard.address, told)
        self.call_detection_callbacks(device, told)


class Client(BaseBleakClient):
    """bleak's client, over the air."""

    def __init__(self, air: Air, address_or_ble_device: BLEDevice | str, **given: Any) -> None:
        super().__init__(
            address_or_ble_device,
            disconnected_callback=given.get("disconnected_callback"),
            timeout=given.get("timeout", 10.0),
        )
        self._air = air
        self._peer: Peer | None = None
        self._mine: asyncio.AbstractEventLoop | None = None
        self._leaving = False

    @property
    def name(self) -> str:
        return self._air.peripherals[self.address].name or self.address

    @property
    def mtu_size(self) -> int:
        return MTU if self._peer is not None else 23

    @property
    def is_connected(self) -> bool:
        return self._peer is not None

    async def connect(self, pair: bool, **_: Any) -> None:
        self._mine = asyncio.get_running_loop()
        peripheral = self._air.peripherals.get(self.address)
        if peripheral is None or not (peripheral.advertised or self.address in self._air.links):
            raise BleakDeviceNotFoundError(self.address, f"{self.address} is not in reach")
        try:
            self.services = await self._air.do(self._connect())
        except (BaseBumbleError, TimeoutError) as error:
            self._peer = None
            raise BleakDeviceNotFoundError(self.address, f"{self.address}: {error!r}") from error
        if pair:
            await self.pair()

    async def _connect(self) -> BleakGATTServiceCollection:
        links = self._air.links
        connection = links.get(self.address) or await self._air.central.connect(
            hci.Address(self.address), timeout=self._timeout
        )
        links[self.address] = connection
        connection.on("disconnection", self._gone)
        peer = Peer(connection)
        await peer.request_mtu(MTU)
        found = BleakGATTServiceCollection()
        for service in await peer.discover_services():
            found.add_service(BleakGATTService(service, service.handle, in_full(service.uuid)))
            for one in await service.discover_characteristics():
                await one.discover_descriptors()
                found.add_characteristic(described(one, found.services[service.handle]))
        self._peer = peer
        return found

    def _gone(self, _reason: int) -> None:
        self._peer = None
        self._air.links.pop(self.address, None)
        if self._mine is not None and not self._leaving:
            with contextlib.suppress(RuntimeError):  # that loop has ended
                self._mine.call_soon_threadsafe(self._tell)

    def _tell(self) -> None:
        if self._disconnected_callback is not None:
            self._disconnected_callback()

    async def disconnect(self) -> None:
        self._leaving = True
        peer, self._peer = self._peer, None
        if peer is not None:
            with contextlib.suppress(BaseBumbleError):
                await self._air.do(peer.connection.disconnect())

    async def pair(self, *_: Any, **__: Any) -> None:
        if not self._air.peripherals[self.address].bonds:
            raise BleakError("[org.bluez.Error.AuthenticationFailed] Authentication Failed")

    async def unpair(self) -> None:
        await self.disconnect()

    async def read_gatt_char(
        self, characteristic: BleakGATTCharacteristic, *, use_cached: bool = False, **_: Any
    ) -> bytearray:
        return bytearray(await self._gatt(characteristic.obj.read_value()))

    async def read_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, *, use_cached: bool = False, **_: Any
    ) -> bytearray:
        return bytearray(await self._gatt(descriptor.obj.read_value()))

    async def write_gatt_char(
        self, characteristic: BleakGATTCharacteristic, data: Any, response: bool
    ) -> None:
        await self._gatt(characteristic.obj.write_value(bytes(data), with_response=response))

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: Any) -> None:
        await self._gatt(descriptor.obj.write_value(bytes(data), with_response=True))

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: Any, **_: Any
    ) -> None:
        mine = asyncio.get_running_loop()

        def heard(value: bytes) -> None:
            with contextlib.suppress(RuntimeError):  # that loop has ended
                mine.call_soon_threadsafe(callback, bytearray(value))

        await self._gatt(characteristic.obj.subscribe(heard))

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        await self._gatt(characteristic.obj.unsubscribe())

    async def _gatt(self, work: Coroutine[Any, Any, Any]) -> Any:
        if self._peer is None:
            work.close()
            raise BleakError("Not connected")
        try:
            return await self._air.do(work)
        except att.ATT_Error as error:
            raise BleakGATTProtocolError(int(error.error_code)) from error
        except (BaseBumbleError, asyncio.CancelledError, TimeoutError) as error:
            if isinstance(error, asyncio.CancelledError) and self._peer is not None:
                raise
            raise BleakError(f"Not connected: {error!r}") from error


def described(one: Any, service: BleakGATTService) -> BleakGATTCharacteristic:
    properties: list[Any] = []
    if one.properties & Characteristic.Properties.NOTIFY:
        properties.append("notify")
    if one.properties & Characteristic.Properties.WRITE:
        properties.append("write")
    return BleakGATTCharacteristic(
        one, one.handle, in_full(one.uuid), properties, lambda: LONGEST, service
    )
