"""SMS in both directions: life, receipts, segments, keywords, answers by TwiML."""

from __future__ import annotations

import httpx2
import pytest
from tests.emulator.conftest import ACCOUNT
from tests.emulator.honest_product import HonestProduct

from tocsin.emulator import Emulator
from tocsin.emulator.phone import NotPossible

PHONE, NUMBER = "+46701234567", "+15005550006"
TEXT = {"To": PHONE, "From": NUMBER, "Body": "Pump 2 high", "StatusCallback": "http://product/delivery"}


def texts(emulator: Emulator, kind: str = "sms-in") -> list[str]:
    return [entry["text"] for entry in emulator.phone(PHONE).transcript if entry["kind"] == kind]


async def test_a_message_is_queued_sent_delivered_and_read(
    rest: httpx2.AsyncClient, emulator: Emulator, product: HonestProduct
) -> None:
    """No callback for the first status; the receipt carries the date the network gave it."""
    made = (await rest.post("/Messages.json", data=TEXT)).json()
    assert (made["status"], made["num_segments"], made["direction"]) == ("queued", "1", "outbound-api")
    await emulator.advance(5)

    told = product.told("delivery")
    assert [params["MessageStatus"] for params in told] == ["sent", "delivered"]
    assert [params.get("RawDlrDoneDate") for params in told] == [None, "2601010000"]
    assert (await rest.get(f"/Messages/{made['sid']}.json")).json()["status"] == "delivered"
    assert texts(emulator) == ["Pump 2 high"]


@pytest.mark.parametrize(
    ("fault", "status", "code", "told"),
    [
        ("undelivered 30003", "undelivered", 30003, ["sent", "undelivered"]),
        ("message failed 30007", "failed", 30007, ["failed"]),
    ],
)
async def test_a_message_can_fail_with_a_code(
    rest: httpx2.AsyncClient,
    emulator: Emulator,
    product: HonestProduct,
    fault: str,
    status: str,
    code: int,
    told: list[str],
) -> None:
    """A fault by number; the phone hears nothing of it."""
    emulator.faults.put([{"match": PHONE, "fault": fault}])
    sid = (await rest.post("/Messages.json", data=TEXT)).json()["sid"]
    await emulator.advance(5)

    shown = (await rest.get(f"/Messages/{sid}.json")).json()
    assert (shown["status"], shown["error_code"]) == (status, code)
    assert [params["MessageStatus"] for params in product.told("delivery")] == told
    assert product.told("delivery")[-1]["ErrorCode"] == str(code)
    assert texts(emulator) == []


async def test_a_text_from_a_phone_is_answered_by_twiml(emulator: Emulator, product: HonestProduct) -> None:
    """Messaging webhooks carry the body and its segments; Message answers, also after Redirect."""
    emulator.add_number(
        ACCOUNT, NUMBER, sms_url="http://product/text", status_callback="http://product/status"
    )
    product.documents = {
        "text": "<Response><Redirect>next</Redirect></Response>",
        "next": "<Response><Message statusCallback='/delivery'><Body>Got it</Body></Message></Response>",
    }
    emulator.phone(PHONE).sms("ACK 4711", NUMBER)
    await emulator.advance(5)

    asked = product.told("text")[0]
    assert (asked["Body"], asked["NumSegments"], asked["NumMedia"]) == ("ACK 4711", "1", "0")
    assert asked["MessageSid"] == asked["SmsSid"] == asked["SmsMessageSid"]
    assert (texts(emulator, "sms-out"), texts(emulator)) == (["ACK 4711"], ["Got it"])
    assert [params["MessageStatus"] for params in product.told("delivery")] == ["sent", "delivered"]
    assert [message.direction for message in emulator.messages] == ["inbound", "outbound-reply"]


async def test_the_fallback_answers_a_text_when_the_product_fails(
    emulator: Emulator, product: HonestProduct
) -> None:
    """ErrorCode and ErrorUrl go with it."""
    emulator.add_number(
        ACCOUNT, NUMBER, sms_url="http://product/text", sms_fallback_url="http://product/spare"
    )
    product.documents = {"text": "", "spare": "<Response><Message>Spare</Message></Response>"}
    product.statuses = {"text": 500}
    emulator.phone(PHONE).sms("hello", NUMBER)
    await emulator.advance(5)

    assert product.told("spare")[0]["ErrorCode"] == "11200"
    assert texts(emulator) == ["Spare"]


async def test_stop_blocks_until_start(
    rest: httpx2.AsyncClient, emulator: Emulator, product: HonestProduct
) -> None:
    """The webhook says OptOutType; a message to who said STOP is 21610; HELP changes nothing."""
    emulator.add_number(ACCOUNT, NUMBER, sms_url="http://product/text")
    product.documents = {"text": "<Response/>"}
    phone = emulator.phone(PHONE)

    phone.sms("stop ", NUMBER)
    await emulator.advance(5)
    assert (await rest.post("/Messages.json", data=TEXT)).json()["code"] == 21610
    phone.sms("help")
    phone.sms("Start")
    await emulator.advance(5)
    assert (await rest.post("/Messages.json", data=TEXT)).status_code == 201
    assert [params.get("OptOutType") for params in product.told("text")] == ["STOP", "HELP", "START"]
    assert len(texts(emulator)) == 3


async def test_two_machines_answering_each_other_are_stopped(
    emulator: Emulator, product: HonestProduct
) -> None:
    """14107 after fifteen replies in thirty seconds."""
    emulator.add_number(ACCOUNT, NUMBER, sms_url="http://product/text")
    product.documents = {"text": "<Response><Message>And you?</Message></Response>"}
    emulator.put_phone(PHONE, {"replies": ["Fine."] * 40})
    emulator.phone(PHONE).sms("How are you?", NUMBER)
    await emulator.advance(29)

    assert len(texts(emulator)) == 15
    assert emulator.account(ACCOUNT).notifications[-1].code == 14107


