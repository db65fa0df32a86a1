"""The main stories of the default script, lived through in each language that tocsin ships."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest
from tests.plant import JON, MARIA, NUMBER, TOML, open_line, write_project

from tocsin.calls import sentences
from tocsin.calls.answering import Answering
from tocsin.calls.phrasebook import Phrasebook
from tocsin.calls.phrases import ENGLISH, PHRASES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.plant import Caller, Line

LANGUAGES = ["de-DE", "en-US", "sv-SE"]
HEATING = "Plant/Boiler 1/Hot"
BOOK = Phrasebook()

pytestmark = pytest.mark.parametrize("language", LANGUAGES)


def plant(folder: Path, language: str, *, more: str = "") -> Path:
    """Maria and Jon speak the language; English phrases betray themselves where it is another."""
    write_project(folder)
    toml = TOML
    for name in ("Maria Lind", "Jon Berg"):
        toml = toml.replace(f'name = "{name}"', f'name = "{name}"\nlanguage = "{language}"')
    (folder / "tocsin.toml").write_text(toml + more)
    if not language.startswith(ENGLISH):
        marked = [f'{key} = "ENGLISH {key}"' for key, text in PHRASES[ENGLISH].items() if type(text) is str]
        (folder / "phrases.toml").write_text("[phrases.en]\n" + "\n".join(marked))
    return folder


async def two_alarms(line: Line) -> None:
    await line.raise_alarm(value=93.4, data={"unit": "percent"})
    await line.raise_alarm(HEATING, label="Boiler 1 hot", priority="Critical", value=-3, data={"unit": "°C"})


async def answers(line: Line, number: str = MARIA) -> Caller:
    """Somebody picks up a call that tocsin placed."""
    caller = line.call_from(number)
    ours: dict[str, Any] = {"Direction": "outbound-api", "From": NUMBER, "To": number}
    await caller.turn("/main/system/twilio-voice/answer/0", **ours)
    return caller


def says(language: str, key: str, **values: object) -> str:
    return BOOK.phrase(language, key, **values)


def all_in(language: str, caller: Caller) -> None:
    """Nothing was said in English by accident, and every sentence was tagged with its language."""
    assert "ENGLISH" not in caller.story()
    tags = {say.get("language") for say in ElementTree.fromstring(caller.twiml).iter("Say")}
    assert tags == {language}


async def test_she_hears_two_alarms_and_acknowledges_both(tmp_path: Path, language: str) -> None:
    """A wrong PIN, the right one, two alarms, all acknowledged."""
    async with open_line(plant(tmp_path / "plant", language)) as line:
        await two_alarms(line)
        maria = await line.call_from(MARIA).dials()
        assert says(language, "calling", site="Riverside") in maria.hears
        assert says(language, "enter-pin") in maria.hears
        await maria.presses("1111#")
        assert says(language, "wrong-pin") in maria.hears
        await maria.presses("4711#")
        await maria.stays_silent()
        assert says(language, "priority-critical") in maria.hears
        await maria.stays_silent()
        assert says(language, "priority-high") in maria.hears
        await maria.presses("2")

        assert says(language, "acknowledged-many", count=2) in maria.hears, maria.story()
        assert says(language, "goodbye") in maria.hears
        assert maria.is_over
        all_in(language, maria)


async def test_values_are_said_in_words(tmp_path: Path, language: str) -> None:
    """Degrees below zero, and a percentage with the language's decimal sign."""
    said = {
        "de-DE": ("minus 3 Grad Celsius", "93,4 Prozent"),
        "en-US": ("minus 3 degrees Celsius", "93.4 percent"),
        "sv-SE": ("minus 3 grader Celsius", "93,4 procent"),
    }[language]
    async with open_line(plant(tmp_path / "plant", language)) as line:
        await two_alarms(line)
        maria = await line.call_from(MARIA).dials()
        await maria.presses("4711#")
        await maria.stays_silent()
        await maria.stays_silent()
        for value in said:
            assert value in maria.story()


async def test_he_was_called_and_somebody_was_first(tmp_path: Path, language: str) -> None:
    """Jon hears who has acknowledged meanwhile, and when."""
    async with open_line(plant(tmp_path / "plant", language)) as line:
        episode = await line.raise_alarm()
        jon = await answers(line, JON)
        assert says(language, "calling-by-name", site="Riverside", person="Jon Berg") in jon.hears
        assert says(language, "summary", count=1, priority=says(language, "priority-high")) in jon.hears
        await jon.stays_silent()
        await line.gateway.services.board.acknowledge([episode], by="maria", via="api", note="")
        await jon.presses("1")

        assert "Maria Lind" in jon.hears, jon.story()
        all_in(language, jon)


