"""One's own account: who one is here, how one comes in, and what happened to it."""

from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Controller, Request, Response, delete, get, patch, post, put
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta, Struct
from openfit.access import account, account_factors, account_keys, oidc_sign_in
from openfit.api.answers import says
from openfit.api.auth import access_of, beside, current_caller, current_user, session_of, where
from openfit.api.paging import read_place, write_cursor
from openfit.api.scopes import ACCOUNT, SIGNED_IN
from openfit.api.sign_in import NO_STORE, callback, carrying
from openfit.api.words import Code, Email, Moment, Name, Password
from openfit.store import entities

Requested = Request[Any, Any, Any]
ScopeName = Literal["read", "write", "account", "owner"]


class Rename(Struct, forbid_unknown_fields=True):
    name: Name


class NewPassword(Struct, forbid_unknown_fields=True):
    """`current` where there is one already."""

    new: Password
    current: Password | None = None


class NewEmail(Struct, forbid_unknown_fields=True):
    email: Email
    password: Password | None = None


class EmailCode(Struct, forbid_unknown_fields=True):
    email: Email
    code: Code


class Proof(Struct, forbid_unknown_fields=True):
    """That it is really the person: the password, if there is one; the second factor, if on."""

    password: Password | None = None
    code: Code | None = None


class TotpCode(Struct, forbid_unknown_fields=True):
    code: Code


class RecoveryCodes(Struct):
    """Each opens the account once when the app is lost. They are shown now and never again."""

    recovery_codes: list[str]


class KeyWish(Struct, forbid_unknown_fields=True):
    name: Name
    scopes: Annotated[list[ScopeName], Meta(min_length=1, max_length=4)]
    expires_at: Moment | None = None


class SessionList(Struct):
    items: list[account_keys.Session]


class KeyList(Struct):
    items: list[account_keys.Key]


class Ended(Struct):
    ended: int


class EventPage(Struct, omit_defaults=True):
    items: list[account.Event]
    next_cursor: str | None = None


class EmailState(Struct):
    """`done`, or a code is on its way to the new address."""

    done: bool


class Elsewhere(Struct):
    """Where the browser is to go."""

    address: str


