"""A bare product in a process of its own, for measuring the emulator: places calls, asks for a PIN, acknowledges.

Run as `python load_product.py REST_URL CALLS PLACED_AT_ONCE`; prints its port first, then a line of JSON.
"""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import uvicorn

TOKEN, ACCOUNT = "0123456789abcdef0123456789abcdef", "AC" + "5e" * 16
ASK = b'<Response><Gather action="/pin" timeout="5"><Say>Pump 2 high level. Enter your PIN and press hash.</Say></Gather></Response>'
RIGHT = b"<Response><Say>Thank you. The alarm is acknowledged.</Say><Hangup/></Response>"
WRONG = b"<Response><Say>Wrong.</Say><Redirect>/answer</Redirect></Response>"
finished = asyncio.Event()
# By CallSid: on a busy machine a webhook may come twice.
ended: set[bytes] = set()
acknowledged: set[bytes] = set()


async def app(
    scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
) -> None:
    """Answer the way the smallest product would."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    path, text, status = scope["path"], b"", 200
    call = body.partition(b"CallSid=")[2][:34]
    if path == "/status":
        status = 204
        if b"CallDuration" in body:
            ended.add(call)
            finished.set()
    elif path == "/pin":
        right = b"Digits=4711&" in body or body.endswith(b"Digits=4711")
        if right:
            acknowledged.add(call)
        text = RIGHT if right else WRONG
    else:
        text = ASK
    headers = [(b"content-type", b"application/xml"), (b"content-length", str(len(text)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})


async def main(rest: str, calls: int, at_once: int) -> None:
    """Serve, place every call, and tell when the last one ended."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(2048)
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None, access_log=False))
    running = asyncio.create_task(server.serve(sockets=[listener]))
    base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    basic = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
    turns = asyncio.Semaphore(at_once)
    async with httpx2.AsyncClient(headers={"Authorization": f"Basic {basic}"}, trust_env=False) as client:

        async def place(index: int) -> None:
            data = {
                "To": f"+4670{index:07d}", "From": "+15005550006", "Url": f"{base}/answer#rc=2&rp=all",
                "StatusCallback": f"{base}/status#rc=2&rp=all",
                "StatusCallbackEvent": ["initiated", "ringing", "answered", "completed"],
            }  # fmt: skip
            async with turns:
                answer = await client.post(f"{rest}/2010-04-01/Accounts/{ACCOUNT}/Calls.json", data=data)
            assert answer.status_code == 201, answer.text

        await asyncio.gather(*(place(index) for index in range(calls)))
        while len(ended) < calls:
            finished.clear()
            await asyncio.wait_for(finished.wait(), 60)
    print(json.dumps({"ended": len(ended), "acknowledged": len(acknowledged)}), flush=True)
    server.should_exit = True
    await running


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
