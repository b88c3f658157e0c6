"""bleak's scanner, client and adapter over an air (`radio`), for its `backend=` parameter."""

import asyncio
import contextlib
import uuid
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from bleak.backends.adapter import BaseBleakAdapter
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakDeviceNotFoundError, BleakError, BleakGATTProtocolError
from bumble import att, hci
from bumble.core import UUID, AdvertisingData, BaseBumbleError
from bumble.device import Peer
from bumble.gatt import Characteristic

if TYPE_CHECKING:
    from openfit_sdk.testing.radio import Air

MTU = 247
LONGEST = MTU - 3  # bytes of a notification


def in_full(said: UUID) -> str:
    """As bleak spells it, however short it was said."""
    return str(uuid.UUID(bytes=said.to_bytes(force_128=True)[::-1]))


class Adapter(BaseBleakAdapter):
    """bleak's adapter: what is connected already, and does not advertise. A system keeps a link
    whose program has died."""

    def __init__(self, air: "Air") -> None:
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
        air: "Air",
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

    def __init__(self, air: "Air", address_or_ble_device: BLEDevice | str, **given: Any) -> None:
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
