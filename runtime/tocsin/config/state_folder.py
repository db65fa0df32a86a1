"""The folder `.tocsin/` of a project, in which its gateway keeps the database and its keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def make(folder: Path) -> None:
    """Make the state folder where there is none: for its owner alone, and out of version control.

    A plant keeps its project in a repository; the keys and everybody's telephone numbers do not belong there.
    Raises OSError where it cannot be made.
    """
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        return
    (folder / ".gitignore").write_text("*\n", encoding="ascii")
