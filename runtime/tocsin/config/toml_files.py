"""Reading the TOML files of a project folder, with one plain sentence for each way in which that can fail.

Nothing here knows what the keys mean. The order is fixed: `tocsin.toml`, then the others by name.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from tocsin.errors import Finding

if TYPE_CHECKING:
    from pathlib import Path

MAIN = "tocsin.toml"
LARGEST = 8 * 1024 * 1024
DEEPEST = 64
_OTHERS_OWN = frozenset({"pyproject.toml"})

Stamp: TypeAlias = tuple[int, ...]
"""What tells that a file is another one than before, or may be read by others than before."""


@dataclass(frozen=True)
class TomlFile:
    """One file that was read and parsed: its name in the folder, its text and its values."""

    name: str
    text: str
    data: dict[str, Any]


def belongs(name: str) -> bool:
    """Return whether a file of this name is configuration: `*.toml`, no dot file, not another tool's."""
    return name.endswith(".toml") and not name.startswith(".") and name not in _OTHERS_OWN


def read_folder(folder: Path) -> tuple[list[TomlFile], list[Finding]]:
    """Read all configuration files of `folder`; what cannot be read or parsed comes back as findings."""
    try:
        names = sorted(name for name in os.listdir(folder) if belongs(name))  # noqa: PTH208 - names, not paths
    except OSError as error:
        return [], [Finding(MAIN, None, f'the folder "{folder}" cannot be read ({error.strerror})')]
    if MAIN not in names:
        said = f'there is none in "{folder}"; `tocsin new DIR` makes a project to begin with'
        return [], [Finding(MAIN, None, said)]
    files: list[TomlFile] = []
    findings: list[Finding] = []
    for name in sorted(names, key=lambda name: (name != MAIN, name)):
        outcome = read_file(folder / name)
        if isinstance(outcome, TomlFile):
            files.append(outcome)
        else:
            findings.append(outcome)
    return files, findings


def read_file(path: Path) -> TomlFile | Finding:
    """Read and parse one file."""
    raw = _bytes_of(path)
    if isinstance(raw, str):
        return Finding(path.name, None, raw)
    text = _text_of(path.name, raw)
    if isinstance(text, Finding):
        return text
    return parse(path.name, text)


def stamp(path: Path) -> Stamp | None:
    """Return how a file or folder stands, None for none; links are followed, so that a swap behind shows."""
    try:
        status = path.stat()
    except (OSError, ValueError):  # ValueError: a NUL in the path
        return None
    return (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)


def regular_bytes(path: Path, most: int) -> bytes | None:
    """Return what the file holds, at most one byte more than `most`; None for a folder, pipe or device."""
    # Not blocking: a named pipe in the file's place must not hold up the start.
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return None
        with open(handle, "rb", closefd=False) as file:
            return file.read(most + 1)
    finally:
        os.close(handle)


def _bytes_of(path: Path) -> bytes | str:
    """Return the file's bytes, or the sentence that says why there are none."""
    try:
        raw = regular_bytes(path, LARGEST)
    except FileNotFoundError:
        if path.is_symlink():
            return f'is a link to "{os.readlink(path)}", which does not exist; mend or remove the link'  # noqa: PTH115 - text wanted
        return "vanished while it was being read; it is read again at the next change"
    except OSError as error:
        return f"cannot be read ({error.strerror}); check who may read it"
    if raw is None:
        return "is not a regular file; rename it so that it does not end in .toml"
    if len(raw) > LARGEST:
        return f"is larger than {LARGEST // 1024 // 1024} MiB; split it into several .toml files"
    return raw


def _text_of(name: str, raw: bytes) -> str | Finding:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Finding(name, 1, "is saved as UTF-16; save it as UTF-8")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return Finding(name, line, f"byte 0x{raw[error.start]:02X} is not UTF-8; save the file as UTF-8")


def parse(name: str, text: str) -> TomlFile | Finding:
    """Parse TOML; a syntax error becomes a finding in plain words."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return _syntax_finding(name, text, str(error))
    except RecursionError:
        return Finding(name, None, "is nested too deeply to read; write it flatter")
    except ValueError as error:
        return Finding(name, None, f"holds a number that cannot be read ({str(error).split(';')[0]})")
    if _too_deep(data):
        return Finding(name, None, f"is nested more than {DEEPEST} tables deep; write it flatter")
    return TomlFile(name, text, data)


def _too_deep(data: Any) -> bool:
    level = [data]
    for _ in range(DEEPEST):
        below: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                below.extend(value.values())
            elif isinstance(value, list):
                below.extend(value)
        if not below:
            return False
        level = below
    return True


_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_TWICE = ("Cannot overwrite", "Cannot declare", "Duplicate inline", "Cannot mutate", "Cannot redefine")
_PLAIN = (  # what tomllib says at the start, what we say; {value} is what stands there
    ("Expected '=' after a key", 'this line is not `key = value`; write for example `name = "Pump 2"`'),
    ("Invalid statement", "expected `key = value` or `[table]`; a key with other letters needs quotes"),
    ("Invalid value", "{value} is no TOML value; text needs quotes, truth is `true` or `false`"),
    ("Unterminated string", "the text has no closing quote"),
    ("Illegal character '\\n'", "the text has no closing quote on its line"),
    ("Illegal character", "the text holds a control character; write it as \\uXXXX"),
    ("Found invalid character", "the line holds a control character; remove it"),
    ('Expected "\'"', "the text has no closing quote"),
    ("Unescaped '\\'", "a backslash in double quotes starts an escape; use single quotes: 'C:\\plant'"),
    ("Expected newline or end of document", "{value} is not one value; text needs quotes, each key its line"),
    ("Expected ']' at the end", "the table's heading has no closing bracket"),
    ("Expected ']]' at the end", "the heading has no closing `]]`"),
    ("Unclosed array", "the list is not closed, or lacks a comma between two values"),
    ("Unclosed inline table", "the `{ ... }` is not closed, or lacks a comma between two entries"),
    ("Invalid initial character for a key", "a key is missing; `{ ... }` stands on one line, no comma last"),
    ("Invalid date or datetime", "this is no date or time that exists"),
)


_SECRET = re.compile(r"token|secret|passw|database|url|\bpin\b", re.IGNORECASE)
"""Keys whose value is not shown: findings are logged."""


def _syntax_finding(name: str, text: str, said: str) -> Finding:
    lines = text.replace("\r\n", "\n").split("\n")
    place = _PLACE.search(said)
    if place and place[1]:
        line, column = int(place[1]), int(place[2])
    else:
        last = len(text.rstrip().split("\n"))
        line, column = last, len(lines[last - 1]) + 1
    if said.startswith(_TWICE):
        from tocsin.config.places import set_twice  # tree-sitter is loaded only for an error

        doubled = set_twice(text)
        if doubled:
            path, first, second = doubled
            return Finding(name, second, f"{path}: is set twice, first on line {first}; keep one")
        return Finding(name, line, "this key or table is set twice in this file; keep one")
    whole = lines[line - 1] if line <= len(lines) else ""
    # A value that breaks off in its middle, like the time 07:30, is shown from its beginning.
    value = whole.partition("=")[2].strip() if "=" in whole[:column] else whole[column - 1 :].strip()
    shown = f"`{value[:40]}`" if value else "nothing"
    if value and _SECRET.search(whole):
        shown = "the value"
    for start, plain in _PLAIN:
        if said.startswith(start):
            return Finding(name, line, plain.replace("{value}", shown))
    return Finding(name, line, f"is not TOML: {_PLACE.sub('', said)}")
