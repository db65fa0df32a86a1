"""A started sandbox for the tests of its process half, and what they watch it by."""

from __future__ import annotations

import sys

import pytest
from tests.sandbox.stage import PLAIN, RAW

from tocsin.sandbox.sandbox import Sandbox
from tocsin.sandbox.script import Limits


@pytest.fixture
async def sandbox():
    """A started sandbox with two workers per domain and the plain vocabulary."""
    made = Sandbox(limits=Limits(), vocabulary=PLAIN, workers=2)
    report = await made.start()
    if sys.platform == "linux":
        assert report.locked, report.reasons
    yield made
    await made.aclose()


@pytest.fixture
async def raw_sandbox():
    """A sandbox whose scripts can break every guard with `raw(source)`."""
    made = Sandbox(limits=Limits(), vocabulary=RAW, workers=2)
    await made.start()
    yield made
    await made.aclose()
