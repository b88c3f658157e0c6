"""Developer fields that our own writer adds: milliseconds, and whose copy a file is."""

from uuid import UUID

import numpy as np

from openfit_fileimport.fit.columns import DeveloperField, FitFile, Float, Messages
from openfit_fileimport.fit.developer import described

APPLICATION = UUID("6f70656e-6669-7400-8000-6578706f7274")
MILLISECONDS = "openfit_ms"  # of a time, which FIT has in whole seconds
BEATS = "openfit_beats"  # ms of each interval of an hrv message after the record before it
IDENTITY = "openfit_identity_"  # and a number: its text in pieces


def fields(file: FitFile) -> list[DeveloperField]:
    """Those that bear our application id."""
    developers = file.messages("developer_data_id")
    if not len(developers):
        return []
    application = developers.octets_of(1)
    indexes = developers.column("developer_data_index").tolist()
    ours = {
        index for index, id in zip(indexes, application, strict=True) if id == APPLICATION.bytes
    }
    return [one for one in described(file) if one.index in ours]


def exact(messages: Messages) -> Float:
    """Times, with the milliseconds that our writer kept."""
    for one in fields(messages.file):
        if one.name == MILLISECONDS and messages.defined(one.number, one.index):
            stored = messages.stored(one.number, one.index, one.base_type, first_only=True)
            return messages.times + np.nan_to_num(stored[:, 0]) / 1000
    return messages.times


def beat_times(messages: Messages, anchors: Float) -> Float | None:
    """When each interval of hrv messages ended, where our writer kept it."""
    for one in fields(messages.file):
        if one.name == BEATS and messages.defined(one.number, one.index):
            stored = messages.stored(one.number, one.index, one.base_type)
            return anchors[:, None] + stored / 1000
    return None


def identity_text(files: list[FitFile]) -> str | None:
    """Of the one session of a file; several are not one activity."""
    if len(files) != 1 or len(files[0].messages("session")) != 1:
        return None
    session = files[0].messages("session")
    pieces = sorted(
        (one.number, one.index) for one in fields(files[0]) if one.name.startswith(IDENTITY)
    )
    found = [session.octets_of(number, index)[0] for number, index in pieces]
    text = b"".join(piece.split(b"\0", 1)[0] for piece in found)
    return text.decode("ascii", "replace") or None
