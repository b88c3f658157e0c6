"""Samples: a series is one metric from one source, kept as compressed blocks of integers.

- `rows` which series there are · `blocks` how samples merge · `codec` their bytes
- `totals` minutes, hours and days of UTC · `writer`, `writing`, `fresh` into the database
- `reading`, `outings` out of it · `beats` where one is missing
- `folding` to the wearer's days · `rebuilding` afresh
"""

from openfit.store.series.carrying import carry
from openfit.store.series.folding import fold_days, minutes_of_day
from openfit.store.series.fresh import Delivery, put_all
from openfit.store.series.outings import Outings, outings, outings_between, outings_extents
from openfit.store.series.reading import Window, read, read_days, resolution, thin, window
from openfit.store.series.rebuilding import begin_rebuild, feeders, stale, swap
from openfit.store.series.rows import (
    Series,
    SeriesRef,
    all_live,
    continuous,
    drop_activities,
    extents,
    mark_stale,
    of_activity,
)
from openfit.store.series.writing import erase, forget_feeds, put, strip

__all__ = [
    "Delivery",
    "Outings",
    "Series",
    "SeriesRef",
    "Window",
    "all_live",
    "begin_rebuild",
    "carry",
    "continuous",
    "drop_activities",
    "erase",
    "extents",
    "feeders",
    "fold_days",
    "forget_feeds",
    "mark_stale",
    "minutes_of_day",
    "of_activity",
    "outings",
    "outings_between",
    "outings_extents",
    "put",
    "put_all",
    "read",
    "read_days",
    "resolution",
    "stale",
    "strip",
    "swap",
    "thin",
    "window",
]
