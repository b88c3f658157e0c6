"""Reading our own copies back: they are the activity that they were written from.

An original covers the span of its samples and gives them a greater revision, so that those of a
copy are seen where there is no original, and nowhere else.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta

import msgspec
from msgspec.structs import replace
from openfit_sdk import Report
from openfit_sdk.schema import Activity, AnyEntity, Covers, Device, Metric

from openfit_fileimport.fit.developer import slugged
from openfit_fileimport.writing.identity import COPY, PARTS, Identity, Series

# Of copies alone, the one that carries the most comes first. Originals have 10 and more.
REVISIONS = {"fit": 3, "tcx": 2, "gpx": 1}
DISTANCE = {"fit": 1, "tcx": 2, "gpx": 3}
MARGIN = timedelta(seconds=10)  # a copy's times may be rounded to seconds


def settled(
    things: Iterable[AnyEntity | Report], identity: Identity | None, format: str
) -> Iterator[AnyEntity | Report]:
    """What a file yields, as an original's or as a copy's."""
    if identity is None:
        yield from (covered(thing) for thing in things)
        return
    mark = {COPY: DISTANCE[format]}
    yield from (replace(device, ext=device.ext | mark) for device in identity.devices)
    known = by_name(identity.series)
    for thing in things:
        if isinstance(thing, Activity):
            yield restored(thing, identity, mark)
        elif isinstance(thing, Metric):
            series = known.get((thing.type, thing.method == "computed"))
            if series is not None:
                yield covered(sample(thing, identity, series, REVISIONS[format]))
        elif not isinstance(thing, Device):
            yield thing


def by_name(inventory: list[Series]) -> dict[tuple[str, bool], Series]:
    """Series by what a reader calls them: in FIT a type without a field of its own is named after
    a developer's field."""
    found = {
        (type, method == "computed"): (type, device, method) for type, device, method in inventory
    }
    for type, device, method in inventory:
        found.setdefault((f"fit.{field_name(type)}", False), (type, device, method))
    return found


def field_name(type: str) -> str:
    """Of a developer's field for a metric type."""
    return slugged(type.removeprefix("fit."))


def restored(activity: Activity, identity: Identity, mark: dict[str, int]) -> Activity:
    """What the file has no place for from its identity, the rest as it was read."""
    return replace(
        identity.activity,
        computed=activity.computed,
        **{part: getattr(activity, part) for part in PARTS if part not in identity.parts},
        ext=identity.activity.ext | mark,
        unknown={},
        source=None,
    )


def sample(metric: Metric, identity: Identity, series: Series, revision: int) -> Metric:
    type, device, method = series
    key = identity.activity.key
    return replace(
        metric,
        key=f"{key}:{type}",
        type=type,
        device=device,
        method=method,
        activity=key,
        revision=revision,
    )


def covered(thing: AnyEntity | Report) -> AnyEntity | Report:
    """An activity's samples, as all that there are of theirs while they last."""
    if not isinstance(thing, Metric) or thing.activity is None or not len(thing.v):
        return thing
    last = int(thing.t[-1]) if thing.t is not None else 0
    end = thing.start + timedelta(milliseconds=last) + MARGIN
    return msgspec.structs.replace(thing, covers=Covers(start=thing.start - MARGIN, end=end))
