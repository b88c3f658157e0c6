"""The plugin's radio, swapped for an air that virtual bands are in."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import msgspec
from openfit_openstrap_band.radio import ble, pairing, syncing
from openfit_openstrap_band.radio.talk import Timing
from openfit_sdk import AuthState, RawItem
from plugins.openstrap_band.on_air import ADDRESS, OnAir, on_air
from plugins.openstrap_band.virtual_band import Band
from support import band as frames

NOW = datetime.fromtimestamp(frames.START + 600, UTC)
QUICK = ble.Timing(settle=0.01, heartbeat=0.2, breath=0.5)  # patient where it costs nothing
BRISK = Timing(between=0.01, abort=0.1, floor=0.1)


def seconds(count: int) -> list[bytes]:
    return [frames.second(frames.START + n, 60 + n % 40, counter=n + 1) for n in range(count)]


def band_with(count: int, **given) -> Band:
    return Band(seconds(count), clock=given.pop("clock", NOW.timestamp()), **given)


def synced_items(cursor: dict[str, str] | None = None) -> list[RawItem]:
    """What one sync brings."""
    state = AuthState(extra={"address": ADDRESS})
    pages = list(syncing.sync(state, dict(cursor or {}), NOW))
    return [item for page in pages for item in page.items]


@contextmanager
def in_reach(monkeypatch, *bands: Band | OnAir, **timing) -> Iterator[OnAir | None]:
    air, shown = on_air(*bands)
    with air:
        quick = msgspec.structs.replace(QUICK, **timing)
        monkeypatch.setattr(ble, "RADIO", ble.Radio(air.scanner, air.client, air.adapter, quick))
        monkeypatch.setattr(syncing, "TIMING", BRISK)
        monkeypatch.setattr(pairing, "LOOK", 0.8)
        yield shown[0] if shown else None
