"""What is due at the very same moment has an order of its own, whoever lay down first."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from tocsin.clock import OUTSIDE, USUAL, VirtualClock


@pytest.mark.parametrize("order", [*itertools.permutations((0, 1, USUAL, OUTSIDE))])
async def test_the_lower_rank_wakes_first(order):
    """What the gateway waits for comes before news from outside; of equals, the first who lay down."""
    clock = VirtualClock()
    woken: list[int] = []

    async def sleeper(rank):
        await clock.sleep_until(clock.now() + 60, rank=rank)
        woken.append(rank)

    sleepers = []
    for rank in order:
        sleepers.append(asyncio.ensure_future(sleeper(rank)))
        await asyncio.sleep(0)
    await clock.advance(60)

    assert woken == [0, 1, USUAL, OUTSIDE]
    await asyncio.gather(*sleepers)


async def test_a_moment_is_a_millisecond():
    """Sums of seconds that differ in the tenth decimal are no order in which things happen."""
    clock = VirtualClock()
    woken: list[str] = []

    async def sleeper(name, seconds, rank):
        await clock.sleep_until(clock.now() + seconds, rank=rank)
        woken.append(name)

    news = asyncio.ensure_future(sleeper("news", 59.999_999_9, OUTSIDE))
    timer = asyncio.ensure_future(sleeper("timer", 60.0, 0))
    await asyncio.sleep(0)
    await clock.advance(60)

    assert woken == ["timer", "news"]
    await asyncio.gather(news, timer)
