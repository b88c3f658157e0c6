"""Coming in and going out. Open to all, and says nothing about anyone to who is not let in.

A page of this hub sends `X-OpenFit-Page: 1`. Its refresh token then travels in a cookie that
scripts cannot read; the header, which no form and no other site can send, says that the request
was the page's own wish. Everybody else gets the refresh token in the answer.
"""

from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromQuery, JSONBody, QueryParameter
from msgspec import Meta, Struct
from openfit.access import oidc_sign_in, registering, signing_in
from openfit.access.addresses import normal
from openfit.access.links import hub_address
from openfit.access.refusals import NotAllowed, session_over
from openfit.access.sessions import DAYS_30, SignedIn
from openfit.access.signing_in import LinkInfo, Newcomer
from openfit.api.answers import says
from openfit.api.auth import Connection, access_of, beside, where
from openfit.api.scopes import ANY_QUERY, ONCE, OPEN
from openfit.api.words import Code, Email, Name, Password, Token
from openfit.errors import HubError
from openfit.hub import Hub

PAGE = "x-openfit-page"
NO_STORE = {"cache-control": "no-store"}
CALLBACK = "/api/v1/auth/oidc/callback"
REFUSES = OPEN | says(401, 403)


class Setup(Struct, forbid_unknown_fields=True):
    """What a link is used up with; `token` is what stands in it behind `#`."""

    token: Token
    name: Name | None = None
    email: Email | None = None
    password: Password | None = None
    totp: Code | None = None


class LinkToken(Struct, forbid_unknown_fields=True):
    token: Token


class Login(Struct, forbid_unknown_fields=True):
    email: Email
    password: Password
    totp: Code | None = None


class Registration(Struct, forbid_unknown_fields=True):
    email: Email
    name: Name | None = None
    password: Password | None = None
    invitation: Token | None = None


class CodeRequest(Struct, forbid_unknown_fields=True):
    email: Email


class CodeAnswer(Struct, forbid_unknown_fields=True):
    email: Email
    code: Annotated[str, Meta(min_length=6, max_length=12)]
    totp: Code | None = None
    password: Password | None = None


class Refresh(Struct, forbid_unknown_fields=True):
    refresh_token: Token | None = None


class Sent(Struct):
    """The same whether or not there is such an account."""

    message: str = "If that address has an account here, a code is on its way to it."
    expires_in: int = 600


MAILED = {202: ResponseSpec(Sent, description="A code is on its way to the address")}


class Methods(Struct):
    """How one may come in. `setup`: the owner has not yet."""

    password: bool
    code: bool
    oidc: bool
    registration: Literal["invitation", "open"]
    setup: bool


