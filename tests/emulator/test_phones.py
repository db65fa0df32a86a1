"""Phones that follow steps, chance, or a recording, and what they report when a step is not reached."""

from __future__ import annotations

import json
import random

import httpx2
from hypothesis import given
from hypothesis import strategies as st
from tests.emulator.conftest import ACCOUNT, TOKEN
from tests.emulator.honest_product import HonestProduct

from tocsin.clock import VirtualClock
from tocsin.emulator import Emulator, export, persona
from tocsin.emulator.records import CallOptions

PHONE, NUMBER = "+46701234567", "+15005550006"


async def ring(emulator: Emulator, **options: str) -> None:
    """Place one call to the phone and run it to its end."""
    given_ = {"url": "http://product/answer"} | options
    emulator.exchange.place(emulator.account(ACCOUNT), PHONE, NUMBER, CallOptions(**given_))
    await emulator.run_calls()


async def test_a_step_that_is_not_reached_is_a_failure(emulator: Emulator) -> None:
    """The failure names the step; a wait or hang-up left over is none."""
    emulator.put_phone(PHONE, {"steps": [{"hear": "Pump 3"}, {"press": "1"}]})
    await ring(emulator)
    assert len(emulator.phone(PHONE).failures) == 1
    assert "hear 'Pump 3'" in emulator.phone(PHONE).failures[0]

    emulator.put_phone(PHONE, {"steps": [{"hear": "Nobody answered"}, {"wait": 60}, {"hangup": True}]})
    await ring(emulator)
    assert len(emulator.phone(PHONE).failures) == 1


async def test_hearing_is_by_part_of_what_was_said_since_the_last_answer(emulator: Emulator) -> None:
    """Case does not matter, a phrase may span sentences, and two parts may be of one sentence."""
    steps = [
        {"hear": "pump 2"},
        {"hear": "HIGH level"},
        {"hear": "near. enter your"},
        {"press": "4711#"},
        {"hear": "thank"},
    ]
    emulator.put_phone(PHONE, {"steps": steps})
    await ring(emulator)
    assert emulator.phone(PHONE).failures == []


async def test_a_busy_person_is_busy_and_a_scripted_one_takes_every_call(emulator: Emulator) -> None:
    """Two calls at once to a manual phone and to a scripted one."""
    emulator.put_phone(PHONE, {"answer": "auto"})
    for number in (PHONE, "+46702222222"):
        for _ in range(2):
            options = CallOptions(twiml="<Response><Pause/></Response>", ring_seconds=20)
            emulator.exchange.place(emulator.account(ACCOUNT), number, NUMBER, options)
    await emulator.run_calls()
    assert [call.status for call in emulator.calls] == ["completed", "completed", "no-answer", "busy"]


async def many(seed: int) -> list[tuple[str, str, int | None]]:
    """Run thirty calls to people of chance; returns SID, status and duration of each."""
    product = HonestProduct(TOKEN)
    transport = httpx2.ASGITransport(product.app)
    async with Emulator(
        clock=VirtualClock(), seed=seed, transport=transport, settle_s=0.0, auth_token=TOKEN
    ) as emulator:
        for index in range(30):
            number = f"+4670{index:07d}"
            chances = {"no-answer": 0.2, "busy": 0.2, "machine": 0.1, "wrong-pin": 0.5}
            steps = [{"hear": "PIN"}, {"press": "4711#"}]
            emulator.put_phone(
                number, {"answer": "statistical", "after": [1, 20], "chances": chances, "steps": steps}
            )
            options = CallOptions(url="http://product/answer", ring_seconds=30)
            emulator.exchange.place(emulator.account(ACCOUNT), number, NUMBER, options)
        await emulator.run_calls()
        assert [phone.failures for phone in emulator.phones if phone.failures] == []
        return [(call.sid, call.status, call.duration) for call in emulator.calls]


async def test_chance_is_the_same_for_the_same_seed() -> None:
    """Two runs of a seed are equal to the SID; another seed is another run; all outcomes occur."""
    first = await many(1)
    assert first == await many(1)
    assert first != await many(2)
    assert {"completed", "busy", "no-answer"} <= {status for _, status, _ in first}


