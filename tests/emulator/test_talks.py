"""Legs that belong to each other: whoever goes, moves or presses a key, nobody is left behind on a line."""

from __future__ import annotations

import httpx2
import pytest
from tests.emulator.conftest import ACCOUNT
from tests.emulator.honest_product import HonestProduct

from tocsin.emulator import Emulator
from tocsin.emulator.records import CallOptions

CALLER, CALLEE, THIRD, NUMBER = "+46701111111", "+46702222222", "+46703333333", "+15005550006"
PRESS_TO_ACCEPT = {
    "answer": f'<Response><Dial><Number url="accept">{CALLEE}</Number></Dial></Response>',
    "accept": '<Response><Gather action="yes" timeout="5"><Say>Press 1 to talk to the plant.</Say></Gather>'
    "<Redirect>again</Redirect></Response>",
    "again": "<Response><Say>Still here.</Say></Response>",
}


def dialling(noun: str = CALLEE) -> dict[str, str]:
    return {
        "answer": f"<Response><Dial>{noun}</Dial></Response>",
        "other": "<Response><Say>Other</Say></Response>",
    }


def called(emulator: Emulator, number: str, path: str = "answer", **options: object) -> str:
    """Place a call to a phone; its SID is returned."""
    asked = CallOptions(url=f"http://product/{path}", **options)  # type: ignore[arg-type]  # as each test needs
    return emulator.exchange.place(emulator.account(ACCOUNT), number, NUMBER, asked).sid


def heard(emulator: Emulator, number: str) -> list[str]:
    return [entry["text"] for entry in emulator.phone(number).transcript if entry["kind"] == "hear"]


def asked(product: HonestProduct) -> list[str]:
    return [path for path, _ in product.asked]


async def test_a_phone_that_picks_up_as_the_caller_goes_does_not_hang(
    emulator: Emulator, product: HonestProduct
) -> None:
    """Both happen at one moment; the dialled call is cancelled, and its phone is free again."""
    product.documents = dialling()
    emulator.put_phone(CALLER, {"after": 2, "steps": [{"wait": 4.5}, {"hangup": True}]})
    emulator.put_phone(CALLEE, {"answer": "auto", "after": 4})
    called(emulator, CALLER)
    await emulator.advance(60)

    assert [call.status for call in emulator.calls] == ["completed", "canceled"]
    assert (emulator.live, emulator.phone(CALLEE).state) == (0, "idle")


async def test_who_hears_a_document_before_the_talk_is_let_go_with_the_caller(
    emulator: Emulator, product: HonestProduct
) -> None:
    """No sentence after the hang-up, and no webhook of a call that is over."""
    product.documents = PRESS_TO_ACCEPT
    emulator.put_phone(CALLER, {"after": 2, "steps": [{"wait": 3}, {"hangup": True}]})
    emulator.put_phone(CALLEE, {"answer": "auto", "after": 1})
    called(emulator, CALLER)
    await emulator.advance(60)

    assert emulator.phone(CALLEE).transcript[-1]["kind"] == "hangup"
    assert asked(product) == ["answer", "accept"]


async def test_a_key_in_a_talk_is_heard_by_the_other_side(emulator: Emulator, product: HonestProduct) -> None:
    """As a tone that is over in a moment, so that a scripted phone can wait for it."""
    product.documents = dialling()
    emulator.put_phone(
        CALLER, {"after": 1, "steps": [{"wait": 5}, {"press": "5"}, {"wait": 9}, {"hangup": True}]}
    )
    emulator.put_phone(CALLEE, {"after": 1, "steps": [{"hear": "tone 5"}, {"say": "I heard five"}]})
    called(emulator, CALLER)
    await emulator.run_calls()

    assert emulator.phone(CALLEE).failures == []
    assert "I heard five" in heard(emulator, CALLER)


async def test_an_agent_who_gave_up_does_not_take_the_next_caller(
    emulator: Emulator, product: HonestProduct
) -> None:
    """The first one hung up while waiting; the second one, who still waits, gets the caller."""
    product.documents = {
        "answer": '<Response><Dial timeout="60"><Queue>q</Queue></Dial></Response>',
        "caller": "<Response><Enqueue>q</Enqueue></Response>",
    }
    emulator.put_phone(CALLER, {"steps": [{"wait": 3}, {"hangup": True}]})
    emulator.put_phone(CALLEE, {"steps": [{"hear": "hello"}, {"hangup": True}]})
    emulator.put_phone(THIRD, {"steps": [{"wait": 4}, {"say": "hello"}]})
    called(emulator, CALLER)
    await emulator.advance(1)
    called(emulator, CALLEE)
    await emulator.advance(10)
    called(emulator, THIRD, "caller")
    await emulator.run_calls(limit_s=300)

    assert [phone.failures for phone in emulator.phones] == [[], [], []]


