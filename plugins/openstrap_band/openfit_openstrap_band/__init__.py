"""OpenStrap band: frames of its own, decoded."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from openfit_sdk import (
    AuthState,
    Credentials,
    Cursor,
    Progress,
    Push,
    Pushed,
    RawItem,
    Report,
    SyncResult,
    hookimpl,
)
from openfit_sdk.schema import AnyEntity

from openfit_openstrap_band.deriving import doctor, normalizing, receiving
from openfit_openstrap_band.reading.batch import decode_batch as decode_batch
from openfit_openstrap_band.reading.records import decode as decode

# The radio is imported where it is used: whoever only reads frames has no need of it.


@hookimpl
def authenticate(credentials: Credentials) -> AuthState:
    from openfit_openstrap_band.radio import pairing

    return pairing.authenticate(credentials)


@hookimpl
def sync(auth_state: AuthState, cursor: Cursor, now: datetime) -> Iterator[SyncResult]:
    from openfit_openstrap_band.radio import syncing

    yield from syncing.sync(auth_state, cursor, now)


@hookimpl
def act(
    action: str, arguments: dict[str, Any], auth_state: AuthState, consent: bool, now: datetime
) -> Iterator[Progress]:
    from openfit_openstrap_band.radio import actions

    yield from actions.act(action, arguments, auth_state, consent, now)


@hookimpl
def receive(push: Push, now: datetime) -> Iterator[Pushed]:
    return receiving.receive(push, now)


@hookimpl
def normalize(raw_item: RawItem) -> Iterator[AnyEntity | Report]:
    return normalizing.normalize(raw_item)


@hookimpl
def inspect(raw_item: RawItem) -> dict[str, Any]:
    return doctor.inspect(raw_item)
