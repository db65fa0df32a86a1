"""The heartbeat: an outside watcher hears from the gateway each minute, unless nobody would be told."""

from __future__ import annotations

import asyncio
import contextlib
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from tocsin.gateway.heartbeat import Heartbeat, withheld


class Watcher:
    """An outside watcher on a real port; `answers` are the codes it gives, the last one for ever."""

    def __init__(self):
        self.asked = []
        self.answers = [200]
        watcher = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                watcher.asked.append(self.path)
                code = watcher.answers[0] if len(watcher.answers) == 1 else watcher.answers.pop(0)
                self.send_response(code)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/ping/secret"
        Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def watcher():
    one = Watcher()
    yield one
    one.server.shutdown()
    one.server.server_close()


async def test_it_beats_each_minute_and_not_before(watcher, clock):
    """A minute of silence is what the watcher may count on as the longest."""
    heart = Heartbeat(lambda: watcher.url, list, clock)
    running = asyncio.ensure_future(heart.run())
    await asyncio.sleep(0)
    await clock.advance(59)
    assert watcher.asked == []
    for beats in (1, 2, 3):
        await clock.advance(1 if beats == 1 else 60)
        while len(watcher.asked) < beats:
            await asyncio.sleep(0.01)
        while clock.next_due is None:
            await asyncio.sleep(0.01)
    assert watcher.asked == ["/ping/secret"] * 3
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


@pytest.mark.parametrize("code", ["database", "emulator", "engine-late", "provider"])
async def test_it_stops_where_nobody_would_be_told(watcher, clock, code):
    """Then the watcher's silence alarm is the one that gets through."""
    codes = [code, "config-refused"]
    heart = Heartbeat(lambda: watcher.url, lambda: codes, clock)

    await heart.beat()
    assert (watcher.asked, heart.trouble) == ([], f"withheld: {code}")

    codes.clear()
    await heart.beat()
    assert (len(watcher.asked), heart.trouble) == (1, "")


def test_a_refused_save_does_not_stop_it():
    """The last good configuration and scripts are in force; waking somebody for that would be wrong."""
    assert withheld(["config-refused", "scripts-refused", "sandbox-not-locked"]) == []


async def test_what_went_wrong_is_told_without_the_address(watcher, clock):
    """Such addresses are secrets: whoever knows one can beat for a dead gateway."""
    watcher.answers = [503, 200]
    heart = Heartbeat(lambda: watcher.url, list, clock)

    await heart.beat()
    assert heart.trouble == "not delivered: the watcher answers 503"
    await heart.beat()
    assert heart.trouble == ""

    nobody = Heartbeat(lambda: "http://127.0.0.1:9/secret", list, clock)
    await nobody.beat()
    assert nobody.trouble == "not delivered: ConnectError"


async def test_without_an_address_nothing_is_sent(watcher, clock):
    """The key is optional."""
    heart = Heartbeat(lambda: None, lambda: ["database"], clock)
    await heart.beat()
    assert (watcher.asked, heart.trouble) == ([], "")


@contextlib.asynccontextmanager
async def answering_without_end(head, piece, pause_s):
    """Serve answers that never end, one more piece after each pause; yield the address."""
    talks = []

    async def answer(_, writer):
        talks.append(asyncio.current_task())
        try:
            writer.write(head)
            while True:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(pause_s)
        except (ConnectionError, asyncio.CancelledError):
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1")
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/ping"
        for one in talks:
            one.cancel()
        await asyncio.gather(*talks, return_exceptions=True)


@pytest.mark.parametrize("size", [1, 1_000_000])
async def test_the_answer_s_body_is_not_waited_for(clock, size):
    """A watcher, or whatever stands in its place, that goes on for ever is one that has answered."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with answering_without_end(head, b"%x\r\n%s\r\n" % (size, b"." * size), 0.01) as url:
        heart = Heartbeat(lambda: url, list, clock)
        await asyncio.wait_for(heart.beat(), 5)
        assert heart.trouble == ""


async def test_a_watcher_that_drips_its_head_is_given_up(clock, monkeypatch):
    """A byte now and then is no answer, and the next minute's heartbeat must not wait for it."""
    monkeypatch.setattr("tocsin.gateway.heartbeat.TIMEOUT_S", 0.3)
    async with answering_without_end(b"HTTP/1.1 200 OK\r\n", b"x: y\r\n", 0.05) as url:
        heart = Heartbeat(lambda: url, list, clock)
        await asyncio.wait_for(heart.beat(), 5)
        assert heart.trouble == "not delivered: TimeoutError"


async def test_an_address_that_is_none_is_told_and_not_raised(clock):
    """Such a heart goes on, so that a mended address counts a minute later."""
    heart = Heartbeat(lambda: "http://watcher:port/", list, clock)
    await heart.beat()
    assert heart.trouble == "not delivered: InvalidURL"
