"""Activities as files: FIT by our own writer, GPX by gpxpy, TCX by a small writer of its own."""

from openfit_sdk import BadInput, ExportFile
from openfit_sdk.schema import Activity, AnyEntity, Device, Metric

from openfit_fileimport.writing import fit
from openfit_fileimport.writing.outing import gather

WRITERS = {"fit": (fit.write, "application/vnd.ant.fit")}


def write(
    entity: AnyEntity, samples: list[Metric], devices: list[Device], format: str
) -> ExportFile:
    if not isinstance(entity, Activity):
        raise BadInput("Only activities are written as files.", code="not_an_activity")
    if format not in WRITERS:
        known = ", ".join(name.upper() for name in WRITERS)
        raise BadInput(f"{format!r} is not written here; {known} are.", code="unknown_format")
    writer, media_type = WRITERS[format]
    return ExportFile(media_type=media_type, body=writer(gather(entity, samples, devices)))
