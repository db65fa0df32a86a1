"""The pure parts: the table of a call's life, segments, overrides, signatures, durations, periods."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from tocsin.clock import VirtualClock
from tocsin.emulator import call, numbers, overrides, signing, sms, speech, twiml
from tocsin.emulator.rest.usage import spans
from tocsin.emulator.sids import Sids
from tocsin.emulator.timers import Timers


@given(
    st.lists(st.sampled_from(["initiate", "ring", "answer", "hangup", "busy", "no-answer", "fail", "cancel"]))
)
def test_a_call_ends_once_and_never_goes_back(events: list[call.Event]) -> None:
    """In any order of events: queued, ringing, in-progress, one end; REST never says `initiated`."""
    order = ["queued", "ringing", "in-progress"]
    status: call.Status = "queued"
    for event in events:
        try:
            taken = call.step(status, event)
        except call.ImpossibleStep:
            continue
        assert status not in call.FINAL
        assert taken.status in call.FINAL or order.index(taken.status) >= order.index(status)
        assert taken.subscription in call.SUBSCRIPTIONS
        status = taken.status
    assert status != "initiated"


@pytest.mark.parametrize(("seconds", "minutes"), [(0, 0), (1, 1), (60, 1), (61, 2), (3600, 60)])
def test_every_minute_begun_is_billed(seconds: int, minutes: int) -> None:
    """`Duration` against `CallDuration`."""
    assert call.billed_minutes(seconds) == minutes


@pytest.mark.parametrize(
    ("text", "encoding", "count"),
    [
        ("", "GSM-7", 1), ("a" * 160, "GSM-7", 1), ("a" * 161, "GSM-7", 2), ("a" * 306, "GSM-7", 2),
        ("a" * 307, "GSM-7", 3), ("€" * 80, "GSM-7", 1), ("€" * 81, "GSM-7", 2), ("å" * 160, "GSM-7", 1),
        ("ł" * 70, "UCS-2", 1), ("ł" * 71, "UCS-2", 2), ("😀" * 35, "UCS-2", 1), ("😀" * 36, "UCS-2", 2),
    ],
)  # fmt: skip
def test_segments(text: str, encoding: str, count: int) -> None:
    """160/153 septets, 70/67 UTF-16 units; the extension table costs two septets."""
    assert (sms.encoding(text), sms.segments(text)) == (encoding, count)


@given(st.dictionaries(st.text(min_size=1), st.text()))
def test_signatures_agree_with_the_official_validator(fields: dict[str, str]) -> None:
    """For any form, with a signature maker that shares no code with it."""
    url = "https://example.com/a?b=c"
    made = signing.signature("token", url, list(fields.items()))
    assert made == RequestValidator("token").compute_signature(url, fields)


def test_overrides_are_read_and_bounded() -> None:
    """Known keys within Twilio's ranges; anything else leaves the default."""
    wire, rules = overrides.read("https://x/y?z=1#rc=2&rp=all&ct=500&rt=99&tt=15001")
    assert wire == "https://x/y?z=1"
    assert (rules.retries, rules.connect_ms, rules.read_ms, rules.total_ms) == (2, 500, 15_000, 15_000)
    assert rules.repeats_after("5xx")
    assert not overrides.read("https://x/y")[1].repeats_after("4xx")
    assert overrides.read("https://x/#rp=nonsense")[1].policy == {"ct"}


@given(st.binary(max_size=400), st.sampled_from(["text/xml", "text/plain", "audio/wav", "", "image/png"]))
def test_any_answer_is_a_document_or_a_code(body: bytes, kind: str) -> None:
    """No answer of a product can break the reader."""

    def outcome() -> int:
        try:
            return len(twiml.read(body, kind, url="http://x").verbs)
        except twiml.Unusable as error:
            return error.code

    assert outcome() < 400 or 11_000 < outcome() < 13_000


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", 12100), (" <?xml version='1.0'?><Response/>", 12100), ("<Say/>", 12101), ("<response/>", 12102),
        ("<!DOCTYPE x [<!ENTITY a 'b'>]><Response>&a;</Response>", 12100),
    ],
)  # fmt: skip
def test_documents_that_are_none(text: str, code: int) -> None:
    """Each with Twilio's code."""
    with pytest.raises(twiml.Unusable) as refusal:
        twiml.parse(text)
    assert refusal.value.code == code


def test_sentences_take_their_time() -> None:
    """Digits are spoken one by one, and the same text always takes as long."""
    assert speech.seconds("1234") > speech.seconds("abcd")
    assert speech.sentences(" Pump  2.5 high! Call\nback. ") == ("Pump 2.5 high!", "Call back.")


def test_numbers() -> None:
    """E.164 by this room's own rule."""
    assert [numbers.is_e164(text) for text in ("+46701234567", "46701234567", "+0701234567", "+4670 1", "+٤٦٧٠١٢٣٤٥")] == [
        True, False, False, False, False,
    ]  # fmt: skip
    assert (numbers.country("+46701234567"), numbers.country("+15005550006"), numbers.country("x")) == (
        "SE",
        "US",
        "",
    )


def test_without_a_seed_no_two_runs_share_a_sid() -> None:
    """A product with a database must not meet a CallSid twice."""
    assert Sids(None).new("CA") != Sids(None).new("CA")
    assert Sids(3).new("CA") == Sids(3).new("CA")


def test_usage_periods() -> None:
    """Months and years end today, newest first."""
    today = date(2026, 3, 2)
    assert spans("Monthly", date(2026, 1, 15), today) == [
        (date(2026, 3, 1), today), (date(2026, 2, 1), date(2026, 2, 28)), (date(2026, 1, 15), date(2026, 1, 31)),
    ]  # fmt: skip
    assert spans("LastMonth", today, today) == [(date(2026, 2, 1), date(2026, 2, 28))]
    assert len(spans("Daily", date(2026, 2, 27), today)) == 4


async def test_an_action_that_breaks_does_not_stop_time() -> None:
    """It is reported, and what is due after it happens all the same."""
    clock, failed, done = VirtualClock(), [], []
    timers = Timers(clock, failed.append)
    timers.start()
    timers.after(1, lambda: 1 / 0)
    timers.after(1, lambda: done.append("at the same moment"))
    timers.after(2, lambda: done.append("later"))
    for _ in range(3):
        for _ in range(9):  # the driver of timers goes to sleep within a few passes of the loop
            await asyncio.sleep(0)
        await clock.advance(1)
    await timers.aclose()

    assert [type(error) for error in failed] == [ZeroDivisionError]
    assert done == ["at the same moment", "later"]
