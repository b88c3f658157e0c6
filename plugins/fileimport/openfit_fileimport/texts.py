"""Numbers and instants out of the texts of an XML file."""

import itertools
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from math import isfinite, isinf, isnan
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
MINUTE = re.compile(r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)", re.ASCII)
REST = re.compile(r"(?::(\d\d)(?:[.,](\d+))?)?\s*([Zz]|[+-]\d\d:?\d\d)?", re.ASCII)
TO_THE_MINUTE = len("2026-05-17T06:02")
FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)
MARKS = (4, 7, 10, 13, 16, 19)  # what is no digit in it, before the zone
FIGURES = (0, 4, 6, 8, 10, 12, 14)  # where year, month… begin among the digits
MICROSECONDS = 20  # where they end
ENOUGH = 16  # times; fewer are read one by one
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_DAY = date(1970, 1, 1).toordinal()

NAN = float("nan")
ZULU = NAN  # UTC is stated, the wearer's clock is not
UNZONED = float("inf")  # nothing is stated; read as UTC
OFFSETS = (-12 * 60, 14 * 60)  # minutes, the zones in use

FloatArray = npt.NDArray[np.float64]


class Instant(NamedTuple):
    """Microseconds since 1970 in UTC, exact in a float; and minutes ahead of UTC as stated."""

    us: float
    zone: float

    @property
    def utc(self) -> datetime:
        return from_us(self.us)

    @property
    def offset(self) -> str | None:
        return offset_text(self.zone)

    def isoformat(self) -> str:
        """As the text had it: with its own offset, or none."""
        if isinf(self.zone):
            return self.utc.replace(tzinfo=None).isoformat()
        if isnan(self.zone):
            return self.utc.isoformat()
        return self.utc.astimezone(timezone(timedelta(minutes=self.zone))).isoformat()


NO_INSTANT = Instant(float("nan"), ZULU)


def from_us(us: float) -> datetime:
    return EPOCH + timedelta(microseconds=int(us))


def offset_text(zone: float) -> str | None:
    """The wearer's offset, where one is stated and is in use on Earth."""
    if not OFFSETS[0] <= zone <= OFFSETS[1] or zone % 15:
        return None
    hours, minutes = divmod(abs(int(zone)), 60)
    return f"{'-' if zone < 0 else '+'}{hours:02}:{minutes:02}"


def number(text: str) -> float:
    """NaN for what is no finite decimal number; Python's float also takes 1_000 and inf."""
    if not NUMBER.fullmatch(text):
        return float("nan")
    value = float(text)
    return value if isfinite(value) else NAN


class Convert(NamedTuple):
    """Texts of one kind to numbers: many to an array, few to a list of the same numbers."""

    many: Callable[[list[str]], FloatArray]
    few: Callable[[list[str]], list[Any]]
    absent: Any  # what a list has where there is no text


def numbers(texts: list[str]) -> FloatArray:
    if _plain(texts):
        try:
            values = np.fromiter(map(float, texts), np.float64, len(texts))
        except ValueError:
            pass  # one of them is no number, and the slow way finds out which
        else:
            values[~np.isfinite(values)] = np.nan
            return values
    return np.array(_numbers_one_by_one(texts))


def few_numbers(texts: list[str]) -> list[float]:
    if _plain(texts):
        try:
            return [value if isfinite(value) else NAN for value in map(float, texts)]
        except ValueError:
            pass
    return _numbers_one_by_one(texts)


def _plain(texts: list[str]) -> bool:
    """Whether Python's float takes no more of them than NUMBER does, but for inf and nan."""
    joined = "".join(texts)
    return joined.isascii() and "_" not in joined


def _numbers_one_by_one(texts: list[str]) -> list[float]:
    # Stray text of the elements around a leaf comes before its own.
    return [number(text.split()[-1]) for text in texts]


def instants(texts: list[str]) -> FloatArray:
    """One row for each text: microseconds and zone, as Instant has them."""
    found = _uniform(texts) if len(texts) >= ENOUGH else None
    return np.array(few_instants(texts)) if found is None else found


