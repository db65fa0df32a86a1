"""What a long run leaves behind: lines on the terminal, and a file in the folder TOCSIN_SOAK_REPORT."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def scale(name: str, *, short: int, long: int) -> list[object]:
    """Return the two sizes of a run: one for every day, and one for `make soak` that the environment may set."""
    return [
        pytest.param(short, id="short"),
        pytest.param(int(os.environ.get(name, long)), id="long", marks=pytest.mark.soak),
    ]


def tell(capsys: pytest.CaptureFixture[str], name: str, text: str) -> None:
    """Show the figures of a run whatever pytest captures, and keep those of a long one."""
    with capsys.disabled():
        print(f"\n{text}")
    folder = os.environ.get("TOCSIN_SOAK_REPORT", "")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / f"{name}.txt").write_text(f"{text}\n")
