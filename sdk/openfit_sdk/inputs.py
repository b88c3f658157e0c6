"""What an analysis may ask for, and the form in which it travels to the process that runs it.

A wish is written `kind:name@window`:

| Wish | The parameter is |
| --- | --- |
| `activity` | the Activity, corrections included |
| `series:heart_rate@activity` | Series: that activity's samples |
| `profile:max_heart_rate` | Known: what the person said, as it held on that day |
| `daily:resting_heart_rate@28d` | Days: the 28 days that end with that day |
| `result:trimp@activity` | Result: another analysis' answer for the same activity |
| `result:session_load@history` | Sessions: that answer of every activity, oldest first |
| `days@history` | Days: how many metrics have a value, from the first activity to today |

What there is none of arrives as None. An analysis with a `@history` input runs once over all days
and answers with a result for each; any other runs for each activity.
"""

import re
from collections.abc import Iterable
from datetime import date
from typing import Literal, NamedTuple

from msgspec import Struct
from openfit_schema import Activity, Result
from openfit_schema.entities import Tier

Scope = Literal["activity", "history"]

WISH = re.compile(
    r"activity|days@history|series:[a-z0-9_.]+@activity|profile:[a-z0-9_]+"
    r"|daily:[a-z0-9_.]+@[1-9]\d{0,2}d|result:[a-z0-9_.]+@(activity|history)"
)


class Wish(NamedTuple):
    """One input of an analysis, taken apart."""

    kind: str
    name: str
    window: str

    @classmethod
    def parse(cls, text: str) -> "Wish":
        if not WISH.fullmatch(text):
            raise ValueError(
                f"{text!r} is no input of an analysis; write it as series:heart_rate@activity, "
                "daily:steps@28d, profile:sex, result:trimp@activity or activity"
            )
        rest, _, window = text.partition("@")
        kind, _, name = rest.partition(":")
        return cls(kind, name, window)

    @property
    def days(self) -> int:
        """How many days a `daily` input reaches back, its own among them."""
        return int(self.window.removesuffix("d"))


class Declaration(Struct, frozen=True):
    """What a plugin says of one of its analyses."""

    id: str
    version: int
    unit: str
    tier: Tier
    inputs: dict[str, str]
    outputs: list[str]

    @property
    def scope(self) -> Scope:
        return scope_of(self.inputs.values())


def scope_of(wishes: Iterable[str]) -> Scope:
    return "history" if any(wish.endswith("@history") for wish in wishes) else "activity"


class SeriesColumns(Struct, frozen=True, tag="series"):
    """Samples: ms after `start` as int32, values as float64, both little-endian."""

    start: int  # ms since 1970 UTC
    t: bytes
    v: bytes


class DayColumns(Struct, frozen=True, tag="days"):
    """A value for each day from `first` on as float64; NaN where none is known."""

    first: date
    v: bytes


class SessionColumns(Struct, frozen=True, tag="sessions"):
    """Activities in order of time: day (int64, proleptic ordinal), value and confidence
    (float64). An analysis that abstained left NaN and 0."""

    day: bytes
    v: bytes
    confidence: bytes


class Known(Struct, frozen=True, tag="known"):
    """What a person said of themselves, and since when it holds."""

    value: float | str | list[float]
    since: date | None = None


class ActivityInput(Struct, frozen=True, tag="activity"):
    activity: Activity


class ResultInput(Struct, frozen=True, tag="result"):
    result: Result


Input = SeriesColumns | DayColumns | SessionColumns | Known | ActivityInput | ResultInput
