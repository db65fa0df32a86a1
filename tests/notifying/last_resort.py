"""A plant whose last resort is a telephone too, for stories in which it must ring or must not."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import select
from tests.notifying.conftest import with_texts
from tests.plant import JON, MARIA, write_project

from tocsin.alarms.tables import notices
from tocsin.journal.tables import journal

CHIEF = "+46705550000"


def write_with_last_resort(folder: Any, more: str) -> Any:
    """Write the plant with `more` in its tocsin.toml; gives its folder."""
    folder = write_project(folder)
    file = folder / "tocsin.toml"
    toml = with_texts(file.read_text()).replace("[gateway]\n", f'[gateway]\nlast_resort = ["{CHIEF}"]\n', 1)
    file.write_text(toml + more)
    return folder


def nobody_answers(plant: Any, *numbers: str) -> None:
    """Let these phones ring in vain from now on; without any all of them."""
    for number in numbers or (MARIA, JON, CHIEF):
        plant.running.emulator.put_phone(number, {"answer": "no-answer", "after": 5.0})


def all_told(plant: Any) -> list[tuple[str, str, str | None]]:
    """Give every notice there ever was: person, channel, outcome."""
    query = select(notices.c.person, notices.c.channel, notices.c.outcome).order_by(notices.c.id)
    return [tuple(row) for row in _rows(plant, query)]


def happened(plant: Any) -> Counter[str]:
    """Count the journal's entries by kind."""
    return Counter(row[0] for row in _rows(plant, select(journal.c.kind)))


def _rows(plant: Any, query: Any) -> Any:
    return plant.running.gateway.services.db.read_now(lambda connection: connection.execute(query).all())
