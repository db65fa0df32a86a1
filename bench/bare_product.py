"""The two sides of the emulator's load, each in a process of its own: a bare product, and who calls.

`bare_product.py serve` answers calls the way the smallest product would and prints its port.
`bare_product.py place REST ANSWER STATUS CALLS` waits for a line on its input, places all the calls, ends.
"""

from __future__ import annotations

import asyncio
import base64
import socket
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import uvicorn
import uvloop

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

TOKEN, ACCOUNT, NUMBER = "0123456789abcdef0123456789abcdef", "AC" + "5e" * 16, "+15005550006"
AT_ONCE = 20
ASK = (
    b'<Response><Gather action="/pin" timeout="5"><Say>Pump 2 high level. Enter your PIN and press hash.'
    b"</Say></Gather></Response>"
)
RIGHT = b"<Response><Say>Thank you. The alarm is acknowledged.</Say><Hangup/></Response>"
WRONG = b"<Response><Say>Wrong.</Say><Redirect>/answer</Redirect></Response>"


def phone(index: int) -> str:
    """Return the number of one of the phones that are called."""
    return f"+4670{index:07d}"


async def app(
    scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
) -> None:
    """Answer one webhook."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    path, text, status = scope["path"], b"", 200
    if path == "/status":
        status = 204
    elif path == "/pin":
        text = RIGHT if b"Digits=4711&" in body or body.endswith(b"Digits=4711") else WRONG
    else:
        text = ASK
    headers = [(b"content-type", b"application/xml"), (b"content-length", str(len(text)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})


async def serve() -> None:
    """Serve until the process is ended."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(2048)
    print(listener.getsockname()[1], flush=True)
    config = uvicorn.Config(app, lifespan="off", log_config=None, access_log=False)
    await uvicorn.Server(config).serve(sockets=[listener])


async def place(rest: str, answer: str, status: str, calls: int) -> None:
    """Place all calls over a few connections, with as little effort as possible."""
    host, port = urlsplit(rest).hostname, urlsplit(rest).port
    basic = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
    left = iter(range(calls))

    def request(index: int) -> bytes:
        fields = {
            "To": phone(index), "From": NUMBER, "Url": answer, "StatusCallback": status,
            "StatusCallbackEvent": ["initiated", "ringing", "answered", "completed"],
        }  # fmt: skip
        body = urlencode(fields, doseq=True)
        return (
            f"POST /2010-04-01/Accounts/{ACCOUNT}/Calls.json HTTP/1.1\r\nHost: {host}\r\n"
            f"Authorization: Basic {basic}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()

    async def worker() -> None:
        reader, writer = await asyncio.open_connection(host, port)
        for index in left:
            writer.write(request(index))
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 201"), head
            await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].split(b"\r")[0]))
        writer.close()

    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        uvloop.run(serve())
    else:
        sys.stdin.readline()
        uvloop.run(place(sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5])))
