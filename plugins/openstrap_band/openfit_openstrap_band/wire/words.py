"""What the band's numbers mean: packets, events, commands, answers, each with how sure that is.

Read by the decoders, by the guard and by the docs page. Names are those that the firmware and
the projects that study it use, also where what they promise is more than is known.
"""

from enum import IntEnum

from msgspec import Struct

from openfit_openstrap_band.reading.fields import Status


class Level(IntEnum):
    """Who may have a command sent."""

    SAFE = 0  # the sync conversation, on its own
    USER = 1  # the wearer, who asks for just this
    CONSENT = 2  # the wearer, told that it stays in the band
    NEVER = 3


class Word(Struct, frozen=True):
    code: int
    name: str
    note: str = ""
    status: Status = "verified"


class Opcode(Struct, frozen=True):
    code: int
    name: str
    level: Level
    note: str = ""
    status: Status = "verified"


PACKETS = (
    Word(0x23, "COMMAND", "host to band"),
    Word(0x24, "COMMAND_RESPONSE"),
    Word(0x25, "PUFFIN_COMMAND", "battery pack, gen5", "empirical"),
    Word(0x26, "PUFFIN_COMMAND_RESPONSE", "battery pack, gen5", "empirical"),
    Word(0x28, "REALTIME_DATA", "live heart rate, 20 bytes"),
    Word(0x2B, "REALTIME_RAW_DATA", "live R10 and R11 on gen4, record 21 on gen5"),
    Word(0x2F, "HISTORICAL_DATA", "records out of the flash"),
    Word(0x30, "EVENT"),
    Word(0x31, "METADATA", "marks of the history transfer"),
    Word(0x32, "CONSOLE_LOGS", "text of the firmware"),
    Word(0x33, "REALTIME_IMU_STREAM", "no captured frame is public", "empirical"),
    Word(0x34, "HISTORICAL_IMU_STREAM", "no captured frame is public", "unknown"),
    Word(0x35, "RELATIVE_PUFFIN_EVENTS", "kept as bytes", "unknown"),
    Word(0x36, "PUFFIN_EVENTS_FROM_STRAP", "kept as bytes", "unknown"),
    Word(0x37, "RELATIVE_BATTERY_PACK_CONSOLE_LOGS", "kept as bytes", "unknown"),
    Word(0x38, "PUFFIN_METADATA", "kept as bytes", "unknown"),
)
# What a history burst counts. Metadata, and the battery pack's, are not among it.
COUNTED = frozenset((0x2F, 0x30, 0x32, 0x35, 0x36, 0x37))

HISTORY_START, HISTORY_END, HISTORY_COMPLETE = 1, 2, 3
METADATA = (
    Word(HISTORY_START, "HISTORY_START", "a burst begins"),
    Word(HISTORY_END, "HISTORY_END", "a burst ends: count and token to acknowledge"),
    Word(HISTORY_COMPLETE, "HISTORY_COMPLETE", "no more; never acknowledged"),
)

