"""One turn: the chain, the fallback, what scripts see of one another, and how a turn that fails is told."""

from __future__ import annotations

import contextlib

import pytest
from tests.sandbox.stage import Host, program, run

from tocsin.sandbox.script import LogLine, ScriptFailed


async def test_a_turn_gives_the_result_and_what_it_took(sandbox):
    """The outcome holds the vocabulary's result, the scripts that ran, and the processor time."""
    outcome = await run(sandbox, "plant", program("response = 'Hello ' + given['name']"), {"name": "Maria"})

    assert outcome.result == {"response": "Hello Maria", "memory": {}}
    assert (outcome.stage, outcome.ran, outcome.host_calls, outcome.logs) == ("scripts", ("10_.py",), 0, [])
    assert 0 < outcome.cpu_us < 100_000


async def test_scripts_run_in_order_with_fresh_globals(sandbox):
    """Each script sees the response that the one before left, and nothing else of it."""
    chain = program(
        "response = 'first'\nmine = 1",
        "try:\n    mine\nexcept NameError:\n    response = response + ', second'",
    )
    outcome = await run(sandbox, "plant", chain)

    assert outcome.result["response"] == "first, second"
    assert outcome.ran == ("10_.py", "20_.py")


async def test_the_fallback_answers_only_what_was_left_blank(sandbox):
    """A chain that leaves white space is followed by the fallback; one that answers is not."""
    made = program("if given.get('busy'):\n    response = 'busy'", fallback="response = 'default'")
    blank = await run(sandbox, "plant", made)
    answered = await run(sandbox, "plant", made, {"busy": True})

    assert (blank.stage, blank.ran, blank.result["response"]) == (
        "fallback",
        ("10_.py", "fallback.py"),
        "default",
    )
    assert (answered.stage, answered.result["response"]) == ("scripts", "busy")


async def test_the_fallback_can_be_run_alone(sandbox):
    """After a failure the default answers without the scripts being run again."""
    made = program("raise ValueError('no')", fallback="response = 'default'")
    outcome = await run(sandbox, "plant", made, fallback_only=True)

    assert (outcome.ran, outcome.stage) == (("fallback.py",), "fallback")


async def test_modules_are_fresh_in_every_turn_and_use_the_words(sandbox):
    """`import _name` runs that file once per script with the same words, and keeps nothing."""
    made = program(
        "import _greeting\nresponse = _greeting.greet()",
        "from _greeting import greet\nresponse = response + '; ' + greet()",
        modules={
            "_greeting": "seen = []\ndef greet():\n    seen.append(1)\n    return given['name'] + str(len(seen))"
        },
    )
    for _ in range(2):
        outcome = await run(sandbox, "plant", made, {"name": "Jon"})

        assert outcome.result["response"] == "Jon1; Jon1"


async def test_logs_say_where_they_were_written(sandbox):
    """print and the vocabulary's log give lines with file, line and level."""
    made = program(
        "x = 1\nprint('a', x)\nimport _m\n_m.f()", modules={"_m": "def f():\n    note('warning', 'b')"}
    )
    outcome = await run(sandbox, "plant", made)

    assert outcome.logs == [
        LogLine("10_.py", 2, "info", "a 1"),
        LogLine("_m.py", 2, "warning", "b"),
    ]


async def test_a_log_without_end_is_cut_and_the_turn_goes_on(sandbox):
    """What is beyond the limit is left out, and one line says so."""
    outcome = await run(
        sandbox, "plant", program("for n in range(5000):\n    print('line', n)\nresponse = 'ok'")
    )

    assert outcome.result["response"] == "ok"
    assert len(outcome.logs) < 300
    assert "full" in outcome.logs[-1].text


async def test_an_exception_names_its_line(sandbox):
    """File, line, the line itself and one sentence; logs up to there are kept."""
    made = program("print('before')\ndef f(x):\n    return x['missing']\nf({})")
    with pytest.raises(ScriptFailed) as failed:
        await run(sandbox, "plant", made)

    error = failed.value
    assert (error.kind, error.name, error.line) == ("exception", "10_.py", 3)
    assert error.source == "return x['missing']"
    assert "missing" in error.message
    assert [line.text for line in error.logs] == ["before"]


async def test_an_exception_of_one_turn_leaves_its_worker_as_it_was(sandbox):
    """No worker is replaced for an ordinary error."""
    made = program("raise ValueError('no')")
    for _ in range(5):
        with pytest.raises(ScriptFailed):
            await run(sandbox, "plant", made)

    assert sandbox.stats()["workers_started"] == 2


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("response = 5", "response must be text"),
        ("response = None", "response must be text"),
        ("response = 'x' * 200_000", "larger than 64 KiB"),
    ],
)
async def test_a_result_that_cannot_be_used_is_an_output_failure(sandbox, source, sentence):
    """Type and size of what a script leaves are checked before anything leaves the worker."""
    with pytest.raises(ScriptFailed) as failed:
        await run(sandbox, "plant", program(source))

    assert failed.value.kind == "output"
    assert sentence in failed.value.message


@pytest.mark.parametrize(
    "source",
    ["response = chr(0xD800)", "print(chr(0xDFFF))\nresponse = 'ok'", "raise ValueError(chr(0xD912))"],
)
async def test_half_characters_harm_nobody(sandbox, source):
    """A lone surrogate in the response, a log line or an error ends at most its own turn."""
    made, good = program(source), program("response = 'good'")
    with contextlib.suppress(ScriptFailed):
        await run(sandbox, "plant", made)
    outcome = await run(sandbox, "plant", good)

    assert outcome.result["response"] == "good"
    assert sandbox.stats()["workers_started"] == 2


async def test_a_program_nobody_published_is_refused(sandbox):
    """An unknown key is an ordinary failure, so that the caller's own fallback takes over."""
    with pytest.raises(ScriptFailed) as failed:
        await sandbox.run("plant", "unknown", {}, Host(), wall_s=1.0)

    assert failed.value.kind == "rejected"


async def test_what_is_given_must_be_plain_data(sandbox):
    """An object that cannot be passed on is the caller's mistake, and is told to the caller."""
    made = program("response = 'x'")
    await sandbox.publish("plant", made)

    with pytest.raises(TypeError):
        await sandbox.run("plant", made.key, {"thing": object()}, Host(), wall_s=1.0)


async def test_large_data_is_passed_in_both_directions(sandbox):
    """What is given may be larger than a packet, and so may the result."""
    made = program("memory['back'] = given['text'][:60_000]\nresponse = str(len(given['text']))")
    outcome = await run(sandbox, "plant", made, {"text": "a" * 300_000})

    assert outcome.result["response"] == "300000"
    assert len(outcome.result["memory"]["back"]) == 60_000
