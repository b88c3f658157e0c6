"""The commands that plugins bring, beside the hub's own. No plugin is looked at before such a
command, or the list of all, is asked for."""

from typing import Any

from typer.core import TyperGroup


class WithPlugins(TyperGroup):
    """An own command goes before a plugin of its name."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        own = super().get_command(ctx, cmd_name)
        if own is not None:
            return own
        from openfit.cli.acting_now import command_named

        return command_named(cmd_name)

    def list_commands(self, ctx: Any) -> list[str]:
        from openfit.cli.acting_now import names

        own = super().list_commands(ctx)
        return own + [name for name in names() if name not in own]
