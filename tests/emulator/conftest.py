"""The emulator and an honest product, joined in one process and one movable time."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2
import pytest
from tests.emulator.honest_product import HonestProduct

from tocsin.clock import VirtualClock
from tocsin.emulator import Emulator

TOKEN = "0123456789abcdef0123456789abcdef"
ACCOUNT = "AC" + "5e" * 16


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One event loop for a file, so that its tests may share what is costly to open."""
    return "asyncio"


@pytest.fixture
def product() -> HonestProduct:
    return HonestProduct(TOKEN)


@pytest.fixture
async def emulator(product: HonestProduct) -> AsyncIterator[Emulator]:
    """An emulator that reaches the product without sockets; the test moves time."""
    transport = httpx2.ASGITransport(product.app)
    async with Emulator(
        clock=VirtualClock(),
        auth_token=TOKEN,
        seed=7,
        settle_s=0.0,
        transport=transport,
        public_url="http://twilio",
    ) as made:
        yield made
    assert made.internal_errors == []
    assert product.unsigned == []


@pytest.fixture
async def rest(emulator: Emulator) -> AsyncIterator[httpx2.AsyncClient]:
    """A plain HTTP client with the account's credentials."""
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(emulator.app),
        base_url=f"http://twilio/2010-04-01/Accounts/{ACCOUNT}",
        auth=(ACCOUNT, TOKEN),
    ) as client:
        yield client


@pytest.fixture
async def control(emulator: Emulator) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of the control API."""
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(emulator.app), base_url="http://twilio"
    ) as client:
        yield client
