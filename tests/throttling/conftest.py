"""A plant whose alarms are told: two people, each with a phone and texts, on one roster."""

from __future__ import annotations

import pytest
from tests.notifying.conftest import project, told, with_texts  # noqa: F401  as below
from tests.plant import write_project

from tocsin.testing.plugin import phone, plant, tocsin_stand  # noqa: F401  fixtures are found by name

ALL_AT_ONCE = """
if callAction in ("answer", "menu"):
    turn = VoiceResponse()
    names = [alarm.label for alarm in alarms if alarm.state.endswith("Unacknowledged")]
    flood = f"Alarm flood in {', '.join(call.floods)}. " if call.floods else ""
    turn.gather(action=call.url("pin"), timeout=20).say(f"{flood}{len(names)} alarms: {', '.join(names[:5])}. Your PIN, please.")
    turn.say("Goodbye.")
    response = turn
elif callAction == "pin":
    result = call.acknowledge(Digits)
    turn = VoiceResponse()
    turn.say("Acknowledged. Goodbye." if result.ok else "Nothing was acknowledged. Goodbye.")
    turn.hangup()
    response = turn
"""
"""Reads everything out and takes one PIN for it all, so that stories are about who is called, not what is said."""


@pytest.fixture(scope="session")
def riverside(tmp_path_factory):
    """One folder for all tests, so that its workers are made once."""
    folder = write_project(
        tmp_path_factory.mktemp("throttling") / "riverside", {"10_all_at_once.py": ALL_AT_ONCE}
    )
    file = folder / "tocsin.toml"
    file.write_text(with_texts(file.read_text()))
    return folder