EVENTS = (
    Word(1, "ERROR", status="unknown"),
    Word(2, "CONSOLE_OUTPUT", "the event id of console packets"),
    Word(3, "BATTERY_LEVEL", "percent, millivolts, charging"),
    Word(5, "EXTERNAL_5V_ON", "named by one project only", "empirical"),
    Word(6, "EXTERNAL_5V_OFF", "named by one project only", "empirical"),
    Word(7, "CHARGING_ON"),
    Word(8, "CHARGING_OFF"),
    Word(9, "WRIST_ON", "the authority on wear"),
    Word(10, "WRIST_OFF", "the authority on wear"),
    Word(11, "BLE_CONNECTION_UP"),
    Word(12, "BLE_CONNECTION_DOWN"),
    Word(13, "RTC_LOST", "the battery died; the clock is not set"),
    Word(14, "DOUBLE_TAP", "no body"),
    Word(15, "BOOT", status="empirical"),
    Word(16, "SET_RTC", "a SET_CLOCK took hold"),
    Word(17, "TEMPERATURE_LEVEL", "projects disagree; 111 is one", "deprecated"),
    Word(18, "PAIRING_MODE", status="empirical"),
    Word(21, "BATTERY_PACK_CONNECTED"),
    Word(22, "BATTERY_PACK_REMOVED"),
    Word(23, "BLE_BONDED", "gen4 emits it on connecting"),
    Word(24, "BLE_HR_PROFILE_ENABLED", status="empirical"),
    Word(25, "BLE_HR_PROFILE_DISABLED", status="empirical"),
    Word(26, "TRIM_ALL_DATA", status="empirical"),
    Word(27, "TRIM_ALL_DATA_ENDED", status="empirical"),
    Word(28, "FLASH_INIT_COMPLETE", status="empirical"),
    Word(29, "STRAP_CONDITION_REPORT", "gen5: pages behind, charge, flash, wrist", "empirical"),
    Word(30, "BOOT_REPORT", status="empirical"),
    Word(31, "BLE_BONDED", "two projects call it EXIT_VIRGIN_MODE", "empirical"),
    Word(32, "CAPTOUCH_AUTOTHRESHOLD_ACTION", status="empirical"),
    Word(33, "BLE_REALTIME_HR_ON"),
    Word(34, "BLE_REALTIME_HR_OFF"),
    Word(35, "ACCELEROMETER_RESET", status="empirical"),
    Word(36, "AFE_RESET", status="empirical"),
    Word(37, "SHIP_MODE_ENABLED", status="empirical"),
    Word(38, "SHIP_MODE_DISABLED", status="empirical"),
    Word(39, "SHIP_MODE_BOOT", status="empirical"),
    Word(40, "CH1_SATURATION_DETECTED", "never seen emitted", "empirical"),
    Word(41, "CH2_SATURATION_DETECTED", "never seen emitted", "empirical"),
    Word(42, "ACCELEROMETER_SATURATION_DETECTED", "never seen emitted", "empirical"),
    Word(43, "BLE_SYSTEM_RESET", status="empirical"),
    Word(44, "BLE_SYSTEM_ON", status="empirical"),
    Word(45, "BLE_SYSTEM_INITIALIZED", status="empirical"),
    Word(46, "RAW_DATA_COLLECTION_ON", "never seen emitted", "empirical"),
    Word(47, "RAW_DATA_COLLECTION_OFF", "never seen emitted", "empirical"),
    Word(56, "STRAP_DRIVEN_ALARM_SET", "the alarm is stored, which is not that it will buzz"),
    Word(57, "STRAP_DRIVEN_ALARM_EXECUTED", "the alarm buzzed"),
    Word(58, "APP_DRIVEN_ALARM_EXECUTED", "never wait for it", "empirical"),
    Word(59, "STRAP_DRIVEN_ALARM_DISABLED", "never wait for it", "empirical"),
    Word(60, "HAPTICS_FIRED", "the motor ran"),
    Word(63, "EXTENDED_BATTERY_INFORMATION", "unreliable", "deprecated"),
    Word(96, "HIGH_FREQ_SYNC_PROMPT", "the band asks to be read"),
    Word(97, "HIGH_FREQ_SYNC_ENABLED"),
    Word(98, "HIGH_FREQ_SYNC_DISABLED"),
    Word(100, "HAPTICS_TERMINATED", "gen5: why the motor stopped", "empirical"),
    Word(102, "PPG_SEARCH_ON", "the sensor looks for a pulse", "empirical"),
    Word(103, "PPG_SEARCH_OFF", "found, or given up", "empirical"),
    Word(109, "BATTERY_PACK_INFO", "gen5: address, name, charge of the pack", "empirical"),
    Word(111, "TEMPERATURE_LEVEL", "body not decoded", "empirical"),
    Word(123, "GENERIC_FIRMWARE_EVENT", "gen5: a number of its own", "empirical"),
)
# On gen4 these numbers may mean something else: there they stay numbers.
GEN5_EVENTS = frozenset((29, 100, 109, 123))

LOCATIONS = (
    Word(0, "unknown"),
    Word(1, "wrist"),
    Word(2, "bicep", status="empirical"),
    Word(3, "calf", status="empirical"),
    Word(4, "side torso", status="empirical"),
    Word(5, "glute", status="empirical"),
    Word(7, "ankle", status="empirical"),
    Word(128, "not conclusive"),
    Word(160, "unknown garment", status="empirical"),
)

