"""Reading a project's `twilio_scripts/`: which files count, in which order, and what is wrong with them.

Reading never raises and never runs anything. A file that counts but cannot be used is a finding, and a
reading with an error among its findings must not replace scripts that worked.
"""

from __future__ import annotations

import os
import stat
import time
from dataclasses import dataclass, replace
from operator import attrgetter
from pathlib import Path
from typing import Final

from tocsin.errors import Finding
from tocsin.sandbox.script import importable, is_reserved
from tocsin.scripts.release import Source, source

FOLDER: Final = "twilio_scripts"
LARGEST_FILE: Final = 64 * 1024
"""Bytes; a script that a person wrote is far below."""
MOST_FILES: Final = 1000

_FRESH_S: Final = 0.1
# File systems tell changes apart by times of a few milliseconds; a file changed more recently than this
# when it was read may have changed once more without its time showing it.


def counts(name: str) -> bool:
    """Tell whether a file name is that of a script or module.

    Editors' swap, lock, backup and temporary files are not: they begin with `.`, `#` or `~`, or do not
    end in `.py`.
    """
    return name.endswith(".py") and name[0] not in ".#~"


def _misnamed(name: str) -> bool:
    """Tell whether a name is most likely meant for a script: Windows hides one ending and adds another."""
    return name[0] not in ".#~" and not counts(name) and name.lower().endswith((".py", ".py.txt"))


@dataclass(frozen=True, slots=True)
class Reading:
    """What one look at the folder gave.

    `files` are all scripts and modules by name. `busy` says that a file was being written at that moment,
    so that another look a little later is worth more. `there` says whether the folder exists.
    """

    files: tuple[Source, ...]
    findings: tuple[Finding, ...]
    busy: bool
    there: bool

    @property
    def usable(self) -> bool:
        """Whether no file that counts had to be left out."""
        return not any(one.severity == "error" for one in self.findings)


class _Unusable(Exception):  # noqa: N818  never leaves this module
    """Why one file cannot be taken."""


class _Vanished(Exception):  # noqa: N818  never leaves this module
    """The file was there when the folder was listed, and is not any more."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A file as last read: what `stat` said, what came of it, and what is doubtful about its name."""

    signature: tuple[int, ...]
    result: Source | _Unusable
    doubts: tuple[Finding, ...] = ()


class ScriptFolder:
    """The script folder of one project. Unchanged files are not read again."""

    def __init__(self, project: Path) -> None:
        self.project = project.absolute()
        self.path = self.project / FOLDER
        self._known: dict[str, _Known] = {}
        self._targets: tuple[Path, ...] = ()

    def link_targets(self) -> tuple[Path, ...]:
        """Return the files outside the folder that links in it led to at the last reading."""
        return self._targets

    def read(self) -> Reading:
        """Read the folder as it is now. Blocks for as long as the file system does."""
        try:
            with os.scandir(self.path) as listed:
                there = sorted(listed, key=attrgetter("name"))
        except FileNotFoundError:
            return Reading((), (self._missing(),), busy=False, there=False)
        except OSError as error:
            why = f"the folder cannot be read ({error.strerror}); check who may read it"
            return Reading((), (Finding(FOLDER, None, why),), busy=False, there=True)
        entries = [one for one in there if counts(one.name)]
        misnamed: tuple[Finding, ...] = ()
        if len(entries) < len(there):
            misnamed = tuple(
                _finding(one.name, "does not end in .py and is not run; rename it", "warning")
                for one in there
                if _misnamed(one.name)
            )
        if len(entries) > MOST_FILES:
            why = f"holds {len(entries)} scripts; at most {MOST_FILES} are run"
            return Reading((), (Finding(FOLDER, None, why),), busy=False, there=True)
        reading = self._read_all(entries)
        return replace(reading, findings=(*reading.findings, *misnamed)) if misnamed else reading

    def _missing(self) -> Finding:
        return Finding(
            FOLDER, None, "the folder is not there; make it and put the project's scripts in it", "warning"
        )

    def _read_all(self, entries: list[os.DirEntry[str]]) -> Reading:
        files: list[Source] = []
        findings: list[Finding] = []
        known: dict[str, _Known] = {}
        targets: list[Path] = []
        busy = False
        for entry in entries:
            name = entry.name
            try:
                one, still_written = self._unchanged(entry), False
                if one is None:
                    if entry.is_dir():
                        findings.append(_finding(name, "is a folder and is not run", "warning"))
                        continue
                    one, still_written = self._read_one(entry, targets)
            except _Vanished:
                continue
            known[name] = one
            busy = busy or still_written
            if isinstance(one.result, Source):
                files.append(one.result)
                findings.extend(one.doubts)
            else:
                findings.append(_finding(name, str(one.result)))
        self._known, self._targets = known, tuple(targets)
        return Reading(tuple(files), tuple(findings), busy=busy, there=True)

    def _unchanged(self, entry: os.DirEntry[str]) -> _Known | None:
        """Return what is known of a file that is as it was. Most are, at each look, so this is quick."""
        before = self._known.get(entry.name)
        if before is None or not before.signature or entry.is_symlink():
            return None
        try:
            now = os.stat(entry.path)  # noqa: PTH116  as below
        except OSError:
            return None
        return before if _signature(now) == before.signature else None

    def _read_one(self, entry: os.DirEntry[str], targets: list[Path]) -> tuple[_Known, bool]:
        """Return one file's content or why it has none, and whether it was being written."""
        name = entry.name
        try:
            name.encode()
        except UnicodeEncodeError:
            return _Known((), _Unusable("its file name is not UTF-8; rename it")), False
        try:
            path = self._followed(name, targets) if entry.is_symlink() else entry.path
            signature = _signature(os.stat(path))  # noqa: PTH116  a Path for each of 1,000 files costs as much
            before = self._known.get(name)
            if before is not None and before.signature == signature:
                return before, False
            data, signature, still_written = _bytes_of(path)
        except _Unusable as why:
            return _Known((), why), False
        except FileNotFoundError:
            raise _Vanished from None
        except OSError as error:
            unreadable = _Unusable(f"cannot be read ({error.strerror}); check who may read it")
            return _Known((), unreadable), False
        result: Source | _Unusable
        try:
            result = source(name, _text_of(data))
        except _Unusable as why:
            result = why
        # A fresh file's time is no proof that it stays as it was read: look into it again next time.
        trusted = not still_written and abs(time.time() - signature[0] / 1e9) > _FRESH_S
        return _Known(signature if trusted else (), result, _doubts(name)), still_written

    def _followed(self, name: str, targets: list[Path]) -> Path:
        """Return the file behind a link; it may lead to other scripts of the project and nowhere else.

        Otherwise a link would let a secret, or any file of the machine, appear in a message about a script.
        """
        path = self.path / name
        real = Path(os.path.realpath(path))
        project = Path(os.path.realpath(self.project))
        if not real.exists():
            raise _Unusable("is a link to a file that does not exist; mend the link or remove it")
        if not real.is_relative_to(project) or not _may_be_linked(real.relative_to(project)):
            raise _Unusable("is a link out of the project's scripts; put the file itself into the project")
        if real.parent != Path(os.path.realpath(self.path)):
            targets.append(real)
        return real


