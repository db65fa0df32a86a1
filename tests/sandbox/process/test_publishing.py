"""From source to running code: refused, compiled, remembered, swapped and forgotten."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from pathlib import Path

import pytest
from tests.sandbox.stage import Host, program, run, until

from tocsin.calls import vocabulary
from tocsin.sandbox import compiler, compiling
from tocsin.sandbox.compiling import Compiler
from tocsin.sandbox.language import Language
from tocsin.sandbox.nursery import SandboxUnavailable
from tocsin.sandbox.policy import Compiled
from tocsin.sandbox.script import Program, Script, ScriptFailed

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
SLOW_TO_COMPILE = "\n".join(f"x{n} = {{'a': [{n}, (1 + {n}) * 2, 'text {n}']}}" for n in range(1_000))


def large(changed: str = "") -> Program:
    """A project of 200 scripts of a screenful each, one of which may differ."""
    body = "\n".join(f"def step_{n}(text):\n    return text + ' {n}'" for n in range(10))
    scripts = [
        Script(f"{n:03}_part.py", f"# part {n}\n{body}\nresponse = step_1(response)") for n in range(200)
    ]
    if changed:
        scripts[100] = Script(scripts[100].name, changed)
    return Program(f"large-{len(changed)}", tuple(scripts), ())


async def test_problems_name_file_line_and_reason(sandbox):
    """All faulty scripts of a program are told at once, and nothing is published."""
    made = program("x = 1\nclass A: pass", "response = 'fine'", "y = (")
    problems = await sandbox.publish("plant", made)

    assert [(each.name, each.line) for each in problems] == [("10_.py", 2), ("30_.py", 1)]
    assert problems[0].source == "class A: pass"
    with pytest.raises(ScriptFailed):
        await sandbox.run("plant", made.key, {}, Host(), wall_s=1)


async def test_check_says_the_same_and_publishes_nothing(sandbox):
    """`check` compiles in a disposable process and leaves no trace."""
    bad, good = program("import os\nclass A: pass"), program("response = 'x'")

    assert [each.line for each in await sandbox.check(bad)] == [2]
    assert await sandbox.check(good) == []
    with pytest.raises(ScriptFailed):
        await sandbox.run("plant", good.key, {}, Host(), wall_s=1)


async def test_warnings_are_no_problems(sandbox):
    """A line that will raise when it runs is told on request and does not stop the program."""
    made = program("import os\nresponse = 'x'")

    assert await sandbox.check(made) == []
    assert [(each.name, each.line) for each in await sandbox.warnings(made)] == [("10_.py", 1)]


async def test_only_what_changed_is_compiled(sandbox, monkeypatch):
    """A second release of the same project costs one script, whatever the size of the project."""
    compiled = []
    original = Compiler._remember

    def remember(self, parts):
        compiled.append(sum(key not in self._known for key in parts))
        original(self, parts)

    monkeypatch.setattr(Compiler, "_remember", remember)
    assert await sandbox.publish("plant", large()) == []
    assert await sandbox.publish("plant", large("response = response + ' changed'")) == []

    assert compiled == [200, 1]


@pytest.mark.alone
async def test_one_save_in_200_scripts_costs_a_fraction_of_their_load(sandbox):
    """What did not change is neither compiled again nor sent again."""
    await sandbox.publish("plant", program("response = 'warm'"))
    began = time.perf_counter()
    assert await sandbox.publish("plant", large()) == []
    loaded = time.perf_counter()
    changed = large("response = response + ' changed'")
    assert await sandbox.publish("plant", changed) == []
    reloaded = time.perf_counter()
    outcome = await sandbox.run("plant", changed.key, {}, Host(), wall_s=2)

    assert "changed" in outcome.result["response"]
    assert reloaded - loaded < (loaded - began) / 3


@pytest.mark.alone
async def test_a_script_that_kills_the_compiler_is_named_and_the_rest_is_compiled(sandbox):
    """The process that compiles may die; the next one goes on after the culprit."""
    made = program("response = 'a'", SLOW_TO_COMPILE, "response = 'b'", "class A: pass")
    checking = asyncio.create_task(sandbox.check(made))
    zygote = sandbox.stats()["zygote"]
    own = set(children(zygote))
    await until(lambda: [pid for pid in children(zygote) if pid not in own])
    (compiler,) = [pid for pid in children(zygote) if pid not in own]
    await asyncio.sleep(0.02)
    os.kill(compiler, signal.SIGSEGV)
    problems = await checking

    culprit, other = problems
    assert culprit.name in ("10_.py", "20_.py")  # a busy machine has come no further by then
    assert other.name == "40_.py"
    assert "SIGSEGV" in culprit.message


@linux
async def test_a_save_does_not_wait_for_a_compiler_to_be_born(sandbox):
    """One is in reserve, locked and warm; it compiles one program, as any other, and is followed by the next."""
    await sandbox.publish("plant", program("response = 'first'"))
    await until(lambda: in_reserve(sandbox))
    (first,) = in_reserve(sandbox)
    assert await sandbox.publish("plant", program("response = 'second'")) == []

    await until(lambda: in_reserve(sandbox) not in ([], [first]))
    assert len(in_reserve(sandbox)) == 1


@linux
async def test_a_compiler_that_ends_in_reserve_is_blamed_on_no_script(sandbox):
    """Whoever killed it, what is saved at that moment is compiled by another."""
    await sandbox.publish("plant", program("response = 'first'"))
    await until(lambda: in_reserve(sandbox))
    os.kill(in_reserve(sandbox)[0], signal.SIGKILL)

    assert (await run(sandbox, "plant", program("response = 'second'"))).result["response"] == "second"


@linux
async def test_a_compiler_that_is_not_born_in_time_is_blamed_on_no_script(sandbox, monkeypatch):
    """The machine stalls: nobody has looked at the script, and making it simpler would change nothing."""
    assert await sandbox.publish("plant", program("response = 'first'")) == []
    monkeypatch.setattr(compiling, "_SCRIPT_S", 0.3)
    await until(lambda: in_reserve(sandbox))
    zygote = sandbox.stats()["zygote"]
    os.kill(zygote, signal.SIGSTOP)
    try:
        os.kill(in_reserve(sandbox)[0], signal.SIGKILL)
        made = program("response = 'x'")
        with pytest.raises(SandboxUnavailable, match=r"none was ready within 0\.3 s"):
            await asyncio.wait_for(sandbox.publish("plant", made), 5)
    finally:
        os.kill(zygote, signal.SIGCONT)
    monkeypatch.undo()

    assert (await run(sandbox, "plant", made)).result["response"] == "x"


@linux
async def test_a_compiler_that_goes_with_the_zygote_is_blamed_on_no_script(sandbox):
    """What was being compiled is compiled by the next one, where there is one by then."""
    made = program(SLOW_TO_COMPILE + "\nresponse = 'x'")
    publishing = asyncio.create_task(sandbox.publish("plant", made))
    await asyncio.sleep(0.01)
    os.kill(sandbox.stats()["zygote"], signal.SIGKILL)
    with contextlib.suppress(SandboxUnavailable):
        assert await publishing == []
    await until(lambda: sandbox.stats()["zygote"])

    assert (await run(sandbox, "plant", made)).result["response"] == "x"


def test_a_compiler_in_reserve_warms_up_with_a_script_that_compiles():
    """One that is refused would leave out the half that makes code of it."""
    made = Language(vocabulary).compile(Script("warm_up.py", compiler._WARM_UP), frozenset(), frozenset())

    assert isinstance(made, Compiled)
    assert not made.warnings


async def test_source_that_crashes_python_harms_nobody(sandbox):
    """Nested comprehensions crash the compilers of 3.12 and 3.13; here they are a problem with a line."""
    nested = "x = " + "[" * 40 + "1" + " for i in [1]]" * 40
    problems = await sandbox.publish("plant", program("response = 'fine'", nested))

    assert [(each.name, bool(each.message)) for each in problems] == [("20_.py", True)]
    assert (await run(sandbox, "plant", program("response = 'ok'"))).result["response"] == "ok"


async def test_a_fault_of_the_compilers_own_is_survived(sandbox):
    """Source that only a surrogate-passing encoder can carry is refused by the policy, not lost."""
    problems = await sandbox.publish("plant", program("response = '\ud800'", "response = 'ok'"))

    assert [each.name for each in problems] == ["10_.py"]


async def test_turns_go_on_while_a_release_is_swapped(sandbox):
    """No turn fails while a new release is published under load, and each turn runs whole releases."""
    releases = [program(f"response = '{n}'", f"response = response + '{n}'") for n in range(5)]
    await sandbox.publish("plant", releases[0])
    current, seen, stop = releases[0], set(), False

    async def caller():
        while not stop:
            outcome = await sandbox.run("plant", current.key, {}, Host(), wall_s=2)
            seen.add(outcome.result["response"])

    callers = [asyncio.create_task(caller()) for _ in range(8)]
    for release in releases[1:]:
        assert await sandbox.publish("plant", release) == []
        old, current = current, release
        sandbox.retire("plant", old.key)
        await asyncio.sleep(0.02)
    stop = True
    await asyncio.gather(*callers)

    assert seen == {f"{n}{n}" for n in range(5)}


async def test_a_retired_program_ends_after_its_turns(sandbox):
    """Turns under way come to their end; later ones are refused; workers forget the code."""
    made = program("ask('gate')\nresponse = 'done'")
    host = Host()
    await sandbox.publish("plant", made)
    turn = sandbox.run("plant", made.key, {}, host, wall_s=5)
    await until(lambda: host.asked)
    sandbox.retire("plant", made.key)
    host.opened.set()

    assert (await turn).result["response"] == "done"
    with pytest.raises(ScriptFailed):
        await sandbox.run("plant", made.key, {}, Host(), wall_s=1)
    assert sandbox.stats()["domains"]["plant"]["programs"] == 0
    assert await sandbox.publish("plant", made) == []
    assert (await run(sandbox, "plant", made, host=host)).result["response"] == "done"


async def test_a_program_that_is_being_published_is_waited_for(sandbox):
    """A save and a call that began with the same release on another gateway ask at the same moment."""
    made = program("response = 'x'")
    async with asyncio.timeout(5):
        answers = await asyncio.gather(*(sandbox.publish("plant", made) for _ in range(3)))

    assert answers == [[], [], []]
    assert (await run(sandbox, "plant", made)).result["response"] == "x"


async def test_publishing_that_is_given_up_is_no_hindrance_to_the_next(sandbox):
    """Whoever asked first may be gone before the workers have loaded it."""
    made = program("response = 'x'")
    await sandbox.publish("plant", program("response = 'warm'"))
    first = asyncio.create_task(sandbox.publish("plant", made))
    second = asyncio.create_task(sandbox.publish("plant", made))
    crew = sandbox._pool.crew("plant")
    while made.key not in crew._loads:  # over in a moment, so every turn of the loop is looked at
        await asyncio.sleep(0)
    first.cancel()

    assert await second == []
    assert (await run(sandbox, "plant", made)).result["response"] == "x"
    assert sandbox.stats()["domains"]["plant"]["programs"] == 2


async def test_a_program_that_is_published_again_outlives_the_last_turn_from_before(sandbox):
    """A file is saved back to what it was while a call that needs nothing else goes on."""
    made = program("if given:\n    ask('gate')\nresponse = 'x'")
    await sandbox.publish("plant", made)
    await sandbox.publish("plant", program("response = 'another'"))
    host = Host()
    turn = sandbox.run("plant", made.key, {"waits": True}, host, wall_s=20)
    await until(lambda: host.asked)
    sandbox.retire("plant", made.key)
    assert await sandbox.publish("plant", made) == []
    host.opened.set()
    assert (await turn).result["response"] == "x"

    for _ in range(8):
        assert (await run(sandbox, "plant", made)).result["response"] == "x"
    assert "failed_killed" not in sandbox.stats()


async def test_two_files_of_one_name_are_a_mistake_of_the_caller(sandbox):
    """Messages name files, so a program cannot have two of the same name."""
    twice = Program("twice", (Script("a.py", "response = '1'"), Script("a.py", "response = '2'")), ())
    with pytest.raises(ValueError, match="same name"):
        await sandbox.publish("plant", twice)


def children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def in_reserve(sandbox) -> list[int]:
    """Return the process of the compiler that waits, once it is locked and warm."""
    spare = sandbox._pool.nursery()._spares.get("compiler")
    return [spare.child.pid] if spare and spare.child and spare.child.ready else []
