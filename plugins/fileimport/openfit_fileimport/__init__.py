"""Files that people have: FIT, GPX and TCX, loose, gzipped or in zips."""

from collections.abc import Iterator
from typing import Any

from openfit_sdk import AuthState, RawItem, Report, hookimpl
from openfit_sdk.schema import AnyEntity

from openfit_fileimport import reading


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