def shipped_files(script: Path) -> tuple[Source, ...]:
    """Read the shipped default: the script, and the modules beside it by name. Raises OSError."""
    paths = [script, *sorted(one for one in script.parent.glob("_*.py") if counts(one.name))]
    return tuple(source(one.name, one.read_text(encoding="utf-8")) for one in paths)


def _may_be_linked(path: Path) -> bool:
    return path.suffix == ".py" and not any(part.startswith(".") for part in path.parts)


def _signature(status: os.stat_result) -> tuple[int, ...]:
    return (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino, status.st_dev)


def _bytes_of(path: Path | str) -> tuple[bytes, tuple[int, ...], bool]:
    """Return a regular file's bytes, what `stat` says of it, and whether it is being written."""
    # Not blocking: a named pipe must not hold up the reading of all other scripts.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW), "rb") as file:
        before = os.fstat(file.fileno())
        if not stat.S_ISREG(before.st_mode):
            raise _Unusable("is not a regular file; put a text file in its place")
        data = file.read(LARGEST_FILE + 1)
        after = _signature(os.fstat(file.fileno()))
    # Many programs empty a file before they write it anew.
    emptied = not data and time.time() - before.st_mtime < _FRESH_S
    return data, after, emptied or after != _signature(before)


def _text_of(data: bytes) -> str:
    if len(data) > LARGEST_FILE:
        raise _Unusable(f"is larger than {LARGEST_FILE // 1024} KiB; split it into modules (_name.py)")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _Unusable(f"line {line} is not UTF-8 text; save the file as UTF-8") from None
    if "\0" in text:
        raise _Unusable("holds a zero byte; save the file as UTF-8 text")
    return text


def _doubts(name: str) -> tuple[Finding, ...]:
    stem = importable(name)
    if not name.startswith("_") or (stem.isidentifier() and not is_reserved(stem)):
        return ()
    why = f'"{stem}" is no name that import can take; use letters, digits and _ only'
    if stem.isidentifier():
        why = f'the name "{stem}" is reserved and cannot be imported; one _ in front, none behind'
    return (_finding(name, why, "warning"),)


def _finding(name: str, message: str, severity: str = "error") -> Finding:
    shown = name.encode(errors="backslashreplace").decode()
    return Finding(f"{FOLDER}/{shown}", None, message, "warning" if severity == "warning" else "error")
