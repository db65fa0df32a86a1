"""People whom nothing reaches any more because they texted STOP, as findings beside their contacts."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from tocsin.channels.contacts import unreachable_in
from tocsin.channels.reach import unreached
from tocsin.clock import SystemClock
from tocsin.config import Fault, in_order
from tocsin.db import Database
from tocsin.errors import TocsinError
from tocsin.gateway.binding import directory_of
from tocsin.gateway.storage import address_of, is_embedded

if TYPE_CHECKING:
    from pathlib import Path

    from tocsin.channels.reach import Unreached
    from tocsin.config import Loaded
    from tocsin.config.loading import DataPath
    from tocsin.errors import Finding
    from tocsin.gateway.configuration import Configuration


def findings(folder: Path, loaded: Loaded[Configuration]) -> list[Finding]:
    """Look into the embedded database beside a project, if there is one to be read; nothing is changed in it.

    A database on a server is for `tocsin doctor` to look into: files are checked where there is none.
    """
    value, state = loaded.value, folder / ".tocsin"
    if not is_embedded(value) or not os.access(state / "tocsin.db", os.R_OK):
        return []
    clock = SystemClock()
    try:
        db = Database.open(address_of(value, state), clock=clock)
    except TocsinError:
        return []  # the doctor and the gateway say what is wrong with it
    try:
        left_out = db.read_now(lambda conn: unreachable_in(conn, clock.now_ms()))
    except SQLAlchemyError:
        return []  # of another version, or without tables yet
    finally:
        db.close()
    found = unreached(directory_of(value), left_out)
    return in_order(loaded.places, [Fault(_key(one), one.told, "warning") for one in found])


def _key(one: Unreached) -> DataPath:
    """Return the key that a reader would change first."""
    return ("users", one.name, "contacts") if one.kind == "people" else ("rosters", one.name, "users")
