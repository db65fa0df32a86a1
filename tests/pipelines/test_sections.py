"""Pipelines and outcomes as a project writes them: what is accepted, and what is said of what is not."""

import pytest
from pydantic import Field

from tocsin.config import ConfigRefused, Section, load
from tocsin.config.schema import json_schema
from tocsin.pipelines.compiling import plan_of
from tocsin.pipelines.crosscheck import crosscheck
from tocsin.pipelines.outcomes import EDITABLE
from tocsin.pipelines.plan import Delay, Jump, Notification
from tocsin.pipelines.section import EditableOutcome, OutcomeSections, PipelineSection, ackers_needed


class Everything(Section):
    """What these tests write."""

    outcomes: OutcomeSections = Field(default_factory=dict, description="what outcomes lead to")
    pipelines: dict[str, PipelineSection] = Field(default_factory=dict, description="pipelines")


@pytest.fixture
def read(tmp_path):
    def read_(text):
        (tmp_path / "tocsin.toml").write_text(text)
        return load(tmp_path, Everything).value

    return read_


@pytest.fixture
def refused(read):
    def refused_(text):
        with pytest.raises(ConfigRefused) as error:
            read(text)
        return str(error.value)

    return refused_


@pytest.fixture
def faults(read):
    def faults_(text):
        value = read(text)
        return [
            (".".join(map(str, one.path)), one.message) for one in crosscheck(value.pipelines, value.outcomes)
        ]

    return faults_


BLOCKS = """
[pipelines.default]
start_over = "30m"
[[pipelines.default.blocks]]
id = "first"
type = "notification"
roster = "operations"
step = "2m"
[[pipelines.default.blocks]]
type = "delay"
for = "5m"
[[pipelines.default.blocks]]
type = "jump"
to = "first"
times = 3
"""


def test_a_pipeline_becomes_a_plan(read):
    """Blocks by place, spans in milliseconds."""
    plan = plan_of(read(BLOCKS).pipelines["default"])
    assert plan.blocks == (Notification("operations", (), 120_000, "first"), Delay(300_000), Jump(0, 3))
    assert (plan.start_over_ms, plan.drop_out) == (1_800_000, ("acknowledged", "cleared", "shelved"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[outcomes.default.no-answr]\ntext=true", 'found the text "no-answr"; did you mean "no-answer"?'),
        ("[outcomes.defult.busy]\ntext=true", 'found the text "defult"; did you mean "default"?'),
        ("[outcomes.High.busy]\nredials=2", 'redials: unknown key; did you mean "redial_times"?'),
        ("[outcomes.High.busy]\nredial_times=99", "redial_times: must be 10 or less"),
        (
            "[outcomes.High.busy]\nredial_after='2h'",
            '"2h" is out of bounds; write a time span from "1s" to "1h"',
        ),
        ("[outcomes.High.busy]\nagain_after='soon'", 'such as "3m", "half-step" or "never"'),
        ("[outcomes.High.busy]\nnext='later'", 'expected one of "now" or "after-step"'),
        ("[outcomes.High.cancelled-by-ack]\ntext=true", 'found the text "cancelled-by-ack"'),
        (
            BLOCKS.replace('"2m"', '"2s"'),
            'step: "2s" is out of bounds; write a time span from "10s" to "24h"',
        ),
        (BLOCKS.replace('"30m"', '"30"'), '"30" is not a time span'),
    ],
)
def test_what_is_wrong_is_said_with_the_remedy(refused, text, said):
    """One line, with the key and what to write instead."""
    assert said in refused(text)


def test_two_blocks_of_one_name(faults):
    """A jump would not know where to."""
    doubled = BLOCKS.replace('type = "delay"', 'id = "first"\ntype = "delay"')
    assert faults(doubled) == [
        ("pipelines.default.blocks.1.id", '"first" is also the id of block 1; give one of them another')
    ]


def test_a_jump_to_itself(faults):
    """It would go nowhere."""
    text = BLOCKS.replace('to = "first"', 'to = "again"\nid = "again"')
    assert faults(text) == [("pipelines.default.blocks.2.to", "jumps to itself; name the block to go on at")]


def test_a_pipeline_that_tells_nobody_is_warned_of(faults):
    """It is accepted; its alarms go to the last resort."""
    ((path, said),) = faults("[pipelines.quiet]\n")
    assert path == "pipelines.quiet"
    assert said.startswith("tells nobody")


def test_a_redial_time_without_redials_is_warned_of(faults):
    """Nobody would notice otherwise."""
    assert (
        faults("[outcomes.High.voicemail]\nredial_after='1m'")[0][0] == "outcomes.High.voicemail.redial_after"
    )
    assert faults("[outcomes.High.busy]\nredial_after='1m'") == []
    assert (
        faults("[outcomes.default.voicemail]\nredial_times=1\n[outcomes.High.voicemail]\nredial_after='1m'")
        == []
    )


def test_every_row_of_the_table_can_be_written():
    """The words of the section are those of the table."""
    assert set(EditableOutcome.__args__) == set(EDITABLE)


def test_editors_know_the_outcomes():
    """The JSON Schema names the keys of a row."""
    schema = json_schema(Everything)
    assert "again_after" in schema["$defs"]["OutcomeSection"]["properties"]


BY_JUMPS = """
[[pipelines.begin.blocks]]
type = "jump"
pipeline = "middle"
[[pipelines.middle.blocks]]
type = "switch"
on = "priority"
cases = { High = "on" }
[[pipelines.middle.branches.on]]
type = "jump"
pipeline = "both"
[[pipelines.both.blocks]]
type = "notification"
roster = "operations"
must_acknowledge = 2
[[pipelines.both.blocks]]
type = "jump"
pipeline = "begin"
[[pipelines.alone.blocks]]
type = "notification"
roster = "operations"
"""


def test_how_many_must_acknowledge_is_said_by_whatever_pipeline_an_alarm_may_come_to(read):
    """By jumps from jumps, out of branches, and round in a circle."""
    assert ackers_needed(read(BY_JUMPS).pipelines) == {"begin": 2, "middle": 2, "both": 2}
