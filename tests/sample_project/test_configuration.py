"""The sample plant is a complete configuration, and reads as one."""

from __future__ import annotations

from tocsin.config import load, shipped
from tocsin.gateway.configuration import Configuration


def test_the_sample_plant_loads_without_a_finding():
    """Every key in it is one that the product knows."""
    plant = load(shipped("sample_project"), Configuration).value

    assert list(plant.users) == ["maria", "jon"]
    assert plant.alarms["Plant/Pump 2/High level"].data["equipment"] == "Pump 2"
    assert plant.voice_profiles["phone"].project == "."


def test_its_rosters_name_people_and_its_alarms_name_pipelines_that_exist():
    """No roster calls a stranger, no alarm goes nowhere."""
    plant = load(shipped("sample_project"), Configuration).value

    assert {name for roster in plant.rosters.values() for name in roster.users} <= set(plant.users)
    assert {alarm.told_by for alarm in plant.alarms.values()} - {None} <= set(plant.pipelines)