async def test_nobody_is_there(tmp_path: Path, language: str) -> None:
    """Silence: the question comes back twice, then the call ends and says so."""
    async with open_line(plant(tmp_path / "plant", language)) as line:
        await line.raise_alarm()
        maria = await answers(line)
        for _ in range(8):
            if maria.is_over:
                break
            await maria.stays_silent()

        assert says(language, "no-entry") in maria.hears
        all_in(language, maria)


async def test_a_machine_answers(tmp_path: Path, language: str) -> None:
    """The voicemail box is told where to call, twice, and nothing else."""
    async with open_line(plant(tmp_path / "plant", language)) as line:
        await line.raise_alarm()
        maria = line.call_from(MARIA)
        ours: dict[str, Any] = {"Direction": "outbound-api", "From": NUMBER, "To": MARIA}
        await maria.turn("/main/system/twilio-voice/voicemail/0", AnsweredBy="machine_end_beep", **ours)

        number = " ".join(NUMBER.removeprefix("+"))
        assert maria.hears.count(number) == maria.hears.count("Riverside") == 2
        assert "Pump" not in maria.hears
        all_in(language, maria)


async def test_she_shelves_it_and_passes_on_the_other(tmp_path: Path, language: str) -> None:
    """Every question of the two keys is asked in her language."""
    async with open_line(plant(tmp_path / "plant", language)) as line:
        await line.raise_alarm()
        maria = await line.call_from(MARIA).dials()
        await maria.presses("4711#")
        await maria.stays_silent()
        await maria.presses("7")
        assert maria.hears.startswith(says(language, "ask-to-shelve", back=says(language, "star"))[:12])
        await maria.presses("1")
        assert says(language, "shelved", count=15) in maria.hears

        await line.raise_alarm(HEATING, label="Boiler 1 hot")
        again = await line.call_from(MARIA).dials()
        await again.presses("4711#")
        await again.stays_silent()
        await again.presses("5")
        assert says(language, "ask-to-pass", **{"pass": "5", "back": says(language, "star")}) in again.hears
        all_in(language, again)


async def test_the_last_level_speaks_it_too(tmp_path: Path, language: str) -> None:
    """With no sandbox left, the default in the gateway itself has the same phrases."""
    async with open_line(plant(tmp_path / "plant", language)) as line:
        await line.raise_alarm()
        await line.gateway.services.sandbox.aclose()
        maria = await line.call_from(MARIA).dials()
        await maria.presses("4711#")
        await maria.stays_silent()
        await maria.presses("1")

        assert says(language, "acknowledged") in maria.hears, maria.story()
        all_in(language, maria)


async def test_a_call_without_end_is_ended(tmp_path: Path, language: str) -> None:
    """What the gateway says without any script comes from the same tables."""
    folder = plant(tmp_path / "plant", language, more="\n[scripts]\nturns_per_call = 2\n")
    async with open_line(folder) as line:
        await line.raise_alarm()
        maria = await line.call_from(MARIA).dials()
        for _ in range(2):
            await maria.presses("1111#")

        assert maria.hears == says(language, "too-many-turns")
        all_in(language, maria)


async def test_the_fallback_speaks_to_the_one_on_the_line(tmp_path: Path, language: str) -> None:
    """What Twilio fetches after a failure is said in the callee's language, by their number alone."""
    async with open_line(plant(tmp_path / "plant", language)) as line:
        maria = line.call_from(MARIA)
        ours: dict[str, Any] = {"Direction": "outbound-api", "From": NUMBER, "To": MARIA}
        await maria.turn("/main/system/twilio-voice/fallback/no-such-call", **ours)

        assert maria.hears == says(language, "not-now")
        assert maria.is_over
        all_in(language, maria)


async def test_a_turn_that_breaks_ends_in_their_language(
    tmp_path: Path, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever breaks inside the gateway, both deliveries of the turn hear the same sentence."""
    async with open_line(plant(tmp_path / "plant", language)) as line:
        await line.raise_alarm()
        monkeypatch.setattr(Answering, "answer", breaks)
        maria = await line.call_from(MARIA).dials()

        assert maria.hears == says(language, "not-now")
        all_in(language, maria)


async def breaks(*_: object) -> None:
    """Fail as no part is expected to."""
    raise RuntimeError("a fault of our own")


def test_one_moment_is_said_in_the_voice_of_the_call(language: str) -> None:
    """The sentence, a pause, and the same turn again."""
    manner = BOOK.manner(language, {language: "Polly.Some-Neural"})
    document = ElementTree.fromstring(sentences.one_moment(manner, "https://alarms.example.com/x?a=1&b=2"))

    say, pause, again = document
    assert (say.text, say.attrib) == (
        says(language, "one-moment"),
        {"voice": "Polly.Some-Neural", "language": language},
    )
    assert (pause.tag, again.text) == ("Pause", "https://alarms.example.com/x?a=1&b=2")
