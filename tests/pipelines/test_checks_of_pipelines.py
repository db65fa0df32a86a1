"""What check says of pipelines before anything runs: the place, what is wrong there, and what to do."""

import pytest

from tocsin.config import ConfigRefused
from tocsin.gateway.checks import read

PLANT = """
[twilio_profiles.plant]
account_sid = "AC00000000000000000000000000000000"
auth_token = "0123456789abcdef0123456789abcdef"
phone_number = "+15005550006"
api_base = "emulator"
[voice_profiles.phone]
twilio_profile = "plant"
[message_profiles.text]
twilio_profile = "plant"
[users.maria]
id = 1
name = "Maria Lind"
pin = "4711"
[[users.maria.contacts]]
type = "phone"
value = "+46701234567"
[rosters.operations]
users = ["maria"]
"""

TELL = '{ type = "notification", roster = "operations" }'


def lists(blocks, **branches):
    """Write a pipeline from blocks in TOML's inline form; line 2 of the file is its first block."""
    text = "[pipelines.default]\nblocks = [\n" + ",\n".join(blocks) + ",\n]\n"
    for name, some in branches.items():
        text += f"branches.{name} = [\n" + ",\n".join(some) + ",\n]\n"
    return text


@pytest.fixture
def check(tmp_path):
    def check_(pipelines, alarms=""):
        (tmp_path / "tocsin.toml").write_text(PLANT)
        (tmp_path / "pipelines.toml").write_text(pipelines)
        (tmp_path / "alarms.toml").write_text(alarms)
        (tmp_path / "pipeline_scripts").mkdir(exist_ok=True)
        (tmp_path / "pipeline_scripts" / "ask.py").write_text("")
        try:
            return [str(one) for one in read(tmp_path)[1] if "pipelines" in str(one)]
        except ConfigRefused as refused:
            return [line for line in str(refused).splitlines() if "pipelines" in line]

    return check_


def test_a_sound_pipeline_has_no_findings(check):
    """Every kind of block, each leading somewhere."""
    assert (
        check(
            lists(
                [
                    '{ type = "switch", on = "priority", cases = { Critical = "all" }, default = "one" }',
                    '{ type = "set-property", property = "n", value = "people_told + 1" }',
                    '{ type = "expression", expression = "n > 1", then = "end" }',
                    '{ type = "parallel", branches = ["all", "one"] }',
                    '{ type = "wait-for-outcome", for = "5m", else = "again" }',
                    '{ type = "rate-gate", at_most = 3, within = "15m", else = "one" }',
                    '{ type = "script", script = "ask.py", sets = ["who"], failed = "all" }',
                    '{ type = "retry", branch = "one", until = "who == 1" }',
                    '{ type = "splitter", branches = ["all"] }',
                ],
                all=[TELL],
                one=[TELL],
                again=[TELL],
            )
        )
        == []
    )


FIRST = "pipelines.toml:3: pipelines.default.blocks[0]"