def few_instants(texts: list[str]) -> list[tuple[float, float]]:
    # A recording has few minutes and few kinds of rest, so each is parsed once.
    minutes: dict[str, float] = {}
    rests: dict[str, tuple[float, float]] = {}
    rows = []
    for text in texts:
        head, tail = text[:TO_THE_MINUTE], text[TO_THE_MINUTE:]
        if head not in minutes:
            minutes[head] = _minute(head)
        if tail not in rests:
            rests[tail] = _rest(tail)
        rest, zone = rests[tail]
        rows.append((minutes[head] + rest, zone))
    for n, (us, _) in enumerate(rows):
        if us != us:
            stray = MINUTE.search(texts[n])  # after stray text of the elements around it
            if stray is not None and stray.start():
                rows[n] = few_instants([texts[n][stray.start() :]])[0]
    return rows


def _uniform(texts: list[str]) -> FloatArray | None:
    """`few_instants` of times that are all written alike and of one zone, as those of most files
    are, all at once; None where one of them is not."""
    form = FORM.fullmatch(texts[0])
    octets = np.frombuffer("".join(texts).encode(), np.uint8)
    if form is None or octets.size != len(texts) * form.end():
        return None
    rows = octets.reshape(len(texts), -1)
    figures = [at for at in range(form.start(2)) if at not in MARKS]
    fixed = [*(at for at in MARKS if at < form.start(2)), *range(form.start(2), form.end())]
    digits = rows[:, figures] - ord("0")
    if (rows[:, fixed] != rows[0, fixed]).any() or (digits > 9).any():
        return None
    year, month, day, hour, minute, second, fraction = (
        digits[:, first:last] @ 10 ** np.arange(last - first)[::-1]
        for first, last in itertools.pairwise((*FIGURES, min(digits.shape[1], MICROSECONDS)))
    )
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    date = months.astype("datetime64[D]") + (day - 1)
    good = (date.astype("datetime64[M]") == months) & (year >= 1) & (month >= 1) & (month <= 12)
    if not (good & (day >= 1) & (hour < 24) & (minute < 60) & (second < 60)).all():
        return None
    zone = _zone(form[2])
    ahead = zone * 60 if isfinite(zone) else 0
    seconds = ((date.astype(np.int64) * 24 + hour) * 60 + minute) * 60 + second - ahead
    us = fraction * 10 ** (MICROSECONDS - min(digits.shape[1], MICROSECONDS))
    return np.column_stack([seconds * 1_000_000.0 + us, np.full(len(texts), zone)])


def instant(text: str | None) -> Instant:
    return Instant(*few_instants([text])[0]) if text else NO_INSTANT


NUMBERS = Convert(numbers, few_numbers, NAN)
INSTANTS = Convert(instants, few_instants, (NAN, NAN))


def _minute(text: str) -> float:
    found = MINUTE.fullmatch(text)
    if found is None:
        return float("nan")
    year, month, day, hour, minute = map(int, found.groups())
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        return float("nan")
    try:
        days = date(year, month, day).toordinal() - FIRST_DAY
    except ValueError:
        return float("nan")
    return ((days * 24 + hour) * 60 + minute) * 60_000_000.0


def _rest(text: str) -> tuple[float, float]:
    found = REST.fullmatch(text)
    second = int(found[1] or 0) if found else 61
    if found is None or second > 60:  # 60 is a leap second
        return float("nan"), ZULU
    fraction = int(found[2][:6].ljust(6, "0")) if found[2] else 0
    zone = _zone(found[3])
    ahead = zone * 60_000_000 if isfinite(zone) else 0
    return second * 1_000_000 + fraction - ahead, zone


def _zone(text: str | None) -> float:
    if text is None:
        return UNZONED
    if text in "Zz" or text in ("-00:00", "-0000"):  # RFC 3339: the local offset is not known
        return ZULU
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return float(-minutes if text[0] == "-" else minutes)
