"""`tocsin phone` on a terminal: it rings, is answered, shows what is said, takes keys and texts, hangs up.

The program runs under a pseudo-terminal, as at a desk; the emulator and an honest product run beside it.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import re
import struct
import sys
import termios
from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests import terminals
from tests.emulator.conftest import ACCOUNT, TOKEN
from tests.emulator.honest_product import HonestProduct
from tests.emulator.test_command import ENVIRON

from tocsin.clock import ScaledClock
from tocsin.emulator import Emulator
from tocsin.emulator.records import CallOptions
from tocsin.emulator.serve import listening, served

MARIA, JON, NUMBER = "+46701234567", "+46702222222", "+15005550006"
_CONTROL = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]")


class Terminal:
    """A screen of 130 columns and somebody at its keyboard."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._shown = b""
        self._news = asyncio.Event()
        asyncio.get_running_loop().add_reader(descriptor, self._read)

    def _read(self) -> None:
        with contextlib.suppress(OSError):
            self._shown += os.read(self._descriptor, 65_536)
        self._news.set()

    async def shows(self, *texts: str) -> None:
        """Wait until each of these texts has been drawn since the last key."""
        try:
            async with asyncio.timeout(20):
                while not all(text in self.text for text in texts):
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"{texts} never appeared in:\n{self.text[-3000:]}") from None

    @property
    def text(self) -> str:
        return _CONTROL.sub(b"", self._shown).decode("utf-8", "replace")

    def types(self, keys: str) -> None:
        """Press keys, as the keyboard sends them."""
        self._shown = b""
        os.write(self._descriptor, keys.encode())

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._descriptor)
        os.close(self._descriptor)


@contextlib.asynccontextmanager
async def terminal(
    *arguments: str, lines: int = 40, columns: int = 130
) -> AsyncIterator[tuple[Terminal, asyncio.subprocess.Process]]:
    """Run `tocsin phone` on a terminal of its own."""
    ours, theirs = terminals.opened()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    # What is exported of the terminal that the tests run in says nothing about this one.
    environ = {name: value for name, value in ENVIRON.items() if name not in ("COLUMNS", "LINES")}
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tocsin", "phone", *arguments,
        stdin=theirs, stdout=theirs, stderr=theirs, env={**environ, "TERM": "xterm-256color"},
    )  # fmt: skip
    os.close(theirs)
    shown = Terminal(ours)
    try:
        yield shown, program
    finally:
        if program.returncode is None:
            program.kill()
        await program.wait()
        shown.close()


@pytest.fixture
async def plant() -> AsyncIterator[tuple[Emulator, HonestProduct, str, str]]:
    """An emulator ten times as fast as life, and a product that owns its number."""
    product = HonestProduct(TOKEN)
    emulator = Emulator(clock=ScaledClock(0.1), auth_token=TOKEN)
    async with listening(product.app, port=0) as base, served(emulator, port=0) as url:
        emulator.add_number(ACCOUNT, NUMBER, voice_url=f"{base}/inbound", sms_url=f"{base}/text")
        yield emulator, product, base, url


def kinds(emulator: Emulator, number: str) -> list[Any]:
    return [one["kind"] for one in emulator.phone(number).transcript]


async def test_a_call_is_taken_at_the_keyboard(plant: Any) -> None:
    """Two phones side by side: one rings, Enter answers, keys are pressed, the sentence is read with its time."""
    emulator, product, base, url = plant
    async with terminal(MARIA, JON, "--url", url) as (screen, program):
        await screen.shows(MARIA, JON, "idle", "Enter answer")
        emulator.exchange.place(emulator.account(ACCOUNT), MARIA, NUMBER, CallOptions(url=f"{base}/answer"))
        await screen.shows("RINGING", "rings")
        screen.types("\r")
        await screen.shows("in a call", "“Pump 2 high level.”", "s ")
        screen.types("4711#")
        await screen.shows("presses 4711#", "The alarm is acknowledged.", "completed")
        assert product.acknowledged
        assert kinds(emulator, JON) == []
        screen.types("q")
        assert await asyncio.wait_for(program.wait(), 10) == 0


async def test_two_phones_fit_on_a_small_terminal(plant: Any) -> None:
    """Where they do not fit side by side they stand one below the other, and the keys stay in sight."""
    emulator, _, base, url = plant
    async with terminal(MARIA, JON, "--url", url, lines=24, columns=80) as (screen, _program):
        await screen.shows(MARIA, JON, "Enter answer")
        emulator.exchange.place(emulator.account(ACCOUNT), MARIA, NUMBER, CallOptions(url=f"{base}/answer"))
        await screen.shows("RINGING")
        screen.types("\r")
        await screen.shows("in a call", "“Pump 2 high level.”", "Enter answer")


async def test_texts_are_read_and_written(plant: Any) -> None:
    """An SMS appears in the thread; t writes one to the number it came from; Tab changes to the other phone."""
    emulator, product, _, url = plant
    product.documents = {"text": "<Response><Message>Got it</Message></Response>"}
    async with terminal(MARIA, JON, "--url", url) as (screen, _program):
        await screen.shows("idle")
        emulator.exchange.messaging.send(
            emulator.account(ACCOUNT), to=JON, from_=NUMBER, body="Pump 2 is high"
        )
        await screen.shows("text: Pump 2 is high")
        screen.types("\t")
        screen.types("tOn my way")
        await screen.shows("text to the plant: On my way")
        screen.types("\r")
        await screen.shows("texts: On my way", "text: Got it")
    assert product.told("text")[0]["Body"] == "On my way"
    assert kinds(emulator, MARIA) == []


async def test_the_plant_is_called_and_hung_up_on(plant: Any) -> None:
    """d dials the number that was last heard of, h hangs up; what cannot be done now is said in one line."""
    emulator, product, _, url = plant
    emulator.phone(MARIA).peer = NUMBER
    async with terminal(MARIA, "--url", url) as (screen, _program):
        await screen.shows("idle")
        screen.types("h")
        await screen.shows("there is no call to hang up")
        screen.types("d")
        await screen.shows("“Pump 2 high level.”")
        screen.types("h")
        await screen.shows("completed")
    assert [params["Direction"] for params in product.told("inbound")] == ["inbound"]


async def test_the_newest_sentence_is_always_on_the_screen(plant: Any) -> None:
    """However many lines the ones before it take: what is asked last is what one must answer."""
    emulator, product, base, url = plant
    long = (
        "The spare float switch of pump number {} hangs behind the door of the pump house, beside the valve."
    )
    said = " ".join(long.format(letter) for letter in "ABCDEFGHI")
    product.documents = {
        "answer": f"<Response><Say>{said} Press one now.</Say><Pause length='99'/></Response>"
    }
    emulator.put_phone(MARIA, {"answer": "auto"})
    async with terminal(MARIA, JON, "--url", url) as (screen, _program):
        await screen.shows("idle")
        emulator.exchange.place(emulator.account(ACCOUNT), MARIA, NUMBER, CallOptions(url=f"{base}/answer"))
        await screen.shows("number A")
        await screen.shows("“Press one now.”")


async def test_without_an_emulator_it_says_how_to_start_one() -> None:
    """One sentence, exit code 2."""
    async with terminal(MARIA, "--url", "http://127.0.0.1:9") as (screen, program):
        await screen.shows("start one with: tocsin emulator")
        assert await asyncio.wait_for(program.wait(), 10) == 2
