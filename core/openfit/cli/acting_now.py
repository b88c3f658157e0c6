"""Commands that come with plugins: one for each, and below it one for each of its `[actions]`.

Made of manifests, without running any of a plugin.
"""

import inspect
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from openfit_sdk.arguments import Argument, described
from openfit_sdk.manifest import Action, Installed, installed
from typer.main import get_command

from openfit.config import Config
from openfit.errors import SetupError

if TYPE_CHECKING:
    from openfit.hosting.acting import Acting, Step
    from openfit.hosting.actions import Task
    from openfit.hub import Hub

EXIT_INTERRUPTED = 130
GIVEN = {"text": str, "integer": int, "number": float, "time": str}
JSON = typer.Option("--json", help="Print each step as a line of JSON, for programs.")
WHICH = typer.Option(help="Which connection, by its name or id, where there are several.")
KNOWING = typer.Option("--i-understand", help="It is dangerous, and wants this each time.")


def command_named(name: str) -> Any:
    """The command of a plugin, or None; what is wrong with a manifest is said."""
    found = next((one for one in installed() if dashed(one.name) == name), None)
    if found is not None and found.error:
        raise SetupError(f"The plugin {found.name} cannot be used: {found.error}")
    return command_of(found) if found is not None and may_act(found) else None


def names() -> list[str]:
    return [dashed(one.name) for one in installed() if may_act(one)]


def may_act(plugin: Installed) -> bool:
    """Whether its manifest lists actions; none of its code runs for this."""
    return plugin.manifest is not None and bool(plugin.manifest.actions)


def dashed(name: str) -> str:
    return name.replace("_", "-")


def command_of(plugin: Installed) -> Any:
    """`openfit openstrap-band`, which lists what it can be told, and each of those below it."""
    manifest = plugin.manifest
    assert manifest is not None
    group = typer.Typer(
        name=dashed(plugin.name),
        help=f"Tell {manifest.name} to do something.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
    )
    group.callback()(lambda: None)  # so that it is a group even with one action
    for name, action in manifest.actions.items():
        about = action.title + ("" if action.title.endswith(("?", "!", ".")) else ".")
        about += " Goes on until Ctrl-C." if action.live else ""
        group.command(dashed(name), help=about)(function_of(plugin.name, name, action))
    return get_command(group)


def function_of(plugin: str, name: str, action: Action) -> Callable[..., None]:
    form = action.form()

    def run(**given: Any) -> None:
        values = {one.name: given[one.name] for one in form if given[one.name] is not None}
        act(plugin, name, values, given["json"], given.get("connection"), given.get("knowing"))

    wanted = [option_of(one) for one in form]
    if action.needs == "connection":
        wanted.append(option("connection", str | None, WHICH, None))
    if action.danger:
        wanted.append(option("knowing", bool, KNOWING, False))
    wanted.append(option("json", bool, JSON, False))
    run.__signature__ = inspect.Signature(wanted)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in wanted}
    return run


def option_of(one: Argument) -> inspect.Parameter:
    """What is left out is filled in where every door fills it in, so a default is only told."""
    kind: Any = Literal[tuple(one.choices)] if one.choices else GIVEN.get(one.kind, bool)
    said = described(one) + (f"; {one.default} without it" if one.default is not None else "")
    flag = f"--{dashed(one.name)}"
    if one.kind == "flag":
        names = [f"{flag}/--no-{dashed(one.name)}"] if one.default else [flag]
        return option(one.name, bool, typer.Option(*names), bool(one.default))
    if one.required:
        return option(one.name, kind, typer.Option(flag, help=said), inspect.Parameter.empty)
    return option(one.name, kind | None, typer.Option(flag, help=said), None)


def option(name: str, kind: Any, how: Any, default: Any) -> inspect.Parameter:
    annotated = Annotated[kind, how]
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotated
    )


# Doing it ----------------------------------------------------------------------------------------


def act(
    plugin: str,
    action: str,
    values: dict[str, Any],
    json: bool,
    connection: str | None,
    consent: bool | None,
) -> None:
    """Say each step as it comes. Ctrl-C lets the device go; a second one does not wait for it."""
    from openfit.background import work
    from openfit.hosting.acting import STILL_THERE, Acting, alone
    from openfit.hosting.hosts import Hosts
    from openfit.hub import open_hub
    from openfit.leaving import in_use

    hub = open_hub(Config.from_env())
    task = task_of(hub, plugin, action, values, connection, bool(consent))
    acting = Acting(hub, task)
    with in_use.shared(hub.config.data), alone(acting), stoppable(acting):
        for step in acting.steps():
            if step != STILL_THERE:
                say(step, json)
    if acting.stored:
        with Hosts(hub) as hosts:
            work.drain(hub, hosts, user_id=task.user_id)
    if acting.stopping.is_set() and not task.action.live:
        raise typer.Exit(EXIT_INTERRUPTED)


def task_of(
    hub: "Hub",
    plugin: str,
    action: str,
    values: dict[str, Any],
    connection: str | None,
    consent: bool,
) -> "Task":
    from openfit.hosting import actions
    from openfit.hub import owner_id

    user_id, now = owner_id(hub), datetime.now(UTC)
    manifest = hub.plugins.plugin(plugin).manifest
    if manifest is None or manifest.actions[action].needs == "nothing":
        return actions.of_integration(hub, user_id, plugin, action, values, consent, now)
    which = actions.the_connection(hub, user_id, plugin, connection)
    return actions.of_connection(hub, user_id, which, action, values, consent, now)


@contextmanager
def stoppable(acting: "Acting") -> Iterator[None]:
    before: dict[int, Any] = {}

    def stop(number: int, _: Any) -> None:
        for one, handler in before.items():
            signal.signal(one, handler)  # the next one is not waited for
        acting.stop()

    for one in (signal.SIGINT, signal.SIGTERM):
        before[one] = signal.signal(one, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def say(step: "Step", json: bool) -> None:
    import msgspec

    typer.echo(msgspec.json.encode(step).decode() if json else sentence(step))


def sentence(step: "Step") -> str:
    share = f"{step.done:.0%}" if step.done is not None else ""
    told = ", ".join(f"{name} {shown(value)}" for name, value in step.values.items())
    made = f"connection {step.connection_id}" if step.connection_id else ""
    return "  ".join(filter(None, [share, step.message, told, made]))


def shown(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(map(shown, value)) or "none"
    if isinstance(value, dict):
        return " ".join(f"{name} {shown(one)}" for name, one in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)
