"""The middle of a FIT file: records, beats and the timer's events, in order of time."""

import numpy as np

from openfit_fileimport.writing.fit.messages import (
    ENUM,
    F64,
    S8,
    S16,
    S32,
    U8,
    U16,
    U32,
    Field,
    Numbers,
    Rows,
    fit_time,
    native,
    rows,
    woven,
)
from openfit_fileimport.writing.fit.values import (
    BEATS_FIELD,
    DEVELOPER,
    FIRST_CHANNEL,
    FIRST_PIECE,
    MS_FIELD,
    Columns,
)
from openfit_fileimport.writing.outing import Int, Outing, millis

SEMICIRCLES = 2**31 / 180
BEATS_IN_MESSAGE = 5
FAR = 4000  # ms; beats further than this from a record get one of their own to be placed by
TIMER, START, STOP_ALL = 0, 0, 4
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
