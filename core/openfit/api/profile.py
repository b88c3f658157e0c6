"""The dated profile: what a person says of themselves, and from which day on it holds."""

from datetime import date
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, delete, get, patch, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import UNSET, Struct, UnsetType
from openfit.api.auth import current_user
from openfit.api.scopes import reads, writes
from openfit.api.spans import today_of
from openfit.hub import Hub
from openfit.person import profile

Number = float | None | UnsetType
Word = str | None | UnsetType


class Statements(Struct):
    items: list[profile.Statement]


class NewStatement(Struct, forbid_unknown_fields=True):
    """A value, and the day from which it holds."""

    value: float | str | list[float]
    since: date


class ProfileChange(Struct, forbid_unknown_fields=True):
    """Absent fields stay as they are. `since` is the day from which all of them hold; today,
    where it is left out."""

    since: date | None = None
    max_heart_rate: Number = UNSET
    resting_heart_rate: Number = UNSET
    lactate_threshold_heart_rate: Number = UNSET
    functional_threshold_power: Number = UNSET
    heart_rate_zones: list[float] | None | UnsetType = UNSET
    height: Number = UNSET
    step_goal: Number = UNSET
    sex: Word = UNSET
    birth_date: Word = UNSET
    zone: Word = UNSET


class Profile(Controller):
    path = "/profile"
    tags = ["profile"]

    @get(sync_to_thread=True, operation_id="getProfile", opt=reads("profile"))
    def read(self, request: Request[Any, Any, Any], hub: NamedDependency[Hub]) -> Statements:
        """All that was said, each field's newest first."""
        with hub.engine.connect() as conn:
            return Statements(profile.statements(conn, current_user(request)))

    @put("/{field:str}", sync_to_thread=True, operation_id="setProfile", opt=writes("profile"))
    def state(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        field: FromPath[str],
        data: JSONBody[NewStatement],
    ) -> Statements:
        """Set a value from a day on. What rests on it is analysed again from there."""
        user_id = current_user(request)
        profile.state(hub, user_id, field, data.value, data.since)
        request.app.state.worker.wake()
        with hub.engine.connect() as conn:
            return Statements(profile.statements(conn, user_id))

    @patch(sync_to_thread=True, operation_id="changeProfile", opt=writes("profile"))
    def change(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        data: JSONBody[ProfileChange],
    ) -> Statements:
        """Set several values from one day on, all of them or none. What is left out stays; null
        takes back what holds from that very day."""
        user_id = current_user(request)
        said = {
            name: value
            for name, value in msgspec.structs.asdict(data).items()
            if name != "since" and value is not UNSET
        }
        profile.change(hub, user_id, said, data.since or today_of(hub, user_id))
        request.app.state.worker.wake()
        with hub.engine.connect() as conn:
            return Statements(profile.statements(conn, user_id))

    @delete("/{field:str}", sync_to_thread=True, operation_id="unsetProfile", opt=writes("profile"))
    def withdraw(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        field: FromPath[str],
        since: Annotated[date, QueryParameter()],
    ) -> None:
        """Take a value back: what held before that day holds on."""
        profile.withdraw(hub, current_user(request), field, since)
        request.app.state.worker.wake()
