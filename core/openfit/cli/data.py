"""Taking data out and back: `openfit export`, `backup`, `restore`."""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openfit.config import Config
from openfit.errors import Refused

if TYPE_CHECKING:
    from openfit.hub import Hub

To = Annotated[Path, typer.Option("--to", "--output", "-o", help="A zip to write.")]


def export(
    to: To,
    include: Annotated[
        str | None, typer.Option(help="Parts with commas between; all without it.")
    ] = None,
    start: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day.")
    ] = None,
    end: Annotated[
        datetime | None, typer.Option("--until", formats=["%Y-%m-%d"], help="The last day.")
    ] = None,
) -> None:
    """Write all of the owner's data to one zip: JSON Lines by the schema, and the originals."""
    from openfit.hub import open_hub, owner_id
    from openfit.leaving.contents import choice
    from openfit.leaving.export import export_all

    hub = open_hub(Config.from_env())
    wanted = choice(include, start and start.date(), end and end.date())
    counts = export_all(hub, owner_id(hub), to, wanted)["counts"]
    said = ", ".join(f"{n} {name}" for name, n in counts.items())
    typer.echo(f"{to}: {said or 'nothing yet'}")


Words = Annotated[
    Path | None, typer.Option("--passphrase-file", help="A file whose first line is it.")
]


def backup(
    to: Annotated[
        Path | None, typer.Option("--to", help="A folder; <data>/backups without it.")
    ] = None,
    words: Words = None,
    hub_key: Annotated[
        bool, typer.Option("--hub-key", help="Seal it with this hub's own key.")
    ] = False,
) -> None:
    """Write the whole hub, of all users, to one file: rows, originals, hashes. It may be in use."""
    from openfit.hub import open_hub
    from openfit.leaving.backup import Hoard, create, secret_of
    from openfit.leaving.plan import default_folder

    config = Config.from_env()
    secret = secret_of(config, passphrase(words), hub_key=hub_key)
    hub = open_hub(config)
    folder = to or default_folder(config.data)
    made = create(Hoard(hub.engine, hub.raw, hub_key_of(config)), folder, secret=secret)
    said = f"{made.rows:,} rows and {made.originals:,} originals, {made.size / 1e6:,.1f} MB"
    typer.echo(f"{made.path}: {said}{'' if secret else ', not sealed'}")
    if made.missing:
        typer.echo(f"{len(made.missing)} originals were not there any more.", err=True)


def restore(
    file: Annotated[Path, typer.Argument(help="A backup.")],
    words: Words = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Only look whether it is whole; write nothing.")
    ] = False,
) -> None:
    """Bring a backup into a hub that holds nothing yet, on SQLite or PostgreSQL."""
    from openfit.crypto import KEY_FILE
    from openfit.leaving import restore as back
    from openfit.leaving.sealed import Secret

    config = Config.from_env()
    key = hub_key_of(config) if config.secret_key or (config.data / KEY_FILE).exists() else None
    secret = Secret(passphrase(words) or asked(file), key)
    found = back.verify(file, secret) if verify else back.restore(config, file, secret)
    made = f"of {found.made_at}, OpenFit {found.hub}"
    held = f"{found.users} users, {found.rows:,} rows, {found.originals:,} originals"
    typer.echo(f"{file} ({made}) is {'whole' if verify else 'back'}: {held}.")
    if found.missing:
        typer.echo(f"{found.missing} originals were missing already when it was made.")
    if not verify and (lost := sealed_away(config)):
        typer.echo(
            f"This hub's key does not open what was sealed with the old one (id {found.key_id}). "
            "Set OPENFIT_SECRET_KEY to that. Without it these are lost:\n- " + "\n- ".join(lost)
        )


def sealed_away(config: Config) -> list[str]:
    from openfit.access import resealing
    from openfit.store import engine

    opened = engine.create(config.database_url)
    try:
        with opened.connect() as conn:
            return resealing.said(resealing.unopened(conn, hub_key_of(config)))
    finally:
        opened.dispose()


def migrate_database(
    to: Annotated[str, typer.Option("--to", help="postgresql://user:password@host/name")],
) -> None:
    """Copy the database to another one, as SQLite to PostgreSQL. Every row keeps its ids."""
    from openfit.leaving import moving

    config = Config.from_env()
    typer.echo(moving.next_steps(config, to, moving.move(config, to)))


def delete_data(
    connection: Annotated[str | None, typer.Option(help="A connection's id.")] = None,
    source: Annotated[str | None, typer.Option(help="A source's id.")] = None,
    metric: Annotated[str | None, typer.Option(help="A metric's type.")] = None,
    activity: Annotated[str | None, typer.Option(help="An activity's id.")] = None,
    start: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day, of UTC.")
    ] = None,
    end: Annotated[
        datetime | None, typer.Option("--until", formats=["%Y-%m-%d"], help="The last day, of UTC.")
    ] = None,
    everything: Annotated[bool, typer.Option("--everything")] = False,
    forget: Annotated[
        bool, typer.Option("--forget", help="Nor remember that it was deleted.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this, only count.")] = False,
) -> None:
    """Delete data of the owner: where all that is named holds. First it only counts."""
    from msgspec.structs import asdict

    from openfit.hub import open_hub, owner_id
    from openfit.leaving import deleting

    hub = open_hub(Config.from_env())
    wish = deleting.Wish(
        connection=connection,
        source=source,
        metric=metric,
        activity=activity,
        start=start and start.replace(tzinfo=UTC),
        end=end and end.replace(tzinfo=UTC) + timedelta(days=1),
        everything=everything,
        forget=forget,
    )
    counts, word = deleting.preview(hub, owner_id(hub), wish)
    for name, n in asdict(counts).items():
        typer.echo(f"{n:>14,} {name.replace('_', ' ')}")
    if not yes:
        typer.echo("Nothing was deleted. Say --yes to do it.")
        return
    deleting.request(hub, owner_id(hub), wish, word)
    work_off(hub)
    typer.echo("Deleted.")


def work_off(hub: "Hub") -> None:
    from openfit.background import work
    from openfit.hosting.hosts import Hosts
    from openfit.hub import owner_id

    with Hosts(hub) as hosts:
        work.drain(hub, hosts, user_id=owner_id(hub))


def passphrase(words: Path | None) -> str | None:
    if words is None:
        return None
    found = words.read_text().partition("\n")[0].strip()
    if not found:
        raise Refused(f"{words} is empty.", next_step="Write the passphrase into its first line.")
    return found


def asked(file: Path) -> str | None:
    """Ask on a terminal for the passphrase of a file that is sealed with one."""
    from openfit.leaving.restore import needs_passphrase

    if not sys.stdin.isatty() or not needs_passphrase(file):
        return None
    return str(typer.prompt("Passphrase", hide_input=True))


def hub_key_of(config: Config) -> bytes:
    from openfit.crypto import load_key

    return load_key(config.data, config.secret_key)


def add_commands(app: typer.Typer) -> None:
    for command in (export, backup, restore):
        app.command()(command)
    app.command("delete")(delete_data)
    app.command("migrate-database")(migrate_database)
