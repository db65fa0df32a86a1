"""Phrases in calls: a project's own scripts use them, in the language of whoever is on the line."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
from tests.plant import JON, MARIA, TOML, open_line, write_project

if TYPE_CHECKING:
    from pathlib import Path

TELLING = """
if callAction == "inbound":
    turn = VoiceResponse()
    first = alarms[0].spoken
    text = phrase("x-telling", name=first.name, value=first.value, priority=first.priority, since=first.since)
    turn.gather(action=call.url("inbound")).say(text, language=call.spoken.language, voice=call.spoken.voice)
    response = turn
"""

PHRASES = """
[phrases.en]
x-telling = "{name} is at {value}, priority {priority}, raised {since}."
[phrases.sv]
x-telling = "{name} står på {value}, prioritet {priority}, utlöst {since}."
[pronunciations.sv]
"Pump 2" = "pump två"
[units.sv]
"m3/h" = "kubik i timmen"
"""

VOICES = 'voices = { "en-US" = "Polly.Joanna-Neural", "sv-SE" = "Polly.Elin-Neural" }\npin = "none"\n'


def swedish_plant(folder: Path, *, phrases: str = PHRASES, script: str = TELLING) -> Path:
    """Maria speaks Swedish, Jon whatever the profile says: American English."""
    write_project(folder, {"10_telling.py": script})
    toml = TOML.replace('project = "."', f'project = "."\n{VOICES}')
    toml = toml.replace('name = "Maria Lind"', 'name = "Maria Lind"\nlanguage = "sv-SE"')
    (folder / "tocsin.toml").write_text(toml)
    (folder / "phrases.toml").write_text(phrases, encoding="utf-8")
    return folder


async def test_each_hears_it_in_their_own_language_and_voice(tmp_path: Path) -> None:
    """Numbers, units, how long ago, names and priorities: all as the language has them."""
    async with open_line(swedish_plant(tmp_path / "plant")) as line:
        await line.raise_alarm(value=93.4, data={"unit": "m3/h"})
        maria = await line.call_from(MARIA).dials()
        jon = await line.call_from(JON).dials()

        assert maria.hears == (
            "pump två high level står på 93,4 kubik i timmen, prioritet hög, utlöst alldeles nyss."
        )
        assert jon.hears == (
            "Pump 2 high level is at 93.4 cubic meters per hour, priority high, raised just now."
        )
        say = ElementTree.fromstring(maria.twiml).find(".//Say")
        assert say is not None
        assert (say.get("language"), say.get("voice")) == ("sv-SE", "Polly.Elin-Neural")


async def test_a_call_speaks_the_phrases_in_force_at_each_turn(tmp_path: Path) -> None:
    """A text that was put right is heard at the next turn, even in a call that is under way."""
    folder = swedish_plant(tmp_path / "plant", phrases='[phrases.en]\nx-telling = "Wrong."')
    async with open_line(folder, watch=False) as line:
        await line.raise_alarm()
        jon = await line.call_from(JON).dials()
        assert jon.hears == "Wrong."

        (folder / "phrases.toml").write_text('[phrases.en]\nx-telling = "Right."')
        assert await line.gateway.reload() == []
        await jon.presses("1")
        assert jon.hears == "Right."


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (
            'response = phrase("already-by")',
            'phrase("already-by") needs by: write phrase("already-by", by=...)',
        ),
        (
            'response = phrase("already-by", by=[])',
            "by of a phrase is a text, a number or a datetime, not list",
        ),
        ("response = phrase(1)", 'phrase takes the key of a phrase, for example phrase("goodbye")'),
        ('response = phrase("still-open")', 'phrase("still-open", count=...)'),
    ],
)
async def test_whoever_uses_a_phrase_wrongly_reads_what_to_write(
    tmp_path: Path, script: str, message: str
) -> None:
    """The script fails with a sentence that says so, and the default answers the turn."""
    from tests.calls.test_failing_scripts import last_turn

    async with open_line(swedish_plant(tmp_path / "plant", script=script)) as line:
        await line.raise_alarm()
        jon = await line.call_from(JON).dials()

        turn = await last_turn(line, jon.sid)
        assert turn["answered"] == "default-after-failure"
        assert message in turn["failure"].replace('\\"', '"')
