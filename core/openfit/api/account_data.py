"""What becomes of data as a whole: deletions, the account's end, backups, and how far they are."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, Response, delete, get, post, put
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct
from openfit.access import account as own
from openfit.api.auth import access_of, beside, current_user, session_of
from openfit.api.scopes import ACCOUNT, OWNER, SIGNED_IN, reads, writes
from openfit.api.words import Code, Password
from openfit.errors import Unfit
from openfit.hub import Hub
from openfit.leaving import accounts, deleting, scheduled, tasks
from openfit.leaving.plan import Kept, Plan

Requested = Request[Any, Any, Any]
Word = Annotated[str, Meta(max_length=64)]


class Deletion(deleting.Wish, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A dry run counts and answers `confirm`; with it, and `dry_run` false, it is done."""

    dry_run: bool = True
    confirm: Word | None = None


class AccountDeletion(Struct, forbid_unknown_fields=True, kw_only=True):
    dry_run: bool = True
    confirm: Word | None = None
    password: Password | None = None
    totp: Code | None = None


class Counted(Struct, kw_only=True):
    """What would go, or is going; `task` once it is being done."""

    counts: deleting.Counts
    confirm: str
    task: str | None = None


class AccountCounted(Struct, kw_only=True):
    counts: accounts.Counts
    confirm: str
    task: str | None = None


class Lifted(Struct):
    """Originals that are decoded again; what was not kept comes back with its next import."""

    originals: int


class TaskList(Struct):
    items: list[tasks.Item]


class Backups(Struct):
    items: list[Kept]
    plan: Plan


class NewPlan(Struct, forbid_unknown_fields=True, kw_only=True):
    plan: Plan
    passphrase: Annotated[str, Meta(min_length=8, max_length=1000)] | None = None


class Begun(Struct):
    task: str


class Deletions(Controller):
    path = "/deletions"
    tags = ["deleting"]

    @post(status_code=200, sync_to_thread=True, operation_id="deleteData", opt=writes())
    def wish(
        self, request: Requested, hub: NamedDependency[Hub], data: JSONBody[Deletion]
    ) -> Counted:
        """Delete by connection, source, metric, activity or span: first counted, then confirmed."""
        user_id = current_user(request)
        counts, word = deleting.preview(hub, user_id, plain(data))
        if data.dry_run:
            return Counted(counts=counts, confirm=word)
        if data.confirm is None:
            raise unconfirmed()
        task = deleting.request(hub, user_id, plain(data), data.confirm)
        request.app.state.worker.wake()
        return Counted(counts=counts, confirm=word, task=task)

    @post(
        "/{task_id:uuid}/lift",
        status_code=200,
        sync_to_thread=True,
        operation_id="liftDeletion",
        opt=writes(),
    )
    def lift(
        self, request: Requested, hub: NamedDependency[Hub], task_id: FromPath[UUID]
    ) -> Lifted:
        """Let what was deleted come back: from kept originals, and when it is imported."""
        found = deleting.lift(hub, current_user(request), str(task_id))
        request.app.state.worker.wake()
        return Lifted(found)


def unconfirmed() -> Unfit:
    return Unfit(
        "Nothing was deleted: what would go was not confirmed.",
        code="confirm_needed",
        next_step="Ask with dry_run true, look at the counts, and send `confirm` of that answer.",
    )


def plain(data: Deletion) -> deleting.Wish:
    names = deleting.Wish.__struct_fields__
    return deleting.Wish(**{name: getattr(data, name) for name in names})


@delete(
    "/account",
    status_code=200,
    operation_id="deleteAccount",
    tags=["account"],
    opt=ACCOUNT | SIGNED_IN,
)
async def delete_account(
    request: Requested, hub: NamedDependency[Hub], data: JSONBody[AccountDeletion]
) -> AccountCounted:
    """Delete the account with everything in it. Wants the password and the second factor, where
    there are any, else a sign-in of the last ten minutes."""
    user_id, access = current_user(request), access_of(request)
    counts, word = await sync_to_thread(accounts.preview, hub, user_id)
    if data.dry_run:
        return AccountCounted(counts=counts, confirm=word)
    if data.confirm is None:
        raise unconfirmed()
    proof = (session_of(request), data.password, data.totp)
    proven = await beside(request, own.prove_again, access, user_id, *proof)

    def ask() -> str:
        return accounts.request(hub, user_id, data.confirm or "", signed_in_recently=proven)

    task = await sync_to_thread(ask)
    access.ways.forget()
    request.app.state.worker.wake()
    return AccountCounted(counts=counts, confirm=word, task=task)


class Tasks(Controller):
    path = "/tasks"
    tags = ["jobs"]

    @get(sync_to_thread=True, operation_id="listTasks", opt=reads())
    def listed(self, request: Requested, hub: NamedDependency[Hub]) -> TaskList:
        """Backups and deletions, the latest first, with how far they are."""
        return TaskList(tasks.listed(hub, current_user(request)))

    @get("/{task_id:uuid}", sync_to_thread=True, operation_id="readTask", opt=reads())
    def one(
        self, request: Requested, hub: NamedDependency[Hub], task_id: FromPath[UUID]
    ) -> tasks.Item:
        """How far one is, and what came of it."""
        return tasks.found(hub, current_user(request), str(task_id))

    @post(
        "/{task_id:uuid}/cancel",
        status_code=200,
        sync_to_thread=True,
        operation_id="cancelTask",
        opt=writes(),
    )
    def cancel(
        self, request: Requested, hub: NamedDependency[Hub], task_id: FromPath[UUID]
    ) -> tasks.Item:
        """Stop it at its next step. What a deletion has taken away by then stays away."""
        return tasks.cancel(hub, current_user(request), str(task_id))


class BackupRoutes(Controller):
    path = "/backups"
    tags = ["backups"]

    @get(sync_to_thread=True, operation_id="listBackups", opt=OWNER)
    def listed(self, hub: NamedDependency[Hub]) -> Backups:
        """What lies in the folder for backups, the newest first, and the plan."""
        return Backups(scheduled.listed(hub), scheduled.plan_of(hub))

    @post(status_code=202, sync_to_thread=True, operation_id="makeBackup", opt=OWNER)
    def make(self, request: Requested, hub: NamedDependency[Hub]) -> Response[Begun]:
        """A backup of the whole hub, now, as the plan says where and how it is sealed."""
        task = scheduled.request(hub, current_user(request))
        request.app.state.worker.wake()
        return Response(Begun(task), status_code=202)

    @put("/plan", sync_to_thread=True, operation_id="planBackups", opt=OWNER)
    def plan(self, hub: NamedDependency[Hub], data: JSONBody[NewPlan]) -> Plan:
        """When backups are made by themselves, where, how they are sealed, which ones stay."""
        return scheduled.change_plan(hub, data.plan, data.passphrase)
