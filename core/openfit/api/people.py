"""People to each other: whose data I may see, who may see mine, and, for the owner, everybody."""

from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Controller, Request, Response, delete, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody, PathParameter, QueryParameter
from msgspec import Meta, Struct
from openfit.access import granting, household, sharing
from openfit.access.addresses import normal
from openfit.api.answers import says
from openfit.api.auth import LARGEST_ID, access_of, beside, current_user, where
from openfit.api.paging import read_place, write_cursor
from openfit.api.scopes import ACCOUNT, OWNER, SIGNED_IN, reads
from openfit.api.sign_in import NO_STORE
from openfit.api.words import Email, Moment, Name, Token
from openfit.store import entities

Requested = Request[Any, Any, Any]
Family = Annotated[str, Meta(min_length=1, max_length=40)]
UserId = Annotated[int, PathParameter(ge=1, le=LARGEST_ID)]


class PeopleList(Struct):
    items: list[granting.Seen]


class GrantList(Struct):
    items: list[granting.Grant]
    families: list[str]  # that a grant can name, beside "all"


class NewGrant(Struct, forbid_unknown_fields=True):
    """Without `email` the answer has a link by which somebody accepts it."""

    families: Annotated[list[Family], Meta(min_length=1, max_length=50)]
    role: granting.Role = "viewer"
    email: Email | None = None
    expires_at: Moment | None = None


class Given(Struct):
    id: str
    link: str | None


class LinkToken(Struct, forbid_unknown_fields=True):
    token: Token


class Accepted(Struct):
    person_id: int


class LookPage(Struct, omit_defaults=True):
    items: list[sharing.Look]
    next_cursor: str | None = None


class MemberList(Struct):
    items: list[household.Member]


class NewMember(Struct, forbid_unknown_fields=True):
    name: Name
    email: Email | None = None
    role: Literal["member", "owner"] = "member"


class Invited(Struct):
    """The link is shown once, and mailed where the hub sends mail and there is an address."""

    id: int
    link: str


class MemberChange(Struct, forbid_unknown_fields=True):
    role: Literal["member", "owner"] | None = None
    disabled: bool | None = None


class NewLink(Struct):
    link: str


class People(Controller):
    tags = ["people"]

    @get("/people", operation_id="listPeople", opt=reads())
    async def people(self, request: Requested) -> PeopleList:
        """Whose data I may see: mine, and what others grant me. `?person=` on a read route asks
        for theirs."""
        args = (access_of(request), current_user(request))
        return PeopleList(await beside(request, sharing.people_seen, *args))

    @get("/grants", operation_id="listGrants", opt=ACCOUNT)
    async def grants(self, request: Requested) -> GrantList:
        """Who may see my data, the newest first, also what ended."""
        access = access_of(request)
        items = await beside(request, sharing.given, access, current_user(request))
        return GrantList(items, granting.known_families(access.hub))

    @post("/grants", operation_id="giveGrant", opt=ACCOUNT | SIGNED_IN | says(404))
    async def give(self, request: Requested, data: JSONBody[NewGrant]) -> Response[Given]:
        """Let somebody see families of my data. To see is all that a grant allows."""
        email = normal(data.email) if data.email else None
        wish = granting.Wish(data.role, data.families, entities.millis(data.expires_at), email)
        args = (access_of(request), current_user(request), wish, where(request))
        grant_id, link = await beside(request, sharing.give, *args)
        return Response(Given(grant_id, link), status_code=201, headers=NO_STORE)

    @post("/grants/accept", status_code=200, operation_id="acceptGrant", opt=ACCOUNT | SIGNED_IN)
    async def accept(self, request: Requested, data: JSONBody[LinkToken]) -> Accepted:
        """Take a grant that was offered by a link."""
        args = (access_of(request), current_user(request), data.token, where(request))
        return Accepted(await beside(request, sharing.accept, *args))

    @delete(
        "/grants/{grant_id:uuid}",
        status_code=204,
        operation_id="revokeGrant",
        opt=ACCOUNT | SIGNED_IN,
    )
    async def revoke(self, request: Requested, grant_id: FromPath[UUID]) -> None:
        """End a grant. The next request of who had it is refused."""
        args = (access_of(request), current_user(request), str(grant_id), where(request))
        await beside(request, sharing.revoke, *args)

    @get("/grants/access-log", operation_id="listLooks", opt=ACCOUNT)
    async def looks(
        self,
        request: Requested,
        hours: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
        cursor: FromQuery[str | None] = None,
    ) -> LookPage:
        """Who looked at what of mine, by hour and route, the newest first. `hours` counts those
        in which somebody did."""
        args = (access_of(request), current_user(request), hours, read_place(cursor, int))
        items, last = await beside(request, sharing.looks, *args)
        return LookPage(items, write_cursor(last) if last else None)


class Users(Controller):
    path = "/users"
    tags = ["people"]

    @get(operation_id="listUsers", opt=OWNER)
    async def members(self, request: Requested) -> MemberList:
        """Everybody on this hub."""
        return MemberList(await beside(request, sharing.members, access_of(request)))

    @post(operation_id="inviteUser", opt=OWNER | SIGNED_IN)
    async def invite(self, request: Requested, data: JSONBody[NewMember]) -> Response[Invited]:
        """Make room for somebody, and a link for them to come in by."""
        email = normal(data.email) if data.email else None
        args = (access_of(request), current_user(request), data.name, email, data.role)
        user_id, link = await beside(request, sharing.invite, *args)
        return Response(Invited(user_id, link), status_code=201, headers=NO_STORE)

    @patch("/{user_id:int}", operation_id="changeUser", opt=OWNER | SIGNED_IN)
    async def change(
        self, request: Requested, user_id: UserId, data: JSONBody[MemberChange]
    ) -> household.Member:
        """Change what somebody may do, or whether they may come in. Nothing of theirs is lost."""
        args = (access_of(request), current_user(request), user_id, data.role, data.disabled)
        return await beside(request, sharing.change_member, *args)

    @post("/{user_id:int}/link", operation_id="makeUserLink", opt=OWNER | SIGNED_IN)
    async def link(self, request: Requested, user_id: UserId) -> Response[NewLink]:
        """A link of use once for somebody who is locked out. It signs in as them."""
        args = (access_of(request), current_user(request), user_id)
        made = await beside(request, sharing.link_for, *args)
        return Response(NewLink(made), status_code=201, headers=NO_STORE)
