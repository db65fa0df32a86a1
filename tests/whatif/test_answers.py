"""Scripts of pipelines are not run by asking: what they answer is stated, or said to be missing."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest
from click.testing import CliRunner
from tests.notifying.conftest import with_texts
from tests.plant import write_project

from tocsin.cli.oncall import oncall
from tocsin.gateway.what_if import what_if_in
from tocsin.pipelines.simulating.what_if import Asked
from tocsin.testing.plugin import plant  # noqa: F401  a fixture is found by name

PIPELINE = """
[[pipelines.asking.blocks]]
id = "choose"
type = "script"
script = "choose.py"
sets = ["crew", "calls"]
failed = "texts"
[[pipelines.asking.blocks]]
type = "expression"
expression = "crew == 'electric' and calls > 1"
then = "jon"
else = "texts"
[[pipelines.asking.branches.jon]]
type = "notification"
roster = "second"
profiles = ["phone"]
[[pipelines.asking.branches.texts]]
type = "notification"
roster = "second"
profiles = ["text"]
[rosters.second]
users = ["jon"]
[alarms."Plant/Power/Mains"]
pipeline = "asking"
"""

CHOOSE = """
night = now.hour < 6
result = {"crew": "electric" if "Power" in alarm.path and night else "process", "calls": 2}
"""


@pytest.fixture
def project(tmp_path):
    folder = write_project(tmp_path / "riverside")
    file = folder / "tocsin.toml"
    file.write_text(with_texts(file.read_text()) + PIPELINE)
    (folder / "pipeline_scripts").mkdir()
    (folder / "pipeline_scripts" / "choose.py").write_text(CHOOSE)
    return folder


@pytest.fixture
def typed(project):
    """Type `tocsin oncall` beside a project of which no gateway runs."""

    def type_(*words):
        told = ["--alarm", "Plant/Power/Mains", *words, "--project", str(project)]
        return CliRunner().invoke(oncall, told, terminal_width=120)

    return type_


def test_without_an_answer_it_is_said_that_the_script_is_taken_to_fail(typed):
    """Above the steps, with how to state its answer; Jon is texted, on the way for failures."""
    done = typed()

    assert done.exit_code == 0
    assert "! choose asks choose.py: nothing here runs it, so it counts as failed." in done.stdout
    assert "State its answer, such as choose.PROPERTY=VALUE" in done.stdout
    assert "choose.py has no answer: nothing here runs it, and no answer was stated" in done.stdout
    assert "text Jon" in done.stdout
    assert "call Jon" not in done.stdout


def test_a_stated_answer_leads_where_it_would(typed):
    """A text and a number; nothing is left to be warned of."""
    done = typed("--answer", "choose.crew=electric", "--answer", "choose.calls=2")

    assert done.exit_code == 0
    assert "choose.py answers crew = electric, calls = 2, as was stated" in done.stdout
    assert "!" not in done.stdout
    assert "call Jon" in done.stdout


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("other.crew=electric", '"other" is no script block of this pipeline; there are: choose'),
        ("choose=electric", '"choose=electric" is no answer; write it as BLOCK.PROPERTY=VALUE'),
        ("choose.crew", '"choose.crew" is no answer; write it as BLOCK.PROPERTY=VALUE'),
    ],
)
def test_what_is_no_answer_is_refused(typed, answer, said):
    """In one sentence with the remedy."""
    done = typed("--answer", answer)

    assert done.exit_code == 2
    assert said in done.output


def asked(plant, at, *answers):  # noqa: F811
    """Ask a running gateway, as its API does."""
    simulator = what_if_in(plant.running.gateway)
    moment = datetime.fromisoformat(at).timestamp() * 1000
    question = Asked("Plant/Power/Mains", round(moment), answers=answers)
    found = plant.do(asyncio.to_thread(simulator.answer, question))
    return [one["text"] for one in found["steps"]], found["warnings"]


def test_a_running_gateway_runs_the_script_for_the_moment_that_is_asked_about(plant):  # noqa: F811
    """At night it is Jon's, by day nobody's: the script is told the time, and it is said how it answered."""
    plant.tells_people()
    steps, warnings = asked(plant, "2026-01-06T03:00+01:00")
    assert "choose.py answers crew = electric, calls = 2, as things are now" in steps
    assert "call Jon Berg" in steps
    assert warnings == [
        "choose asks choose.py: it is run as things are now. State its answer, such as choose.PROPERTY=VALUE"
    ]
    steps, _ = asked(plant, "2026-01-06T15:00+01:00")
    assert "call Jon Berg" not in steps
    assert plant.do(plant.running.gateway.services.board.listing()) == []


def test_what_is_stated_is_not_asked_for(plant):  # noqa: F811
    """Nor is there anything to be warned of."""
    plant.tells_people()
    steps, warnings = asked(plant, "2026-01-06T15:00+01:00", "choose.crew=electric", "choose.calls=2")
    assert "choose.py answers crew = electric, calls = 2, as was stated" in steps
    assert "call Jon Berg" in steps
    assert warnings == []


def test_a_script_that_fails_says_why(project, plant):  # noqa: F811
    """With its file and line; what happens then is what would happen."""
    (project / "pipeline_scripts" / "choose.py").write_text("x = 1\nresult = x / 0\n")
    plant.tells_people()
    steps, _ = asked(plant, "2026-01-06T03:00+01:00")
    assert any(one.startswith("choose.py has no answer: pipeline_scripts/choose.py:2: ") for one in steps)
    assert "text Jon Berg" in steps
