"""Alarms and buzzing: what a band does on somebody's wrist, told only by a person."""

from datetime import UTC, datetime
from typing import Any

from msgspec import Struct
from openfit_sdk import PermanentError, TransientError

from openfit_openstrap_band.radio import pairing, refusals
from openfit_openstrap_band.radio.asking import Asking
from openfit_openstrap_band.wire import words
from openfit_openstrap_band.wire.responses import Response
from openfit_openstrap_band.wire.words import Level

ALARM_SET = 56
CONFIRM_SECONDS = 5.0
SAME_SECONDS = 2.0  # the band's own alarm may differ by, being told in whole seconds


class Said(Struct, frozen=True):
    message: str
    values: dict[str, Any] = {}


def set_at(band: Asking, when: datetime, now: datetime) -> Said:
    """By the band's own clock, which may lag behind; confirmed by what the band says after."""
    if when <= now:
        raise PermanentError(f"{when.isoformat()} is over. Give a time that is still to come.")
    lag = behind(band, now)
    at = when.timestamp() - lag
    reply = band.ask("set_alarm", Level.USER, epoch_ms=round(at * 1000))
    refuse(reply)
    confirmed = band.happened({ALARM_SET}, CONFIRM_SECONDS) is not None
    held = alarm_of(band)
    if held is not None and abs(held - at) > SAME_SECONDS:
        raise TransientError("The band did not take the alarm. Try again.")
    if held is None and not confirmed:
        raise TransientError("The band did not confirm the alarm. Ask for its status.")
    return Said(f"The alarm is set for {when.isoformat()}.", {"alarm": when.isoformat()})


def behind(band: Asking, now: datetime) -> float:
    """How far the band's clock lags, in seconds. One that is not set is set first."""
    wall = now.timestamp() - band.link.now()  # when the link was begun
    for _ in range(2):
        said = band.needed("get_clock")
        reading = pairing.read(said.clock, wall + band.link.now())
        if reading is not None and not reading.wrong:
            return -reading.drift
        band.ask("set_clock", epoch_ms=round((wall + band.link.now()) * 1000))
    raise TransientError(
        "The band does not take the time, so that an alarm would buzz at any. Charge it, then try "
        "again."
    )


def refuse(reply: Response | None) -> None:
    if reply is None:
        raise TransientError("The band did not answer. Ask for the alarm's status.")
    if reply.alarm_status in words.ALARM_REJECTED:
        why = words.name(words.ALARM_STATUSES, reply.alarm_status or 0, "status")
        raise PermanentError(f"The band refuses the alarm ({why.replace('_', ' ')}).")


def off(band: Asking) -> Said:
    if band.ask("disable_alarm", Level.USER) is None:
        raise refusals.not_bonded(band.link.pairing_refused)
    return Said("No alarm is set.", {"alarm": None})


def status(band: Asking) -> Said:
    at = alarm_of(band)
    if at is None:
        return Said("No alarm is set.", {"alarm": None})
    when = datetime.fromtimestamp(at, UTC).isoformat()
    return Said(f"The alarm is set for {when}, by the band's clock.", {"alarm": when})


def alarm_of(band: Asking) -> int | None:
    """The moment, by the band's clock; it says 0 where there is none."""
    said = band.needed("get_alarm_time").alarm
    return None if said is None or said.active is False or said.epoch == 0 else said.epoch


def buzz(band: Asking, pattern: int) -> None:
    if band.link.generation == 4:
        reply = band.ask("buzz", Level.USER, pattern=pattern)
    else:
        reply = band.ask("buzz_maverick", Level.USER)
    if reply is None:
        raise refusals.not_bonded(band.link.pairing_refused)
