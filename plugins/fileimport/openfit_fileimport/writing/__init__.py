"""Activities as files: FIT and TCX by writers of our own, GPX by gpxpy."""

from importlib import import_module

from openfit_sdk import BadInput, ExportFile
from openfit_sdk.schema import Activity, AnyEntity, Device, Metric

from openfit_fileimport.writing.outing import gather

# A module of this package each, imported when it is wanted: importing files needs none of them.
MEDIA_TYPES = {
    "fit": "application/vnd.ant.fit",
    "gpx": "application/gpx+xml",
    "tcx": "application/vnd.garmin.tcx+xml",
}


def write(
    entity: AnyEntity, samples: list[Metric], devices: list[Device], format: str
) -> ExportFile:
    if not isinstance(entity, Activity):
        raise BadInput("Only activities are written as files.", code="not_an_activity")
    if format not in MEDIA_TYPES:
        known = ", ".join(name.upper() for name in MEDIA_TYPES)
        raise BadInput(f"{format!r} is not written here; {known} are.", code="unknown_format")
    writer = import_module(f"{__name__}.{format}")
    body: bytes = writer.write(gather(entity, samples, devices))
    return ExportFile(media_type=MEDIA_TYPES[format], body=body)
