"""Files that people have: FIT, GPX and TCX, loose, gzipped or in zips."""

from collections.abc import Iterator
from typing import Any

from openfit_sdk import AuthState, ExportFile, RawItem, Report, hookimpl
from openfit_sdk.schema import AnyEntity, Device, Metric

from openfit_fileimport import reading, writing


@hookimpl
def authenticate() -> AuthState:
    return AuthState()


@hookimpl
def normalize(raw_item: RawItem) -> Iterator[AnyEntity | Report]:
    with raw_item.open() as file:
        yield from reading.read(file)


@hookimpl
def inspect(raw_item: RawItem) -> dict[str, Any]:
    with raw_item.open() as file:
        return reading.inspect(file)


@hookimpl
def export(
    entity: AnyEntity, samples: list[Metric], devices: list[Device], format: str
) -> ExportFile:
    return writing.write(entity, samples, devices, format)
