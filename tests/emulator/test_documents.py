"""Documents of other people's tests, run for real: none may break the emulator, whatever it thinks of them."""

from __future__ import annotations

import httpx2
from tests.emulator.conftest import ACCOUNT
from tests.emulator.honest_product import HonestProduct
from tests.published import published

from tocsin.emulator import Emulator
from tocsin.emulator.records import CallOptions

PHONE, NUMBER = "+46701234567", "+15005550006"


async def test_voice_documents_run_without_an_internal_error(
    emulator: Emulator, product: HonestProduct
) -> None:
    """Each in a call of its own with a person who talks and presses; unknown verbs are warned of."""
    documents = [one for one in published("twiml_documents.json")["documents"] if one["kind"] == "voice"]
    steps = [
        {"wait": 2},
        {"say": "hello there"},
        {"wait": 2},
        {"press": "123#"},
        {"wait": 20},
        {"press": "1"},
    ]
    emulator.put_phone(PHONE, {"steps": [*steps, {"wait": 200}, {"hangup": True}]})
    unknown = 0
    for one in documents:
        product.documents = {"answer": one["xml"]}
        call = emulator.exchange.place(
            emulator.account(ACCOUNT), PHONE, NUMBER, CallOptions(url="http://product/answer", time_limit=600)
        )
        assert await emulator.run_calls(limit_s=7200), one["name"]
        assert emulator.internal_errors == [], one["name"]
        assert call.status == "completed", one["name"]
        unknown += any(entry.code == 12200 for entry in call.notifications)
    assert len(documents) > 100
    assert unknown > 10


async def test_messaging_documents_run_without_an_internal_error(
    emulator: Emulator, product: HonestProduct, rest: httpx2.AsyncClient
) -> None:
    """Each as the answer to a text from a phone."""
    emulator.add_number(ACCOUNT, NUMBER, sms_url="http://product/text")
    for one in published("twiml_documents.json")["documents"]:
        if one["kind"] == "messaging":
            product.documents = {"text": one["xml"]}
            emulator.phone(PHONE).sms("hello", NUMBER)
            await emulator.advance(60)
    assert (await rest.get("/Messages.json")).status_code == 200