async def test_messages_faster_than_the_rate_wait_and_what_the_queue_cannot_hold_fails(
    rest: httpx2.AsyncClient, control: httpx2.AsyncClient, emulator: Emulator, product: HonestProduct
) -> None:
    """One a second from one sender, two may wait: the rest is accepted and fails with 30001; others go on."""
    put = await control.put("/limits", json={"messages_per_second": 1, "message_queue": 2})
    assert put.json() == {"calls_per_second": None, "messages_per_second": 1, "message_queue": 2}
    made = [(await rest.post("/Messages.json", data=TEXT)).json() for _ in range(5)]
    other = await rest.post("/Messages.json", data=TEXT | {"From": "+4646123456"})
    assert {one["status"] for one in [*made, other.json()]} == {"queued"}
    await emulator.advance(0.5)

    async def shown() -> list[str]:
        pages = [(await rest.get(f"/Messages/{one['sid']}.json")).json() for one in made]
        return [f"{page['status']} {page['error_code'] or ''}".strip() for page in pages]

    assert await shown() == ["sent", "queued", "queued", "failed 30001", "failed 30001"]
    await emulator.advance(1)
    assert (await shown())[:3] == ["sent", "sent", "queued"]
    await emulator.advance(10)
    assert (await shown())[:3] == ["delivered"] * 3
    overflowed = [params for params in product.told("delivery") if params.get("ErrorCode") == "30001"]
    assert [params["MessageStatus"] for params in overflowed] == ["failed", "failed"]


async def test_a_long_message_takes_as_long_as_its_segments(
    rest: httpx2.AsyncClient, emulator: Emulator
) -> None:
    """A rate counts segments, so the text after one of three waits three seconds."""
    emulator.limits.put({"messages_per_second": 1})
    await rest.post("/Messages.json", data=TEXT | {"Body": "x" * 400})
    await rest.post("/Messages.json", data=TEXT)
    await emulator.advance(3.3)
    assert [message.status for message in emulator.messages] == ["delivered", "queued"]
    await emulator.advance(0.2)
    assert emulator.messages[1].status == "sent"


async def test_a_message_can_be_redacted_canceled_and_deleted(
    rest: httpx2.AsyncClient, emulator: Emulator
) -> None:
    """As the resource allows: an empty Body, Status canceled before it is sent, DELETE afterwards."""
    sid = (await rest.post("/Messages.json", data=TEXT)).json()["sid"]
    assert (await rest.delete(f"/Messages/{sid}.json")).json()["code"] == 20009
    assert (await rest.post(f"/Messages/{sid}.json", data={"Status": "canceled"})).json()[
        "status"
    ] == "canceled"
    await emulator.advance(5)
    assert texts(emulator) == []
    assert (await rest.post(f"/Messages/{sid}.json", data={"Body": ""})).json()["body"] == ""
    assert (await rest.delete(f"/Messages/{sid}.json")).status_code == 204
    assert (await rest.get("/Messages.json")).json()["messages"] == []


async def test_a_message_through_a_service_is_accepted_first(
    rest: httpx2.AsyncClient, emulator: Emulator
) -> None:
    """Without From, with MessagingServiceSid."""
    data = {"To": PHONE, "MessagingServiceSid": "MG" + "1" * 32, "Body": "x"}
    assert (await rest.post("/Messages.json", data=data)).json()["status"] == "accepted"


async def test_a_text_needs_a_number_that_somebody_owns(emulator: Emulator) -> None:
    """The phone is told so."""
    with pytest.raises(NotPossible, match="no Twilio number"):
        emulator.phone(PHONE).sms("hello", "+4646000000")


async def test_a_receipt_can_be_nonsense(
    rest: httpx2.AsyncClient, emulator: Emulator, product: HonestProduct
) -> None:
    """`invalid DLR` sends what no product should trust."""
    emulator.faults.put([{"match": PHONE, "fault": "invalid DLR", "times": None}])
    await rest.post("/Messages.json", data=TEXT)
    await emulator.advance(5)

    assert {params["MessageStatus"] for params in product.told("delivery")} == {"unknown"}


async def test_a_reply_to_a_name_goes_nowhere_and_nothing_else_suffers(
    rest: httpx2.AsyncClient, emulator: Emulator
) -> None:
    """A sender that nobody can answer is a warning in the debugger; the next call is rung as ever."""
    emulator.put_phone(PHONE, {"answer": "auto", "replies": ["ok"]})
    sid = (await rest.post("/Messages.json", data=TEXT | {"From": "TOCSIN"})).json()["sid"]
    await emulator.advance(5)
    call = {"To": PHONE, "From": NUMBER, "Twiml": "<Response/>"}
    await rest.post("/Calls.json", data=call)

    assert await emulator.run_calls(limit_s=60)
    assert emulator.calls[0].status == "completed"
    assert [entry.call_sid for entry in emulator.account(ACCOUNT).notifications] == [sid]
    assert texts(emulator, "sms-out") == []


async def test_the_method_of_a_redirect_is_read_whatever_its_case(
    emulator: Emulator, product: HonestProduct
) -> None:
    """`get` is GET, with the message in the query."""
    product.documents = {
        "text": '<Response><Redirect method="get">more</Redirect></Response>',
        "more": "<Response/>",
    }
    emulator.add_number(ACCOUNT, NUMBER, sms_url="http://product/text")
    emulator.phone(PHONE).sms("hello", NUMBER)
    await emulator.advance(5)

    assert [hook.method for hook in emulator.webhooks] == ["POST", "GET"]
    assert product.told("more")[0]["Body"] == "hello"