async def test_a_conversation_can_be_played_again_from_its_transcript(emulator: Emulator) -> None:
    """The persona made from a transcript does what the person did, and the product hears the same."""
    steps = [
        {"hear": "Pump 2"},
        {"press": "1#"},
        {"hear": "wrong"},
        {"hear": "enter"},
        {"wait": 1},
        {"press": "4711#"},
    ]
    emulator.put_phone(PHONE, {"after": 4, "steps": steps})
    await ring(emulator)
    said = [
        (entry["kind"], entry["text"])
        for entry in emulator.phone(PHONE).transcript
        if entry["kind"] != "answer"
    ]

    again = export.steps(emulator.phone(PHONE))
    assert again["after"] == 4
    emulator.phone(PHONE).transcript.clear()
    emulator.put_phone(PHONE, again)
    await ring(emulator)
    repeated = [(e["kind"], e["text"]) for e in emulator.phone(PHONE).transcript if e["kind"] != "answer"]
    assert repeated == said


async def test_a_replay_file_tells_where_the_product_answers_otherwise(
    emulator: Emulator, product: HonestProduct
) -> None:
    """Nothing differs on the same product; one changed document is one difference."""
    product.documents = {
        "answer": "<Response><Gather action='two'><Say>Code</Say></Gather></Response>",
        "two": "<Response/>",
    }
    emulator.put_phone(PHONE, {"steps": [{"hear": "Code"}, {"press": "1#"}]})
    await ring(emulator)
    recorded = json.loads(json.dumps(export.run(emulator)))

    assert await export.resend(recorded, emulator.world.webhooks, base="http://other") == []
    product.documents["two"] = "<Response><Hangup/></Response>"
    found = await export.resend(recorded, emulator.world.webhooks, base="http://other")
    assert [(one.url, one.now) for one in found] == [("http://other/two", "<Response><Hangup/></Response>")]


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["answer", "steps", "after", "hear", "press", "wait", "chances", "replies"])
                | st.text(),
                inner,
            )
        ),
    )
)
def test_any_json_is_a_persona_or_one_sentence(given_: object) -> None:
    """Whatever is put on a phone is understood or refused by its own error."""

    def outcome() -> str:
        try:
            return persona.plan(persona.read(given_), random.Random(1)).kind
        except persona.BadPersona as refusal:
            return str(refusal)

    assert outcome()


@given(st.lists(st.text("0123456789*#ABCD", min_size=1, max_size=9)), st.integers())
def test_a_wrong_pin_is_wrong_in_one_digit_whatever_the_keys(entries: list[str], seed: int) -> None:
    """A star before it, letters in it: the same person, who mistypes once and then does as told."""
    steps = [{"press": keys} for keys in entries]
    mistyping = persona.read({"answer": "statistical", "chances": {"wrong-pin": 1}, "steps": steps})
    done = [step.text for step in persona.plan(mistyping, random.Random(seed)).steps]

    pins = [
        at for at, keys in enumerate(entries) if len(keys.rstrip("#")) >= 4 and set(keys) & set("0123456789")
    ]
    if not pins:
        assert done == entries
        return
    wrong = done.pop(pins[0])
    assert done == entries[: pins[0]] + entries
    assert sum(one != other for one, other in zip(wrong, entries[pins[0]], strict=True)) == 1


async def test_a_call_that_rings_out_leaves_its_steps_undone(emulator: Emulator) -> None:
    """A person too slow for the call did not do what the story says."""
    emulator.put_phone(PHONE, {"answer": "auto", "after": 30, "steps": [{"hear": "PIN"}]})
    await ring(emulator, ring_seconds=10)  # type: ignore[arg-type]  # the one option that is no text

    (failure,) = emulator.phone(PHONE).failures
    assert "hear 'PIN': the call ended before it was answered" in failure


async def test_a_sound_of_no_length_is_not_played_for_ever(emulator: Emulator) -> None:
    """`loop` is at most the thousand that 0 means at Twilio."""
    emulator.put_phone(PHONE, {"answer": "auto"})
    await ring(emulator, url="", twiml='<Response><Play digits="" loop="999999"/></Response>')

    assert len(emulator.phone(PHONE).transcript) < 1010
