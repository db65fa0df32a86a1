"""What the emulator costs: PIN conversations with a product in a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
import time
from pathlib import Path

import pytest
from tests.emulator.conftest import TOKEN

from tocsin.clock import VirtualClock
from tocsin.emulator import Emulator
from tocsin.emulator.serve import served


async def run(calls: int) -> tuple[float, float]:
    """Run so many conversations at once; returns wall seconds and CPU seconds of this process."""
    emulator = Emulator(clock=VirtualClock(), auth_token=TOKEN, seed=1, autojump=True, settle_s=0.002)
    steps = [{"hear": "PIN"}, {"press": "4711#"}, {"hear": "acknowledged"}]
    for index in range(calls):
        emulator.put_phone(f"+4670{index:07d}", {"answer": "auto", "after": [1, 9], "steps": steps})
    script = Path(__file__).with_name("load_product.py")
    async with served(emulator, port=0) as url:
        began, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
        product = await asyncio.create_subprocess_exec(
            sys.executable, str(script), url, str(calls), "50", stdout=asyncio.subprocess.PIPE
        )
        with emulator.hold():
            # No time passes until all of them are under way, so they are truly at once.
            while emulator.live < calls:
                await asyncio.sleep(0.01)
        out, _ = await product.communicate()
        wall, now = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF)
    assert json.loads(out) == {"ended": calls, "acknowledged": calls}
    assert [phone.failures for phone in emulator.phones if phone.failures] == []
    assert emulator.internal_errors == []
    return wall, now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime


async def test_a_conversation_costs_at_most_fifteen_milliseconds() -> None:
    """CPU of the emulator per PIN conversation: one REST call, two documents, four callbacks."""
    calls = 150
    _, cpu = await run(calls)

    assert cpu / calls < 0.015


@pytest.mark.soak
async def test_a_thousand_calls_at_once_make_sixty_conversations_a_second() -> None:
    """The product on another core."""
    calls, cores = 1000, os.cpu_count() or 1
    if cores < 2 or os.getloadavg()[0] > cores:
        pytest.skip("the machine is busy with something else: a rate measured now would mean nothing")
    wall, cpu = await run(calls)

    assert cpu / calls < 0.015
    assert calls / wall >= 60
