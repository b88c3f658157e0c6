"""Numbers and instants out of the texts of an XML file."""

import itertools
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple

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

ZULU = float("nan")  # UTC is stated, the wearer's clock is not
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
        stated = timezone(timedelta(minutes=self.zone if np.isfinite(self.zone) else 0))
        local = self.utc.astimezone(stated)
        return local.replace(tzinfo=None if np.isinf(self.zone) else stated).isoformat()


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
    return value if np.isfinite(value) else float("nan")


def numbers(texts: list[str]) -> FloatArray:
    joined = "".join(texts)
    if joined.isascii() and "_" not in joined:
        try:
            values = np.fromiter(map(float, texts), np.float64, len(texts))
        except ValueError:
            pass  # one of them is no number, and the slow way finds out which
        else:
            values[~np.isfinite(values)] = np.nan
            return values
    # Stray text of the elements around a leaf comes before its own.
    return np.fromiter((number(text.split()[-1]) for text in texts), np.float64, len(texts))


def instants(texts: list[str]) -> FloatArray:
    """One row for each text: microseconds and zone, as Instant has them."""
    rows = _instants(texts)
    for row in np.flatnonzero(np.isnan(rows[:, 0])).tolist():
        stray = MINUTE.search(texts[row])  # after stray text of the elements around it
        if stray is not None and stray.start():
            rows[row] = _instants([texts[row][stray.start() :]])
    return rows


def _uniform(texts: list[str]) -> FloatArray | None:
    """`_one_by_one` of times that are all written alike and of one zone, as those of most files
    are, all at once; None where one of them is not."""
    form = FORM.fullmatch(texts[0])
    octets = np.frombuffer("".join(texts).encode(), np.uint8)
    if form is None or octets.size != len(texts) * form.end():
        return None
    rows = octets.reshape(len(texts), -1)
    fixed = [at for at in range(form.end()) if at >= form.start(2) or at in MARKS]
    digits = np.delete(rows, fixed, axis=1) - ord("0")
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
    ahead = zone * 60 if np.isfinite(zone) else 0
    seconds = ((date.astype(np.int64) * 24 + hour) * 60 + minute) * 60 + second - ahead
    us = fraction * 10 ** (MICROSECONDS - min(digits.shape[1], MICROSECONDS))
    return np.column_stack([seconds * 1_000_000.0 + us, np.full(len(texts), zone)])


def _instants(texts: list[str]) -> FloatArray:
    found = _uniform(texts) if len(texts) >= ENOUGH else None
    return _one_by_one(texts) if found is None else found


def _one_by_one(texts: list[str]) -> FloatArray:
    # A recording has few minutes and few kinds of rest, so each is parsed once.
    heads, tails = [t[:TO_THE_MINUTE] for t in texts], [t[TO_THE_MINUTE:] for t in texts]
    minutes = {head: _minute(head) for head in set(heads)}
    rests = {tail: _rest(tail) for tail in set(tails)}
    rows = np.empty((len(texts), 2))
    rows[:, 0] = [minutes[head] for head in heads]
    rows[:, 0] += [rests[tail][0] for tail in tails]
    rows[:, 1] = [rests[tail][1] for tail in tails]
    return rows


def instant(text: str | None) -> Instant:
    return Instant(*instants([text])[0].tolist()) if text else NO_INSTANT


def _minute(text: str) -> float:
    found = MINUTE.fullmatch(text)
    if found is None:
        return float("nan")
    year, month, day, hour, minute = map(int, found.groups())
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        return float("nan")
    try:
        midnight = datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return float("nan")
    minutes = (midnight - EPOCH) // timedelta(minutes=1) + hour * 60 + minute
    return minutes * 60_000_000.0


def _rest(text: str) -> tuple[float, float]:
    found = REST.fullmatch(text)
    second = int(found[1] or 0) if found else 61
    if found is None or second > 60:  # 60 is a leap second
        return float("nan"), ZULU
    fraction = int(found[2][:6].ljust(6, "0")) if found[2] else 0
    zone = _zone(found[3])
    ahead = zone * 60_000_000 if np.isfinite(zone) else 0
    return second * 1_000_000 + fraction - ahead, zone


def _zone(text: str | None) -> float:
    if text is None:
        return UNZONED
    if text in "Zz" or text in ("-00:00", "-0000"):  # RFC 3339: the local offset is not known
        return ZULU
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return float(-minutes if text[0] == "-" else minutes)
