"""Long work of connections: how far it is, pause, resume."""

from typing import Any

from litestar import Controller, Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct
from openfit.api.auth import current_user
from openfit.api.scopes import reads, writes
from openfit.background import jobs
from openfit.hub import Hub


class JobList(Struct):
    items: list[jobs.Job]


class Jobs(Controller):
    path = "/jobs"
    tags = ["jobs"]

    @get(sync_to_thread=True, operation_id="listJobs", opt=reads())
    def listed(self, request: Request[Any, Any, Any], hub: NamedDependency[Hub]) -> JobList:
        """Originals being read again and history being fetched, with what is done of how much."""
        return JobList(jobs.jobs(hub, current_user(request)))

    @post(
        "/{connection_id:str}/{kind:str}/pause",
        sync_to_thread=True,
        status_code=200,
        operation_id="pauseJob",
        opt=writes(),
    )
    def pause(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        connection_id: FromPath[str],
        kind: FromPath[jobs.Kind],
    ) -> JobList:
        """Stop at the next step. What is done is kept; the numbers shown stay as they are."""
        jobs.pause(hub, current_user(request), connection_id, kind, True)
        return JobList(jobs.jobs(hub, current_user(request)))

    @post(
        "/{connection_id:str}/{kind:str}/resume",
        sync_to_thread=True,
        status_code=200,
        operation_id="resumeJob",
        opt=writes(),
    )
    def resume(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        connection_id: FromPath[str],
        kind: FromPath[jobs.Kind],
    ) -> JobList:
        """Go on where it stopped."""
        jobs.pause(hub, current_user(request), connection_id, kind, False)
        request.app.state.worker.wake()
        return JobList(jobs.jobs(hub, current_user(request)))
