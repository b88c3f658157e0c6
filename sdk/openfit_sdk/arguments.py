"""What an action asks for: one line of the manifest each, which a form and a command line are made
of, and by which every value is checked before a plugin sees it.

`kind`, then `:limits`, then `=default`, or `?` where it may be left out: `text`, `integer:0..7=2`,
`number:0.5..2`, `choice:soft|strong=soft`, `flag`, `time?`. A `time` is an instant in ISO 8601 with
its zone, or HH:MM, which the hub turns into the next such instant of the person's clock.
"""

import re
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Any, Literal

from msgspec import Struct

Kind = Literal["text", "integer", "number", "flag", "choice", "time"]
KINDS = ("text", "integer", "number", "flag", "choice", "time")
NAME = re.compile(r"[a-z][a-z0-9_]*")
LINE = re.compile(r"(?P<kind>[a-z]+)(?::(?P<limits>[^=?]+))?(?:=(?P<default>.*)|(?P<optional>\?))?")
RESERVED = frozenset({"connection", "consent", "help", "i_understand", "json", "user"})
LONGEST = 1000  # characters of a text
CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
SAID = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class ArgumentError(ValueError):
    """What is wrong with which value, and what to write instead."""


class Argument(Struct, frozen=True, omit_defaults=True):
    """One thing that an action asks for."""

    name: str
    kind: Kind
    required: bool = True
    default: str | float | bool | None = None
    choices: list[str] = []
    least: float | None = None
    most: float | None = None


def argument(name: str, line: str) -> Argument:
    """As one line of the manifest says it."""
    found = LINE.fullmatch(line)
    kind: Any = found["kind"] if found else None
    if found is None or kind not in KINDS:
        raise ValueError(f"argument {name!r} is {line!r}; write one of {', '.join(KINDS)}")
    if not NAME.fullmatch(name):
        raise ValueError(f"argument {name!r} may hold small letters, digits and _ only")
    choices, least, most = limits_of(name, kind, found["limits"])
    bare = Argument(name, kind, True, None, choices, least, most)
    if found["default"] is not None:
        return Argument(
            name, kind, False, given(name, bare, found["default"]), choices, least, most
        )
    required = not found["optional"] and kind != "flag"
    return Argument(name, kind, required, None, choices, least, most)


def limits_of(
    name: str, kind: Kind, limits: str | None
) -> tuple[list[str], float | None, float | None]:
    if kind == "choice":
        choices = [one.strip() for one in (limits or "").split("|")]
        if not all(choices) or len({*choices}) < len(choices):
            raise ValueError(f"argument {name!r} is a choice; write it as choice:soft|strong")
        return choices, None, None
    if limits is None:
        return [], None, None
    least, dots, most = limits.partition("..")
    try:
        if not dots or kind not in ("integer", "number"):
            raise ValueError
        return [], float(least) if least else None, float(most) if most else None
    except ValueError:
        raise ValueError(
            f"argument {name!r} has the limits {limits!r}; only integer:0..7 and number:0.5..2 "
            "have such"
        ) from None


def given(name: str, wanted: Argument, text: str) -> Any:
    """The default, held against its own limits. A time has none: it would be over."""
    if wanted.kind == "time" and not CLOCK.fullmatch(text):
        raise ValueError(f"argument {name!r} may have a time of day as its default, as in 07:00")
    if wanted.kind == "time":
        return text
    try:
        return checked(wanted, text)
    except ArgumentError as error:
        raise ValueError(f"the default of {error}") from None


def check(
    wanted: list[Argument],
    values: dict[str, Any],
    now: datetime | None = None,
    zone: tzinfo = UTC,
) -> dict[str, Any]:
    """All that an action is given, as its plugin gets it: defaults filled in, nothing strange."""
    names = [one.name for one in wanted]
    strange = sorted({*values} - {*names})
    if strange:
        known = f"; it takes {', '.join(names)}" if names else "; it takes none"
        raise ArgumentError(f"{strange[0]!r} is no argument of this action{known}")
    found = {}
    for one in wanted:
        value = values.get(one.name)
        value = one.default if value is None or value == "" else value
        if value is None and one.kind == "flag":
            value = False
        if value is not None:
            found[one.name] = checked(one, value, now, zone)
        elif one.required:
            raise ArgumentError(f"{one.name} is missing; it is {described(one)}")
    return found


def checked(
    one: Argument, value: Any, now: datetime | None = None, zone: tzinfo = UTC
) -> str | float | bool:
    """One value, of a form (numbers) or a command line (text)."""
    try:
        match one.kind:
            case "text":
                return text(value)
            case "integer" | "number":
                return bounded(one, value)
            case "flag":
                return value if isinstance(value, bool) else SAID[value.lower()]
            case "choice":
                return one.choices[one.choices.index(value)]
            case "time":
                return instant(value, now or datetime.now(UTC), zone).isoformat()
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        raise ArgumentError(f"{one.name} is {value!r}; it is {described(one)}") from None


def text(value: str) -> str:
    if not isinstance(value, str) or len(value) > LONGEST or not value.isprintable():
        raise ValueError
    return value


def bounded(one: Argument, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError
    number = float(value)
    if not number == number or (one.least is not None and number < one.least):
        raise ValueError
    if number in (float("inf"), float("-inf")) or (one.most is not None and number > one.most):
        raise ValueError
    if one.kind == "number":
        return number
    if number != int(number):
        raise ValueError
    return int(number)


def instant(value: str, now: datetime, zone: tzinfo) -> datetime:
    """The moment that is meant: a full one with its zone, or the next time that a clock says so."""
    clock = CLOCK.fullmatch(value)
    if clock is None:
        moment = datetime.fromisoformat(value)
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)
    here = now.astimezone(zone)
    wanted = time(int(clock[1]), int(clock[2]), tzinfo=zone)
    today = datetime.combine(here.date(), wanted)
    return today if today > here else datetime.combine(here.date() + timedelta(days=1), wanted)


def described(one: Argument) -> str:
    """In words: what may stand there."""
    match one.kind:
        case "choice":
            return f"one of {', '.join(one.choices)}"
        case "time":
            return "a time such as 07:00 or 2026-11-21T07:00+01:00"
        case "flag":
            return "true or false"
        case "text":
            return f"a line of text, {LONGEST} characters at most"
    what = "a whole number" if one.kind == "integer" else "a number"
    span = [
        f"from {one.least:g}" if one.least is not None else "",
        f"to {one.most:g}" if one.most is not None else "",
    ]
    return " ".join([what, *filter(None, span)])
