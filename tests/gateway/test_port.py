"""The port of a gateway whose place somebody else took while it started."""

from __future__ import annotations

import asyncio
import contextlib
import socket

import pytest
from tests.plant import write_project

from tocsin.gateway.gateway import Gateway
from tocsin.gateway.serving import CannotListen, bound, running

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend():
    return "asyncio"


async def test_a_port_that_another_program_took_meanwhile_ends_the_start(tmp_path):
    """Two services with one port at boot: the second says so and goes, and calls nobody unheard."""
    gateway = Gateway(
        write_project(tmp_path / "plant"),
        dev=True,
        emulator_url="http://127.0.0.1:9",
        watch=False,
        notify=False,
    )
    mine = bound("127.0.0.1:0")
    port = mine.getsockname()[1]
    with contextlib.closing(socket.socket()) as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        with pytest.raises(CannotListen, match=rf"cannot listen on 127\.0\.0\.1:{port}: .*--port"):
            async with asyncio.timeout(20), running(gateway, mine):
                pass
    assert not (gateway.state / "address").exists()
    with pytest.raises(OSError, match="Bad file descriptor"):
        mine.getsockname()
