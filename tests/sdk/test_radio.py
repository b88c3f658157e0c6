"""The air of the test kit: bleak's own classes find a device and speak to it."""

import asyncio

import pytest
from bleak import BleakAdapter, BleakClient, BleakError, BleakScanner
from bleak.exc import BleakDeviceNotFoundError, BleakGATTProtocolError
from openfit_sdk.testing.backends import LONGEST
from openfit_sdk.testing.radio import Air, Peripheral

SERVICE = "0000180d-0000-1000-8000-00805f9b34fb"
RATE = "00002a37-0000-1000-8000-00805f9b34fb"
CONTROL = "00002a39-0000-1000-8000-00805f9b34fb"
ADDRESS = "C0:00:00:00:00:01"


class Strap:
    """A heart-rate strap that is told things."""

    def __init__(self, **given):
        self.told = []
        offered = {SERVICE: {RATE: "notify", CONTROL: "write"}}
        self.peripheral = Peripheral(ADDRESS, "Strap", offered, self.written, **given)

    def written(self, uuid: str, value: bytes) -> None:
        if value == b"secret":
            raise PermissionError
        self.told.append((uuid, value))


def in_air(work, *straps: Strap):
    with Air(*(one.peripheral for one in straps)) as air:
        return asyncio.run(asyncio.wait_for(work(air), 20))


def test_a_device_is_found_by_what_it_offers():
    async def work(air):
        found = await BleakScanner.discover(
            0.8, service_uuids=[SERVICE], return_adv=True, backend=air.scanner
        )
        none = await BleakScanner.discover(0.4, service_uuids=["180f"], backend=air.scanner)
        return found, none

    found, none = in_air(work, Strap())
    [(device, told)] = found.values()
    assert (device.address, device.name, told.service_uuids) == (ADDRESS, "Strap", [SERVICE])
    assert none == []


def test_it_is_written_to_and_heard_in_order():
    strap = Strap()

    async def work(air):
        heard = asyncio.Queue()
        async with BleakClient(ADDRESS, backend=air.client) as client:
            await client.start_notify(RATE, lambda _, value: heard.put_nowait(bytes(value)))
            await client.write_gatt_char(CONTROL, b"start", response=True)
            for n in range(50):
                await air.do(strap.peripheral.notify(RATE, bytes([n])))
            return [await heard.get() for _ in range(50)], client.services.get_service(SERVICE)

    values, service = in_air(work, strap)
    assert values == [bytes([n]) for n in range(50)]
    assert strap.told == [(CONTROL, b"start")]
    assert {one.uuid for one in service.characteristics} == {RATE, CONTROL}


def test_a_write_that_is_refused_is_an_att_error():
    async def work(air):
        async with BleakClient(ADDRESS, backend=air.client) as client:
            await client.write_gatt_char(CONTROL, b"secret", response=True)

    with pytest.raises(BleakGATTProtocolError) as caught:
        in_air(work, strap := Strap())
    assert caught.value.code == 5 and strap.told == []


def test_a_notification_is_no_longer_than_the_link_carries():
    strap = Strap()

    async def work(air):
        async with BleakClient(ADDRESS, backend=air.client):
            await air.do(strap.peripheral.notify(RATE, bytes(LONGEST + 1)))

    with pytest.raises(ValueError, match="244 is the most"):
        in_air(work, strap)


def test_a_device_that_leaves_is_told_and_can_be_found_again():
    strap = Strap()

    async def work(air):
        gone = asyncio.Event()
        client = BleakClient(ADDRESS, lambda _: gone.set(), backend=air.client)
        await client.connect()
        await air.do(strap.peripheral.drop())
        await gone.wait()
        with pytest.raises(BleakError, match="Not connected"):
            await client.write_gatt_char(CONTROL, b"x", response=True)
        async with BleakClient(ADDRESS, backend=air.client) as again:
            return again.is_connected, client.is_connected

    assert in_air(work, strap) == (True, False)
    assert strap.peripheral.links == 2


def test_a_link_outlives_who_opened_it_and_is_found_by_the_adapter():
    async def work(air):
        await BleakClient(ADDRESS, backend=air.client).connect()
        adapter = await BleakAdapter.get(backend=air.adapter)
        held = await adapter.get_connected_devices([SERVICE])
        async with BleakClient(held[0], backend=air.client):
            pass
        return held, await adapter.get_connected_devices([SERVICE])

    [held], after = in_air(work, strap := Strap())
    assert (held.address, after, strap.peripheral.links) == (ADDRESS, [], 1)


def test_pairing_is_refused_where_the_device_does_not_bond():
    async def work(air):
        async with BleakClient(ADDRESS, backend=air.client) as client:
            await client.pair()

    in_air(work, Strap())
    with pytest.raises(BleakError, match="AuthenticationFailed"):
        in_air(work, Strap(bonds=False))


def test_who_is_not_there_cannot_be_connected_to():
    async def work(air):
        await BleakClient("C0:00:00:00:00:02", timeout=0.2, backend=air.client).connect()

    with pytest.raises(BleakDeviceNotFoundError):
        in_air(work, Strap())
