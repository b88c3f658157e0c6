"""The beginning of a FIT file: what it is, who made it, which fields of our own it has."""

from openfit_sdk.schema import METRICS, Device

from openfit_fileimport.fit.ours import APPLICATION, BEATS, IDENTITY, MILLISECONDS
from openfit_fileimport.writing.copies import field_name
from openfit_fileimport.writing.fit.messages import (
    BYTE,
    ENUM,
    STRING,
    U8,
    U16,
    U32,
    Field,
    Rows,
    native,
    rows,
    text,
)
from openfit_fileimport.writing.fit.values import (
    BEATS_FIELD,
    DEVELOPER,
    FIRST_PIECE,
    MS_FIELD,
    Columns,
    column,
    date,
    number_of,
)
from openfit_fileimport.writing.outing import Outing

ACTIVITY_FILE, DEVELOPMENT = 4, 255


def file_id(outing: Outing) -> Rows:
    device = outing.device
    columns: Columns = {
        native("file_id", "type", ENUM): column(ACTIVITY_FILE),
        native("file_id", "manufacturer", U16): column(manufacturer(device)),
        native("file_id", "product", U16): column(product(device)),
        native("file_id", "time_created", U32): date(outing.activity.start),
    }
    return rows("file_id", columns | named("file_id", device))


def manufacturer(device: Device | None) -> float:
    known = None if device is None else number_of("manufacturer", device.vendor)
    return DEVELOPMENT if known is None else known


def product(device: Device | None) -> float | None:
    return None if device is None else number_of("garmin_product", device.model)


def named(message: str, device: Device | None) -> Columns:
    name = device and (device.name or device.model)
    if not name:
        return {}
    written = text(name)
    return {native(message, "product_name", STRING, len(written)): [written]}


def file_creator() -> Rows:
    return rows("file_creator", {Field(0, U16): column(100)})


def developer_data_id() -> Rows:
    return rows(
        "developer_data_id",
        {
            native("developer_data_id", "application_id", BYTE, 16): [APPLICATION.bytes],
            native("developer_data_id", "developer_data_index", U8): column(DEVELOPER),
        },
    )


def field_descriptions(own: dict[str, Field], pieces: int) -> Rows:
    described = [(MILLISECONDS, "ms", U16, MS_FIELD), (BEATS, "ms", U32, BEATS_FIELD)]
    described += [
        (field_name(type), METRICS[type].unit if type in METRICS else "", one.base_type, one.number)
        for type, one in own.items()
    ]
    described += [(f"{IDENTITY}{n:03}", "", STRING, FIRST_PIECE + n) for n in range(pieces)]
    names, units, types, numbers = zip(*described, strict=True)
    return rows(
        "field_description",
        {
            native("field_description", "developer_data_index", U8): column(*[0] * len(names)),
            native("field_description", "field_definition_number", U8): column(*numbers),
            native("field_description", "fit_base_type_id", U8): column(*types),
            native("field_description", "field_name", STRING, 100): [text(n, 99) for n in names],
            native("field_description", "units", STRING, 16): [text(u, 15) for u in units],
        },
    )


def device_infos(outing: Outing) -> list[Rows]:
    first = outing.device
    others = [device for device in outing.devices if device is not first]
    ordered = ([first] if first else []) + others
    return [device_info(outing, device, n if first else n + 1) for n, device in enumerate(ordered)]


def device_info(outing: Outing, device: Device, index: int) -> Rows:
    columns: Columns = {
        native("device_info", "timestamp", U32): date(outing.activity.start),
        native("device_info", "device_index", U8): column(index),
        native("device_info", "manufacturer", U16): column(manufacturer(device)),
        native("device_info", "product", U16): column(product(device)),
        native("device_info", "software_version", U16): column(version(device.firmware)),
    }
    return rows("device_info", columns | named("device_info", device))


def version(firmware: str | None) -> float | None:
    try:
        return None if firmware is None else float(firmware)
    except ValueError:
        return None


def sport(outing: Outing) -> Rows:
    columns: Columns = sports("sport", outing)
    if outing.activity.name:
        name = text(outing.activity.name, 200)
        columns[native("sport", "name", STRING, len(name))] = [name]
    return rows("sport", columns)


def sports(message: str, outing: Outing) -> Columns:
    one = outing.activity
    return {
        native(message, "sport", ENUM): column(number_of("sport", one.sport) or 0),
        native(message, "sub_sport", ENUM): column(number_of("sub_sport", one.sub_sport) or 0),
    }