FAILURE, SUCCESS, PENDING, UNSUPPORTED = range(4)
COMMAND_STATUSES = (
    Word(FAILURE, "failure"),
    Word(SUCCESS, "success"),
    Word(PENDING, "pending", "another answer follows for GET_HELLO and GET_DATA_RANGE only"),
    Word(UNSUPPORTED, "unsupported"),
)
ALARM_STATUSES = (
    Word(0, "unknown", status="empirical"),
    Word(1, "valid_input_pattern", status="empirical"),
    Word(2, "invalid_effect", status="empirical"),
    Word(3, "invalid_loop", status="empirical"),
    Word(4, "invalid_duration", status="empirical"),
    Word(5, "played_successfully", status="empirical"),
    Word(6, "haptics_failure", status="empirical"),
    Word(7, "haptics_timeout", status="empirical"),
    Word(8, "haptics_busy", status="empirical"),
    Word(9, "haptics_stopped", status="empirical"),
    Word(10, "invalid_alarm_time", status="empirical"),
    Word(11, "invalid_alarm_id", status="empirical"),
)
ALARM_REJECTED = frozenset((2, 3, 4, 10, 11))  # the band did not take what it was sent
HAPTICS_ENDS = (Word(0, "expired"), Word(1, "error"), Word(2, "user_double_tap"))
PACKS = (Word(12, "puffin", status="empirical"), Word(14, "penguin", status="empirical"))


def _never(code: int, name: str, note: str = "") -> Opcode:
    """Never sent, hence never verified."""
    return Opcode(code, name, Level.NEVER, note, "unknown")


