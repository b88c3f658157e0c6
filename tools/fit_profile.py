"""Write plugins/fileimport/openfit_fileimport/fit/profile.json from fitdecode's profile (MIT).

Numbers, names, scales and offsets are facts of the FIT protocol; only messages that the importer
uses bring their fields, every known message brings its name.

    python tools/fit_profile.py
"""

import json
from pathlib import Path

import fitdecode.profile as profile

TARGET = Path(__file__).parents[1] / "plugins/fileimport/openfit_fileimport/fit/profile.json"
FIELDS_OF = {
    "file_id", "device_info", "activity", "session", "lap", "length", "record", "event", "hrv",
    "hr", "set", "sport", "developer_data_id", "field_description", "weight_scale",
    "blood_pressure", "monitoring", "monitoring_info", "monitoring_hr_data", "stress_level",
    "spo2_data", "respiration_rate", "sleep_level", "sleep_assessment", "hrv_status_summary",
    "hrv_value", "max_met_data", "body_battery", "skin_temp_overnight", "beat_intervals",
    "user_profile", "workout", "course",
}  # fmt: skip
ENUMS = {
    "activity_type", "event", "event_type", "exercise_category", "file", "garmin_product",
    "intensity", "lap_trigger", "length_type", "manufacturer", "set_type", "sport", "sub_sport",
    "swim_stroke",
}  # fmt: skip
LATER = {  # named after fitdecode's profile was made; fields as seen in public parsers
    "211": [
        "monitoring_hr_data",
        {"0": ["resting_heart_rate"], "1": ["current_day_resting_heart_rate"]},
    ],
    "269": ["spo2_data", {"0": ["reading_spo2"], "1": ["reading_confidence"], "2": ["mode"]}],
    "275": ["sleep_level", {"0": ["sleep_level"]}],
    "297": ["respiration_rate", {"0": ["respiration_rate", 100]}],
    "346": ["sleep_assessment", {}],
    "370": [
        "hrv_status_summary",
        {
            "0": ["weekly_average", 128],
            "1": ["last_night_average", 128],
            "2": ["last_night_5_min_high", 128],
        },
    ],
    "371": ["hrv_value", {"0": ["value", 128]}],
    "229": ["max_met_data", {"0": ["update_time"], "2": ["vo2_max", 10]}],
    "227": ["stress_level", {"0": ["stress_level_value"], "1": ["stress_level_time"]}],
    "398": ["skin_temp_overnight", {"1": ["average_deviation"]}],
}


def main() -> None:
    messages: dict[str, list[object]] = {}
    for number, message in profile.MESSAGE_TYPES.items():
        wanted = message.name in FIELDS_OF
        fields = (
            {str(field.def_num): trimmed(field) for field in message.fields.values()}
            if wanted
            else {}
        )
        messages[str(number)] = [message.name, fields]
    for number, (name, fields) in LATER.items():
        known = messages.setdefault(number, [name, {}])
        known[1] = fields | known[1]
    enums = {
        name: {str(value): text for value, text in profile.FIELD_TYPES[name].enum.items()}
        for name in sorted(ENUMS & set(profile.FIELD_TYPES))
    }
    TARGET.write_text(
        json.dumps({"messages": messages, "enums": enums}, separators=(",", ":")) + "\n"
    )


def trimmed(field: object) -> list[object]:
    """Name, scale, offset; scale 1 and offset 0 are left away."""
    row = [field.name, field.scale or 1, field.offset or 0]
    if row[2] == 0:
        row.pop()
        if row[1] == 1:
            row.pop()
    return row


if __name__ == "__main__":
    main()
