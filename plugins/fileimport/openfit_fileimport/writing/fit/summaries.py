"""The end of a FIT file: lengths, sets, laps, the session and the activity."""

import numpy as np
from openfit_sdk.schema import Totals, offset_minutes

from openfit_fileimport.fit import profile
from openfit_fileimport.fit.activities import TOTALS
from openfit_fileimport.writing.fit.heads import sports
from openfit_fileimport.writing.fit.messages import (
    ENUM,
    LONGEST_TEXT,
    S8,
    STRING,
    U8,
    U16,
    U32,
    Field,
    Rows,
    fit_time,
    native,
    rows,
)
from openfit_fileimport.writing.fit.values import (
    DEVELOPER,
    FIRST_PIECE,
    STOP,
    Columns,
    column,
    date,
    number_of,
    seconds,
)
from openfit_fileimport.writing.outing import Outing

SESSION_EVENT, LAP_EVENT, LENGTH_EVENT, ACTIVITY_EVENT = 8, 9, 28, 26

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
