"""Who recorded a file, from file_id and device_info."""

import hashlib
from collections.abc import Iterator

import numpy as np
from openfit_sdk.schema import Device

from openfit_fileimport.fit import profile
from openfit_fileimport.fit.columns import FitFile, Messages

GARMIN_LIKE = (1, 13, 15)  # makers whose products are in garmin_product
CREATOR = 0  # device_index
BIKE = ("edge", "elemnt", "rox", "karoo", "bryton")
SCALE, MONITOR = "scale", ("vivo", "index")


def text(number: float, enum: str) -> str | None:
    if np.isnan(number):
        return None
    return profile.enum(enum).get(int(number), str(int(number)))


def product_name(manufacturer: float, product: float) -> str | None:
    """A product by name where its maker's list is known, else by number."""
    if manufacturer in GARMIN_LIKE:
        return text(product, "garmin_product")
    return None if np.isnan(product) else str(int(product))


def identity(messages: Messages, row: int) -> tuple[float, float, float]:
    manufacturer = messages.column("manufacturer")[row]
    product = messages.column("product")[row]
    return manufacturer, product, messages.column("serial_number")[row]


def key_of(manufacturer: float, product: float, serial: float) -> str:
    """The same for the same device in every file. A serial number is not shown."""
    parts = [str(int(part)) if part == part else "" for part in (manufacturer, product, serial)]
    return "fit:" + hashlib.sha256(":".join(parts).encode()).hexdigest()[:24]


def serial_hash(serial: float) -> str | None:
    if np.isnan(serial):
        return None
    return hashlib.sha256(f"fit:{int(serial)}".encode()).hexdigest()[:16]


def creator_key(file: FitFile) -> str | None:
    messages = file.messages("file_id")
    if not len(messages):
        return None
    who = identity(messages, 0)
    return None if all(np.isnan(part) for part in who) else key_of(*who)


def devices(file: FitFile) -> Iterator[Device]:
    """The creator, with the firmware and battery that device_info adds."""
    key = creator_key(file)
    if key is None:
        return
    manufacturer, product, serial = identity(file.messages("file_id"), 0)
    model = product_name(manufacturer, product)
    yield Device(
        key=key,
        type=device_type(file, model),
        vendor=text(manufacturer, "manufacturer"),
        model=model,
        name=next((n for n in file.messages("file_id").texts("product_name") if n), None),
        serial=serial_hash(serial),
        firmware=firmware(file),
    )


def sensors(file: FitFile) -> dict[str, list[dict[str, str | float]]]:
    """What else took part, one row a sensor, for the activity's `ext`."""
    messages = file.messages("device_info")
    if not len(messages):
        return {}
    indexes, batteries = messages.column("device_index"), messages.column("battery_voltage")
    found: dict[int, dict[str, str | float]] = {}
    for row, index in enumerate(indexes.tolist()):
        manufacturer, product, serial = identity(messages, row)
        if index != index or index == CREATOR or manufacturer != manufacturer:
            continue
        told = {
            "vendor": text(manufacturer, "manufacturer"),
            "model": product_name(manufacturer, product),
            "serial": serial_hash(serial),
            "battery_volts": None if np.isnan(batteries[row]) else float(batteries[row]),
        }
        one = found.setdefault(int(index), {})
        one |= {name: value for name, value in told.items() if value is not None}
    return {"fileimport.sensors": [found[index] for index in sorted(found)]} if found else {}


def device_type(file: FitFile, model: str | None) -> str:
    name = (model or "").lower()
    if len(file.messages("weight_scale")):
        return "scale"
    if any(part in name for part in BIKE):
        return "bike_computer"
    return "watch" if model and not name.isdigit() else "unknown"


def firmware(file: FitFile) -> str | None:
    messages = file.messages("device_info")
    if not len(messages):
        return None
    indexes, versions = messages.column("device_index"), messages.column("software_version")
    mine = versions[(indexes == CREATOR) & ~np.isnan(versions)]
    return f"{mine[-1]:.2f}" if mine.size else None