async def test_hold_music_is_told_how_long_the_caller_waits_by_now(
    emulator: Emulator, product: HonestProduct
) -> None:
    """Each time it is asked for, not as it was at first."""
    product.documents = {
        "answer": '<Response><Enqueue waitUrl="hold">q</Enqueue></Response>',
        "hold": '<Response><Pause length="10"/></Response>',
    }
    emulator.put_phone(CALLER, {"answer": "auto"})
    called(emulator, CALLER)
    await emulator.advance(35)

    assert [params["QueueTime"] for params in product.told("hold")] == ["0", "10", "20", "30"]


@pytest.mark.parametrize("path", ["answer", "talk"])
async def test_rest_can_move_a_call_while_its_digits_are_sent(
    emulator: Emulator, product: HonestProduct, rest: httpx2.AsyncClient, path: str
) -> None:
    """The call that was moved goes there, be it the one placed or the one that a Dial rang."""
    noun = f'<Number sendDigits="wwwwwwwwww">{CALLEE}</Number>'
    product.documents = dialling() | {"talk": dialling(noun)["answer"]}
    for number in (CALLER, CALLEE):
        emulator.put_phone(number, {"answer": "auto", "after": 1})
    called(emulator, CALLER, path, send_digits="wwwwwwwwww" if path == "answer" else "")
    await emulator.advance(4)
    moved = emulator.calls[-1]
    await rest.post(f"/Calls/{moved.sid}.json", data={"Url": "http://product/other"})
    await emulator.run_calls(limit_s=120)

    assert [params["CallSid"] for params in product.told("other")] == [moved.sid]
    assert "Other" in heard(emulator, moved.to)


async def test_rest_can_move_one_side_out_of_a_talk(
    emulator: Emulator, product: HonestProduct, rest: httpx2.AsyncClient
) -> None:
    """The dialled side goes to its new document, the caller on with the next verb."""
    product.documents = dialling()
    product.documents["answer"] = f'<Response><Dial action="after">{CALLEE}</Dial></Response>'
    product.documents["after"] = "<Response><Say>After.</Say></Response>"
    for number in (CALLER, CALLEE):
        emulator.put_phone(number, {"answer": "auto", "after": 1})
    called(emulator, CALLER)
    await emulator.advance(10)
    await rest.post(f"/Calls/{emulator.calls[-1].sid}.json", data={"Url": "http://product/other"})
    await emulator.run_calls()

    assert (heard(emulator, CALLEE), heard(emulator, CALLER)[-1]) == (["Other"], "After.")
    assert product.told("after")[0]["DialCallDuration"] == "7"


async def test_a_recording_left_by_rest_ends_there(
    emulator: Emulator, product: HonestProduct, rest: httpx2.AsyncClient
) -> None:
    """With what was said until then; the callback comes at once, the action is not asked."""
    product.documents = {
        "answer": '<Response><Record recordingStatusCallback="recording"/></Response>',
        "other": '<Response><Pause length="60"/></Response>',
    }
    emulator.put_phone(
        CALLER, {"steps": [{"wait": 2}, {"say": "The pump is dry and there is nobody at the plant"}]}
    )
    sid = called(emulator, CALLER)
    await emulator.advance(7)
    await rest.post(f"/Calls/{sid}.json", data={"Url": "http://product/other"})
    await emulator.advance(1)

    (told,) = product.told("recording")
    assert 2 <= int(told["RecordingDuration"]) <= 5
    assert asked(product) == ["answer", "recording", "other"] or asked(product) == [
        "answer",
        "other",
        "recording",
    ]


@pytest.mark.parametrize(
    ("documents", "code"),
    [
        (
            {
                "answer": '<Response><Dial><Conference waitUrl="music">c</Conference></Dial></Response>',
                "music": '<Response><Gather numDigits="1"><Say>Press 1.</Say></Gather><Pause length="5"/></Response>',
            },
            13238,
        ),
        (
            {
                "answer": '<Response><Enqueue waitUrl="music">q</Enqueue></Response>',
                "music": '<Response><Enqueue waitUrl="music">q</Enqueue><Pause length="5"/></Response>',
            },
            12200,
        ),
        (PRESS_TO_ACCEPT | {"accept": f"<Response><Dial>{THIRD}</Dial></Response>"}, 12200),
    ],
    ids=["conference", "queue", "press-to-accept"],
)
async def test_documents_beside_a_call_take_only_the_verbs_that_twilio_takes(
    emulator: Emulator, product: HonestProduct, documents: dict[str, str], code: int
) -> None:
    """Another verb is named in the debugger and skipped; nobody is called, gathered or queued by it."""
    product.documents = documents
    emulator.put_phone(CALLER, {"steps": [{"wait": 12}, {"hangup": True}]})
    emulator.put_phone(CALLEE, {"answer": "auto", "after": 1})
    called(emulator, CALLER)
    await emulator.run_calls(limit_s=120)

    entries = [entry for call in emulator.calls for entry in call.notifications]
    assert {entry.code for entry in entries} == {code}
    assert THIRD not in [call.to for call in emulator.calls]
    assert "Press 1." not in heard(emulator, CALLER)
