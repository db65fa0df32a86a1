"""The stage on which stories of calls and texts are played."""

import pytest
from tests.channels.stage import open_stage


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture
async def stage(tmp_path):
    async with open_stage(tmp_path) as opened:
        yield opened
