"""`openfit rotate-key`: another secret key in the place of the one that seals credentials."""

import typer

from openfit.config import Config


def rotate_key() -> None:
    """Seal credentials and second factors with a new secret key. Stop the hub first."""
    from openfit.access import resealing

    config = Config.from_env()
    done = resealing.rotate(config)
    typer.echo(f"{done.scanned} sealed things, {done.resealed} sealed anew with the new key.")
    if done.lost:
        typer.echo("Opened by no key, before as now:\n- " + "\n- ".join(resealing.said(done.lost)))
    if done.kept is not None:
        typer.echo(
            f"The old key lies in {done.kept}: backups made until now want it. Delete it once you "
            "keep none of them."
        )
    else:
        typer.echo("Now take the old key out of OPENFIT_SECRET_KEY, and keep it for old backups.")
    typer.echo(
        "Sessions go on. Addresses that vendors call (webhooks) are new: give them those that "
        "the connections show."
    )


def add_commands(app: typer.Typer) -> None:
    app.command("rotate-key")(rotate_key)
