"""Changing rosters in the files they stand in, for commands, the API and scripts: comments and layout stay.

Every change is checked as `editing` does. Whether the gateway takes it over is for its reload to say;
`restored_on_error` puts files back as they were where it does not.
"""

from __future__ import annotations

from contextlib import contextmanager
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from tocsin.config.toml_files import TomlFile
from tocsin.people.array_editing import with_element, without_element
from tocsin.people.editing import EditRefused, add_table, change, files_in, replace, says, write

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
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


def entries_of(folder: Path, name: str, key: str) -> list[dict[str, Any]]:
    """Return what stands under a key of a roster, such as "overrides", in its order; raises EditRefused."""
    return list(_rosters(_file_with(folder, name, key))[name].get(key, []))


def add_entry(folder: Path, name: str, key: str, keys: Mapping[str, Any], *, at: int | None = None) -> Path:
    """Add an entry such as an override to a roster, as the last or at an index; raises EditRefused."""
    file = _file_with(folder, name, key)
    wanted = deepcopy(file.data)
    there = wanted["rosters"][name].setdefault(key, [])
    index = len(there) if at is None else min(at, len(there))
    there.insert(index, dict(keys))
    text = with_element(file.text, ("rosters", name, key), index, keys)
    if text is not None and says(text, wanted):
        return write(folder, file, text, wanted)

    def edit(rosters: Any) -> None:
        if key in rosters[name]:
            rosters[name][key].insert(index, dict(keys))
        else:
            rosters[name][key] = [dict(keys)]

    return change(folder, file, "rosters", edit)


def remove_entry(folder: Path, name: str, key: str, index: int) -> Path:
    """Remove one entry of a roster; raises EditRefused."""
    file = _file_with(folder, name, key)
    wanted = deepcopy(file.data)
    del wanted["rosters"][name][key][index]
    if not wanted["rosters"][name][key]:
        del wanted["rosters"][name][key]
    text = without_element(file.text, ("rosters", name, key), index)
    if text is not None and says(text, wanted):
        return write(folder, file, text, wanted)

    def edit(rosters: Any) -> None:
        del rosters[name][key][index]
        if not rosters[name][key]:
            del rosters[name][key]

    return change(folder, file, "rosters", edit)


@contextmanager
def restored_on_error(folder: Path) -> Iterator[list[Path]]:
    """Put files back as they were where the body raises: those it names in the list, else all it changed.

    What somebody else saves meanwhile in another file stays where the body names its own.
    """
    before = {file.name: file.text for file in files_in(folder)}
    touched: list[Path] = []
    try:
        yield touched
    except BaseException:
        for file in files_in(folder):
            ours = not touched or folder / file.name in touched
            if ours and file.text != before.get(file.name, ""):
                replace(folder / file.name, file, before.get(file.name, ""))
        raise


def _rosters(file: TomlFile) -> dict[str, Any]:
    rosters = file.data.get("rosters")
    return rosters if isinstance(rosters, dict) else {}


def _file_with(folder: Path, name: str, key: str) -> TomlFile:
    """Return the file that has a key of the roster, else the one that has the roster; raises EditRefused."""
    home = _file_of(folder, name)
    return next((file for file in files_in(folder) if key in _rosters(file).get(name, ())), home)


def _file_of(folder: Path, name: str) -> TomlFile:
    """Return the file that has the roster, the one with its users first; raises EditRefused."""
    files = files_in(folder)
    having = [file for file in files if isinstance(_rosters(file).get(name), dict)]
    if not having:
        known = sorted(name for file in files for name in _rosters(file))
        raise EditRefused(f'there is no roster "{name}"; known are: {", ".join(known) or "none"}')
    return min(having, key=lambda file: "users" not in _rosters(file)[name])
