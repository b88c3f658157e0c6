"""What a person enters by hand: a plugin like any other, in its own process.

The hub hands it an entry as it was sent, dated by the person's clock at that time.
"""

from collections.abc import Iterator

import msgspec
from openfit_sdk import AuthState, RawItem, hookimpl
from openfit_sdk.schema import AnyEntity

from openfit.manual.entries import Kept, entities_of


@hookimpl
def authenticate() -> AuthState:
    return AuthState()


@hookimpl
def normalize(raw_item: RawItem) -> Iterator[AnyEntity]:
    yield from entities_of(msgspec.json.decode(raw_item.read(), type=Kept))
