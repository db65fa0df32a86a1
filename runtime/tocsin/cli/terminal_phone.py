"""Phones on a screen: what they hear and show, side by side, and the keys that work them.

It speaks to an emulator's control API and to nothing else, so it works with one in this process as well as
with one that runs elsewhere. How it looks is decided here, what a phone can do in the emulator.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import termios
import tty
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx2
from rich.columns import Columns
from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence

    from rich.console import ConsoleOptions, RenderResult

LINES = 16
"""So many lines of a transcript are on the screen, fewer where the terminal is lower."""

WIDTH, WIDE = 54, 92
"""Columns of a phone beside another, and of one alone, fewer where the terminal is narrower."""
_FRAME = 4 + 5 + 2
_FRAME_LINES = 2
_AROUND = 8
"""Lines of the screen that are not a transcript: frame, headline, help."""
_STATES = {
    "idle": ("idle", "dim"),
    "ringing": ("RINGING", "bold yellow"),
    "in-call": ("in a call", "bold green"),
}
_HELP = "Enter answer   0-9 * # keys   h hang up   t text   d dial the plant   Tab other phone   q quit"


@dataclass
class Handset:
    """One phone as the screen knows it."""

    number: str
    owner: str
    state: str = "idle"
    transcript: list[dict[str, Any]] = field(default_factory=list)

    def take(self, event: dict[str, Any]) -> None:
        """Add one event of this phone."""
        self.state = event.get("state", self.state)
        if event["kind"] == "press" and self.transcript and self.transcript[-1]["kind"] == "press":
            self.transcript[-1]["text"] += event["text"]  # keys pressed one by one read as one entry
            return
        self.transcript.append({"at": event["at"], "kind": event["kind"], "text": event["text"]})


def entry(one: dict[str, Any], started: float | None) -> tuple[Text, Text]:
    """Return one entry of a transcript: seconds into the call, and what happened."""
    at = "" if started is None else f"{max(0, one['at'] - started):4.0f}s"
    kind, text = one["kind"], one["text"]
    shown = {
        "ring": ("rings", "yellow"),
        "answer": ("answers", "green"),
        "hear": (f"“{text}”", "default"),
        "press": (f"presses {text}", "green"),
        "say": (f"says “{text}”", "green"),
        "sms-in": (f"text: {text}", "cyan"),
        "sms-out": (f"texts: {text}", "blue"),
        "hangup": (text or "the call is over", "dim"),
    }
    words, style = shown.get(kind, (f"{kind} {text}", "dim"))
    return Text(at, style="dim"), Text(words, style=style)


def _newest(lines: Sequence[tuple[Text, Text]], width: int, height: int) -> list[tuple[Text, Text]]:
    """Return the newest entries that fit: a sentence may take several lines, and the last one counts most."""
    # Border and padding of the panel, the time, and the blanks beside both columns.
    paper = Console(width=width - _FRAME)
    left = height
    shown: list[tuple[Text, Text]] = []
    for at, words in reversed(lines):
        left -= max(1, len(words.wrap(paper, paper.width)))
        if left < 0 and shown:
            break
        shown.append((at, words))
    return shown[::-1]


class Screen:
    """Draws the phones."""

    def __init__(self, phones: Sequence[Handset], headline: Callable[[], Any] | None = None) -> None:
        self.phones = phones
        self.chosen = 0
        self.typing: str | None = None
        self.notice = ""
        self._headline = headline

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the whole screen: phones stand side by side, or one below the other where it is narrow."""
        count = len(self.phones)
        width = min(WIDTH if count > 1 else WIDE, options.max_width)
        rows = 1 if count * (width + 1) - 1 <= options.max_width else count
        height = (console.height - _AROUND - _FRAME_LINES * (rows - 1)) // rows
        height = max(4, min(LINES, height))
        parts: list[Any] = [self._headline()] if self._headline else []
        panels = [self._panel(at, phone, width, height) for at, phone in enumerate(self.phones)]
        parts.append(Columns(panels) if rows == 1 else Group(*panels))
        if self.typing is not None:
            parts.append(Text(f"text to the plant: {self.typing}▏", style="cyan"))
        else:
            parts.append(Text(self.notice or _HELP, style="red" if self.notice else "dim"))
        yield from parts

    def _panel(self, at: int, phone: Handset, width: int, height: int) -> Panel:
        words, style = _STATES.get(phone.state, (phone.state, "default"))
        started = None
        lines: list[tuple[Text, Text]] = []
        for one in phone.transcript:
            started = one["at"] if one["kind"] in ("ring", "answer") or started is None else started
            lines.append(entry(one, started))
        body = Table.grid(padding=(0, 1))
        for line in _newest(lines, width, height) or [(Text(), Text("nothing yet", style="dim"))]:
            body.add_row(*line)
        chosen = at == self.chosen and len(self.phones) > 1
        return Panel(
            body,
            title=Text(f" {phone.owner}  {phone.number} "),
            title_align="left",
            subtitle=Text(f" {words} ", style=style),
            subtitle_align="right",
            width=width,
            height=height + _FRAME_LINES if len(self.phones) > 1 else None,
            border_style="bold" if chosen or len(self.phones) == 1 else "dim",
        )


