"""What commands share: the options most of them take, and how they print findings, tables and JSON.

Colours appear only where a terminal reads them.
"""

from __future__ import annotations

import json
import re
import shutil
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tocsin.errors import Finding

project_option = click.option(
    "--project",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=".",
    help="Folder with tocsin.toml; the current one by default.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for a program to read.")


_UNSHOWN: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""What a terminal obeys, and what none can show. Texts come from callers, scripts and control systems."""


def shown(text: str) -> str:
    """Return a text without what would steer a terminal: with it a note could paint over another line.

    Line breaks stay.
    """
    return _UNSHOWN.sub(" ", text)


def emit(value: Any) -> None:
    """Print a value as JSON."""
    text = json.dumps(value, indent=2, ensure_ascii=False, default=str)
    click.echo(_UNSHOWN.sub(lambda odd: f"\\u{ord(odd[0]):04x}", text))


def findings(found: Iterable[Finding], *, err: bool = False) -> None:
    """Print findings as `file:line: message`, the offending line below; `err`: to standard error."""
    for one in found:
        place, _, message = shown(str(one)).partition(": ")
        colour = "red" if one.severity == "error" else "yellow"
        click.echo(f"{click.style(place, bold=True)}: {click.style(message, fg=colour)}", err=err)
        if one.source.strip():
            click.echo(f"    {shown(one.source.strip())}", err=err)


def as_data(found: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return findings for `--json`."""
    return [
        {
            "file": one.file,
            "line": one.line,
            "message": one.message,
            "severity": one.severity,
            "source": one.source,
        }
        for one in found
    ]


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a plain table, columns as wide as their longest cell; those without any are left out."""
    kept = [at for at in range(len(head)) if not rows or any(row[at] not in (None, "") for row in rows)]
    head, rows = [head[at] for at in kept], [[row[at] for at in kept] for row in rows]
    cells = [[shown(str("" if cell is None else cell)).replace("\n", " ") for cell in row] for row in rows]
    widths = [max(len(row[at]) for row in [list(head), *cells]) for at in range(len(head))]
    click.secho(
        "  ".join(name.ljust(width) for name, width in zip(head, widths, strict=True)).rstrip(), bold=True
    )
    for row in cells:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def local(at_ms: int, project: Path | None = None) -> datetime:
    """Return a moment on the plant's wall clock, whatever this machine's is.

    The plant is the one that the command is about, if no `project` is given; where it cannot be read the
    clock is this machine's.
    """
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(plants_zone(project))


def plants_zone(project: Path | None = None) -> ZoneInfo | None:
    """Return the time zone of a project, or of the one that the command is about; None if there is none."""
    context = click.get_current_context(silent=True)
    given = context.params if context is not None else {}
    folder = project or given.get("project") or given.get("folder")
    return zone_of(folder.resolve()) if isinstance(folder, Path) else None


@lru_cache
def zone_of(project: Path) -> ZoneInfo | None:
    """Return a project's time zone; None where it cannot be read."""
    from tocsin.config.toml_files import read_folder

    files, unread = read_folder(project)
    sections = [file.data["gateway"] for file in files if isinstance(file.data.get("gateway"), dict)]
    name = next((one["timezone"] for one in sections if "timezone" in one), "UTC")
    try:
        return None if unread else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        return None


def when(at_ms: int | None, project: Path | None = None) -> str:
    """Return a moment as the plant's clock shows it, or nothing."""
    return "" if at_ms is None else local(at_ms, project).strftime("%Y-%m-%d %H:%M:%S")


def clock(at_ms: int) -> str:
    """Return a moment as the plant's clock shows it, with the day unless that is today."""
    at = local(at_ms)
    today = datetime.now(at.tzinfo).date()
    return at.strftime("%H:%M:%S" if at.date() == today else "%Y-%m-%d %H:%M")


def verdict(*, ok: bool, text: str) -> None:
    """Print a line with a mark that says whether it went well."""
    mark = click.style("ok", fg="green", bold=True) if ok else click.style("!!", fg="red", bold=True)
    click.echo(f"{mark}  {shown(text)}")


def width() -> int:
    """Return how many columns there are to write in."""
    return shutil.get_terminal_size((80, 24)).columns


def good(text: str) -> None:
    """Print a line that says something went well."""
    verdict(ok=True, text=text)
