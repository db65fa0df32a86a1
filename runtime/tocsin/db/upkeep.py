"""Copying an embedded database while it is in use, and looking whether its file is sound."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from typing import TYPE_CHECKING, Final

from tocsin.db.engines import address, file_of
from tocsin.errors import TocsinError

if TYPE_CHECKING:
    from pathlib import Path

_PAGES: Final = 2000  # copied at a time; a writer gets its turn in between
_MOST_FAULTS: Final = 20


class NotCopied(TocsinError):  # noqa: N818  it says what happened
    """There is no copy, or none that could be relied upon."""


class NoDatabase(TocsinError):  # noqa: N818  it says what is the case
    """The embedded database has no file yet."""


def backup(url: str, target: Path) -> int:
    """Copy the database at `url` to a new file and return its bytes; raises NotCopied and NoDatabase.

    Whatever is committed when it begins is in the copy, which only its owner can read. Done with SQLite's
    own backup (https://www.sqlite.org/backup.html): a running gateway goes on writing.
    """
    source = file_of(address(url))
    if source is None:
        raise NotCopied("this database is PostgreSQL's; copy it with: pg_dump --format=custom --file=FILE")
    _must_be_there(source)
    if target.exists():
        raise NotCopied(f"{target} exists; name a new file, or remove that one first")
    half = target.with_name(f".{target.name}.part")
    try:
        os.close(os.open(half, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        with _reading(source) as reading, contextlib.closing(sqlite3.connect(half)) as writing:
            reading.backup(writing, pages=_PAGES, sleep=0.01)
        faults = faults_of(f"sqlite:///{half.resolve()}")
        if faults:
            raise NotCopied(
                f"the copy is not sound ({faults[0]}); look at the original with: tocsin db check"
            )
        half.replace(target)
    except sqlite3.Error as error:
        raise NotCopied(f"{source} cannot be copied: {error}") from None
    except OSError as error:
        raise NotCopied(f"{target} cannot be written ({error.strerror}); name a place that can") from None
    finally:
        for end in ("", "-wal", "-shm"):  # looking into the copy makes them, for its mode is the original's
            half.with_name(half.name + end).unlink(missing_ok=True)
    return target.stat().st_size


def faults_of(url: str) -> list[str]:
    """Return what is wrong with the file of an embedded database, as SQLite says it; [] where nothing is.

    PostgreSQL looks after its own files: always [] for it. Raises NoDatabase.
    """
    source = file_of(address(url))
    if source is None:
        return []
    _must_be_there(source)
    try:
        with _reading(source) as reading:
            told = [str(row[0]) for row in reading.execute(f"PRAGMA integrity_check({_MOST_FAULTS})")]
            faults = [one for one in told if one != "ok"]
            lost = reading.execute("PRAGMA foreign_key_check").fetchmany(_MOST_FAULTS)
    except sqlite3.Error as error:
        return [str(error)]
    return faults + [
        f"row {row[1]} of {row[0]} points to a row of {row[2]} that is not there" for row in lost
    ]


def _must_be_there(source: Path) -> None:
    if not source.exists():
        raise NoDatabase(f"there is no database at {source}; the first start of the gateway makes it")


def _reading(source: Path) -> contextlib.closing[sqlite3.Connection]:
    return contextlib.closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True))
