"""What is kept of programs that are not run any more: nothing, however often somebody saves."""

from __future__ import annotations

import asyncio

from tests.sandbox.stage import Host, program, run, until

from tocsin.sandbox import compiling


async def test_a_worker_is_remembered_to_hold_what_it_holds(sandbox):
    """After many releases the server counts the code of the one in force, and of no other."""
    old = program("response = 'first'")
    await run(sandbox, "plant", old)
    for n in range(30):
        made = program(f"response = 'release {n}'")
        await run(sandbox, "plant", made)
        sandbox.retire("plant", old.key)
        old = made
    members = sandbox._pool.crew("plant")._members

    assert members
    assert all(len(member._digests) == len(member.held) == 1 for member in members)


async def test_a_domain_without_programs_has_no_workers(sandbox):
    """A project that is taken out of the configuration leaves no process behind, nor what it compiled to."""
    made = program("response = 'x'")
    await run(sandbox, "plant", made)
    await run(sandbox, "other", made)
    sandbox.retire("plant", made.key)
    await until(lambda: not sandbox._pool.crew("plant")._members)

    assert "plant" not in sandbox._compilers
    assert len(sandbox._pool.crew("other")._members) == 2
    assert (await run(sandbox, "plant", made)).result["response"] == "x"


async def test_a_turn_under_way_keeps_its_worker_until_it_ends(sandbox):
    """The last turn of a project that is gone comes to its end, and its worker after it."""
    made, host = program("ask('gate')\nresponse = 'done'"), Host()
    await sandbox.publish("plant", made)
    turn = sandbox.run("plant", made.key, {}, host, wall_s=5)
    await until(lambda: host.asked)
    sandbox.retire("plant", made.key)
    host.opened.set()

    assert (await turn).result["response"] == "done"
    await until(lambda: not sandbox._pool.crew("plant")._members)


async def test_a_compiler_remembers_twice_the_program_at_hand(sandbox, monkeypatch):
    """What was saved long ago is compiled again if it ever comes back."""
    monkeypatch.setattr(compiling, "_REMEMBERED", 4)
    for n in range(6):
        made = program(*(f"response = '{n} {part}'" for part in range(3)))
        assert await sandbox.publish("plant", made) == []
        await asyncio.sleep(0)

    assert len(sandbox._compilers["plant"]._known) == 6
