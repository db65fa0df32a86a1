"""A conversation that the emulator wrote down is a test of the kit, and goes as it went."""

from __future__ import annotations

import pytest

from tocsin.config import shipped
from tocsin.emulator import export
from tocsin.testing.plant import Plant

PUMP = "Plant/Pump 2/High level"


@pytest.fixture
def project():
    return shipped("sample_project")


def retold(source, stand, project):
    """Run a recorded test on a plant of its own, with the alarm of that time, and return what was written."""
    names: dict = {}
    exec(source, names)
    (test,) = (value for name, value in names.items() if name.startswith("test_"))
    again = Plant(stand, project)
    try:
        again.raises(PUMP, value=93)
        test(again, again.phone)
        assert again.ends() == ""
        return export.conversation(next(one for one in again.running.emulator.phones if one.transcript))
    finally:
        again.close()


def test_a_call_with_silences_and_a_pin(plant, tocsin_stand, project):
    """Every sentence, key and silence, and the end; recorded again, it is the same text."""
    plant.raises(PUMP, value=93)
    maria = plant.calls("maria").answers().stays_silent().hears("Press 1 to acknowledge")
    maria.stays_silent().hears("1 to acknowledge").presses("1").hears("Enter your PIN")
    maria.stays_silent().presses("4711#").hears("Acknowledged.").is_hung_up()

    source = export.conversation(plant.running.emulator.phone(maria.number))
    assert "person.stays_silent()" in source
    assert retold(source, tocsin_stand, project) == source


@pytest.mark.parametrize("becomes", ["declines", "does_not_answer"])
def test_a_call_that_was_not_taken(plant, tocsin_stand, project, becomes):
    """Nor is it taken the second time."""
    plant.raises(PUMP, value=93)
    jon = getattr(plant.calls("jon"), becomes)()

    source = export.conversation(plant.running.emulator.phone(jon.number))
    assert f"    person.{becomes}()\n" in source
    assert retold(source, tocsin_stand, project) == source


def test_a_call_to_the_plant(plant, tocsin_stand, project, phone):
    """It begins with dialling."""
    plant.raises(PUMP, value=93)
    jon = phone("jon").dials().hears("PIN").presses("5822#").hears("1 alarm").hangs_up()

    source = export.conversation(plant.running.emulator.phone(jon.number))
    assert "    person.dials('+15005550006')\n" in source
    assert (
        retold(source, tocsin_stand, project).splitlines()[: len(source.splitlines())] == source.splitlines()
    )
