"""Live: heart rate and beats as they come, for as long as somebody looks."""

import contextlib
import time
from collections.abc import Iterator
from typing import Any

from openfit_sdk import IntegrationError, Progress

from openfit_openstrap_band.radio import heard
from openfit_openstrap_band.radio.asking import Asking
from openfit_openstrap_band.reading import live
from openfit_openstrap_band.wire.frames import Frame
from openfit_openstrap_band.wire.words import Level

BATTERY_SECONDS = 30.0
LISTEN_SECONDS = 2.0  # the longest without a word to who looks
LIVE = 0x28
# Beats alone: what streams raw is switched off, also where somebody left it on.
OFF: dict[int, tuple[str, ...]] = {
    4: ("toggle_optical", "enable_optical", "send_r10_r11_realtime", "toggle_imu"),
    5: ("toggle_optical", "toggle_imu"),
}
BETWEEN_SECONDS = 0.06


def watch(band: Asking) -> Iterator[Progress]:
    """Until it is stopped. The band's sensors are then at rest again."""
    try:
        still(band)
        band.tell("toggle_realtime_hr", Level.USER, on=True)
        yield from seconds(band)
    finally:
        with contextlib.suppress(IntegrationError):  # a band that left has switched off by itself
            still(band)
            band.tell("toggle_realtime_hr", on=False)


def still(band: Asking) -> None:
    for command in OFF[band.link.generation]:
        band.tell(command, on=False)
        time.sleep(BETWEEN_SECONDS)


def seconds(band: Asking) -> Iterator[Progress]:
    asked = float("-inf")
    while True:
        if band.link.now() - asked > BATTERY_SECONDS:
            asked = band.link.now()
            band.tell("get_battery_level")
        frame = band.link.listen(LISTEN_SECONDS)
        values = {} if frame is None else values_of(frame)
        if values or frame is None:
            yield Progress(values=values)


def values_of(frame: Frame) -> dict[str, Any]:
    """What one frame says that is worth a look; nothing for what was not measured."""
    if not frame.decodable:
        return {}
    if frame.packet_type == LIVE:
        return second(live.decode(frame.inner))
    reply = heard.reply(frame)
    if reply is not None:
        return {} if reply.battery is None else {"battery": reply.battery}
    return {}


def second(record: live.Live | None) -> dict[str, Any]:
    if record is None:
        return {}
    found = {
        "time": record.ts,
        "heart_rate": record.heart_rate,
        "rr_interval": [beat for beat in record.rr if beat is not None] or None,
        "wear": None if record.worn is None else 100 * record.worn,
    }
    return {name: value for name, value in found.items() if value is not None}
