"""An activity as a FIT file."""

from datetime import datetime

import numpy as np
from openfit_sdk import BadInput
from openfit_sdk.schema import METRICS, Device, Totals, offset_minutes

from openfit_fileimport.fit import profile
from openfit_fileimport.fit.activities import TOTALS
from openfit_fileimport.fit.columns import DATE_MIN, EPOCH
from openfit_fileimport.fit.ours import APPLICATION, BEATS, IDENTITY, MILLISECONDS
from openfit_fileimport.writing import identity
from openfit_fileimport.writing.copies import field_name
from openfit_fileimport.writing.fit_messages import (
    BYTE,
    ENUM,
    F64,
    LONGEST_TEXT,
    S8,
    S16,
    S32,
    STRING,
    U8,
    U16,
    U32,
    Field,
    Numbers,
    Rows,
    fit_time,
    framed,
    messages,
    native,
    rows,
    text,
    woven,
)
from openfit_fileimport.writing.outing import Int, Outing, millis

Columns = dict[Field, Numbers | list[bytes]]

DEVELOPER = 0  # our developer data index
MS_FIELD, BEATS_FIELD, FIRST_CHANNEL, FIRST_PIECE = 0, 1, 2, 60  # numbers of our developer fields
SEMICIRCLES = 2**31 / 180
BEATS_IN_MESSAGE = 5
FAR = 4000  # ms; beats further than this from a record get one of their own to be placed by
ACTIVITY_FILE, DEVELOPMENT = 4, 255
TIMER, START, STOP_ALL, STOP = 0, 0, 4, 1
SESSION_EVENT, LAP_EVENT, LENGTH_EVENT, ACTIVITY_EVENT = 8, 9, 28, 26
SENSOR_RIGHT = 0x80

# Channels of `record` that are written as they are.
CHANNELS = {
    "heart_rate": ("heart_rate", U8),
    "power": ("power", U16),
    "ambient_temperature": ("temperature", S8),
    "altitude": ("enhanced_altitude", U32),
    "speed": ("enhanced_speed", U32),
    "track_distance": ("distance", U32),
    "grade": ("grade", S16),
    "respiration_rate": ("enhanced_respiration_rate", U16),
    "core_body_temperature": ("core_temperature", U16),
    "vertical_oscillation": ("vertical_oscillation", U16),
    "ground_contact_time": ("stance_time", U16),
    "vertical_ratio": ("vertical_ratio", U16),
    "gps_accuracy": ("gps_accuracy", U8),
    "accumulated_power": ("accumulated_power", U32),
    "depth": ("depth", U32),
}
TURNED = {"latitude", "longitude", "cadence", "step_length", "left_right_balance"}
TOTAL_TYPES = {
    "enhanced_avg_respiration_rate": U16,
    "enhanced_avg_speed": U32,
    "enhanced_max_speed": U32,
    "avg_heart_rate": U8,
    "min_heart_rate": U8,
    "max_heart_rate": U8,
    "avg_cadence": U8,
    "max_cadence": U8,
    "avg_temperature": S8,
    "max_temperature": S8,
    "total_training_effect": U8,
    "total_anaerobic_training_effect": U8,
    "total_calories": U16,
    "total_ascent": U16,
    "total_descent": U16,
    "avg_power": U16,
    "max_power": U16,
    "normalized_power": U16,
    "training_stress_score": U16,
    "intensity_factor": U16,
}  # the others are uint32


def write(outing: Outing) -> bytes:
    check_times(outing)
    own = developer_channels(outing)
    pieces = pieces_of(identity.encode(identity.identity_of(outing)))
    parts = [
        messages(file_id(outing)),
        messages(file_creator()),
        messages(developer_data_id()),
        messages(field_descriptions(own, len(pieces))),
        *(messages(found) for found in device_infos(outing)),
        messages(sport(outing)),
        timeline(outing, own),
        *(messages(found) for found in details(outing)),
        messages(session(outing, pieces)),
        messages(activity(outing)),
    ]
    return framed(b"".join(parts))


def check_times(outing: Outing) -> None:
    first, last = seconds(outing.activity.start), seconds(outing.end)
    if outing.t.size:
        first, last = min(first, outing.t[0] / 1000), max(last, outing.t[-1] / 1000)
    if first < EPOCH + DATE_MIN or last >= EPOCH + 2**32 - 1:
        raise BadInput("FIT has dates from 1998 to 2126; this activity lies outside.", code="dates")


def seconds(instant: datetime) -> float:
    return millis(instant) / 1000


def column(*values: float | None) -> Numbers:
    return np.array([np.nan if value is None else value for value in values], np.float64)


def date(*instants: datetime | None) -> Numbers:
    return fit_time(column(*(None if one is None else seconds(one) for one in instants)))


def number_of(enum: str, name: str | None) -> float | None:
    """An enumeration's value by name, or by the number that an unknown one is named by."""
    if name is None:
        return None
    if name.isdigit():
        return float(name)
    return next((float(n) for n, known in profile.enum(enum).items() if known == name), None)


# Heads -------------------------------------------------------------------------------------------


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


