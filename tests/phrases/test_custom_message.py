"""A rule may have an alarm told in words of its own: on the phone and by text, in place of the label."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.channels.stage import MORE, open_stage, outbound_only
from tests.channels.test_last_resort import CHIEF, nobody_reached, with_last_resort
from tests.plant import JON, MARIA, open_line, write_project

from tocsin.clock import VirtualClock
from tocsin.telephony import gsm7

if TYPE_CHECKING:
    from pathlib import Path

OWN_WORDS = """
"voip.customMessage" = "Close valve 4 & phone P2"
CustomSmsMessage = "Close valve 4,\\nphone P2"
[pronunciations.en]
P2 = "pump two"
"""


async def test_on_the_phone_they_stand_for_the_label_and_the_rest_stays(tmp_path: Path) -> None:
    """Value and keys are said as ever; what was reported as label does not count either."""
    folder = write_project(tmp_path / "plant", more=OWN_WORDS)
    async with open_line(folder, clock=VirtualClock()) as line:
        await line.raise_alarm(value=93, label="Reported", data={"unit": "percent"})
        maria = await line.call_from(MARIA).dials()
        await maria.presses("4711#")
        await maria.stays_silent()

        assert (
            "Close valve 4 & phone pump two. Value 93 percent. just now. Press 1 to acknowledge"
            in maria.story()
        )
        assert "Reported" not in maria.story()


async def test_what_is_only_told_after_a_pin_stays_so(tmp_path: Path) -> None:
    """The words are part of the alarm, so they wait for the PIN as it does."""
    folder = write_project(tmp_path / "plant", more=OWN_WORDS)
    toml = folder / "tocsin.toml"
    toml.write_text(toml.read_text().replace('project = "."', 'project = "."\npin = "to-hear"'))
    async with open_line(folder) as line:
        await line.raise_alarm()
        maria = await line.call_from(MARIA).dials()
        assert "valve" not in maria.story()
        await maria.presses("4711#")
        await maria.stays_silent()
        assert "Close valve 4" in maria.story()


async def test_by_text_they_stand_for_the_label_before_code_and_hint(tmp_path: Path) -> None:
    """On one line, in one segment."""
    async with open_stage(tmp_path, more=OWN_WORDS + MORE) as stage:
        await stage.notify("maria", await stage.alarm(value=87), channel="sms")
        await stage.waits(5)
        (body,) = stage.sms(MARIA)
        assert body == (
            "Riverside HIGH Close valve 4, phone P2 87 01:00. Reply 47 and PIN to ack, 47E pass, ? help"
        )


async def test_a_long_text_is_shortened_and_the_hint_stays(tmp_path: Path) -> None:
    """Nobody is left without the code because somebody wrote much."""
    long = OWN_WORDS.replace("phone P2", "x" * 400)
    async with open_stage(tmp_path, more=long + MORE) as stage:
        await stage.notify("jon", await stage.alarm(), channel="sms")
        await stage.waits(5)
        (body,) = stage.sms(JON)
        assert gsm7.segments(body) == 1
        assert body.endswith(".. 01:00. Reply 47 and PIN to ack, 47E pass, ? help")


async def test_a_text_that_names_nothing_before_a_pin_has_no_words_of_its_own(tmp_path: Path) -> None:
    """A telephone lies on a table: what is hidden there is hidden in any words."""
    hidden = MORE.replace("[message_profiles.text]", '[message_profiles.text]\npin = "to-hear"')
    async with open_stage(tmp_path, more=OWN_WORDS + hidden) as stage:
        await stage.notify("maria", await stage.alarm(), channel="sms")
        await stage.waits(5)
        (body,) = stage.sms(MARIA)
        assert "valve" not in body


async def test_a_call_that_only_announces_says_them(tmp_path: Path) -> None:
    """Where Twilio cannot reach the gateway, the announcement is all there is."""
    async with open_stage(tmp_path, more=OWN_WORDS + MORE, edit=outbound_only) as stage:
        stage.emulator.put_phone(MARIA, {"answer": "auto"})
        await stage.notify("maria", await stage.alarm())
        await stage.waits(120)
        assert "Priority high: Close valve 4 & phone pump two, active since 1:00 AM." in stage.heard_on(MARIA)


async def test_the_numbers_of_last_resort_hear_them(tmp_path: Path) -> None:
    """Whoever is rung when nobody was reached hears what to do as well."""
    async with open_stage(tmp_path, more=OWN_WORDS + MORE, edit=with_last_resort) as stage:
        stage.emulator.put_phone(CHIEF, {"answer": "auto"})
        await nobody_reached(stage, await stage.alarm())
        await stage.waits(60)
        assert "Close valve 4 & phone pump two" in stage.heard_on(CHIEF)
