"""A conversation that the emulator wrote down is a test of the kit, and goes as it went."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from tocsin.config import shipped
from tocsin.emulator.retelling import Alarm, conversation
from tocsin.testing.plant import Plant

PUMP = "Plant/Pump 2/High level"
HIGH = Alarm(PUMP, 93)


@pytest.fixture
def project():
    return shipped("sample_project")


def recorded(plant, *alarms):
    """Return the test that the emulator writes of all that happened."""
    emulator = plant.running.emulator
    return conversation(emulator, emulator.phones, alarms=alarms)


def retold(source, stand, project, before=lambda _: None):
    """Run a recorded test on a plant of its own, and return what was written of that."""
    names: dict = {}
    exec(source, names)
    (test,) = (value for name, value in names.items() if name.startswith("test_"))
    again = Plant(stand, project)
    try:
        before(again)
        test(again, again.phone)
        assert again.ends() == ""
        return recorded(again, HIGH)
    finally:
        again.close()


def test_a_call_with_silences_and_a_pin(plant, tocsin_stand, project):
    """Every sentence, key and silence, and the end; recorded again, it is the same text."""
    plant.at("2026-01-05 03:10").raises(PUMP, value=93)
    maria = plant.calls("maria").answers().stays_silent().hears("Press 1 to acknowledge")
    maria.stays_silent().hears("1 to acknowledge").presses("1").hears("Enter your PIN")
    maria.stays_silent().presses("4711#").hears("Acknowledged.").is_hung_up()

    source = recorded(plant, HIGH)
    assert "plant.at('2026-01-05T02:10:00.000+00:00')" in source
    assert f"plant.raises({PUMP!r}, value=93)" in source
    assert "person.stays_silent()" in source
    assert source.endswith("    person.is_hung_up()\n")
    assert retold(source, tocsin_stand, project) == source


@pytest.mark.parametrize("becomes", ["declines", "does_not_answer"])
def test_a_call_that_was_not_taken(plant, tocsin_stand, project, becomes):
    """Nor is it taken the second time."""
    plant.raises(PUMP, value=93)
    getattr(plant.calls("jon"), becomes)()

    source = recorded(plant, HIGH)
    assert f"    person.{becomes}()\n" in source
    assert retold(source, tocsin_stand, project) == source


def test_a_call_to_the_plant_that_is_cut_short(plant, tocsin_stand, project, phone):
    """It begins with dialling and ends in the middle of a sentence, which nobody waits for."""
    plant.raises(PUMP, value=93)
    jon = phone("jon").dials().hears("PIN").presses("5822#").hears("1 alarm")
    jon.stays_silent(seconds=3).hangs_up()

    source = recorded(plant, HIGH)
    assert "    person.dials('+15005550006')\n" in source
    assert source.endswith("    person.hangs_up()\n")
    assert retold(source, tocsin_stand, project) == source


def test_a_machine_that_answers(plant, tocsin_stand, project, phone):
    """The machine answers again; nobody is made to listen to it."""
    plant.raises(PUMP, value=93)
    phone("jon").has_voicemail()
    plant.calls("jon")
    plant.waits(minutes=2)

    source = recorded(plant, HIGH)
    assert "    person.has_voicemail()\n    plant.calls('+46701740607')\n    plant.waits(" in source
    assert retold(source, tocsin_stand, project) == source


def test_keys_pressed_one_by_one_and_a_transfer_are_told_of_both_phones(plant, tocsin_stand, project, phone):
    """One story with two people in it; the second phone rings by itself, because the script dials it."""
    numbers = {who: phone(who).number for who in ("maria", "jon")}
    dial = (
        'if callAction == "inbound":\n    response = "<Response><Gather action=\'" + call.url("join") + "\'>'
        '<Say>Code, please.</Say></Gather></Response>"\nelif callAction == "join" and Digits == "12":\n'
        f'    response = "<Response><Dial><Number>{numbers["jon"]}</Number></Dial></Response>"\n'
    )
    plant.saves("90_dial.py", dial)
    maria = phone("maria").dials().hears("Code, please.")
    for key in "12#":
        plant.running.emulator.phone(maria.number).press(key)
    jon = phone("jon").answers()
    plant.waits(seconds=4)
    jon.says("Jon speaking")
    maria.hears("Jon speaking").hangs_up()

    source = recorded(plant)
    assert "raise the alarms of that time first" in source
    assert "    person_1.presses('12#')\n" in source
    assert "    person_2.answers()\n" in source
    assert f"plant.calls({numbers['jon']!r})" not in source

    def saved(again):
        again.saves("90_dial.py", dial)

    again = retold(source, tocsin_stand, project, saved)
    assert [line for line in again.splitlines() if "person_2." in line] == [
        line for line in source.splitlines() if "person_2." in line
    ]


def run(project):
    """Run `tocsin test` as its users do."""
    return subprocess.run(
        [sys.executable, "-m", "tocsin", "test", str(project), "-p", "no:cacheprovider"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "runtime")},
    )


def test_the_written_test_runs_under_tocsin_test_and_fails_where_the_plant_speaks_otherwise(
    plant, project, tmp_path
):
    """Fetched from the control API, saved into a project's tests, run by the command: it passes. Once a
    script says something else, it does not."""
    plant.at("2026-01-05 03:10").raises(PUMP, value=93)
    maria = plant.calls("maria").answers().hears("needs you").stays_silent()
    maria.hears("Press 1 to acknowledge").presses("1").hears("PIN").presses("4711#").is_hung_up()

    async def fetched():
        url = plant.running.emulator.exchange.public_url
        async with httpx2.AsyncClient(base_url=url, trust_env=False) as client:
            answer = await client.get("/test", params={"alarm": f"{PUMP}=93", "name": "a_night_call"})
            assert answer.status_code == 200
            return answer.text

    copy = tmp_path / "plant"
    shutil.copytree(project, copy, ignore=shutil.ignore_patterns(".tocsin", "__pycache__", "tests"))
    (copy / "tests").mkdir()
    (copy / "tests" / "test_recorded.py").write_text(plant.do(fetched()))
    done = run(copy)
    assert "1 passed" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0

    script = copy / "twilio_scripts" / "10_greeting.py"
    script.write_text(script.read_text().replace("needs you", "is fine"))
    done = run(copy)
    assert done.returncode == 1
    assert 'was expected to hear "' in done.stdout
