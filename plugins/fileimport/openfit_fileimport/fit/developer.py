"""Developer fields: what an app on the device added, told apart by its descriptions."""

import re

import numpy as np

from openfit_fileimport.fit.columns import DeveloperField, FitFile, Float, Messages

STRING = 0x07
RECORD = 20
NATIVE = {
    3: "heart_rate",
    4: "cadence",
    5: "track_distance",
    6: "speed",
    7: "power",
    13: "ambient_temperature",
    39: "vertical_oscillation",
    41: "ground_contact_time",
    73: "speed",
    78: "altitude",
}


def described(file: FitFile) -> list[DeveloperField]:
    """Fields of the file, the last description of a field standing; one without a description is
    left out, its bytes being of no known type."""
    messages = file.messages("field_description")
    if not len(messages):
        return []
    names, units = messages.texts("field_name"), messages.texts("units")
    columns = {
        name: messages.column(name)
        for name in (
            "developer_data_index",
            "field_definition_number",
            "fit_base_type_id",
            "scale",
            "offset",
            "native_mesg_num",
            "native_field_num",
        )
    }
    found: dict[tuple[int, int], DeveloperField] = {}
    for n, name in enumerate(names):
        row = {key: float(column[n]) for key, column in columns.items()}
        if any(row[key] != row[key] for key in list(row)[:3]):
            continue
        one = DeveloperField(
            index=int(row["developer_data_index"]),
            number=int(row["field_definition_number"]),
            base_type=int(row["fit_base_type_id"]),
            name=name or f"dev_{n}",
            units=units[n] or "",
            scale=row["scale"] if row["scale"] == row["scale"] and row["scale"] else 1.0,
            offset=row["offset"] if row["offset"] == row["offset"] else 0.0,
            native_message=number(row["native_mesg_num"]),
            native_field=number(row["native_field_num"]),
        )
        found[one.index, one.number] = one
    return list(found.values())


def number(value: float) -> int | None:
    return int(value) if value == value else None


def developer_channels(
    file: FitFile, records: Messages, native: dict[str, Float]
) -> dict[str, Float]:
    """Channels of `record`. One that stands for a native field fills what the device left out and
    never replaces what it wrote; the others get a type of their own, `fit.<name>`."""
    found: dict[str, Float] = {}
    for one in described(file):
        if one.base_type & 0x1F == STRING or not records.defined(one.number, one.index):
            continue
        stored = records.stored(one.number, one.index, one.base_type)[:, 0]
        values = stored / one.scale - one.offset
        metric = (
            NATIVE.get(one.native_field or -1) if one.native_message in (RECORD, None) else None
        )
        if metric is not None:
            before = found.get(metric, native.get(metric, np.full(values.size, np.nan)))
            found[metric] = np.where(np.isnan(before), values, before)
        elif (slug := slugged(one.name)) and np.isfinite(values).any():
            found.setdefault(f"fit.{slug}", values)
    return found


def slugged(name: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    return slug if slug[:1].isalpha() else f"field_{slug}" if slug else ""