class SignIn(Controller):
    path = "/auth"
    tags = ["sign-in"]

    @get("/methods", operation_id="listSignInMethods", opt=OPEN)
    async def methods(self, request: Request[Any, Any, Any], hub: NamedDependency[Hub]) -> Methods:
        """Which ways in this hub knows."""
        access = access_of(request)
        setting_up = await beside(request, signing_in.is_setting_up, access)
        return Methods(
            password=True,
            code=access.mailer is not None or setting_up,
            oidc=access.provider is not None,
            registration=hub.config.registration,
            setup=setting_up,
        )

    @post("/link", operation_id="lookAtLink", status_code=200, opt=REFUSES)
    async def link(
        self, request: Request[Any, Any, Any], data: JSONBody[LinkToken]
    ) -> Response[LinkInfo]:
        """What a link is for. It is not used up by this."""
        found = await beside(
            request, signing_in.look, access_of(request), data.token, where(request)
        )
        return Response(found, headers=NO_STORE)

    @post("/setup", operation_id="setUp", status_code=200, opt=REFUSES)
    async def setup(
        self, request: Request[Any, Any, Any], data: JSONBody[Setup]
    ) -> Response[SignedIn]:
        """Use a link up: the owner's first one, an invitation, or a way back in."""
        who = newcomer(data.name, data.email, data.password)
        args = (access_of(request), data.token, who, where(request), data.totp)
        found = await beside(request, signing_in.by_link, *args)
        return signed_in(request, found)

    @post("/register", operation_id="register", status_code=201, responses=MAILED, opt=REFUSES)
    async def register(
        self, request: Request[Any, Any, Any], data: JSONBody[Registration]
    ) -> Response[SignedIn]:
        """Come in with an invitation, or as anybody where the hub is open to that. Where mail is
        sent, a code goes to the address first, and the answer is 202."""
        who = newcomer(data.name, data.email, data.password)
        found = await beside(
            request, registering.register, access_of(request), who, data.invitation, where(request)
        )
        if found is None:
            mailed: Response[Any] = Response(Sent(), status_code=202, headers=NO_STORE)
            return mailed
        return signed_in(request, found, 201)

    @post("/login", operation_id="login", status_code=200, opt=REFUSES)
    async def login(
        self, request: Request[Any, Any, Any], data: JSONBody[Login]
    ) -> Response[SignedIn]:
        """Sign in by password, and by a second factor where the account wants one."""
        found = await beside(
            request,
            signing_in.login,
            access_of(request),
            data.email,
            data.password,
            data.totp,
            where(request),
        )
        return signed_in(request, found)

    @post("/request-otp", operation_id="requestCode", status_code=202, opt=OPEN)
    async def request_code(
        self, request: Request[Any, Any, Any], data: JSONBody[CodeRequest]
    ) -> Sent:
        """Ask for a code of six digits by mail. It lives ten minutes."""
        await beside(
            request, signing_in.request_code, access_of(request), data.email, where(request)
        )
        return Sent()

    @post("/verify-otp", operation_id="verifyCode", status_code=200, opt=REFUSES)
    async def verify_code(
        self, request: Request[Any, Any, Any], data: JSONBody[CodeAnswer]
    ) -> Response[SignedIn]:
        """Trade a code for a session; `password` becomes the account's if it has none."""
        found = await beside(
            request,
            signing_in.verify_code,
            access_of(request),
            data.email,
            data.code,
            where(request),
            data.totp,
            data.password,
        )
        return signed_in(request, found)

    @post("/refresh", operation_id="refresh", status_code=200, opt=REFUSES)
    async def refresh(
        self, request: Request[Any, Any, Any], data: JSONBody[Refresh]
    ) -> Response[SignedIn]:
        """The next access token and the next refresh token. One that is used twice ends the
        session."""
        return await renewed(request, data)

    @post("/token/refresh", operation_id="refreshToken", status_code=200, opt=REFUSES)
    async def refresh_token(
        self, request: Request[Any, Any, Any], data: JSONBody[Refresh]
    ) -> Response[SignedIn]:
        """The same as `/auth/refresh`, by its other name."""
        return await renewed(request, data)

    @post("/logout", operation_id="logout", status_code=204, opt=REFUSES)
    async def logout(
        self, request: Request[Any, Any, Any], data: JSONBody[Refresh]
    ) -> Response[None]:
        """End the session that the refresh token belongs to."""
        token = data.refresh_token or cookie_of(request)
        if token:
            await beside(request, signing_in.logout, access_of(request), token, where(request))
        return Response(None, headers=NO_STORE, cookies=[cookie(request, "", 0)])

    @get("/oidc/start", operation_id="startOidc", status_code=302, opt=OPEN | ONCE | says(404, 502))
    async def start(
        self, request: Request[Any, Any, Any], to: FromQuery[str | None] = None
    ) -> Response[None]:
        """Go to the sign-in service; afterwards to this place of the page."""
        access, back = access_of(request), callback(request)
        leaving = await beside(request, oidc_sign_in.leave, access, back, to, where(request))
        headers = NO_STORE | {"location": leaving.address}
        cookies = [carrying(request, leaving.cookie)]
        return Response(None, status_code=302, headers=headers, cookies=cookies)

    @get("/oidc/callback", operation_id="finishOidc", status_code=302, opt=OPEN | ONCE | ANY_QUERY)
    async def callback(
        self,
        request: Request[Any, Any, Any],
        code: FromQuery[str | None] = None,
        answered: Annotated[str | None, QueryParameter(name="state")] = None,
        iss: FromQuery[str | None] = None,
        error: FromQuery[str | None] = None,
    ) -> Response[None]:
        """Where the sign-in service sends the browser back to."""
        brought = request.cookies.get(cookie_name(request, "oidc"), "")
        said = {
            "code": code,
            "state": answered,
            "iss": iss,
            "error": error,
        }
        access, cookies = access_of(request), [carrying(request, "", 0)]
        try:
            came = await beside(
                request,
                oidc_sign_in.come_back,
                access,
                callback(request),
                brought,
                said,
                where(request),
            )
        except HubError as problem:
            headers = NO_STORE | {"location": f"/sign-in#problem={problem.code}"}
            return Response(None, status_code=302, headers=headers, cookies=cookies)
        if came.signed_in is not None:
            token = came.signed_in.refresh_token or ""
            cookies.append(cookie(request, token, DAYS_30 // 1000))
        headers = NO_STORE | {"location": came.to}
        return Response(None, status_code=302, headers=headers, cookies=cookies)


def newcomer(name: str | None, email: str | None, password: str | None) -> Newcomer:
    return Newcomer(name and name.strip(), normal(email) if email else None, password)


async def renewed(request: Request[Any, Any, Any], data: Refresh) -> Response[SignedIn]:
    token = data.refresh_token or cookie_of(request)
    if not token:
        raise session_over()
    found = await beside(request, signing_in.refresh, access_of(request), token, where(request))
    return signed_in(request, found)


def signed_in(request: Connection, found: SignedIn, status: int = 200) -> Response[SignedIn]:
    if not from_page(request):
        return Response(found, status_code=status, headers=NO_STORE)
    kept = cookie(request, found.refresh_token or "", DAYS_30 // 1000)
    shown = msgspec.structs.replace(found, refresh_token=None)
    return Response(shown, status_code=status, headers=NO_STORE, cookies=[kept])


# The cookie --------------------------------------------------------------------------------------


def from_page(request: Connection) -> bool:
    """Whether a page of this hub asks: no other site can send the header, and where the browser
    says which site it was, that must be this one."""
    if request.headers.get(PAGE) != "1":
        return False
    origin = request.headers.get("origin")
    if origin is None:
        return True
    known = {request.headers.get("host", ""), urlsplit(hub_address(hub_of(request).config)).netloc}
    return urlsplit(origin).netloc in known


def cookie_of(request: Connection) -> str:
    found = request.cookies.get(cookie_name(request, "session"), "")
    if found and not from_page(request):
        raise NotAllowed(
            "A cookie alone proves nothing about who wants this.",
            code="csrf",
            next_step="Send the header X-OpenFit-Page: 1 from a page of this hub.",
        )
    return found


def cookie_name(request: Connection, what: str) -> str:
    """`__Host-`: set by this host, over TLS, for all of it; a browser holds others to that."""
    return f"{'__Host-' if over_tls(request) else ''}openfit-{what}"


def over_tls(request: Connection) -> bool:
    url = hub_of(request).config.url or ""
    return url.startswith("https://") or request.url.scheme == "https"


def hub_of(request: Connection) -> Hub:
    return access_of(request).hub


def cookie(request: Connection, value: str, seconds: int) -> Cookie:
    return Cookie(
        key=cookie_name(request, "session"),
        value=value,
        max_age=seconds,
        path="/",
        secure=over_tls(request),
        httponly=True,
        samesite="strict",
    )


def carrying(request: Connection, value: str, seconds: int = 600) -> Cookie:
    """Lax: the browser brings it along when the sign-in service sends it back."""
    return Cookie(
        key=cookie_name(request, "oidc"),
        value=value,
        max_age=seconds,
        path="/",
        secure=over_tls(request),
        httponly=True,
        samesite="lax",
    )


def callback(request: Connection) -> str:
    """What was registered at the service: by the hub's own address, else by how it was asked."""
    url = hub_of(request).config.url
    return (url.rstrip("/") if url else str(request.base_url).rstrip("/")) + CALLBACK