class AccountRoutes(Controller):
    path = "/account"
    tags = ["account"]

    @get(operation_id="getAccount", opt=ACCOUNT)
    async def read(self, request: Requested) -> account.Account:
        """Who I am here."""
        return await beside(request, account.read, access_of(request), current_user(request))

    @patch(operation_id="renameAccount", opt=ACCOUNT)
    async def rename(self, request: Requested, data: JSONBody[Rename]) -> account.Account:
        """Go by another name."""
        access, me = access_of(request), current_user(request)
        await beside(request, account.rename, access, me, data.name)
        return await beside(request, account.read, access, me)

    @post("/password", status_code=204, operation_id="changePassword", opt=ACCOUNT | SIGNED_IN)
    async def password(self, request: Requested, data: JSONBody[NewPassword]) -> None:
        """Choose a password. All other sessions end."""
        session, me = session_of(request), current_user(request)
        args = (access_of(request), me, session, data.current, data.new, where(request))
        await beside(request, account.change_password, *args)

    @post("/email", status_code=200, operation_id="changeEmail", opt=ACCOUNT | SIGNED_IN)
    async def email(self, request: Requested, data: JSONBody[NewEmail]) -> EmailState:
        """Take another mail address. Where the hub sends mail, a code goes there first."""
        args = (access_of(request), current_user(request), data.email, data.password)
        return EmailState(await beside(request, account.change_email, *args, where(request)))

    @post(
        "/email/confirm",
        status_code=204,
        operation_id="confirmEmail",
        opt=ACCOUNT | SIGNED_IN,
    )
    async def confirm_email(self, request: Requested, data: JSONBody[EmailCode]) -> None:
        """Show that the new address is one's own."""
        args = (access_of(request), current_user(request), data.email, data.code)
        await beside(request, account.confirm_email, *args, where(request))

    @get("/sessions", operation_id="listSessions", opt=ACCOUNT)
    async def sessions(self, request: Requested) -> SessionList:
        """Browsers and apps that are signed in, the last used first."""
        caller = current_caller(request)
        args = (access_of(request), caller.user_id, caller.session_id)
        return SessionList(await beside(request, account_keys.list_sessions, *args))

    @delete("/sessions/{session_id:uuid}", status_code=204, operation_id="endSession", opt=ACCOUNT)
    async def end_session(self, request: Requested, session_id: FromPath[UUID]) -> None:
        """Sign one of them out. It is refused from now on."""
        args = (access_of(request), current_user(request), str(session_id), where(request))
        await beside(request, account_keys.end_session, *args)

    @delete("/sessions", status_code=200, operation_id="endSessions", opt=ACCOUNT)
    async def end_sessions(
        self, request: Requested, but: FromQuery[Literal["this"] | None] = None
    ) -> Ended:
        """Sign out everywhere; `but=this` leaves the session that asks."""
        caller = current_caller(request)
        kept = caller.session_id if but == "this" else None
        args = (access_of(request), caller.user_id, kept, where(request))
        return Ended(await beside(request, account_keys.end_sessions, *args))

    @get("/keys", operation_id="listKeys", opt=ACCOUNT)
    async def keys(self, request: Requested) -> KeyList:
        """API keys, by how they begin."""
        args = (access_of(request), current_user(request))
        return KeyList(await beside(request, account_keys.list_keys, *args))

    @post("/keys", operation_id="makeKey", opt=ACCOUNT | SIGNED_IN)
    async def make_key(
        self, request: Requested, data: JSONBody[KeyWish]
    ) -> Response[account_keys.NewKey]:
        """A key for a program, shown once. It can do no more than who makes it, who is no key."""
        caller = current_caller(request)
        wish = (data.name, data.scopes, entities.millis(data.expires_at))
        args = (access_of(request), caller.user_id, caller.scopes, *wish, where(request))
        made = await beside(request, account_keys.make_key, *args)
        return Response(made, status_code=201, headers=NO_STORE)

    @delete("/keys/{key_id:str}", status_code=204, operation_id="revokeKey", opt=ACCOUNT)
    async def revoke_key(self, request: Requested, key_id: FromPath[str]) -> None:
        """End a key. It is refused from now on."""
        args = (access_of(request), current_user(request), key_id, where(request))
        await beside(request, account_keys.revoke_key, *args)

    @post("/totp", status_code=200, operation_id="offerTotp", opt=ACCOUNT | SIGNED_IN)
    async def offer_totp(
        self, request: Requested, data: JSONBody[Proof]
    ) -> Response[account_factors.Offer]:
        """A second factor for an authenticator app. It holds once a code of it was shown."""
        args = (access_of(request), current_user(request), data.password)
        made = await beside(request, account_factors.offer_totp, *args)
        return Response(made, headers=NO_STORE)

    @put("/totp", operation_id="confirmTotp", opt=ACCOUNT | SIGNED_IN)
    async def confirm_totp(
        self, request: Requested, data: JSONBody[TotpCode]
    ) -> Response[RecoveryCodes]:
        """Switch the second factor on. Keep the recovery codes where the app is not."""
        args = (access_of(request), current_user(request), data.code, where(request))
        made = await beside(request, account_factors.confirm_totp, *args)
        return Response(RecoveryCodes(made), headers=NO_STORE)

    @post(
        "/totp/off",
        status_code=204,
        operation_id="removeTotp",
        opt=ACCOUNT | SIGNED_IN,
    )
    async def remove_totp(self, request: Requested, data: JSONBody[Proof]) -> None:
        """Switch the second factor off."""
        args = (access_of(request), current_user(request), data.password, data.code)
        await beside(request, account_factors.remove_totp, *args, where(request))

    @post(
        "/identity",
        status_code=200,
        operation_id="addIdentity",
        opt=ACCOUNT | SIGNED_IN | says(404, 502),
    )
    async def add_identity(self, request: Requested) -> Response[Elsewhere]:
        """Go to the sign-in service, to come in by it from now on."""
        args = (access_of(request), callback(request), "/settings/security", where(request))
        leaving = await beside(request, oidc_sign_in.leave, *args, current_user(request))
        cookies = [carrying(request, leaving.cookie)]
        return Response(Elsewhere(leaving.address), headers=NO_STORE, cookies=cookies)

    @post(
        "/identity/remove",
        status_code=204,
        operation_id="removeIdentity",
        opt=ACCOUNT | SIGNED_IN | says(404),
    )
    async def remove_identity(self, request: Requested, data: JSONBody[Proof]) -> None:
        """Come in by the sign-in service no longer."""
        args = (access_of(request), current_user(request), data.password, where(request))
        await beside(request, account_factors.remove_identity, *args)

    @get("/audit", operation_id="listEvents", opt=ACCOUNT)
    async def audit(
        self,
        request: Requested,
        limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
        cursor: FromQuery[str | None] = None,
    ) -> EventPage:
        """Sign-ins, tried ones too, and what was changed of the account, the newest first."""
        args = (access_of(request), current_user(request), limit, read_place(cursor, int))
        items, last = await beside(request, account.events, *args)
        return EventPage(items, write_cursor(last) if last else None)
