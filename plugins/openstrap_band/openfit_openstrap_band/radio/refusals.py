"""What a radio, a bus or a band refuses, as a sentence that says what to do."""

import contextlib
from collections.abc import Iterator

from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
)
from openfit_sdk import IntegrationError, ReauthRequired, TransientError

LATER, SOON = 3600.0, 900.0  # s until it is worth another try
UNBONDED = (0x05, 0x08, 0x0C, 0x0F)  # ATT: authentication, authorization, key size, encryption
NO_BUS = (
    "There is no Bluetooth here: the system bus (D-Bus) does not answer. Install bluez and dbus on "
    "the hub's machine and start bluetooth; in a container, also share /run/dbus with it."
)
NO_DAEMON = (
    "There is no Bluetooth here: the system bus knows no bluez. Install bluez on the hub's machine "
    "and start bluetooth."
)
NO_ADAPTER = "This machine has no Bluetooth adapter that can be used. Plug one in, then try again."
SWITCHED_OFF = "Bluetooth is switched off on this machine. Switch it on, then try again."
DENIED = (
    "The system does not let the hub use Bluetooth. On Linux add the hub's account to the group "
    "bluetooth; on macOS allow it under Privacy & Security."
)
WENT = (
    "The band went out of reach. What had come is stored, and the rest is still on the band: it "
    "comes with the next sync."
)
UNREACHED = (
    "The band is there but does not let itself be connected to. Close other apps that hold it, "
    "bring it nearer, then try again."
)
PAIR_AGAIN = (
    "The band is not paired with this machine. Put it in pairing mode (off the wrist, tap it "
    "twice), then pair it again under Sources."
)
REASONS = {
    BleakBluetoothNotAvailableReason.NO_BLUETOOTH: NO_ADAPTER,
    BleakBluetoothNotAvailableReason.NO_BLE_CENTRAL_ROLE: NO_ADAPTER,
    BleakBluetoothNotAvailableReason.POWERED_OFF: SWITCHED_OFF,
    BleakBluetoothNotAvailableReason.DENIED_BY_USER: DENIED,
    BleakBluetoothNotAvailableReason.DENIED_BY_SYSTEM: DENIED,
    BleakBluetoothNotAvailableReason.DENIED_BY_UNKNOWN: DENIED,
}
ON_THE_BUS = {
    "org.freedesktop.DBus.Error.ServiceUnknown": NO_DAEMON,
    "org.freedesktop.DBus.Error.NameHasNoOwner": NO_DAEMON,
    "org.freedesktop.DBus.Error.AccessDenied": DENIED,
    "org.bluez.Error.NotReady": SWITCHED_OFF,
    "org.bluez.Error.NotAuthorized": PAIR_AGAIN,
}


class LinkLost(TransientError):
    """The band is not, or no longer, there."""

    def __init__(self, message: str) -> None:
        super().__init__(message, retry_after=SOON)


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """bleak and the system below it have many words for few things."""
    try:
        yield
    except IntegrationError:
        raise
    except (BleakError, OSError, EOFError, TimeoutError) as error:
        raise said(error) from error


def said(error: Exception) -> IntegrationError:
    detail = f"{type(error).__name__}: {error}"
    if unbonded(error):
        return ReauthRequired(PAIR_AGAIN, detail=detail)
    if isinstance(error, BleakBluetoothNotAvailableError):
        return TransientError(
            REASONS.get(error.reason, NO_ADAPTER), detail=detail, retry_after=LATER
        )
    if isinstance(error, BleakDBusError) and error.dbus_error in ON_THE_BUS:
        return TransientError(ON_THE_BUS[error.dbus_error], detail=detail, retry_after=LATER)
    if isinstance(error, BleakDeviceNotFoundError | BleakError | TimeoutError):
        return lost(UNREACHED, detail)
    return TransientError(NO_BUS, detail=detail, retry_after=LATER)


def lost(message: str, detail: str) -> LinkLost:
    found = LinkLost(message)
    found.detail = detail
    return found


def unbonded(error: Exception) -> bool:
    return isinstance(error, BleakGATTProtocolError) and error.args[0] in UNBONDED


def not_bonded(refused: str | None) -> ReauthRequired:
    return ReauthRequired(PAIR_AGAIN, detail=f"pairing: {refused}" if refused else "")
