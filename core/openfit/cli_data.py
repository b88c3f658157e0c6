"""`openfit export`: taking data out."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from openfit.config import Config

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


def add_commands(app: typer.Typer) -> None:
    app.command("export")(export)
