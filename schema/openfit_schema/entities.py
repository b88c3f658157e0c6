"""The entities of OpenFit Schema 1.0: one struct per thing, and no second model anywhere."""

from datetime import UTC, date, datetime
from functools import cache
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field
from msgspec.structs import force_setattr

from openfit_schema.columns import Column as Column
from openfit_schema.columns import column

INSTANTS = ("start", "end", "asleep_start", "asleep_end")
RFC_3339_UTC = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$"

Instant = Annotated[datetime, Meta(tz=True, extra_json_schema={"pattern": RFC_3339_UTC})]
Offset = Annotated[str, Meta(pattern=r"^[+-](0\d|1[0-6]):[0-5]\d$")]
Key = Annotated[str, Meta(min_length=1, max_length=256)]
MetricType = Annotated[str, Meta(pattern=r"^([a-z][a-z0-9_]*\.)?[a-z][a-z0-9_]*$", max_length=96)]
OffsetBasis = Literal["stated", "implied", "unknown"]
Method = Literal["reported", "computed", "manual"]
Tier = Literal["AUTH", "HIGH", "ESTIMATE", "RELATIVE"]
SleepStage = Literal["wake", "light", "deep", "rem", "asleep", "in_bed", "unknown"]


def utc(instant: datetime) -> datetime:
    """The same instant in UTC; a naive time is an error, never a guess."""
    if instant.tzinfo is None:
        raise ValueError(f"{instant.isoformat()} has no UTC offset")
    return instant.astimezone(UTC)


@cache
def _instants(kind: type[Struct]) -> tuple[str, ...]:
    return tuple(name for name in INSTANTS if name in kind.__struct_fields__)


