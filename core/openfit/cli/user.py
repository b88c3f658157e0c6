"""`openfit user` and `openfit key`: who may come in. Who has the machine needs no password."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
import typer

from openfit.config import Config

user = typer.Typer(no_args_is_help=True, help="People on this hub: who may come in, and how.")
key = typer.Typer(no_args_is_help=True, help="API keys: for programs that ask in your name.")

Who = Annotated[str, typer.Argument(help="A number, a mail address or a name.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
DAY_MS = 86_400_000


def add_commands(app: typer.Typer) -> None:
    app.add_typer(user, name="user")
    app.add_typer(key, name="key")


def in_hub(work: Callable[[Any, Any, int], Any]) -> Any:
    """Do it as the owner, in one transaction; a refusal is raised after it."""
    from openfit.errors import HubError
    from openfit.hub import now_ms, open_hub
    from openfit.store.engine import write

    hub = open_hub(Config.from_env())
    with write(hub.engine) as conn:
        outcome = work(hub, conn, now_ms())
    if isinstance(outcome, HubError):
        raise outcome
    return outcome


def show(json: bool, rows: Any, line: Callable[[Any], str]) -> None:
    if json:
        typer.echo(msgspec.json.encode(rows).decode())
        return
    for row in rows:
        typer.echo(line(row))


# People ------------------------------------------------------------------------------------------


@user.command("list")
def list_users(json: Json = False) -> None:
    """Everybody on this hub."""
    from openfit.access import household
    from openfit.store import people

    rows = in_hub(lambda hub, conn, _: [household.shown(r, hub.config) for r in people.rows(conn)])
    show(json, rows, user_line)


def user_line(row: Any) -> str:
    marks = [row.role, *(["disabled"] if row.disabled else [])]
    if not row.can_sign_in and not row.disabled:
        marks.append("has not come in yet")
    return f"{row.id:>3}  {row.name}  {row.email or '-'}  {', '.join(marks)}"


@user.command("add")
def add_user(
    name: str,
    email: Annotated[str | None, typer.Option(help="Where codes and links are mailed to.")] = None,
    owner: Annotated[bool, typer.Option("--owner", help="May run the hub.")] = False,
) -> None:
    """Make room for somebody, and print the link by which they come in."""
    from openfit.access import household
    from openfit.access.addresses import normal
    from openfit.hub import owner_id

    role, address = "owner" if owner else "member", normal(email) if email else None

    def work(hub: Any, conn: Any, now: int) -> Any:
        actor = owner_id(hub)
        return household.invite(conn, hub.config, name, address, role, now, actor)

    user_id, link = in_hub(work)
    typer.echo(f"{name} is number {user_id}. They come in by this link, once, within seven days:")
    typer.echo(link)


@user.command("link")
def user_link(who: Who) -> None:
    """Print a new link of use once, for somebody who is locked out. It signs in as them."""
    from openfit.access import household
    from openfit.hub import owner_id

    def work(hub: Any, conn: Any, now: int) -> Any:
        found = household.find(conn, who)
        return household.new_link(conn, hub.config, found, now, owner_id(hub))

    typer.echo(in_hub(work))


@user.command("disable")
def disable_user(
    who: Who, undo: Annotated[bool, typer.Option("--undo", help="Let them in again.")] = False
) -> None:
    """Keep somebody out. Their sessions end, their keys are refused, nothing of theirs is lost."""
    changed(who, disabled=not undo)
    typer.echo("They may come in again." if undo else "They are kept out from now on.")


@user.command("role")
def user_role(who: Who, role: Annotated[str, typer.Argument(help="owner or member.")]) -> None:
    """Say who may run the hub."""
    if role not in ("owner", "member"):
        raise typer.BadParameter("A role is owner or member.")
    changed(who, role=role)
    typer.echo(f"They are {role} now.")


def changed(who: str, **values: Any) -> None:
    from openfit.access import household
    from openfit.hub import owner_id

    def work(hub: Any, conn: Any, now: int) -> Any:
        found = household.find(conn, who)
        return household.change(conn, found.user_id, now, owner_id(hub), **values)

    in_hub(work)


@user.command("reset-password")
def reset_password(who: Who) -> None:
    """Take password and second factor away, end all sessions, and print a link to begin anew."""
    from openfit.access import household
    from openfit.hub import owner_id

    def work(hub: Any, conn: Any, now: int) -> Any:
        return household.reset(conn, hub.config, household.find(conn, who), now, owner_id(hub))

    typer.echo(in_hub(work))


# Keys --------------------------------------------------------------------------------------------

OfWhom = Annotated[str | None, typer.Option("--user", help="Whose; the owner's without it.")]


def whose(conn: Any, who: str | None) -> Any:
    from openfit.access import household
    from openfit.store import people

    return household.find(conn, who or str(people.owner(conn)))


@key.command("add")
def add_key(
    name: Annotated[str, typer.Argument(help="What it is for.")],
    scope: Annotated[
        list[str] | None, typer.Option(help="read, write, account or owner; read without it.")
    ] = None,
    days: Annotated[int | None, typer.Option(min=1, help="How long it is good for.")] = None,
    of: OfWhom = None,
) -> None:
    """Make an API key and print it. It is shown once."""
    from openfit.access.ways import scopes_of
    from openfit.errors import Refused
    from openfit.store import audit, keys

    wanted = scope or ["read"]

    def work(hub: Any, conn: Any, now: int) -> Any:
        user = whose(conn, of)
        if beyond := sorted({*wanted} - scopes_of(user.role)):
            known = ", ".join(sorted(scopes_of(user.role)))
            return Refused(
                f"{user.name} can have {known}; not {', '.join(beyond)}.",
                code="scope",
                next_step="Leave the others out.",
            )
        audit.note(conn, user.user_id, "key_made", now, detail=name)
        until = days and now + days * DAY_MS
        return keys.add(conn, user.user_id, name, now, scopes=wanted, expires_at=until)

    typer.echo(in_hub(work))


@key.command("list")
def list_keys(of: OfWhom = None, json: Json = False) -> None:
    """API keys, by how they begin."""
    from openfit.access.account_keys import key_shown
    from openfit.store import keys

    rows = in_hub(
        lambda _, conn, __: [key_shown(r) for r in keys.of_user(conn, whose(conn, of).user_id)]
    )
    show(json, rows, key_line)


def key_line(row: Any) -> str:
    until = f"until {row.expires_at:%Y-%m-%d}" if row.expires_at else "for ever"
    over = row.expires_at is not None and row.expires_at < datetime.now(UTC)
    used = f"used {row.used_at:%Y-%m-%d %H:%M}" if row.used_at else "never used"
    scopes = " ".join(row.scopes)
    return f"{row.id}  {row.hint}…  {row.name}  {scopes}  {'over' if over else until}  {used}"


@key.command("revoke")
def revoke_key(
    id: Annotated[str, typer.Argument(help='What "openfit key list" shows first.')],
    of: OfWhom = None,
) -> None:
    """End a key. A running hub refuses it within a second."""
    from openfit.errors import NotFound
    from openfit.store import audit, keys

    def work(_: Any, conn: Any, now: int) -> Any:
        user = whose(conn, of)
        gone = keys.revoke(conn, user.user_id, id)
        if gone is None:
            return NotFound("There is no such key.", code="no_key")
        audit.note(conn, user.user_id, "key_revoked", now, detail=gone.name)
        return gone.name

    typer.echo(f"{in_hub(work)} is refused from now on.")
