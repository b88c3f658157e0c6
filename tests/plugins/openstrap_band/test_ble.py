"""The radio: bleak's own classes, and a virtual band that they find."""

import sys
import threading

import pytest
from openfit_openstrap_band.radio import ble, refusals, syncing
from openfit_openstrap_band.radio.talk import Timing
from openfit_openstrap_band.wire import guard
from openfit_sdk import AuthState, PermanentError, ReauthRequired, TransientError
from plugins.openstrap_band.air import NOW, band_with, in_reach, synced_items
from plugins.openstrap_band.on_air import ADDRESS, OnAir
from plugins.openstrap_band.virtual_band import Band
from support import band as frames

STATE = AuthState(extra={"address": ADDRESS})


def pieces(items) -> list[bytes]:
    found = []
    for item in items:
        at = 0
        for size in item.pieces.sizes:
            found.append(item.body[at : at + size])
            at += size
    return found


@pytest.mark.parametrize("generation", [4, 5])
def test_a_sync_brings_every_record_and_the_band_trims_them(monkeypatch, generation):
    with in_reach(monkeypatch, band_with(30, generation=generation)) as shown:
        records = list(shown.band.flash)
        items = [item for item in synced_items() if item.kind == "frames"]
    found = pieces(items)
    inner = found if generation == 4 else [one[8:-4] for one in found]
    assert inner == records and shown.band.trimmed == records
    assert {item.joins for item in items} == {"waiting"}
    assert [at for item in items for at in item.pieces.at] == [
        *range(frames.START, frames.START + 30)
    ]


def test_the_acknowledgement_waits_for_the_hub(monkeypatch):
    """While a page is out, the band is told nothing that lets it forget."""
    with in_reach(monkeypatch, band_with(10, burst=10)) as shown:
        pages = syncing.sync(STATE, {}, NOW)
        page = next(page for page in pages if page.items)
        assert shown.band.acknowledged == [] and len(shown.band.flash) == 10
        assert page.next_cursor["times"] == "1"
        pages.close()  # the hub could not store it
        assert shown.band.trimmed == [] and shown.band.acknowledged == []


def test_no_token_crosses_from_one_link_to_the_next(monkeypatch):
    """The band leaves while the hub stores; what it sent is asked for and stored once more."""
    with in_reach(monkeypatch, band_with(10, burst=10)) as shown:
        pages = syncing.sync(STATE, {}, NOW)
        first = next(page for page in pages if page.items)
        shown.peripheral.drop_now()
        second = next(page for page in pages if page.items)
        assert shown.band.acknowledged == [] and shown.peripheral.links == 2
        assert second.next_cursor["times"] == "2"
        list(pages)
    assert (len(shown.band.trimmed), shown.band.refused) == (10, [])
    assert {*pieces(first.items)} - {*pieces(second.items)} <= {
        one for one in pieces(first.items) if one[0] == 0x30
    }


def test_the_link_is_kept_alive_while_the_hub_stores(monkeypatch):
    with in_reach(monkeypatch, band_with(3)) as shown:
        pages = syncing.sync(STATE, {}, NOW)
        next(page for page in pages if page.items)
        beaten = threading.Event()
        answer = shown.band.answer

        def noted(told):
            if told.opcode == 0x01:
                beaten.set()
            return answer(told)

        shown.band.answer = noted
        assert beaten.wait(10), "no heartbeat came"
        list(pages)
    assert len(shown.band.trimmed) == 3


def test_a_band_that_leaves_in_the_middle_is_found_again(monkeypatch):
    shown = OnAir(band_with(20), drop_after=45)
    with in_reach(monkeypatch, shown):
        records = list(shown.band.flash)
        items = synced_items()
    assert shown.band.trimmed == records and shown.peripheral.links > 1
    assert {*pieces(item for item in items if item.kind == "frames")} == {*records}


def test_a_link_that_a_killed_hub_left_behind_is_taken_up(monkeypatch):
    """The system holds it still, and a band that is held does not advertise."""
    with in_reach(monkeypatch, band_with(5)) as shown:
        left = ble.Link(ADDRESS)
        list(left.open())
        left._client = None  # no goodbye, as when a process is killed
        left.close()
        assert shown.peripheral.connection is not None
        synced_items()
        assert len(shown.band.trimmed) == 5 and shown.peripheral.links == 1
        assert shown.peripheral.connection is None