class TerminalPhone:
    """Follows some phones of an emulator and works them from the keyboard."""

    def __init__(
        self,
        url: str,
        phones: Sequence[Handset],
        *,
        headline: Callable[[], Any] | None = None,
        extra: Mapping[str, Callable[[], Awaitable[None]]] | None = None,
    ) -> None:
        """Show `phones` (one or two) below a headline; `extra` keys do something of the caller's."""
        self.screen = Screen(phones, headline)
        self._extra = extra or {}
        self._phones = {phone.number: phone for phone in phones}
        self._client = httpx2.AsyncClient(
            base_url=url, timeout=httpx2.Timeout(10, read=None), trust_env=False
        )
        self._done = asyncio.Event()
        self._asks: set[asyncio.Future[None]] = set()
        self._one_by_one = asyncio.Lock()  # fair: keys reach the phone in the order they were pressed

    async def run(self) -> None:
        """Show the phones until q is pressed; raises httpx2.TransportError where no emulator answers."""
        for number, phone in self._phones.items():
            answer = await self._client.get(f"/phones/{number}")
            known = answer.json()
            phone.state, phone.transcript = known["state"], known["transcript"]
        console = Console()
        following = asyncio.ensure_future(self._follow())
        try:
            with (
                _single_keys(self._key),
                Live(self.screen, console=console, screen=True, refresh_per_second=12),
            ):
                await self._done.wait()
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
            await self._client.aclose()

    async def _follow(self) -> None:
        async for event in events(self._client):
            phone = self._phones.get(event.get("number", ""))
            if event["event"] == "phone" and phone is not None:
                self.screen.notice = ""
                phone.take(event)

    def _key(self, key: str) -> None:
        """Do what one key says."""
        screen = self.screen
        if screen.typing is not None:
            self._typed(key)
        elif key in ("q", "\x03", ""):
            self._done.set()
        elif key == "\t":
            screen.chosen = (screen.chosen + 1) % len(screen.phones)
        elif key in "0123456789*#":
            self._ask("press", {"digits": key})
        elif key in ("\r", "\n", "a"):
            self._ask("answer", {})
        elif key == "h":
            self._ask("hangup", {})
        elif key == "d":
            self._ask("dial", {})
        elif key == "t":
            screen.typing = ""
        elif key in self._extra:
            self._spawn(self._extra[key]())

    def _typed(self, key: str) -> None:
        screen = self.screen
        text = screen.typing or ""
        if key in ("\r", "\n"):
            screen.typing = None
            if text:
                self._ask("sms", {"body": text})
        elif key == "\x1b":
            screen.typing = None
        elif key in ("\x7f", "\b"):
            screen.typing = text[:-1]
        elif key.isprintable():
            screen.typing = text + key

    def _ask(self, action: str, body: dict[str, str]) -> None:
        self._spawn(self._asked(self.screen.phones[self.screen.chosen].number, action, body))

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._asks.add(task)
        task.add_done_callback(self._asks.discard)

    async def _asked(self, number: str, action: str, body: dict[str, str]) -> None:
        async with self._one_by_one:
            answer = await self._client.post(f"/phones/{number}/{action}", json=body)
        if answer.status_code >= 400:
            self.screen.notice = str(answer.json().get("error", answer.text))


async def events(client: httpx2.AsyncClient) -> AsyncIterator[dict[str, Any]]:
    """Yield what an emulator tells from now on."""
    async with client.stream("GET", "/events") as stream:
        async for line in stream.aiter_lines():
            if line.startswith("data: "):
                yield json.loads(line[6:])


@contextlib.contextmanager
def _single_keys(take: Callable[[str], None]) -> Iterator[None]:
    """Read keys one by one, without Enter and without echo, while the body runs."""
    loop = asyncio.get_running_loop()
    source = sys.stdin.fileno()
    before = termios.tcgetattr(source)
    tty.setcbreak(source)

    def ready() -> None:
        for key in os.read(source, 64).decode(errors="ignore") or [""]:
            take(key)

    loop.add_reader(source, ready)
    try:
        yield
    finally:
        loop.remove_reader(source)
        termios.tcsetattr(source, termios.TCSADRAIN, before)
