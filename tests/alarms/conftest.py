"""A board over a database of its own, with a clock the test moves."""

import pytest

from tocsin.alarms import Board
from tocsin.alarms.sections import AlarmSection


@pytest.fixture
def rules():
    """The rules of a small plant, written as in alarms.toml."""
    written = {
        "Plant/Pump 2/High level": {
            "priority": "Critical", "label": "Pump 2 high level", "pipeline": "night",
            "displayPath": "Riverside / Pump 2", "notes": "Start the spare pump.", "data": {"area": "north"},
        },
        "Plant/Door": {"ackMode": "Auto", "priority": "Low", "shelvingAllowed": False},
        "Plant/Test": {"ackMode": "Unused", "priority": "Diagnostic"},
        "Plant/Chlorine": {"ackNotesReqd": True, "priority": "High"},
        "Plant/Boiler": {"ackTimeoutSeconds": 600, "reAlarmSeconds": 3600},
    }  # fmt: skip
    return {path: AlarmSection.model_validate(section) for path, section in written.items()}


@pytest.fixture
async def board(db, clock, rules):
    built = Board(db, clock, rules, pipelines={"default", "night"})
    await built.start()
    return built


@pytest.fixture
def heard(board):
    """Every change the board has told its subscribers, as (kind, path)."""
    told = []
    board.subscribe(lambda change: told.append((change.kind, change.episode.path)))
    return told
