"""Changing people in the files they stand in, for `tocsin user` and `tocsin pin`: comments and layout stay.

Every change is checked before it is written: the new text, parsed again, must differ from the old in what
was asked for and in nothing else. Files are replaced as a whole, so that a running gateway never reads half.
"""

from __future__ import annotations

import os
import secrets
import tomllib
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from tocsin.config.toml_files import TomlFile, read_folder
from tocsin.errors import TocsinError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path


_NEW_FILE = "people.toml"


class EditRefused(TocsinError):  # noqa: N818 - it names what happened, as its siblings do
    """The files cannot be changed as asked; they are as they were."""


def set_pin(folder: Path, username: str, pin_hash: str | None) -> Path:
    """Write a user's PIN hash (None removes the PIN) and return the file changed; raises EditRefused."""
    file = _files_of(folder, username)[0]

    def edit(users: Any) -> None:
        if pin_hash is None:
            users[username].pop("pin", None)
        else:
            users[username]["pin"] = pin_hash

    return change(folder, file, "users", edit)


def add_user(folder: Path, username: str, keys: Mapping[str, Any]) -> Path:
    """Add `[users.NAME]` with these keys where the other users stand, and return the file changed.

    A list of tables among the values, such as contacts, is written as `[[users.NAME.contacts]]`. Whether
    the keys mean anything is for `load` to say afterwards. Raises EditRefused.
    """
    files = files_in(folder)
    for file in files:
        if username in _users(file):
            raise EditRefused(f"{file.name}: users.{username} exists; change it there, or remove it first")
    home = max(files, key=lambda file: len(_users(file)))
    if not _users(home):
        home = next((file for file in files if file.name == _NEW_FILE), TomlFile(_NEW_FILE, "", {}))

    return add_table(folder, home, "users", username, keys)


def remove_user(folder: Path, username: str) -> tuple[Path, ...]:
    """Remove `[users.NAME]` with all below it, and return the files changed; raises EditRefused.

    Rosters that name the user are not touched; `load` finds them.
    """

    def edit(users: Any) -> None:
        del users[username]

    return tuple(change(folder, file, "users", edit) for file in _files_of(folder, username))


def free_id(folder: Path) -> int:
    """Return the lowest id above those of all users."""
    ids = [
        user.get("id")
        for file in files_in(folder)
        for user in _users(file).values()
        if isinstance(user, dict)
    ]
    return max((one for one in ids if isinstance(one, int)), default=0) + 1


def files_in(folder: Path) -> Sequence[TomlFile]:
    """Read the project's files; raises EditRefused where they cannot be read."""
    files, findings = read_folder(folder)
    if findings:
        raise EditRefused("\n".join(map(str, findings)))
    return files


def _users(file: TomlFile) -> dict[str, Any]:
    users = file.data.get("users")
    return users if isinstance(users, dict) else {}


def _files_of(folder: Path, username: str) -> Sequence[TomlFile]:
    """Return the files that name the user: the one with the PIN, else with the id, first."""
    files = files_in(folder)
    named = [file for file in files if isinstance(_users(file).get(username), dict)]
    if not named:
        known = sorted(name for file in files for name in _users(file))
        raise EditRefused(f'there is no user "{username}"; known are: {", ".join(known) or "none"}')
    keys = {file.name: _users(file)[username] for file in named}
    return sorted(named, key=lambda file: ("pin" not in keys[file.name], "id" not in keys[file.name]))


def add_table(
    folder: Path, home: TomlFile, table: str, name: str, keys: Mapping[str, Any], *, comment: str = ""
) -> Path:
    """Add `[table.name]` with these keys to a file, below a comment, and return it; raises EditRefused."""
    # Added as text at the end, which leaves every layout as it is.
    block = tomlkit.dumps({table: {name: dict(keys)}})
    if comment:
        block = "".join(f"# {line}\n" for line in comment.splitlines()) + block
    if home.text.strip():
        block = home.text.rstrip("\r\n") + "\n\n" + block
    added = tomllib.loads(tomlkit.dumps(dict(keys)))
    others = home.data.get(table)
    wanted = {**home.data, table: {**(others if isinstance(others, dict) else {}), name: added}}
    return write(folder, home, block, wanted)


def change(folder: Path, file: TomlFile, table: str, edit: Callable[[Any], None]) -> Path:
    """Make the same edit in the laid-out document and in the plain values, and hold them together."""
    wanted = deepcopy(file.data)
    edit(wanted[table])
    try:
        document = tomlkit.parse(file.text)
        edit(document[table])
        text = tomlkit.dumps(document)
    except (TOMLKitError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        text = ""
    return write(folder, file, text, wanted)


def write(folder: Path, file: TomlFile, text: str, wanted: dict[str, Any]) -> Path:
    """Write a text that says `wanted` and nothing else, and return the file; raises EditRefused."""
    if not says(text, wanted):
        said = f"{file.name}: is laid out in a way that cannot be changed safely; edit it by hand"
        raise EditRefused(said)
    if "\r\n" in file.text:
        text = text.replace("\r\n", "\n").replace("\n", "\r\n")
    path = folder / file.name
    replace(path, file, text)
    return path


def says(text: str, wanted: dict[str, Any]) -> bool:
    """Tell whether a TOML text holds these values and nothing else."""
    try:
        return _filled(tomllib.loads(text)) == _filled(wanted)
    except tomllib.TOMLDecodeError:
        return False


def _filled(values: dict[str, Any]) -> dict[str, Any]:
    """Return values without tables that are empty: without its last part a table stands in no file."""
    return {name: value for name, value in values.items() if value != {}}


def replace(path: Path, before: TomlFile, text: str) -> None:
    """Put the new text in the place of `before`, with the same rights; a link keeps pointing to it.

    Raises EditRefused where somebody else has changed the file, or it cannot be written.
    """
    real = path.resolve()
    half = real.with_name(f".{real.name}.{secrets.token_hex(4)}")
    try:
        exists = real.exists()
        if exists and real.read_bytes().decode("utf-8-sig") != before.text:
            raise EditRefused(f"{path.name}: was changed by somebody else meanwhile; run the command again")
        with half.open("x", encoding="utf-8", newline="") as file:
            if exists:
                status = real.stat()
                os.fchmod(file.fileno(), status.st_mode & 0o7777)
                if os.geteuid() == 0:
                    os.fchown(file.fileno(), status.st_uid, status.st_gid)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        half.replace(real)
    except OSError as error:
        raise EditRefused(
            f"{path.name}: cannot be written ({error.strerror}); check who may write it"
        ) from None
    finally:
        half.unlink(missing_ok=True)
