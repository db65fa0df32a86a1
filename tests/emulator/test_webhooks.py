"""How the emulator asks a product: signed, limited, repeated, and never with what belongs to itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from urllib.parse import parse_qsl

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from tests.emulator.conftest import ACCOUNT, TOKEN
from twilio.request_validator import RequestValidator

from tocsin.clock import VirtualClock
from tocsin.emulator import Emulator
from tocsin.emulator.records import CallOptions
from tocsin.emulator.serve import listening

PHONE, NUMBER = "+46701234567", "+15005550006"
Answer = Callable[[Request], Awaitable[Response]]


class Door:
    """A product of one function, on a real socket."""

    def __init__(self, base: str, seen: list[Request]) -> None:
        self.base, self.seen = base, seen
        self.answer: Answer


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    seen: list[Request] = []

    async def serve(request: Request) -> Response:
        await request.body()
        seen.append(request)
        return await made.answer(request)

    app = Starlette(routes=[Route("/{path:path}", serve, methods=["GET", "POST"])])
    async with listening(app, port=0) as base:
        made = Door(base, seen)
        yield made


async def called(url: str, **options: str) -> Emulator:
    """Run one call that an automatic phone answers, with its first document at `url`."""
    async with Emulator(clock=VirtualClock(), auth_token=TOKEN, seed=1) as emulator:
        emulator.put_phone(PHONE, {"answer": "auto"})
        emulator.exchange.place(emulator.account(ACCOUNT), PHONE, NUMBER, CallOptions(url=url, **options))
        assert await emulator.run_calls()
        assert emulator.internal_errors == []
    return emulator


def codes(emulator: Emulator) -> list[int]:
    return [entry.code for entry in emulator.calls[0].notifications]


async def document(_: Request) -> Response:
    return Response("<Response/>", media_type="application/xml")


async def test_the_form_is_signed_as_the_official_validator_reads_it(door: Door) -> None:
    """URL with its query, every field of the form; the fragment is neither sent nor signed."""
    door.answer = document

    await called(f"{door.base}/a%20b/x?turn=1&q=%C3%A5#rc=2&rp=all")

    request = door.seen[0]
    raw = f"{door.base}{request.scope['raw_path'].decode()}?{request.scope['query_string'].decode()}"
    assert raw == f"{door.base}/a%20b/x?turn=1&q=%C3%A5"
    form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
    assert RequestValidator(TOKEN).validate(raw, form, request.headers["x-twilio-signature"])
    assert (form["FromCity"], form["FromCountry"], form["ToCountry"]) == ("", "US", "SE")
    assert request.headers["content-type"] == "application/x-www-form-urlencoded; charset=UTF-8"
    assert request.headers["i-twilio-idempotency-token"]


async def test_a_repeat_follows_the_policy_and_carries_the_same_token(door: Door) -> None:
    """`rc=2&rp=5xx` asks three times after a 500, each time with one idempotency token."""

    async def failing(_: Request) -> Response:
        return Response("", 500 if len(door.seen) < 3 else 200, media_type="application/xml")

    door.answer = failing
    emulator = await called(f"{door.base}/x#rc=2&rp=5xx")

    assert len({request.headers["i-twilio-idempotency-token"] for request in door.seen}) == 1
    assert [(hook.status, hook.attempt) for hook in emulator.webhooks] == [(500, 1), (500, 2), (200, 3)]
    assert codes(emulator) == [12100]


async def test_an_error_status_is_not_repeated_by_default(door: Door) -> None:
    """Without overrides only a failed connection is tried again."""

    async def failing(_: Request) -> Response:
        return Response("", 503)

    door.answer = failing
    assert codes(await called(f"{door.base}/x")) == [11200]
    assert len(door.seen) == 1


async def test_a_product_that_is_not_there_is_tried_twice(door: Door) -> None:
    """11205, and one repeat of the connection."""
    port = int(door.base.rsplit(":", 1)[1])
    emulator = await called(f"http://127.0.0.1:{1 if port != 1 else 2}/x")

    assert [hook.attempt for hook in emulator.webhooks] == [1, 2]
    assert codes(emulator) == [11205]


async def test_a_slow_product_is_given_up_in_real_time(door: Door) -> None:
    """`tt=200` leaves 200 real milliseconds, however virtual time is; the phone hears an apology."""
    released = asyncio.Event()

    async def slow(_: Request) -> Response:
        await asyncio.wait_for(released.wait(), 5)
        return Response("<Response/>", media_type="application/xml")

    door.answer = slow
    emulator = await called(f"{door.base}/x#tt=200")
    released.set()

    assert codes(emulator) == [11200]
    assert "application error" in emulator.phone(PHONE).transcript[-3]["text"]


async def test_virtual_time_stands_still_while_a_webhook_is_open(door: Door) -> None:
    """The moment before the answer is the moment after it."""
    moments: list[float] = []
    clock = VirtualClock()

    async def answer(_: Request) -> Response:
        moments.append(clock.now())
        await asyncio.sleep(0.05)
        moments.append(clock.now())
        return Response("<Response><Pause length='30'/></Response>", media_type="application/xml")

    door.answer = answer
    async with Emulator(clock=clock, auth_token=TOKEN, autojump=True) as emulator:
        emulator.put_phone(PHONE, {"answer": "auto"})
        queue = emulator.events.subscribe()
        emulator.exchange.place(emulator.account(ACCOUNT), PHONE, NUMBER, CallOptions(url=f"{door.base}/x"))
        while (await asyncio.wait_for(queue.get(), 5)).get("status") != "completed":
            pass
    assert moments[0] == moments[1]
    assert emulator.calls[0].duration == 30


async def test_an_answer_above_64_kilobytes_is_refused(door: Door) -> None:
    """11750, whatever it contains."""

    async def huge(_: Request) -> Response:
        return Response("<Response>" + " " * 65_536 + "</Response>", media_type="application/xml")

    door.answer = huge
    assert codes(await called(f"{door.base}/x")) == [11750]


async def test_endless_redirects_are_given_up(door: Door) -> None:
    """11215 after ten of them."""

    async def around(_: Request) -> Response:
        return Response(status_code=302, headers={"Location": "/again"})

    door.answer = around
    assert codes(await called(f"{door.base}/x")) == [11215]


async def test_every_request_that_came_too_late_is_shown_as_such(door: Door) -> None:
    """With its time and the reason, in the list and to whoever listens, also where two ran side by side."""
    released = asyncio.Event()

    async def slow(_: Request) -> Response:
        await asyncio.wait_for(released.wait(), 5)
        return Response("<Response/>", media_type="application/xml")

    door.answer = slow
    async with Emulator(clock=VirtualClock(), auth_token=TOKEN, seed=1) as emulator:
        queue = emulator.events.subscribe()
        for number in (PHONE, "+46702222222"):
            emulator.put_phone(number, {"answer": "auto"})
            options = CallOptions(url=f"{door.base}/x#tt=200")
            emulator.exchange.place(emulator.account(ACCOUNT), number, NUMBER, options)
        await emulator.run_calls()
        told = [queue.get_nowait() for _ in range(queue.qsize())]
    released.set()

    for shown in (
        [(hook.error, hook.ms >= 150) for hook in emulator.webhooks],
        [(event["error"], event["ms"] >= 150) for event in told if event["event"] == "webhook"],
    ):
        assert shown == [("no answer within 0.2 s", True)] * 2


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("anlægg?x=å", "anl%C3%A6gg?x=%C3%A5"),
        ("a b", "a%20b"),
        ("a/../b", "b"),
        ("a%2fb?x=%41", "a%2fb?x=%41"),
    ],
)
async def test_what_is_signed_is_what_is_sent(door: Door, path: str, sent: str) -> None:
    """Letters outside ASCII, blanks and dots are signed as the server sees them."""
    door.answer = document
    emulator = await called(f"{door.base}/{path}")

    (request,) = door.seen
    form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
    signature = request.headers["x-twilio-signature"]
    assert emulator.webhooks[0].url == f"{door.base}/{sent}"
    assert RequestValidator(TOKEN).validate(f"{door.base}/{sent}", form, signature)


@pytest.mark.parametrize("target", ["http://[", "mailto:plant@example.com", "ftp://example.com/x"])
async def test_a_redirect_that_leads_nowhere_is_an_error_of_the_call(door: Door, target: str) -> None:
    """11216, not ten tries, and never a crash."""

    async def away(_: Request) -> Response:
        return Response(status_code=302, headers={"Location": target})

    door.answer = away
    assert codes(await called(f"{door.base}/x")) == [11216]


@pytest.mark.parametrize(
    "inside", ["<Redirect>http://[</Redirect>", '<Gather action="http://[x" actionOnEmptyResult="true"/>']
)
async def test_a_document_that_leads_nowhere_goes_to_the_fallback(door: Door, inside: str) -> None:
    """11100, as for any URL that is none."""

    async def answer(request: Request) -> Response:
        text = "<Say>Fallback.</Say>" if request.url.path == "/fallback" else inside
        return Response(f"<Response>{text}</Response>", media_type="application/xml")

    door.answer = answer
    emulator = await called(f"{door.base}/x", fallback_url=f"{door.base}/fallback")

    assert codes(emulator) == [11100]
    assert "Fallback." in [entry["text"] for entry in emulator.phone(PHONE).transcript]


async def test_an_answer_that_cannot_be_unpacked_is_an_error_of_the_call(door: Door) -> None:
    """gzip by name only."""

    async def broken(_: Request) -> Response:
        return Response(b"no gzip", headers={"content-encoding": "gzip"}, media_type="application/xml")

    door.answer = broken
    assert codes(await called(f"{door.base}/x")) == [11200]


@pytest.mark.parametrize(
    "url",
    ["http://no-such-host.invalid/x", "http://127.0.0.1:99999/x", "http:///x", "/relative", "http://["],
)
async def test_a_url_that_leads_nowhere_is_an_error_of_the_call(url: str) -> None:
    """Twilio's code for it, an apology, and an ended call; never a crash."""
    emulator = await called(url)

    assert codes(emulator)[0] in (11100, 11205, 11210)
    assert emulator.calls[0].status == "completed"


