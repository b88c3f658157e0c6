"""`openfit`: every command, thin; what they do lives where its name says."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from openfit.cli import data, rotating, user
from openfit.cli.plugins import WithPlugins
from openfit.config import Config

app = typer.Typer(
    name="openfit",
    cls=WithPlugins,
    help="A self-hosted hub for health and fitness data.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

data.add_commands(app)
user.add_commands(app)
rotating.add_commands(app)

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
EXIT_SOME_FAILED = 1
EXIT_INTERRUPTED = 130


def say(*lines: str) -> None:
    for line in lines:
        typer.echo(line)


def print_json(value: Any) -> None:
    typer.echo(msgspec.json.encode(value).decode())


@app.command()
def serve() -> None:
    """Serve the hub: API, page and a worker for what comes in. Ctrl-C stops it."""
    from openfit.serving import serve_hub

    serve_hub(Config.from_env())


@app.command()
def demo() -> None:
    """Serve a hub with made-up data, in a folder of its own."""
    from openfit.serving import serve_demo

    serve_demo(Config.from_env(demo=True))


@app.command()
def worker(
    child: Annotated[bool, typer.Option(hidden=True, help="Run under `openfit serve`.")] = False,
) -> None:
    """Work on what is due, for ever. `openfit serve` does this by itself; with PostgreSQL
    there may be several."""
    from openfit.background import worker as work
    from openfit.hub import open_hub
    from openfit.watching import logs

    config = Config.from_env()
    logs.set_up(config.log)
    hub = open_hub(config)
    if child:
        work.run_child(hub, sys.stdin.buffer)
    else:
        work.run_forever(hub)


@app.command("import")
def import_files(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders.")], json: Json = False
) -> None:
    """Import files and folders: FIT, GPX, TCX, gzipped or in zips. Twice is as good as once."""
    from openfit.cli import importing_now
    from openfit.hub import collect_rarely, open_hub, owner_id
    from openfit.intake import importing

    hub = open_hub(Config.from_env())
    collect_rarely()
    files = list(importing.walk(paths))
    bad = 0
    try:
        with progress(len(files), shown=not json) as advance:
            for path, report in importing_now.run(hub, owner_id(hub), files):
                bad += report.status == "failed"
                advance()
                if json:
                    print_json(importing_now.line(path, report))
                else:
                    say(*importing_now.sentences(path, report))
    except KeyboardInterrupt:
        typer.echo(importing_now.interrupted(hub, owner_id(hub)), err=True)
        raise typer.Exit(EXIT_INTERRUPTED) from None
    if bad:
        raise typer.Exit(EXIT_SOME_FAILED)


@app.command()
def inspect(file: Path, json: Json = False) -> None:
    """Say what is in a file, without storing anything."""
    from openfit.hosting.inspecting import inspect_file, sentences

    found = inspect_file(file)
    if json:
        print_json(found)
    else:
        say(*sentences(file, found))
    if found.get("error"):
        raise typer.Exit(EXIT_SOME_FAILED)


@app.command("write")
def write_files(
    activity: Annotated[
        str | None, typer.Argument(help="An activity's id, as `openfit import --json` says it.")
    ] = None,
    format: Annotated[str, typer.Option("--format", "-f", help="fit, gpx or tcx.")] = "fit",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A file, a folder, or - for stdout.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All activities, into a folder.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
) -> None:
    """Write an activity as a file: FIT, GPX or TCX. Corrections are in it; importing it again
    does not make another activity."""
    from openfit.cli import writing_now
    from openfit.hub import open_hub, owner_id

    wish = writing_now.Wish(activity, format, output, every, force)
    hub = open_hub(Config.from_env())
    failed = False
    for line in writing_now.run(hub, owner_id(hub), wish):
        failed = failed or line.failed
        typer.echo(line.text, err=line.failed)
    if failed:
        raise typer.Exit(EXIT_SOME_FAILED)


@app.command()
def plugins(json: Json = False) -> None:
    """List the installed plugins. Their manifests are read, their code is not run."""
    from openfit.hosting.registry import Registry

    rows = [
        {
            "id": found.name,
            "version": found.version,
            "module": found.module,
            "name": found.manifest.name if found.manifest else None,
            "sync_modes": list(found.manifest.sync_modes) if found.manifest else [],
            "error": found.error,
        }
        for found in Registry.installed().plugins.values()
    ]
    if json:
        print_json(rows)
        return
    for row in rows:
        say(f"{row['id']} {row['version']}  {row['error'] or row['name']}")


@app.command()
def renormalize(
    integration: Annotated[str | None, typer.Argument(help="One plugin; all without it.")] = None,
) -> None:
    """Read every original again with the plugins as they are now. Readers see the old numbers
    until the new ones are complete."""
    from openfit.deriving import renormalizing
    from openfit.hub import open_hub, owner_id

    hub = open_hub(Config.from_env())
    reach = renormalizing.request(hub, owner_id(hub), integration)
    try:
        with progress(reach.originals) as advance:
            renormalizing.run(hub, owner_id(hub), advance)
    except KeyboardInterrupt:
        typer.echo(renormalizing.INTERRUPTED, err=True)
        raise typer.Exit(EXIT_INTERRUPTED) from None
    for sentence in renormalizing.sentences(reach):
        say(sentence)


@app.command()
def profile(
    field: Annotated[
        str | None, typer.Argument(help="What to set; without it, all is shown.")
    ] = None,
    value: Annotated[str | None, typer.Argument(help="The value, as JSON or a word.")] = None,
    since: Annotated[str | None, typer.Option(help="From which day on, as 2026-01-31.")] = None,
    remove: Annotated[bool, typer.Option(help="Take the value of that day back.")] = False,
    json: Json = False,
) -> None:
    """Show or set what is known of the owner: thresholds, zones, sex, date of birth, home zone.

    A value holds from its day until the next one of its field."""
    from openfit.hub import open_hub, owner_id
    from openfit.person import profile as people

    hub = open_hub(Config.from_env())
    user_id = owner_id(hub)
    if field is not None:
        people.from_words(hub, user_id, field, value, since, remove=remove)
    with hub.engine.connect() as conn:
        found = people.statements(conn, user_id)
    if json:
        print_json(found)
    else:
        say(*(f"{one.field:<29} {one.value} {one.unit} since {one.since}" for one in found))


@app.command()
def rederive() -> None:
    """Analyse everything again: zones, loads, best efforts and records."""
    from openfit.deriving import rederiving
    from openfit.hub import open_hub, owner_id

    hub = open_hub(Config.from_env())
    n = rederiving.run(hub, owner_id(hub))
    say(f"{n} activities were analysed again.")


@app.command()
def migrate() -> None:
    """Bring the database up to date, a copy of it first. `openfit serve` does this by itself."""
    from openfit.hub import prepare
    from openfit.store.engine import HEAD
    from openfit.upgrade import bring_up
    from openfit.watching import logs

    config = Config.from_env()
    logs.set_up(config.log)
    prepare(config.data)
    bring_up(config)
    say(f"The database is at revision {HEAD}.")


@app.command()
def doctor(json: Json = False) -> None:
    """Look at the surroundings and say what is well, what is not, and what to do about it."""
    from openfit.doctor import examine

    findings = examine(Config.from_env())
    if json:
        print_json(findings)
    else:
        for finding in findings:
            mark = "FIX " if not finding.ok else "open" if finding.open else "ok  "
            say(f"{mark} {finding.what}: {finding.said}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(EXIT_SOME_FAILED)


@contextmanager
def progress(total: int, *, shown: bool = True) -> Iterator[Any]:
    """A bar on a terminal, silence elsewhere."""
    if not shown or not sys.stderr.isatty() or total < 2:
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    console = Console(stderr=True)
    with Progress(
        BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console, transient=True
    ) as bar:
        task = bar.add_task("", total=total)
        yield lambda: bar.advance(task)
