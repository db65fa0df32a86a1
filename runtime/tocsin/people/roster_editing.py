"""Changing rosters in the files they stand in, for scripts run by hand: comments and layout stay.

Every change is checked as `editing` does. Whether the gateway takes it over is for its reload to say;
`restored_on_error` puts files back as they were where it does not.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tocsin.config.toml_files import TomlFile
from tocsin.people.editing import EditRefused, add_table, change, files_in, replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_NEW_FILE = "people.toml"


def create_roster(folder: Path, name: str, users: Sequence[str] = (), *, description: str = "") -> Path:
    """Add `[rosters.NAME]` where the other rosters stand, below its description; raises EditRefused."""
    files = files_in(folder)
    for file in files:
        if name in _rosters(file):
            raise EditRefused(f"{file.name}: rosters.{name} exists; choose another name")
    home = max(files, key=lambda file: len(_rosters(file)))
    if not _rosters(home):
        home = next((file for file in files if file.name == _NEW_FILE), TomlFile(_NEW_FILE, "", {}))
    return add_table(folder, home, "rosters", name, {"users": list(users)}, comment=description)


def delete_roster(folder: Path, name: str) -> Path:
    """Remove `[rosters.NAME]`; raises EditRefused."""

    def edit(rosters: Any) -> None:
        del rosters[name]

    return change(folder, _file_of(folder, name), "rosters", edit)


def set_roster_users(folder: Path, name: str, users: Sequence[str]) -> Path:
    """Write who is in a roster, first called first; raises EditRefused."""

    def edit(rosters: Any) -> None:
        rosters[name]["users"] = list(users)

    return change(folder, _file_of(folder, name), "rosters", edit)


@contextmanager
def restored_on_error(folder: Path) -> Iterator[None]:
    """Put the project's files back as they were where the body raises."""
    before = {file.name: file.text for file in files_in(folder)}
    try:
        yield
    except BaseException:
        for file in files_in(folder):
            if file.text != before.get(file.name, ""):
                replace(folder / file.name, file, before.get(file.name, ""))
        raise


def _rosters(file: TomlFile) -> dict[str, Any]:
    rosters = file.data.get("rosters")
    return rosters if isinstance(rosters, dict) else {}


def _file_of(folder: Path, name: str) -> TomlFile:
    """Return the file that has the roster, the one with its users first; raises EditRefused."""
    files = files_in(folder)
    having = [file for file in files if isinstance(_rosters(file).get(name), dict)]
    if not having:
        known = sorted(name for file in files for name in _rosters(file))
        raise EditRefused(f'there is no roster "{name}"; known are: {", ".join(known) or "none"}')
    return min(having, key=lambda file: "users" not in _rosters(file)[name])
