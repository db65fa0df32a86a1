"""Scripts that decide outside a call: who is on a roster, how a pipeline goes on. None of them can stop an alarm."""

from __future__ import annotations

import pytest
from tests.plant import write_project

from tocsin.testing.plugin import phone, plant, tocsin_stand  # noqa: F401  fixtures are found by name

HIGH = "Plant/Pump 2/High level"

MORE = """
[rosters.calculated]
users = ["jon"]
script = "who.py"

[pipelines.by_roster]
[[pipelines.by_roster.blocks]]
type = "notification"
roster = "calculated"
profiles = ["phone"]

[pipelines.by_script]
[[pipelines.by_script.blocks]]
type = "script"
script = "choose.py"
sets = ["who"]
failed = "jon"
[[pipelines.by_script.blocks]]
type = "switch"
on = "who"
cases = { maria = "maria" }
default = "jon"
[[pipelines.by_script.blocks]]
id = "maria"
type = "notification"
roster = "hers"
profiles = ["phone"]
[[pipelines.by_script.blocks]]
id = "jon"
type = "notification"
roster = "his"
profiles = ["phone"]

[rosters.hers]
users = ["maria"]
[rosters.his]
users = ["jon"]
[alarms."Plant/Roster"]
priority = "High"
pipeline = "by_roster"
[alarms."Plant/Script"]
priority = "High"
pipeline = "by_script"
"""


@pytest.fixture
def project(tmp_path):
    folder = write_project(tmp_path / "plant", more=MORE)
    for name in ("roster_scripts", "pipeline_scripts"):
        (folder / name).mkdir()
    return folder


def saves(folder, kind, name, source):
    (folder / kind / name).write_text(source)


def test_a_script_says_who_is_on_the_roster(project, plant, phone):  # noqa: F811
    """It looks people up, uses a module beside it, and names Maria, who is called instead of Jon."""
    saves(
        project, "roster_scripts", "_rules.py", "def wanted(users):\n    return [users[0].get('username')]\n"
    )
    source = (
        "import _rules\nif roster == 'calculated':\n    result = _rules.wanted(system.user.getUsers(''))\n"
    )
    saves(project, "roster_scripts", "who.py", source)
    plant.tells_people().raises("Plant/Roster")
    phone("maria").rings()


@pytest.mark.parametrize(
    "source",
    ["result = 1 / 0", "result = 'maria'", "while True:\n    pass", "result = ['nobody']", "import os"],
)
def test_where_the_script_fails_the_standing_people_are_called(project, plant, phone, source):  # noqa: F811
    """Whatever the script does, Jon stands in the roster and is told."""
    saves(project, "roster_scripts", "who.py", source)
    plant.tells_people().raises("Plant/Roster")
    phone("jon").rings()


def test_without_the_file_the_standing_people_are_called(plant, phone):  # noqa: F811
    """A script that was forgotten or renamed keeps nobody from being told."""
    plant.tells_people().raises("Plant/Roster")
    phone("jon").rings()


def test_a_roster_is_asked_for_anew_every_minute(project, plant, phone):  # noqa: F811
    """What is saved counts within a minute; a script that fails later is believed for ten minutes more."""
    saves(project, "roster_scripts", "who.py", "result = ['maria']")
    plant.tells_people().waits(seconds=1)
    directory = plant.running.gateway.services.directory
    script = plant.running.gateway.folder / "roster_scripts" / "who.py"

    def people():
        return plant.running.gateway.services.directory.on_call("calculated", plant.now_ms).people

    assert people() == ("maria",)
    script.write_text("result = ['jon', 'maria']")
    plant.waits(seconds=61)
    assert people() == ("jon", "maria")
    script.write_text("result = 1 / 0")
    plant.waits(minutes=9)
    assert people() == ("jon", "maria")
    plant.waits(minutes=2)
    assert people() == ("jon",)
    assert directory.roster("calculated").script == "who.py"


def test_a_pipeline_asks_a_script_how_to_go_on(project, plant, phone):  # noqa: F811
    """It sees the alarm; what it answers becomes properties."""
    saves(
        project,
        "pipeline_scripts",
        "choose.py",
        "result = {'who': 'maria' if alarm.priority == 'High' else ''}",
    )
    plant.tells_people().raises("Plant/Script")
    phone("maria").rings()


@pytest.mark.parametrize("source", ["result = 1 / 0", "result = 7", "while True:\n    pass"])
def test_a_pipeline_whose_script_fails_goes_on_by_its_failed_branch(project, plant, phone, source):  # noqa: F811
    """Jon is told."""
    saves(project, "pipeline_scripts", "choose.py", source)
    plant.tells_people().raises("Plant/Script")
    phone("jon").rings()