class InUtc(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Turns the instants it is made with to UTC, so that no other form is ever seen."""

    def __post_init__(self) -> None:
        for name in _instants(type(self)):
            instant = getattr(self, name)
            if instant is not None and instant.tzinfo is not UTC:
                force_setattr(self, name, utc(instant))


class Part(InUtc, frozen=True, kw_only=True):
    """A piece of an entity."""


class Source(Part, frozen=True, kw_only=True):
    """Where an entity came from. Stamped by the hub; what a plugin writes here is overwritten."""

    integration: str
    version: str
    connection: str
    raw: str | None = None  # sha256 of the raw item's body, hex
    member: str | None = None  # path inside that body, when it is a container


class Entity(InUtc, frozen=True, kw_only=True, tag_field="entity"):
    """What every entity has. `key` is the plugin's, stable for the same vendor record."""

    key: Key
    device: Key | None = None  # key of the Device that recorded it
    method: Method = "reported"
    algorithm: str | None = None  # id and version, when `method` is computed
    source: Source | None = None
    ext: dict[str, Any] = field(default_factory=dict)  # vendor fields, keys "<integration>.<name>"
    unknown: dict[str, Any] = field(default_factory=dict, name="$unknown")  # JSON pointer: value


class Timed(Entity, frozen=True, kw_only=True):
    """An entity with a span of time. `end` is exclusive; without it the entity is an instant."""

    start: Instant
    end: Instant | None = None
    utc_offset: Offset | None = None  # the wearer's clock at `start`
    offset_basis: OffsetBasis | None = None  # absent: stated if an offset is given, else unknown

    @property
    def basis(self) -> OffsetBasis:
        return self.offset_basis or ("stated" if self.utc_offset else "unknown")


class Device(Entity, tag="device", frozen=True, kw_only=True):
    """A thing that measures. Its `key` is what other entities name in `device`."""

    type: str  # vocab.toml, device
    vendor: str | None = None
    model: str | None = None
    name: str | None = None
    serial: str | None = None  # a salted hash, never the number itself
    firmware: str | None = None
    battery: float | None = None  # percent


class Totals(Part, frozen=True, kw_only=True):
    """Summary of an activity or lap. Seconds, metres, m/s, bpm, W, rpm, kcal, degrees Celsius."""

    elapsed_seconds: float | None = None
    timer_seconds: float | None = None  # without the pauses that the device took
    moving_seconds: float | None = None
    distance: float | None = None
    energy: float | None = None
    work: float | None = None  # J
    ascent: float | None = None
    descent: float | None = None
    avg_speed: float | None = None
    max_speed: float | None = None
    avg_heart_rate: float | None = None
    min_heart_rate: float | None = None
    max_heart_rate: float | None = None
    avg_power: float | None = None
    max_power: float | None = None
    normalized_power: float | None = None
    avg_cadence: float | None = None  # revolutions, or strides (one leg), a minute
    max_cadence: float | None = None
    avg_temperature: float | None = None
    max_temperature: float | None = None
    avg_respiration_rate: float | None = None
    cycles: float | None = None  # revolutions, strides or strokes
    steps: float | None = None
    training_effect: float | None = None
    anaerobic_training_effect: float | None = None
    training_stress_score: float | None = None
    intensity_factor: float | None = None


class Lap(Part, frozen=True, kw_only=True):
    """One lap as the device cut it."""

    start: Instant
    end: Instant | None = None
    name: str | None = None
    trigger: str | None = None
    intensity: str | None = None
    totals: Totals = Totals()


class Pause(Part, frozen=True, kw_only=True):
    """A span in which the device's timer stood still."""

    start: Instant
    end: Instant


class Length(Part, frozen=True, kw_only=True):
    """One length of a pool."""

    start: Instant
    seconds: float
    active: bool = True
    stroke: str | None = None
    strokes: int | None = None


class StrengthSet(Part, frozen=True, kw_only=True):
    """One set of a strength workout, or the rest after it."""

    start: Instant
    seconds: float | None = None
    active: bool = True
    exercise: str | None = None
    repetitions: int | None = None
    weight: float | None = None  # kg


class Zones(Part, frozen=True, kw_only=True):
    """Time in zones as reported, lowest zone first."""

    type: MetricType  # what the zones are of: heart_rate, power, speed
    seconds: list[float]
    bounds: list[float] = []  # lower bounds, one for each zone, in the unit of the type


class Activity(Timed, tag="activity", frozen=True, kw_only=True):
    """One workout of one sport. Its samples are Metrics that name its key in `activity`."""

    sport: str  # vocab.toml, sport
    sub_sport: str | None = None
    name: str | None = None
    notes: str | None = None
    group: Key | None = None  # the same for the legs of one multisport recording
    reported: Totals = Totals()  # the device's or vendor's own
    computed: Totals | None = None  # ours, from the samples; never mixed with `reported`
    laps: list[Lap] = []
    pauses: list[Pause] = []
    lengths: list[Length] = []
    pool_length: float | None = None  # m
    sets: list[StrengthSet] = []
    zones: list[Zones] = []


class Covers(Part, frozen=True, kw_only=True):
    """A range for which a Metric holds all the samples there are."""

    start: Instant
    end: Instant


class Metric(Entity, tag="metric", frozen=True, kw_only=True):
    """Samples of one metric type, in columns.

    `v[i]` was measured at `start + t[i]` ms (t strictly rising), or at `start + i * interval_ms`.
    A cumulative value belongs to the `d[i]` ms that begin there (without `d`, to `interval_ms`).
    A gap is an absent sample: NaN and sentinels are not allowed. Lists and any one-dimensional
    buffer may be given for a column, as NumPy's; it is kept as an array.
    """

    type: MetricType
    start: Instant
    v: Column
    t: Column | None = None
    interval_ms: Annotated[int, Meta(gt=0)] | None = None
    d: Column | None = None
    activity: Key | None = None
    covers: Covers | None = None
    revision: int = 0  # greater wins where two Metrics give the same instant
    slot_ms: Annotated[int, Meta(gt=0)] | None = None  # or the same stretch of so many ms
    utc_offset: Offset | None = None
    offset_basis: OffsetBasis | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("v", "t", "d"):
            values = getattr(self, name)
            if values is not None:
                force_setattr(self, name, column(values))


class Stage(Part, frozen=True, kw_only=True):
    """A stretch of one sleep stage."""

    start: Instant
    end: Instant
    stage: SleepStage


class Sleep(Timed, tag="sleep", frozen=True, kw_only=True):
    """One sleep, from going to bed to getting up. It belongs to the day of waking."""

    kind: Literal["main", "nap", "rest", "unknown"] = "unknown"
    asleep_start: Instant | None = None
    asleep_end: Instant | None = None
    stages: list[Stage] = []
    minutes: dict[SleepStage, float] = {}  # as reported, when a vendor gives totals only
    values: dict[MetricType, float] = {}  # vendor scores and averages, each under its own type


class Wellness(Entity, tag="wellness", frozen=True, kw_only=True):
    """A vendor's summary of one day, by metric type."""

    day: date
    values: dict[MetricType, float]
    utc_offset: Offset | None = None
    offset_basis: OffsetBasis | None = None


class TrainingLoad(Entity, tag="training_load", frozen=True, kw_only=True):
    """One load figure of one day under one model."""

    day: date
    load: Literal["acute", "chronic", "balance", "session"]
    value: float
    model: str
    parameters: dict[str, float] = {}


class Result(Entity, tag="result", frozen=True, kw_only=True):
    """One derived number. Confidence 0 if and only if there is no value, and then a reason."""

    id: MetricType
    day: date | None = None
    start: Instant | None = None
    end: Instant | None = None
    activity: Key | None = None
    value: float | None
    unit: str
    confidence: Annotated[float, Meta(ge=0, le=1)]
    tier: Tier
    inputs: list[str] = []
    drivers: dict[str, float] = {}
    reason: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.value is None) != (self.confidence == 0):
            raise ValueError("confidence is 0 exactly when there is no value")
        if self.value is None and not self.reason:
            raise ValueError("a result without a value needs a reason")


class Event(Timed, tag="event", frozen=True, kw_only=True):
    """Something that happened: wrist on or off, charging, alarm, notice, tag. Append-only."""

    type: str  # vocab.toml, event
    value: float | None = None
    text: str | None = None


AnyEntity = Device | Activity | Metric | Sleep | Wellness | TrainingLoad | Result | Event
ENTITIES = (Device, Activity, Metric, Sleep, Wellness, TrainingLoad, Result, Event)
