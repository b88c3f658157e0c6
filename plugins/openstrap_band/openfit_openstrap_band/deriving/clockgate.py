"""Which records can be dated: a band's clock is lost with its battery, and may be set wrong."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from openfit_sdk import Report
from openfit_sdk.items import ReportStatus

from openfit_openstrap_band.reading.packed import Ints, Mask

SET = 1_700_000_000  # s since 1970; a clock that says less has not been set
FARTHEST = 4_102_444_800
AHEAD = 86_400  # s after the hub had it


@dataclass
class Gate:
    """What may be dated, and a count of what may not."""

    latest: int
    unset: int = 0
    ahead: int = 0
    dated: int = 0

    @classmethod
    def of(cls, received_at: datetime | None) -> "Gate":
        if received_at is None:
            return cls(FARTHEST)
        return cls(min(FARTHEST, int(received_at.timestamp()) + AHEAD))

    def open(self, ts: Ints) -> Mask:
        early, late = ts < SET, ts > self.latest
        self.unset += int(np.count_nonzero(early))
        self.ahead += int(np.count_nonzero(late))
        passes: Mask = ~(early | late)
        self.dated += int(np.count_nonzero(passes))
        return passes

    def allows(self, moment: datetime) -> bool:
        return SET <= moment.timestamp() <= self.latest

    def reports(self) -> list[Report]:
        found = []
        total = self.unset + self.ahead + self.dated
        status: ReportStatus = "partial" if self.dated else "skipped"
        if self.unset:
            message = (
                f"Records made while the band's clock was not set: {self.unset:,} of {total:,}."
                " Nobody can say when that was, so they are kept without a date. Sync the band:"
                " that sets its clock, and what it records from then on is dated."
            )
            found.append(Report(status=status, code="clock_not_set", message=message))
        if self.ahead:
            message = (
                f"Records dated more than a day after they came: {self.ahead:,} of {total:,}. The"
                " band's clock is ahead, or that of this computer is behind. They are kept. Set"
                " the wrong one, then read this again."
            )
            found.append(Report(status=status, code="clock_ahead", message=message))
        return found
