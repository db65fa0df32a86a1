"""Where the files that ship with tocsin lie: in the installed package, else in the repository."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

_PACKAGE = Path(__file__).resolve().parents[1]


def shipped(name: Literal["user_scripts", "sample_project"]) -> Path:
    """Return the folder of that name; raises FileNotFoundError naming both places where it was looked for."""
    places = (_PACKAGE / name, _PACKAGE.parents[1] / name)
    for place in places:
        if place.is_dir():
            return place
    looked = " nor ".join(f'"{place}"' for place in places)
    raise FileNotFoundError(f"{name} is neither in {looked}; install tocsin again")
