"""Raw items of a band's frames, and what they say once read."""

from datetime import UTC, datetime

from openfit_openstrap_band import normalize
from openfit_sdk import Pieces, RawItem, Report
from openfit_sdk.schema import METRICS, Metric
from support import band

NOW = datetime.fromtimestamp(band.START + 3600, UTC)


def item(*frames, kind="frames", id="one", received_at=NOW):
    sizes = [len(frame) for frame in frames]
    pieces = Pieces(sizes, [0] * len(frames))
    return RawItem(kind=kind, id=id, body=b"".join(frames), pieces=pieces, received_at=received_at)


def read(*frames, **values):
    return list(normalize(item(*frames, **values)))


def series(found, kind):
    """What an item says of a type: (rank, ms, value), in no order."""
    return {
        (one.revision, round(one.start.timestamp() * 1000) + t, v)
        for one in found
        if isinstance(one, Metric) and one.type == kind
        for t, v in zip(one.t, one.v, strict=True)
    }


def held(found, kind):
    """What the hub makes of it: the greatest that is possible, at each instant of a rank."""
    low, high = METRICS[kind].possible or (float("-inf"), float("inf"))
    possible = [one for one in series(found, kind) if low <= one[2] <= high]
    return {one[:2]: one[2] for one in sorted(possible)}


def reports(found):
    return {one.code: one for one in found if isinstance(one, Report)}
