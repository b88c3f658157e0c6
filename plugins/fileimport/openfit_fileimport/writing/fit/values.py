"""Columns of an activity's values as FIT counts them, and the numbers of our own fields."""

from datetime import datetime

import numpy as np

from openfit_fileimport.fit import profile
from openfit_fileimport.writing.fit.messages import Field, Numbers, fit_time
from openfit_fileimport.writing.outing import millis

Columns = dict[Field, Numbers | list[bytes]]

DEVELOPER = 0  # our developer data index
MS_FIELD, BEATS_FIELD, FIRST_CHANNEL, FIRST_PIECE = 0, 1, 2, 60  # numbers of our developer fields
STOP = 1  # event_type of summaries


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
    if name.isascii() and name.isdecimal():
        return float(name)
    return next((float(n) for n, known in profile.enum(enum).items() if known == name), None)