# Time line ---------------------------------------------------------------------------------------


def timeline(outing: Outing, own: dict[str, Field]) -> bytes:
    """Records, beats and the timer's events, in order of time."""
    pauses = outing.activity.pauses
    starts = sorted({millis(outing.activity.start), *(millis(pause.end) for pause in pauses)})
    stops = sorted({millis(pause.start) for pause in pauses})
    axis, fine = time_axis(outing, [*starts, *stops])
    return woven(
        [
            events(starts, START, fine),
            (axis, records(outing, own, axis, fine)),
            *beats(outing, axis),
            events(stops, STOP_ALL, fine),
            events([max(millis(outing.end), *starts)], STOP_ALL, fine),
        ]
    )


def time_axis(outing: Outing, others: list[int]) -> tuple[Int, bool]:
    """Instants of records: of samples, and of beats that would be far from any. Whether any
    instant is not of a whole second is told, since that takes a field more."""
    axis = outing.t
    if outing.beats is not None and outing.beats[0].size:
        t = outing.beats[0]
        last = np.searchsorted(axis, t, "right") - 1
        far = (last < 0) | (t - axis[np.maximum(last, 0)] > FAR) if axis.size else t >= 0
        axis = np.unique(np.concatenate([axis, t[:1], t[far] // 1000 * 1000]))
    every = np.concatenate([axis, np.array(others, np.int64)])
    return axis, bool((every % 1000).any())


def stamps(message: str, t: Int, fine: bool) -> Columns:
    columns: Columns = {native(message, "timestamp", U32): fit_time(t / 1000)}
    if fine:
        columns[Field(MS_FIELD, U16, developer=DEVELOPER)] = (t % 1000).astype(np.float64)
    return columns


def events(at: list[int], kind: int, fine: bool) -> tuple[Int, Rows]:
    t = np.array(at, np.int64)
    columns = stamps("event", t, fine) | {
        native("event", "event", ENUM): np.full(t.size, float(TIMER)),
        native("event", "event_type", ENUM): np.full(t.size, float(kind)),
    }
    return t, rows("event", in_order(columns))


def in_order(columns: Columns) -> Columns:
    """Developer fields come after the others."""
    return dict(sorted(columns.items(), key=lambda item: item[0].developer >= 0))


def records(outing: Outing, own: dict[str, Field], axis: Int, fine: bool) -> Rows:
    place = np.searchsorted(axis, outing.t)
    columns = stamps("record", axis, fine)
    for one, values in channels(outing, own).items():
        whole = np.full(axis.size, np.nan)
        whole[place] = values
        columns[one] = whole
    return rows("record", in_order(columns))


def channels(outing: Outing, own: dict[str, Field]) -> dict[Field, Numbers]:
    """Fields of `record` with their values in the unit of the field."""
    found: dict[Field, Numbers] = {}
    for type, values in outing.channels.items():
        if type in CHANNELS:
            name, base = CHANNELS[type]
            found[native("record", name, base)] = values
        elif type in own:
            found[own[type]] = values
        elif type == "latitude":
            found[native("record", "position_lat", S32)] = values * SEMICIRCLES
        elif type == "longitude":
            found[native("record", "position_long", S32)] = values * SEMICIRCLES
        elif type == "step_length":
            found[native("record", "step_length", U16)] = values * 1000  # mm
        elif type == "left_right_balance":
            right = np.where((values >= 0) & (values <= 100), np.round(values), np.nan)
            found[native("record", "left_right_balance", U8)] = right + SENSOR_RIGHT
        elif type == "cadence":
            parts = np.round(values * 128)
            found[native("record", "cadence", U8)] = np.floor(parts / 128)
            if (parts % 128 > 0).any():
                found[native("record", "fractional_cadence", U8)] = parts % 128 / 128
    return found


def developer_channels(outing: Outing) -> dict[str, Field]:
    """What FIT has no field for, in fields of ours."""
    others = [type for type in outing.channels if type not in CHANNELS and type not in TURNED]
    numbers = range(FIRST_CHANNEL, FIRST_PIECE)
    return {
        type: Field(number, F64, developer=DEVELOPER)
        for number, type in zip(numbers, others, strict=False)
    }


def beats(outing: Outing, axis: Int) -> list[tuple[Int, Rows]]:
    """Intervals after the record that is the last before them, which is how they are placed."""
    if outing.beats is None or not outing.beats[0].size:
        return []
    t, intervals = outing.beats
    anchor = np.searchsorted(axis, t, "right") - 1
    new = np.diff(anchor, prepend=-2) > 0
    within = np.arange(t.size) - np.maximum.accumulate(np.where(new, np.arange(t.size), 0))
    begins = within % BEATS_IN_MESSAGE == 0
    row = np.cumsum(begins) - 1
    table = np.full((int(row[-1]) + 1, BEATS_IN_MESSAGE), np.nan)
    after = table.copy()
    table[row, within % BEATS_IN_MESSAGE] = intervals / 1000
    after[row, within % BEATS_IN_MESSAGE] = t - axis[anchor]
    columns: Columns = {
        native("hrv", "time", U16, 2 * BEATS_IN_MESSAGE): table,
        Field(BEATS_FIELD, U32, size=4 * BEATS_IN_MESSAGE, developer=DEVELOPER): after,
    }
    return [(axis[anchor[begins]], rows("hrv", columns))]


# Summaries ---------------------------------------------------------------------------------------


def details(outing: Outing) -> list[Rows]:
    found = [lengths(outing), sets(outing), laps(outing)]
    return [some for some in found if some.octets.shape[0]]


def lengths(outing: Outing) -> Rows:
    all_of = outing.activity.lengths
    starts = date(*(one.start for one in all_of))
    spans = column(*(one.seconds for one in all_of))
    columns: Columns = {
        native("length", "timestamp", U32): starts + np.round(spans),
        native("length", "event", ENUM): np.full(len(all_of), float(LENGTH_EVENT)),
        native("length", "event_type", ENUM): np.full(len(all_of), float(STOP)),
        native("length", "start_time", U32): starts,
        native("length", "total_elapsed_time", U32): spans,
        native("length", "total_strokes", U16): column(*(one.strokes for one in all_of)),
        native("length", "swim_stroke", ENUM): column(
            *(number_of("swim_stroke", one.stroke) for one in all_of)
        ),
        native("length", "length_type", ENUM): column(*(float(one.active) for one in all_of)),
    }
    return rows("length", columns)


def sets(outing: Outing) -> Rows:
    all_of = outing.activity.sets
    columns: Columns = {
        native("set", "timestamp", U32): date(*(one.start for one in all_of)),
        native("set", "start_time", U32): date(*(one.start for one in all_of)),
        native("set", "duration", U32): column(*(one.seconds for one in all_of)),
        native("set", "repetitions", U16): column(*(one.repetitions for one in all_of)),
        native("set", "weight", U16): column(*(one.weight for one in all_of)),
        native("set", "set_type", U8): column(*(float(one.active) for one in all_of)),
        native("set", "category", U16): column(
            *(number_of("exercise_category", one.exercise) for one in all_of)
        ),
    }
    return rows("set", columns)


def laps(outing: Outing) -> Rows:
    all_of = outing.activity.laps
    columns: Columns = {
        native("lap", "timestamp", U32): date(*(one.end for one in all_of)),
        native("lap", "event", ENUM): np.full(len(all_of), float(LAP_EVENT)),
        native("lap", "event_type", ENUM): np.full(len(all_of), float(STOP)),
        native("lap", "start_time", U32): date(*(one.start for one in all_of)),
        native("lap", "lap_trigger", ENUM): column(
            *(number_of("lap_trigger", one.trigger) for one in all_of)
        ),
        native("lap", "intensity", ENUM): column(
            *(number_of("intensity", one.intensity) for one in all_of)
        ),
    }
    return rows("lap", columns | totals("lap", [one.totals for one in all_of]))


def totals(message: str, all_of: list[Totals]) -> Columns:
    """What the device said. What it did not say is not written, also where we have computed it."""
    known = profile.fields(profile.message_numbers()[message])
    found: Columns = {}
    for name, (field, *_) in TOTALS.items():
        values = column(*(getattr(one, name) for one in all_of))
        if field in known and np.isfinite(values).any():
            found[native(message, field, TOTAL_TYPES.get(field, U32))] = values
    return found


def pieces_of(written: str) -> list[bytes]:
    return [
        written[at : at + LONGEST_TEXT].encode() + b"\0"
        for at in range(0, len(written), LONGEST_TEXT)
    ]


def session(outing: Outing, pieces: list[bytes]) -> Rows:
    one = outing.activity
    columns: Columns = {
        native("session", "timestamp", U32): date(outing.end),
        native("session", "event", ENUM): column(SESSION_EVENT),
        native("session", "event_type", ENUM): column(STOP),
        native("session", "start_time", U32): date(one.start),
        **sports("session", outing),
        **totals("session", [one.reported]),
        native("session", "first_lap_index", U16): column(0 if one.laps else None),
        native("session", "num_laps", U16): column(len(one.laps)),
        native("session", "pool_length", U16): column(one.pool_length),
    }
    for n, piece in enumerate(pieces):
        columns[Field(FIRST_PIECE + n, STRING, 1, 0, len(piece), DEVELOPER)] = [piece]
    return rows("session", columns)


def activity(outing: Outing) -> Rows:
    one = outing.activity
    offset = None if one.utc_offset is None else offset_minutes(one.utc_offset) * 60
    local = fit_time(column(None if offset is None else seconds(outing.end) + offset))
    return rows(
        "activity",
        {
            native("activity", "timestamp", U32): date(outing.end),
            native("activity", "total_timer_time", U32): column(one.reported.timer_seconds),
            native("activity", "num_sessions", U16): column(1),
            native("activity", "type", ENUM): column(0),
            native("activity", "event", ENUM): column(ACTIVITY_EVENT),
            native("activity", "event_type", ENUM): column(STOP),
            native("activity", "local_timestamp", U32): local,
        },
    )
