"""How a person likes to read: language, units, the week's first day, colours. For display alone."""

from typing import Any, Literal

import msgspec
from litestar import Controller, Request, get, put
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Struct
from openfit.api.auth import current_user
from openfit.api.scopes import reads, writes
from openfit.hub import Hub
from openfit.store import settings
from openfit.store.engine import write

NAME = "display"


class Preferences(Struct, forbid_unknown_fields=True):
    """Null leaves it to the device: its language, its region, its colours."""

    language: Literal["de", "en"] | None = None
    units: Literal["metric", "imperial"] | None = None
    week_start: Literal["monday", "saturday", "sunday"] | None = None
    theme: Literal["light", "dark"] | None = None


class PreferenceRoutes(Controller):
    path = "/preferences"
    tags = ["account"]

    @get(sync_to_thread=True, operation_id="getPreferences", opt=reads())
    def read(self, request: Request[Any, Any, Any], hub: NamedDependency[Hub]) -> Preferences:
        """How I like to read."""
        with hub.engine.connect() as conn:
            said = settings.read(conn, current_user(request), NAME)
        return msgspec.convert(said or {}, Preferences)

    @put(sync_to_thread=True, operation_id="setPreferences", opt=writes())
    def state(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        data: JSONBody[Preferences],
    ) -> Preferences:
        """Set all of them. Values are stored and sent in SI, whatever is chosen here."""
        with write(hub.engine) as conn:
            settings.put(conn, current_user(request), NAME, msgspec.to_builtins(data))
        return data
