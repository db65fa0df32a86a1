"""What alarms.toml may say, and the sentence for what it may not."""

import pytest
from pydantic import Field

from tocsin.alarms.crosscheck import crosscheck
from tocsin.alarms.sections import AlarmSection
from tocsin.config import ConfigRefused, Section, in_order, load


class Project(Section):
    alarms: dict[str, AlarmSection] = Field(default_factory=dict)


def faults(folder, text, pipelines=("default", "night")):
    """Load alarms.toml as a gateway does and give its lines of complaint."""
    (folder / "tocsin.toml").write_text("")
    (folder / "alarms.toml").write_text(text)
    try:
        loaded = load(folder, Project)
    except ConfigRefused as refused:
        return [str(one) for one in refused.findings]
    return [str(one) for one in in_order(loaded.places, crosscheck(loaded.value.alarms, pipelines=pipelines))]


GOOD = """
[alarms."Plant/Pump 2/High level"]
tag = "Plant/Pump 2/Level"
mode = "AboveValue"
setpointA = 90
inclusiveA = false
deadband = 2.5
timeOnDelaySeconds = 15
timeOffDelaySeconds = 0.5
priority = "High"
pipeline = "default"
label = "Pump 2 high level"
ackMode = "Manual"
ackNotesReqd = true
shelvingAllowed = false
displayPath = "Riverside / Pump 2"
notes = "Start the spare pump."
data = { area = "north", unit = 2 }
clearPipeline = "night"
"voip.customMessage" = "Pump two is nearly full"

[alarms."Plant/Tank/Range"]
tag = "Plant/Tank/Level"
mode = "OutsideValues"
setpointA = -5
setpointB = 5.5

[alarms."Plant/Valve/Open"]
tag = "Plant/Valve"
mode = "Equality"
setpointA = "OPEN"

[alarms."Plant/Word/Bit 3"]
tag = "Plant/Word"
mode = "Bit"
bitPosition = 3
bitOnZero = true

[alarms."Plant/Condition"]
tag = "Plant/Level"
mode = "OnCondition"
activeCondition = "value > 3"

[alarms."Plant/Running"]
tag = "Plant/Running"
mode = "WhenFalse"

[alarms."By API only"]
"""


def test_everything_the_field_knows_can_be_written(tmp_path):
    """Ignition's JSON names are the keys, all modes are accepted."""
    assert faults(tmp_path, GOOD) == []


@pytest.mark.parametrize(
    ("lines", "line", "sentence"),
    [
        ('tag = "T"', 2, 'a tag needs a mode to say when the alarm is active; add mode = "AboveValue"'),
        ('mode = "AboveValue"\nsetpointA = 1', 2, '"AboveValue" has no tag to look at; add tag = "…", or remove mode'),
        ('tag = "T"\nmode = "AboveValue"', 3, '"AboveValue" needs setpointA; add setpointA = …'),
        ('tag = "T"\nmode = "BetweenValues"\nsetpointA = 1', 3, '"BetweenValues" needs setpointB'),
        ('tag = "T"\nmode = "BetweenValues"\nsetpointA = 9\nsetpointB = 1', 5, "setpointB 1.0 lies below setpointA 9"),
        ('tag = "T"\nmode = "AboveValue"\nsetpointA = "high"', 4, "compares numbers; 'high' is not one"),
        ('tag = "T"\nmode = "AboveValue"\nsetpointA = true', 4, "compares numbers; True is not one"),
        ('tag = "T"\nmode = "BadQuality"\ndeadband = 1', 4, 'mode "BadQuality" does not use deadband; remove it'),
        ("setpointA = 3", 2, "an alarm without a mode does not use setpointA"),
        ('tag = "T"\nmode = "Bit"', 3, '"Bit" needs bitPosition'),
        ('tag = "T"\nmode = "OnCondition"', 3, '"OnCondition" needs activeCondition'),
        ('pipeline = "nihgt"', 2, 'there is no pipeline "nihgt"; did you mean "night"?'),
        ('ackPipeline = "zzz"', 2, 'there is no pipeline "zzz"'),
        ('pipeline = "night"\nactivePipeline = "night"', 3, "mean the same; keep one of them"),
        ('priority = "Urgent"', 2, "Urgent"),
        ("deadband = -1", 2, "0"),
        ("setpoinA = 3", 2, "setpointA"),
    ],
)  # fmt: skip
def test_a_fault_is_one_line_with_its_place_and_remedy(tmp_path, lines, line, sentence):
    """Every mistake names its file, its line and what to write instead."""
    (told,) = faults(tmp_path, f'[alarms."P"]\n{lines}\n')

    assert told.startswith(f"alarms.toml:{line}: alarms.P")
    assert sentence in told


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("", "needs a path"),
        (" / ", "needs a path"),
        ("a\\u0007b", "control character"),
        ("x" * 513, "at most 512"),
    ],
)
def test_paths_that_cannot_be(tmp_path, path, sentence):
    """A path is plain text of a length that every screen can show."""
    (told,) = faults(tmp_path, f'[alarms."{path}"]\n')

    assert sentence in told


def test_what_an_email_would_say_is_taken_and_told_to_wait(tmp_path):
    """An alarm brought along from elsewhere keeps its keys; nobody believes that they are used."""
    told = faults(tmp_path, '[alarms."P"]\nlabel = "P"\nCustomEmailSubject = "S"\nCustomEmailMessage = "M"\n')

    assert [one.partition(": ")[0] for one in told] == ["alarms.toml:3", "alarms.toml:4"]
    assert all("is not used yet: tocsin sends no e-mail" in one for one in told)