@pytest.mark.parametrize(
    ("blocks", "branches", "said"),
    [
        # names
        ([TELL, '{ type = "jump", to = "frist" }', '{ type = "delay", for = "1m", id = "first" }'], {},
         'pipelines.toml:4: pipelines.default.blocks[1].to: there is no block "frist"; did you mean "first"?'),
        ([TELL, '{ type = "jump" }'], {}, 'a jump leads to one place; write to = "…" or pipeline = "…"'),
        ([TELL, '{ type = "jump", pipeline = "nigth" }'], {}, 'there is no pipeline "nigth"'),
        ([TELL, '{ type = "jump", pipeline = "default" }'], {}, "jumps to its own pipeline"),
        ([TELL, '{ type = "jump", to = "b" }'], {"b": [TELL]}, '"b" is a branch; a jump stays in its list'),
        ([TELL, '{ type = "expression", expression = "hour < 6", then = "nigth" }'], {"night": [TELL]},
         'blocks[1].then: there is no branch or block "nigth"; did you mean "night"?'),
        ([TELL, '{ type = "splitter", branches = ["nigth"] }'], {"night": [TELL]},
         'blocks[1].branches[0]: there is no branch "nigth"; did you mean "night"?'),
        ([TELL, '{ type = "splitter", branches = ["b", "b"] }'], {"b": [TELL]}, '"b" stands here twice'),
        (['{ type = "notification", roster = "operatoins" }'], {},
         'there is no roster "operatoins"; did you mean "operations"?'),
        (['{ type = "notification", roster = "operations", profiles = ["txt"] }'], {},
         'blocks[0].profiles[0]: there is no voice or message profile "txt"; did you mean "text"?'),
        (['{ type = "notification", roster = "operations", must_acknowledge = 2 }'], {},
         "roster operations has 1 people, so 2 can never acknowledge"),
        (['{ type = "delay", for = "1m", id = "end" }', TELL], {}, '"end" means the end of a list'),
        # expressions
        ([TELL, '{ type = "expression", expression = "priorty > 3" }'], {},
         'blocks[1].expression: there is no name "priorty"; did you mean "priority"?'),
        ([TELL, '{ type = "expression", expression = "hour = 6" }'], {}, "compare with ==, not with ="),
        ([TELL, '{ type = "set-property", property = "hour", value = "1" }'], {}, '"hour" has a meaning already'),
        ([TELL, '{ type = "switch", on = "priority", cases = { Hihg = "end" } }'], {},
         'priority is never "Hihg"; did you mean "High"?'),
        # circles
        (['{ id = "a", type = "expression", expression = "hour < 6", then = "a" }', TELL], {},
         f"{FIRST}: goes round and round without ever waiting (a → a); put a block of type"),
        (['{ id = "a", type = "set-property", property = "n", value = "1" }',
          '{ type = "expression", expression = "n > 1", then = "a" }', TELL], {},
         "goes round and round without ever waiting (a → block 2 → a)"),
        ([TELL, '{ type = "retry", branch = "a" }'], {"a": ['{ type = "retry", branch = "a" }', TELL]},
         "leads into itself (a → a); let it end, and go back with a jump or a retry block"),
        # what nobody comes to
        (['{ type = "splitter", branches = ["b"] }', TELL], {"b": [TELL]},
         "blocks[1]: is never reached: nothing comes behind a splitter; remove it, or lead to it"),
        ([TELL], {"b": [TELL]}, "branches.b: no block leads into this branch"),
        # nobody told
        (['{ type = "delay", for = "1m" }'], {}, "tells nobody, so its alarms go to the last resort at once"),
        (['{ type = "parallel", branches = ["b", "c"] }'], {"b": [TELL], "c": ['{ type = "delay", for = "1m" }']},
         'blocks[0].branches[1]: branch "c" tells nobody'),
        (['{ type = "expression", expression = "hour < 6", then = "end" }', TELL], {},
         "blocks[0].then: nobody is told on this way, so the last resort is called"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(check, blocks, branches, said):
    """File, line, key, the fault and the remedy, in one line."""
    found = check(lists(blocks, **branches))
    assert any(said in line for line in found), found
    assert all(line.startswith("pipelines.toml:") for line in found)


def test_a_circle_that_waits_or_counts_is_none(check):
    """A delay on the way round, a notification, or a jump: all of these are fine."""
    for wait in ('{ type = "delay", for = "1m" }', TELL):
        circle = ['{ id = "a", type = "expression", expression = "hour < 6", then = "b" }', wait]
        assert check(lists([*circle, '{ type = "jump", to = "a", times = 9 }', TELL], b=[TELL])) == []


def test_what_tells_of_the_end_of_an_alarm_tells_by_text_only(check):
    """There is nothing to acknowledge any more, so nobody is called."""
    alarms = '[alarms."Plant/Pump"]\nackPipeline = "default"\n'
    found = check(lists([TELL]), alarms)
    assert "the pipeline is a ackPipeline" not in found
    assert any("tells by message profiles only" in line and "there are: text" in line for line in found)
    by_text = '{ type = "notification", roster = "operations", profiles = ["text"] }'
    assert not any("message profiles only" in line for line in check(lists([by_text]), alarms))
