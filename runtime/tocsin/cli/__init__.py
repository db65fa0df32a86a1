"""The command line: thin commands over the rooms, with their help, colours and exit codes.

0 is ok, 1 findings, 2 usage or no gateway running. A command's code is imported when it is called, so
that `tocsin --help` answers at once. No rule of the product stands here.
"""

from __future__ import annotations

import atexit
import contextlib
import errno
import importlib
import os
import sys

import click

from tocsin import __version__
from tocsin.errors import TocsinError

COMMANDS = {
    "serve": ("serving", "Run the gateway of a project."),
    "demo": ("demo", "Try one alarm call in this terminal, without an account."),
    "new": ("projects", "Make a new project, or copy a recipe into one."),
    "check": ("projects", "Check a project's configuration and scripts."),
    "schema": ("projects", "Print the JSON Schema of the configuration."),
    "call": ("turns", "Run one call action through the project's scripts."),
    "test": ("testing", "Run a project's conversation tests."),
    "replay": ("turns", "Run a recorded call again and compare."),
    "phone": ("phones", "Answer the emulator's phones in this terminal."),
    "emulator": ("phones", "Run a Twilio at home."),
    "doctor": ("doctor", "Look for what would keep calls from working."),
    "alarm": ("alarms", "Raise, clear, list and show alarms; see what waits."),
    "oncall": ("oncall", "Show who is on call, now or at a time."),
    "roster": ("rosters", "Show rosters; override and swap shifts."),
    "send": ("sending", "Text a number, or who is on call in a roster."),
    "run": ("running", "Run a script with system.* by hand."),
    "user": ("people", "List people, add them, forget them."),
    "pin": ("people", "Set a person's PIN, or unlock it."),
    "token": ("tokens", "Create, list and revoke API tokens."),
    "audit": ("audit", "Export the audit, or verify that nobody changed it."),
    "db": ("database", "Copy the database, check it, remove what is old."),
}


class Commands(click.Group):
    """Imports a command's module only when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """Return the names in the order of a newcomer's day."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command; a slip of the finger is answered with the likely one."""
        if cmd_name not in COMMANDS:
            from tocsin.config import did_you_mean

            ctx.fail(f'there is no command "{cmd_name}"{did_you_mean(cmd_name, COMMANDS)}')
        module = importlib.import_module(f"tocsin.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  click's signature
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, what) for name, (_, what) in COMMANDS.items()])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "-V", "--version", message="tocsin %(version)s")
def cli() -> None:
    """Phone and text the people on call, and let the plant script every call."""


def main() -> None:
    """Run the command line; a refused configuration is findings, any other error of tocsin one line."""
    import logging

    from tocsin.gateway import logs

    logs.configure(plain=True, least=logging.WARNING)
    atexit.register(_let_go)
    try:
        cli(prog_name="tocsin", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except TocsinError as error:
        sys.exit(_told(error))
    except UnicodeEncodeError as error:
        if error.reason != "surrogates not allowed":
            raise
        odd = error.object[error.start : error.end].encode(errors="surrogateescape")
        click.secho(f"what was typed is not UTF-8 text: it holds the byte {odd.hex()}", fg="red", err=True)
        sys.exit(2)
    except OSError as error:
        if error.errno == errno.ENOSPC and error.filename is None:
            with contextlib.suppress(OSError):
                click.secho("what this prints cannot be written: no space left", fg="red", err=True)
            sys.exit(2)
        if error.filename is None:
            raise
        click.secho(_unusable(error), fg="red", err=True)
        sys.exit(2)


def _let_go() -> None:
    """Drop what the streams could not write; the interpreter would end with a code of its own for it."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            with contextlib.suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _unusable(error: OSError) -> str:
    """Say which file could not be used, and who could."""
    import pwd
    from pathlib import Path

    said = f"{error.filename}: {(error.strerror or 'cannot be used').lower()}"
    if not isinstance(error, PermissionError):
        return said
    path = Path(os.fsdecode(error.filename)).absolute()
    for place in (path, *path.parents):
        try:
            owner = place.stat().st_uid
        except OSError:
            continue  # not there, or not to be seen: what it lies in is
        if owner != os.geteuid():
            try:
                name = pwd.getpwuid(owner).pw_name
            except KeyError:
                name = f"#{owner}"
            return f"{said}; {place} belongs to {name}: run this as sudo -u {name} tocsin ..."
        break
    return f"{said}; look at the permissions of the folder"


def _told(error: TocsinError) -> int:
    """Print what went wrong and return the exit code it means."""
    from tocsin.cli import output
    from tocsin.cli.reaching import Refused
    from tocsin.config import ConfigRefused

    if isinstance(error, ConfigRefused):
        output.findings(error.findings, err=True)
        return 1
    click.secho(str(error), fg="red", err=True)
    # A gateway that runs and was rightly asked may still find that it cannot be: that is a finding.
    return 1 if isinstance(error, Refused) and error.status == 409 else 2