async def test_an_answer_without_content_type_is_an_error(door: Door) -> None:
    """12300: an empty 200 is not a document."""

    async def empty(_: Request) -> Response:
        return Response(b"")

    door.answer = empty
    assert codes(await called(f"{door.base}/x")) == [12300]


async def test_a_wrong_signature_and_a_truncated_body_can_be_had(door: Door) -> None:
    """Faults on the wire reach the product as such, once each."""
    door.answer = document
    async with Emulator(clock=VirtualClock(), auth_token=TOKEN) as emulator:
        emulator.faults.put([{"fault": "wrong signature"}, {"match": "/second", "fault": "truncated body"}])
        for path in ("first", "second", "third"):
            options = CallOptions(url=f"{door.base}/{path}")
            emulator.put_phone(PHONE, {"answer": "auto"})
            emulator.exchange.place(emulator.account(ACCOUNT), PHONE, NUMBER, options)
            await emulator.run_calls()

    verdicts = []
    for request in door.seen:
        form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        verdicts.append(
            RequestValidator(TOKEN).validate(str(request.url), form, request.headers["x-twilio-signature"])
        )
    assert verdicts == [False, False, True]


async def test_a_gzipped_answer_is_read() -> None:
    """Content-Encoding is honoured, as by any client."""
    import gzip

    async def app(scope: dict, receive: Callable, send: Callable) -> None:
        body = gzip.compress(b"<Response><Say>packed</Say></Response>")
        headers = [(b"content-type", b"text/xml"), (b"content-encoding", b"gzip")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async with Emulator(clock=VirtualClock(), transport=httpx2.ASGITransport(app)) as emulator:
        emulator.put_phone(PHONE, {"answer": "auto"})
        emulator.exchange.place(emulator.account(ACCOUNT), PHONE, NUMBER, CallOptions(url="http://product/x"))
        await emulator.run_calls()
    assert "packed" in [entry["text"] for entry in emulator.phone(PHONE).transcript]
