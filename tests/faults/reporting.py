"""What a run leaves behind: a line on the terminal, and a file in the folder TOCSIN_FAULTS_REPORT."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def scale(name: str, *, short: int, long: int) -> list[object]:
    """Return the two sizes of a run: one for every day, and one for `make faults` that the environment may set."""
    return [
        pytest.param(short, id="short"),
        pytest.param(int(os.environ.get(name, long)), id="long", marks=pytest.mark.faults),
    ]


def tell(capsys: pytest.CaptureFixture[str], name: str, text: str) -> None:
    """Show the figures of a run whatever pytest captures, and keep them where that was asked for."""
    with capsys.disabled():
        print(f"\n{name}: {text}")
    folder = os.environ.get("TOCSIN_FAULTS_REPORT", "")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        with (Path(folder) / "figures.txt").open("a") as file:
            file.write(f"{name}: {text}\n")
