"""What breathing leaves in the optical signal: its level, once a second. No rate is made of it
here; where there is too little of it, there is nothing."""

from collections.abc import Iterator

import numpy as np
from openfit_sdk import Report
from openfit_sdk.schema import Metric

from openfit_openstrap_band.deriving.clockgate import Gate
from openfit_openstrap_band.deriving.series import metrics, whole
from openfit_openstrap_band.reading import imu
from openfit_openstrap_band.reading.tables import Columns

RANK = 60
NEED_RECORDS = 120
NEED_SECONDS = 360


def read(found: Columns, gate: Gate) -> Iterator[Metric | Report]:
    rows = [record for _, record in found.others if isinstance(record, imu.Optical)]
    dated = gate.open(np.array([row.ts for row in rows], np.int64))
    lit = [
        (row.ts, level)
        for row, passes in zip(rows, dated, strict=True)
        if passes and (level := level_of(row)) is not None
    ]
    if not rows:
        return
    ts = np.array([at for at, _ in lit], np.int64)
    have, span = np.unique(ts).size, int(np.ptp(ts)) if ts.size else 0
    if have < NEED_RECORDS or span < NEED_SECONDS:
        yield too_little(have, span)
        return
    levels = np.array([level for _, level in lit])
    yield from metrics("respiration_raw", RANK, ts, whole(levels))


def level_of(row: imu.Optical) -> float | None:
    lit = [sample for sample in row.channel_a if sample]
    return sum(lit) / len(lit) if lit else None


def too_little(have: int, span: int) -> Report:
    message = (
        f"The optical signal of this hour is too little to see breathing in: {have} records over"
        f" {span} s, of the {NEED_RECORDS} over {NEED_SECONDS} s that it takes. It is kept."
    )
    return Report(status="skipped", code="respiration_needs_more", message=message)