def test_a_band_that_keeps_leaving_is_left_for_later(monkeypatch):
    shown = OnAir(band_with(20), drop_after=15)
    with (
        in_reach(monkeypatch, shown),
        pytest.raises(TransientError, match="out of reach") as caught,
    ):
        synced_items()
    assert caught.value.retry_after and shown.peripheral.links == 3


def test_a_band_that_is_not_there_is_a_sentence(monkeypatch):
    elsewhere = OnAir(band_with(1), address="C0:00:00:00:00:99")
    with (
        in_reach(monkeypatch, elsewhere, find=0.2),
        pytest.raises(TransientError, match="not in reach. Bring it near") as caught,
    ):
        synced_items()
    assert caught.value.retry_after == refusals.SOON


def test_an_unpaired_band_asks_to_be_paired_again(monkeypatch):
    with in_reach(monkeypatch, OnAir(band_with(1), bonds=False)):
        with pytest.raises(ReauthRequired, match="pairing mode") as caught:
            synced_items()
        assert "Authentication Failed" in caught.value.detail


def test_an_unpaired_band_that_swallows_everything_does_too(monkeypatch):
    with in_reach(monkeypatch, band_with(1, deaf=frozenset(range(256)))):
        monkeypatch.setattr(syncing, "TIMING", Timing(reply=0.5, hello=0.5, between=0.01))
        with pytest.raises(ReauthRequired, match="pairing mode"):
            synced_items()


def test_a_device_that_is_no_band_is_refused(monkeypatch):
    shown = OnAir(band_with(1))
    [offered] = shown.peripheral.services.values()
    for uuid in list(offered):
        if offered[uuid] == "write":
            del offered[uuid]
    with in_reach(monkeypatch, shown), pytest.raises(PermanentError, match="lacks cmd_to"):
        synced_items()


def test_a_connection_without_a_band_has_nothing_to_fetch():
    assert list(syncing.sync(AuthState(), {}, NOW)) == []


def test_no_dangerous_frame_leaves_a_link(monkeypatch):
    with in_reach(monkeypatch, band_with(1)) as shown:
        link = ble.Link(ADDRESS)
        list(link.open())
        for opcode in (0x19, 0x1D, 0x24, 0x25, 0x78, 0x42):
            with pytest.raises(guard.Refused):
                link.write(frames.framed(bytes([0x23, 0xA0, opcode, 1])))
        link.close()
    assert shown.band.told == [] and shown.band.refused == []


def test_every_thread_ends_with_its_link(monkeypatch):
    with in_reach(monkeypatch, band_with(2)):
        before = threading.active_count()
        synced_items()
        assert threading.active_count() == before


@pytest.mark.skipif(sys.platform != "linux", reason="D-Bus is Linux's way to Bluetooth")
def test_without_a_system_bus_one_sentence_says_what_to_do(monkeypatch, tmp_path):
    """The machine's own bleak, which finds no bus where it looks for it."""
    nowhere = f"unix:path={tmp_path}/system_bus_socket"
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", nowhere)
    monkeypatch.setattr(ble, "RADIO", ble.Radio())
    with pytest.raises(TransientError, match="no Bluetooth here: the system bus") as caught:
        synced_items()
    assert caught.value.retry_after == refusals.LATER
    assert "FileNotFoundError" in caught.value.detail


def test_scanning_finds_bands_of_both_generations(monkeypatch):
    other = OnAir(Band([], generation=5), address="C0:01:02:03:04:06", name="Mine")
    with in_reach(monkeypatch, band_with(1), other):
        loop = ble.Loop()
        found = loop.begin(ble.discover(ble.RADIO, 0.8)).result()
        loop.close()
    assert {(band.address, band.name) for band in found} == {
        (ADDRESS, "WHOOP 4A0123456"),
        ("C0:01:02:03:04:06", "Mine"),
    }
