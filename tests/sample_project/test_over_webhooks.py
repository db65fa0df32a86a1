"""The sample plant's scripts answering real signed webhooks, through the sandbox and the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.plant import MARIA, NUMBER, Caller, open_line, write_project

from tocsin.config import shipped

if TYPE_CHECKING:
    from pathlib import Path

SCRIPTS = shipped("sample_project") / "twilio_scripts"
FACTS = {"label": "Pump 2 high level", "data": {"equipment": "Pump 2", "unit": "percent"}, "value": 93.4}


class Called(Caller):
    """A person whom the plant has called."""

    def fields(self, **more: str) -> dict[str, str]:
        called = {"Direction": "outbound-api", "From": NUMBER, "To": self.number}
        return {**super().fields(**more), **called, **more}

    async def answers(self) -> Called:
        await self.turn("/main/system/twilio-voice/answer/0")
        return self


@pytest.fixture
def plant(tmp_path: Path) -> Path:
    return write_project(tmp_path / "plant", {path.name: path.read_text() for path in SCRIPTS.glob("*.py")})


async def test_the_pump_is_named_and_acknowledged_with_the_plant_s_own_words(plant):
    """Greeting, reading, key, PIN, thanks; the acknowledgement is on record before it is spoken."""
    async with open_line(plant) as line:
        episode = await line.raise_alarm(**FACTS)
        maria = Called(line, MARIA, "CA" + "1" * 32)
        await maria.answers()
        assert "Pump 2 needs you: it reports 93.4 percent." in maria.hears
        await maria.stays_silent()
        await maria.presses("6")
        assert "The last value is 93.4 percent." in maria.hears
        await maria.presses("1")
        assert "Enter your PIN" in maria.hears
        await maria.presses("1111#")
        assert "not recognised" in maria.hears
        await maria.presses("4711#")
        assert maria.hears.startswith("Acknowledged. Thank you, Maria. The key to Pump 2 is in the box"), (
            maria.story()
        )
        assert maria.is_over

        found = await line.gateway.services.board.find(episode)
        assert found.acked_by == "maria"


async def test_a_script_saved_during_a_call_is_heard_in_the_next(plant):
    """The call in progress keeps the release it began with."""
    async with open_line(plant) as line:
        await line.raise_alarm(**FACTS)
        maria = Called(line, MARIA, "CA" + "2" * 32)
        await maria.answers()
        changed = (SCRIPTS / "20_menu.py").read_text().replace("The last value is", "It reads")
        (plant / "twilio_scripts" / "20_menu.py").write_text(changed)
        await line.gateway.services.library.reload(".")

        await maria.stays_silent()
        await maria.presses("6")
        assert "The last value is 93.4 percent." in maria.hears

        again = Called(line, MARIA, "CA" + "3" * 32)
        await again.answers()
        await again.stays_silent()
        await again.presses("6")
        assert "It reads 93.4 percent." in again.hears


async def test_a_script_that_does_not_compile_changes_nothing(plant):
    """Calls go on with the last good scripts."""
    async with open_line(plant) as line:
        await line.raise_alarm(**FACTS)
        (plant / "twilio_scripts" / "10_greeting.py").write_text("class Greeting:\n    pass\n")
        (finding,) = await line.gateway.services.library.reload(".")
        assert (finding.file, finding.line) == ("twilio_scripts/10_greeting.py", 1)

        maria = Called(line, MARIA, "CA" + "4" * 32)
        await maria.answers()
        assert "Pump 2 needs you" in maria.hears
