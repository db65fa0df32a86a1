"""The reference of the command line: a table of every command with its arguments and options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD: Final = (
    "# Commands\n\n"
    "`tocsin COMMAND --help` tells more of each. The exit code is 0 where all is well, 1 where something was "
    "found, 2 for wrong usage or where no gateway runs. This page is written by `make fix`.\n\n"
    "| command | what it does | options |\n|---|---|---|\n"
)


def render(cli: click.Group) -> str:
    """Return the whole page; `cli` is the group of all commands."""
    # With its settings: click keeps the option for help as the first context that asks for it has it.
    context = click.Context(cli, info_name="tocsin", **cli.context_settings)
    return _HEAD + "".join(f"{row}\n" for row in _rows(cli, context))


def _rows(command: click.Command, context: click.Context) -> Iterator[str]:
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None, "what is listed is there"
            yield from _rows(inner, click.Context(inner, parent=context, info_name=name))
        return
    usage = [one for one in command.collect_usage_pieces(context) if one != "[OPTIONS]"]
    options = [f"`{max(one.opts, key=len)}`" for one in command.params if isinstance(one, click.Option)]
    told = (command.help or "").partition("\n\n")[0].replace("\n", " ").replace("|", "\\|")
    yield f"| `{' '.join([context.command_path, *usage]).rstrip()}` | {told} | {' '.join(options)} |"
