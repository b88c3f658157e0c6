"""Results: of one activity, training load over days, records over all sources."""

from datetime import date
from typing import Annotated, Any

from litestar import Controller, Request, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter
from openfit import training_view
from openfit.api.auth import current_user
from openfit.api.scopes import reads
from openfit.hub import Hub


class Analytics(Controller):
    tags = ["analytics"]

    @get(
        "/activities/{activity_id:str}/results",
        sync_to_thread=True,
        operation_id="getActivityResults",
        opt=reads("training"),
    )
    def of_activity(
        self, request: Request[Any, Any, Any], hub: NamedDependency[Hub], activity_id: FromPath[str]
    ) -> training_view.ResultList:
        """What the analyses found of one activity: value, unit, confidence, tier and inputs, or
        why there is no value."""
        with hub.engine.connect() as conn:
            return training_view.of_activity(conn, current_user(request), activity_id)

    @get(
        "/analytics/training-load",
        sync_to_thread=True,
        operation_id="getTrainingLoad",
        opt=reads("training"),
    )
    def training_load(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        first: Annotated[date | None, QueryParameter(query="from")] = None,
        last: Annotated[date | None, QueryParameter(query="to")] = None,
    ) -> training_view.TrainingLoad:
        """Daily load, fatigue (ATL), fitness (CTL) and form (TSB) of each day, in columns."""
        with hub.engine.connect() as conn:
            return training_view.training_load(conn, current_user(request), first, last)

    @get(
        "/analytics/records", sync_to_thread=True, operation_id="listRecords", opt=reads("training")
    )
    def records(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        sport: FromQuery[str | None] = None,
    ) -> training_view.RecordList:
        """The best of every effort, sport by sport, whichever source recorded it."""
        with hub.engine.connect() as conn:
            return training_view.records(conn, current_user(request), sport)
