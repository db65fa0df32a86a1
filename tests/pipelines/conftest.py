"""A plant whose alarms, runs, timers and database are the real ones; only nobody answers a telephone."""

import pytest
from tests.pipelines.plant import Plant


@pytest.fixture
async def plant(db, clock):
    async with Plant(db, clock).open() as opened:
        yield opened
