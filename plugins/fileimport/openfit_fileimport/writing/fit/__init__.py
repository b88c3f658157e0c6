"""An activity as a FIT file."""

from openfit_sdk import BadInput

from openfit_fileimport.fit.columns import DATE_MIN, EPOCH
from openfit_fileimport.writing import identity
from openfit_fileimport.writing.fit.heads import (
    developer_data_id,
    device_infos,
    field_descriptions,
    file_creator,
    file_id,
    sport,
)
from openfit_fileimport.writing.fit.messages import framed, messages
from openfit_fileimport.writing.fit.summaries import activity, details, pieces_of, session
from openfit_fileimport.writing.fit.timeline import developer_channels, timeline
from openfit_fileimport.writing.fit.values import seconds
from openfit_fileimport.writing.outing import Outing

__all__ = ["write"]


def write(outing: Outing) -> bytes:
    check_times(outing)
    own = developer_channels(outing)
    held = tuple(part for part in identity.PARTS if not fits(part, outing))
    pieces = pieces_of(identity.encode(identity.identity_of(outing, held)))
    parts = [
        messages(file_id(outing)),
        messages(file_creator()),
        messages(developer_data_id()),
        messages(field_descriptions(own, len(pieces))),
        *(messages(found) for found in device_infos(outing)),
        messages(sport(outing)),
        timeline(outing, own),
        *(messages(found) for found in details(outing)),
        messages(session(outing, pieces)),
        messages(activity(outing)),
    ]
    return framed(b"".join(parts))


def check_times(outing: Outing) -> None:
    first, last = seconds(outing.activity.start), seconds(outing.end)
    if outing.t.size:
        first, last = min(first, outing.t[0] / 1000), max(last, outing.t[-1] / 1000)
    if first < EPOCH + DATE_MIN or last >= EPOCH + 2**32 - 1:
        raise BadInput("FIT has dates from 1998 to 2126; this activity lies outside.", code="dates")


def fits(part: str, outing: Outing) -> bool:
    """Whether a part is in the file as it is; only pauses are there to the millisecond."""
    return part == "pauses" or all(
        one.start.microsecond == 0
        and getattr(one, "name", None) is None
        and (getattr(one, "end", None) or one.start).microsecond == 0
        for one in getattr(outing.activity, part)
    )
