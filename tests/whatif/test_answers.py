"""Scripts of pipelines are not run by asking: what they answer is stated, or said to be missing."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from tests.notifying.conftest import with_texts
from tests.plant import write_project

from tocsin.cli.oncall import oncall

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


@pytest.fixture
def typed(tmp_path):
    """Type `tocsin oncall` beside a project of which no gateway runs."""
    folder = write_project(tmp_path / "riverside")
    file = folder / "tocsin.toml"
    file.write_text(with_texts(file.read_text()) + PIPELINE)
    (folder / "pipeline_scripts").mkdir()
    (folder / "pipeline_scripts" / "choose.py").write_text("result = {'crew': 'electric', 'calls': 2}\n")

    def type_(*words):
        told = ["--alarm", "Plant/Power/Mains", *words, "--project", str(folder)]
        return CliRunner().invoke(oncall, told, terminal_width=120)

    return type_


def test_without_an_answer_it_is_said_that_the_script_is_taken_to_fail(typed):
    """Above the steps, with how to state its answer; Jon is texted, on the way for failures."""
    done = typed()

    assert done.exit_code == 0
    assert "! choose.py is not run by asking: choose goes on as if it had failed." in done.stdout
    assert "State its answer, such as choose.PROPERTY=VALUE" in done.stdout
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
