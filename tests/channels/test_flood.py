"""Many alarms and many people at once: no phone rings twice at a time, no budget is exceeded, all are told."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from tests.channels.stage import open_stage

pytestmark = pytest.mark.anyio

PEOPLE = {f"p{n}": f"+4671000{n:04d}" for n in range(8)}
USERS = "".join(
    f'[users.{name}]\nid = {100 + n}\n[[users.{name}.contacts]]\ntype = "phone"\nvalue = "{number}"\n'
    for n, (name, number) in enumerate(PEOPLE.items())
)
LINES = 3


def busy_plant(toml):
    more = 'phone_number = "+15005550006"\nconcurrent_calls = 3\ncalls_per_second = 2'
    return toml.replace('phone_number = "+15005550006"', more).replace('pin = "to-acknowledge"', "")


def overlaps(spans):
    """Give how many spans hold at the busiest moment; one that ends as another begins does not overlap it."""
    moments = sorted([(end, 0) for _, end in spans] + [(begin, 1) for begin, _ in spans])
    most = now = 0
    for _, begins in moments:
        now += 1 if begins else -1
        most = max(most, now)
    return most


@pytest.mark.parametrize("seed", [1, 2])
async def test_nobody_rings_twice_at_a_time_and_all_are_told(tmp_path, seed):
    """Alarms come for half an hour onto eight people, who are busy, away, on the mailbox, or press 1."""
    async with open_stage(tmp_path, more=USERS, edit=busy_plant) as stage:
        source = random.Random(seed)
        steps = [{"hear": "Press"}, {"press": "9"}]
        chances = {"busy": 0.1, "no-answer": 0.1, "failed": 0.0, "machine": 0.1}
        for number in PEOPLE.values():
            stage.emulator.put_phone(number, {"answer": "statistical", "chances": chances, "steps": steps})
        for step in range(30):
            for _ in range(source.randint(0, 4)):
                person = source.choice(list(PEOPLE))
                episode = await stage.alarm(f"Plant/{step}/{source.random()}")
                await stage.notify(person, episode, number=PEOPLE[person], priority=source.randint(0, 4))
            await stage.waits(source.choice([1, 30, 90]))
        await stage.waits(3600)
        assert all(row["state"] == "done" for row in await stage.notices())
        calls = stage.emulator.calls
        assert {call.status for call in calls} <= {"completed", "busy", "no-answer"}
        assert overlaps([(call.created, call.ended) for call in calls]) <= LINES
        for number in PEOPLE.values():
            assert overlaps([(call.created, call.ended) for call in calls if call.to == number]) <= 1
        begun = sorted(call.created for call in calls)
        assert all(later - earlier >= 0.499 for earlier, later in pairwise(begun))
        assert len(calls) == len(await stage.calls())
        assert not any(row["possible_duplicate"] for row in await stage.calls())
