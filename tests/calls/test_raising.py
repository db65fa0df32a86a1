"""A key that raises an alarm, pressed once, raises one: whatever is repeated, and whatever the configuration says."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from tests.plant import MARIA, open_line, write_project

from tocsin.config import ConfigRefused
from tocsin.gateway import checks

RAISES = '\n[voice_profiles.phone.raise_alarm]\npath = "Plant/Pump 2/High level"\n'


async def test_a_webhook_that_comes_again_raises_nothing_more(tmp_path):
    """Twilio repeats the key that raised it, also after somebody has taken care of the alarm: the same answer."""
    async with open_line(write_project(tmp_path / "plant", more=RAISES)) as line:
        caller = await (await line.call_from(MARIA).dials()).presses("4711#")
        await caller.presses("6")
        action = ElementTree.fromstring(caller.twiml).find("Gather").get("action")
        first = await line.post(action, caller.fields(Digits="6"), token="one")
        board = line.gateway.services.board
        (raised,) = board.open()
        await board.acknowledge([raised.id], by="jon", via="api")
        again = await line.post(action, caller.fields(Digits="6"), token="one")

        assert "The alarm is raised." in first.text
        assert again.text == first.text
        assert [one.id for one in board.open()] == [raised.id]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            RAISES.replace("High level", "High levl"),
            r'tocsin.toml:\d+: voice_profiles.phone.raise_alarm.path: there is no alarm .* did you mean "Plant/Pump 2/High',
        ),
        (
            RAISES.replace("Pump 2/High level", "Level") + '[alarms."Plant/Level"]\ntag = "Plant/Level"\n'
            'mode = "AboveValue"\nsetpointA = 90\n',
            r'"Plant/Level" is raised and cleared by its tag Plant/Level; name an alarm without a tag',
        ),
        (
            RAISES + 'priority = "Urgent"\n',
            r'raise_alarm.priority: expected one of .*"Critical", found the text "Urgent"',
        ),
        (RAISES + 'label = "x"\n', r"raise_alarm.label: .*unknown|raise_alarm.label"),
    ],
)
def test_what_cannot_be_raised_is_refused_with_its_line(tmp_path, more, said):
    """An alarm that is not there, or that its tag raises and clears."""
    with pytest.raises(ConfigRefused) as refused:
        checks.read(write_project(tmp_path / "plant", more=more))

    assert re.search(said, str(refused.value)), str(refused.value)


def test_a_profile_that_answers_no_calls_is_warned_of(tmp_path):
    """Nobody would ever be offered it."""
    second = '\n[voice_profiles.other]\ntwilio_profile = "plant"\nproject = "."\n'
    toml = write_project(tmp_path / "plant", more=RAISES + second) / "tocsin.toml"
    toml.write_text(
        toml.read_text().replace('api_base = "emulator"', 'api_base = "emulator"\ninbound = "other"')
    )
    (warning,) = checks.read(tmp_path / "plant")[1]

    assert warning.severity == "warning"
    assert warning.message.endswith('add inbound = "phone" to [twilio_profiles.plant]')
    assert warning.message.startswith("voice_profiles.phone.raise_alarm: is never offered")