SAFE, USER, CONSENT, _ = Level
OPCODES = (
    Opcode(0x01, "LINK_VALID", SAFE, "heartbeat"),
    Opcode(0x02, "GET_MAX_PROTOCOL_VERSION", SAFE, "gen4", "empirical"),
    Opcode(0x03, "TOGGLE_REALTIME_HR", SAFE, "live heart rate, for one to look at"),
    Opcode(0x07, "REPORT_VERSION_INFO", SAFE, "gen4", "empirical"),
    Opcode(0x0A, "SET_CLOCK", SAFE),
    Opcode(0x0B, "GET_CLOCK", SAFE),
    _never(0x0E, "TOGGLE_GENERIC_HR_PROFILE", "outlives a restart"),
    _never(0x0F, "FORGET_BONDS"),
    Opcode(0x13, "RUN_HAPTIC_PATTERN_MAVERICK", USER, "gen5"),
    Opcode(0x14, "ABORT_HISTORICAL_TRANSMITS", SAFE),
    Opcode(0x16, "SEND_HISTORICAL_DATA", SAFE, "at most one in five seconds"),
    Opcode(0x17, "HISTORICAL_DATA_RESULT", SAFE, "lets the band trim: exact token, or a refusal"),
    _never(0x19, "FORCE_TRIM", "erases"),
    Opcode(0x1A, "GET_BATTERY_LEVEL", SAFE),
    _never(0x1D, "REBOOT_STRAP"),
    _never(0x20, "POWER_CYCLE_STRAP"),
    _never(0x21, "SET_READ_POINTER", "skips what was not read"),
    Opcode(0x22, "GET_DATA_RANGE", SAFE),
    Opcode(0x23, "GET_HELLO_HARVARD", SAFE, "gen4"),
    _never(0x24, "START_FIRMWARE_LOAD"),
    _never(0x25, "LOAD_FIRMWARE_DATA"),
    _never(0x26, "PROCESS_FIRMWARE_IMAGE"),
    _never(0x27, "SET_LED_DRIVE", "front end tuning"),
    _never(0x29, "SET_TIA_GAIN", "front end tuning"),
    _never(0x2B, "SET_BIAS_OFFSET", "front end tuning"),
    _never(0x2D, "ENTER_BLE_DFU", "firmware"),
    _never(0x34, "SET_DP_TYPE", "front end tuning"),
    _never(0x35, "FORCE_DP_TYPE", "front end tuning"),
    _never(0x37, "SET_SHIP_MODE", "switches the band off for shipping"),
    _never(0x3D, "SET_AFE_PARAMETERS", "front end tuning"),
    Opcode(0x3F, "SEND_R10_R11_REALTIME", USER, "gen4 raw stream; its off is safe and persists"),
    Opcode(0x42, "SET_ALARM_TIME", USER),
    Opcode(0x43, "GET_ALARM_TIME", SAFE),
    Opcode(0x44, "RUN_ALARM", USER),
    Opcode(0x45, "DISABLE_ALARM", USER),
    Opcode(0x4C, "GET_ADVERTISING_NAME_HARVARD", SAFE, "gen4"),
    Opcode(0x4D, "SET_ADVERTISING_NAME_HARVARD", USER, "gen4"),
    Opcode(0x4F, "RUN_HAPTICS_PATTERN", USER, "gen4"),
    Opcode(0x51, "START_RAW_DATA", USER, "gen5", "empirical"),
    Opcode(0x52, "STOP_RAW_DATA", SAFE, "gen5", "empirical"),
    _never(0x53, "VERIFY_FIRMWARE_IMAGE"),
    Opcode(0x54, "GET_BODY_LOCATION_AND_STATUS", SAFE),
    Opcode(0x60, "ENTER_HIGH_FREQ_SYNC", USER, "costs battery"),
    Opcode(0x61, "EXIT_HIGH_FREQ_SYNC", SAFE),
    _never(0x63, "RESET_FUEL_GAUGE"),
    _never(0x64, "CALIBRATE_CAPSENSE"),
    Opcode(0x6A, "TOGGLE_IMU_MODE", USER, "raw stream; its off is safe"),
    Opcode(0x6B, "ENABLE_OPTICAL_DATA", USER, "gen4 raw stream; saves to history on gen5: never"),
    Opcode(0x6C, "TOGGLE_OPTICAL_MODE", USER, "holds the LEDs on; its off is safe"),
    Opcode(0x73, "GET_CONFIG_KEY_COUNT", SAFE, "gen5", "empirical"),
    Opcode(0x74, "GET_CONFIG_KEY_NAME", SAFE, "gen5: the next one", "empirical"),
    Opcode(0x75, "GET_FLAG_KEY_COUNT", SAFE, "gen5", "empirical"),
    Opcode(0x76, "GET_FLAG_KEY_NAME", SAFE, "gen5: the next one", "empirical"),
    _never(0x77, "SET_DEVICE_CONFIG", "outlives a restart"),
    Opcode(0x78, "SET_CONFIG", CONSENT, "gen5: the flags of the deep buffers alone; stays set"),
    Opcode(0x79, "GET_CONFIG_VALUE", SAFE, "gen5", "empirical"),
    Opcode(0x7A, "STOP_HAPTICS", SAFE),
    Opcode(0x7B, "SELECT_WRIST", USER),
    Opcode(0x7C, "FILTERED_READING_GENERATION", USER, "gen5", "empirical"),
    Opcode(0x7D, "FILTERED_READING_RAW_SAVE", USER, "gen5", "empirical"),
    Opcode(0x80, "GET_FLAG_VALUE", SAFE, "gen5", "empirical"),
    _never(0x83, "SET_RESEARCH_PACKET"),
    _never(0x8A, "SET_SIGNAL_CONFIGURATION"),
    Opcode(0x8B, "FILTERED_READING", USER, "gen5", "empirical"),
    Opcode(0x8C, "SET_CUSTOM_ADVERTISING_NAME", USER, "gen5", "empirical"),
    Opcode(0x8D, "GET_CUSTOM_ADVERTISING_NAME", SAFE, "gen5"),
    _never(0x8E, "START_FIRMWARE_LOAD_NEW"),
    _never(0x8F, "LOAD_FIRMWARE_DATA_NEW"),
    _never(0x90, "PROCESS_FIRMWARE_IMAGE_NEW"),
    Opcode(0x91, "GET_HELLO", SAFE, "gen5"),
    _never(0x94, "OVERRIDE_WEAR_DETECTION"),
    _never(0x95, "SET_LED_ACCESSIBILITY"),
    Opcode(0x97, "GET_BATTERY_PACK_INFO", SAFE, "", "empirical"),
    _never(0x99, "TOGGLE_PERSISTENT_OPTICAL", "saves until it is switched off"),
    _never(0x9A, "TOGGLE_PERSISTENT_R21", "saves until it is switched off; LED stays lit"),
    _never(0xCC, "SHIP_MODE_OFF"),
)

# A clock that says less was not set; records of the years before are dated by no wall clock.
WALL_CLOCK = range(1_700_000_000, 4_102_444_801)

PACKET = {word.code: word for word in PACKETS}
EVENT = {word.code: word for word in EVENTS}
OPCODE = {word.code: word for word in OPCODES}


def name(table: tuple[Word, ...], code: int, otherwise: str) -> str:
    """What `code` is called, or `otherwise` with the number."""
    return next((word.name for word in table if word.code == code), f"{otherwise}_{code}")


def event_name(event_id: int, generation: int) -> str:
    known = event_id in EVENT and (generation == 5 or event_id not in GEN5_EVENTS)
    return EVENT[event_id].name if known else f"EVENT_{event_id}"
