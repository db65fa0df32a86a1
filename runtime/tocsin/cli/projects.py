"""`tocsin new`, `tocsin check` and `tocsin schema`: a project's files."""

from __future__ import annotations

import asyncio
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tocsin.cli import output
from tocsin.errors import TocsinError

if TYPE_CHECKING:
    from tocsin.errors import Finding

_folder = click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False), default=".")


@click.command()
@_folder
@output.json_option
def check(folder: Path, *, as_json: bool) -> None:
    """Check the project in FOLDER: configuration, scripts, and the TwiML they produce.

    Exit code 1 where something must be mended; every line reads file:line: message.
    """
    import logging

    from tocsin.gateway import logs

    # What a rehearsed turn warns of happened to nobody.
    logs.configure(plain=True, least=logging.ERROR, without=logs.FAILURES | logs.FINDINGS)
    found = asyncio.run(_findings(folder))
    errors = sum(one.severity == "error" for one in found)
    if as_json:
        output.emit(output.as_data(found))
    else:
        output.findings(found)
        doubts = len(found) - errors
        if errors:
            click.secho(f"{errors} to mend" + (f", {doubts} doubtful" if doubts else ""), fg="red", bold=True)
        else:
            output.good("configuration, scripts and their TwiML" + (f"; {doubts} doubtful" if doubts else ""))
    sys.exit(1 if errors else 0)


async def _findings(folder: Path) -> list[Finding]:
    from tocsin.gateway import checking

    return await checking.findings(folder)


@click.command()
def schema() -> None:
    """Print the JSON Schema of the configuration, for editors that complete TOML."""
    from tocsin.config.schema import json_schema
    from tocsin.gateway.configuration import Configuration

    output.emit(json_schema(Configuration))


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--recipe", metavar="NAME", help="Copy this recipe into FOLDER's scripts; --recipe list shows them."
)
def new(folder: Path | None, recipe: str | None) -> None:
    """Make a project in FOLDER, or copy a recipe into the project that is there."""
    from tocsin.config import shipped

    recipes = shipped("user_scripts") / "recipes"
    if recipe == "list":
        output.table(["recipe", "what it does"], _recipes(recipes))
        return
    if folder is None:
        raise click.UsageError("name the FOLDER of the project, such as: tocsin new plant")
    if recipe is not None:
        _copy_recipe(recipes, recipe, folder)
        return
    if folder.exists() and any(folder.iterdir()):
        raise TocsinError(f"{folder} is not empty; name a folder that is not there yet")
    shutil.copytree(
        shipped("sample_project"),
        folder,
        ignore=shutil.ignore_patterns(".tocsin", "__pycache__"),
        dirs_exist_ok=True,
    )
    output.good(f"{folder} is a small water plant to start from; its README.md walks you through")


def _recipes(folder: Path) -> list[list[str]]:
    return [[path.stem, _purpose(path)] for path in sorted(folder.glob("*.py"))]


def _purpose(path: Path) -> str:
    """Return the title in a recipe's first line."""
    with path.open(encoding="utf-8") as file:
        return file.readline().lstrip("# ").strip()


def _copy_recipe(recipes: Path, name: str, folder: Path) -> None:
    source = recipes / f"{name}.py"
    known = ", ".join(path.stem for path in sorted(recipes.glob("*.py")))
    if not source.is_file():
        raise TocsinError(f'there is no recipe "{name}"; there are: {known}')
    if not folder.is_dir():
        raise TocsinError(f"there is no project in {folder}; make one first with: tocsin new {folder}")
    # Scripts run in the order of their names; a recipe has to come before those that answer the same turn.
    target = folder / "twilio_scripts" / f"05_{name}.py"
    if target.exists():
        raise TocsinError(f"{target} is there already; rename it first")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    output.good(f"{target}: {_purpose(source)}")
