"""What strangers can send to the port: it costs little, is soon over, and keeps nobody else from being answered."""

import asyncio
import contextlib
import itertools

import pytest

from tocsin.gateway import connections
from tocsin.gateway.connections import MOST_HEADERS, listening
from tocsin.gateway.serving import bound

GET = b"GET /now HTTP/1.1\r\nHost: x\r\n\r\n"
CHUNKED = b"POST /length HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
LARGE = 32 * 1024 * 1024


async def application(scope, receive, send):
    """Answer with the length of the body, late or at length, as the path says."""
    body, more = b"", scope["path"] != "/unread"
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    if scope["path"] == "/late":
        await asyncio.sleep(1)
    answer = b"." * LARGE if scope["path"] == "/large" else str(len(body)).encode()
    headers = [(b"content-length", str(len(answer)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


@pytest.fixture
async def port():
    sock = bound("127.0.0.1:0")
    with contextlib.closing(sock):
        async with listening(application, sock):
            yield sock.getsockname()[1]


@pytest.fixture
def impatient(monkeypatch):
    """What is a minute in service is some tenths of a second here."""
    monkeypatch.setattr(connections, "PATIENCE_S", 0.3)
    monkeypatch.setattr(connections, "SWEEP_TICKS", 1)


class Client:
    """One connection to the port."""

    def __init__(self, port):
        self._port = port

    async def __aenter__(self):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_):
        self.writer.transport.abort()

    async def says(self, what):
        self.writer.write(what)
        await self.writer.drain()
        return self

    async def hears(self):
        """Return the status and the body of an answer."""
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 10)
        length = next(one for one in head.lower().split(b"\r\n") if one.startswith(b"content-length"))
        return int(head.split()[1]), await self.reader.readexactly(int(length.split(b":")[1]))

    async def is_closed(self):
        """Wait until the other end has closed."""
        with contextlib.suppress(ConnectionError):
            await asyncio.wait_for(self.reader.read(), 10)


async def is_answered(port):
    """Ask on a connection of its own, as the next webhook does."""
    async with Client(port) as beside:
        return (await (await beside.says(GET)).hears())[0] == 200


def without_end(kind):
    """Give a request that never ends, piece by piece."""
    lines = (b"".join(b"x%05d: y\r\n" % number for number in range(5000)) for _ in itertools.count())
    letters = itertools.repeat(b"a" * 65536)
    return {
        "line": (b"GET /", letters),
        "headers": (GET[:-2], lines),
        "header": (GET[:-2] + b"X: ", letters),
        "trailers": (CHUNKED + b"0\r\n", lines),
        "trailer": (CHUNKED + b"0\r\nX: ", letters),
        "mark": (CHUNKED + b"1;", letters),
    }[kind]


@pytest.mark.parametrize("kind", ["line", "headers", "header", "trailers", "trailer", "mark"])
async def test_what_has_no_end_is_not_read_to_it(port, kind):
    """Whatever of a request goes on without end, it is closed before much of it has come, and others are answered."""
    begin, more = without_end(kind)
    async with Client(port) as stranger, asyncio.timeout(30):
        await stranger.says(begin)
        said = 0
        with contextlib.suppress(ConnectionError):
            for piece in more:
                said += len((await stranger.says(piece)) and piece)
                assert said < 16 * 1024 * 1024
        assert await is_answered(port)


async def test_too_many_headers_are_refused_by_a_sentence(port):
    """As many as are allowed are fine; the sentence tells how many those are."""
    named = [b"x%d: y\r\n" % number for number in range(MOST_HEADERS)]
    async with Client(port) as client:
        await client.says(GET[:-2] + b"".join(named[1:]) + b"\r\n")
        assert (await client.hears())[0] == 200
        await client.says(GET[:-2] + b"".join(named) + b"\r\n")
        status, sentence = await client.hears()
        assert (status, b"at most 256 headers" in sentence) == (400, True)
        await client.is_closed()


async def test_a_long_body_in_small_chunks_is_taken(port):
    """20,000 alarms, each a chunk: their marks do not count as a head; and again, on the same connection."""
    chunk = b"96\r\n" + b"a" * 150 + b"\r\n"
    async with Client(port) as client:
        for _ in range(2):
            await client.says(CHUNKED + chunk * 20_000 + b"0\r\n\r\n")
            assert await client.hears() == (200, b"3000000")


@pytest.mark.parametrize(
    ("answered", "part"),
    [
        (b"", b""),
        (b"", GET[:20]),
        (b"", b"POST /length HTTP/1.1\r\nContent-Length: 9\r\n\r\n1234"),
        (b"POST /unread HTTP/1.1\r\nContent-Length: 9\r\n\r\n12", b"34"),
        (GET, b"\r\n"),
        (GET, GET[:20]),
    ],
)
async def test_what_does_not_come_whole_is_closed(port, impatient, answered, part):
    """Nothing, half a head, half a body, something after an answer: none holds a connection for long."""
    async with contextlib.AsyncExitStack() as stack:
        strangers = [await stack.enter_async_context(Client(port)) for _ in range(50)]
        for one in strangers:
            if answered:
                await (await one.says(answered)).hears()
            await one.says(part)
        assert await is_answered(port)
        await asyncio.gather(*(one.is_closed() for one in strangers))


async def test_who_waits_for_an_answer_or_rests_between_two_stays(port, impatient):
    """Patience is for what the client owes: an answer may take longer, and so may the next request."""
    async with Client(port) as client, Client(port) as resting:
        await resting.says(GET)
        await resting.hears()
        await client.says(GET.replace(b"now", b"late") + GET)
        assert [(await client.hears())[0] for _ in range(2)] == [200, 200]
        await resting.says(GET)
        assert (await resting.hears())[0] == 200


async def test_an_answer_that_nobody_takes_is_given_up(port, impatient):
    """The memory it lies in is wanted back."""
    async with Client(port) as stranger:
        stranger.writer.transport.pause_reading()
        await stranger.says(GET.replace(b"now", b"large"))
        await asyncio.sleep(1.5)
        stranger.writer.transport.resume_reading()
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await stranger.hears()


async def test_who_comes_last_finds_room(port, monkeypatch):
    """Where too many are open, the one that has rested longest goes, never one that is being answered."""
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 4)
    async with contextlib.AsyncExitStack() as stack:
        waits = await stack.enter_async_context(Client(port))
        await waits.says(GET.replace(b"now", b"late"))
        strangers = []
        for _ in range(20):
            strangers.append(await stack.enter_async_context(Client(port)))
            assert await is_answered(port)
        await asyncio.gather(*(one.is_closed() for one in strangers[:16]))
        assert (await waits.hears())[0] == 200
