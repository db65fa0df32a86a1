"""What happened is told in plain words, whatever happened."""

import pytest

from tocsin.calls.outcome import OUTCOMES
from tocsin.journal import Entry
from tocsin.web.api.call_words import turn_in_words
from tocsin.web.api.history import History
from tocsin.web.api.timeline import story

NAMES = {"maria": "Maria Lind", "jon": "Jon Berg", None: "Somebody"}
TEXTS = ("delivered", "undelivered", "no-receipt")
NOTICE = {
    "person": "maria", "attempt": 1, "channel": "voice", "profile": "phone", "number": "+46701234567",
    "state": "done", "call_id": "c1", "message_id": None, "run_id": "r1", "created_ms": 1000, "due_ms": 1000,
    "placed_ms": 2000, "heard_ms": None, "ended_ms": 3000, "outcome": "acked", "why": "",
    "held_ms": None, "held_until_ms": None, "held_why": "",
}  # fmt: skip
CALL = {
    "id": "c1", "account": "AC1", "sid": "CA1", "number": "+46701234567", "person": "maria",
    "identified": None, "answered_by": "",
}  # fmt: skip


def told(**parts):
    """Give the sentences of a history of which only these parts are there."""
    empty = {
        "journal": (), "notices": (), "calls": {}, "turns": (), "effects": (), "statuses": (),
        "messages": {}, "receipts": (),
    }  # fmt: skip
    history = History(**{**empty, **parts})
    entries = story(
        history, name=lambda who: NAMES.get(who, who), moment=lambda at_ms: f"12:0{at_ms // 1000}"
    )
    return [entry.text for entry in entries]


@pytest.mark.parametrize("outcome", [*OUTCOMES, *TEXTS])
def test_every_outcome_has_a_sentence_of_its_own(outcome):
    """It names the person, and nobody has to know the word for it."""
    *_, text = told(notices=[{**NOTICE, "outcome": outcome}])

    assert "Maria Lind" in text
    assert f": {outcome}" not in text
    assert "+46701234567" not in text


def test_a_reason_is_told_where_it_says_more():
    """Twilio's words for a number that cannot be reached, and nothing beside an acknowledgement."""
    failed = {**NOTICE, "outcome": "failed-number", "why": "21211: not a valid number"}
    assert told(notices=[failed])[-1] == "Maria Lind's number cannot be reached (21211: not a valid number)"
    assert told(notices=[{**NOTICE, "why": "acknowledged in this call"}])[-1] == (
        "The call with Maria Lind is over: acknowledged"
    )


@pytest.mark.parametrize(
    ("placed_ms", "text"),
    [
        (None, "Maria Lind has acknowledged, and is told nothing more"),
        (2000, "The call to Maria Lind was taken back: Maria Lind has acknowledged"),
    ],
)
def test_a_call_taken_back_from_whoever_has_acknowledged_says_who_that_was(placed_ms, text):
    """By text, say; of anybody else it is only said that somebody has."""
    done = Entry(1, 2500, "alarm.partly-acknowledged", "e1", "maria", {"via": "sms"})
    notice = {**NOTICE, "outcome": "cancelled-by-ack", "placed_ms": placed_ms}

    assert told(journal=[done], notices=[notice])[-1] == text
    assert (
        "Jon Berg need not"
        in told(journal=[done], notices=[{**notice, "person": "jon", "placed_ms": None}])[-1]
    )


def test_attempts_count_per_way():
    """The first text is the first, however many calls there were."""
    sms = {**NOTICE, "channel": "sms", "call_id": None, "placed_ms": 2001, "ended_ms": None, "outcome": None}
    again = {**NOTICE, "attempt": 3, "placed_ms": 4000, "ended_ms": None}
    queued = {**again, "attempt": 4, "placed_ms": None, "state": "queued", "created_ms": 5000}

    assert told(notices=[{**NOTICE, "ended_ms": None}, {**sms, "attempt": 2}, again, queued]) == [
        "Calling Maria Lind on +4670…67",
        "Texting Maria Lind on +4670…67",
        "Calling Maria Lind on +4670…67, attempt 2",
        "Maria Lind is next to call on +4670…67, attempt 3",
    ]


@pytest.mark.parametrize(
    ("kind", "person", "data", "text"),
    [
        ("alarm.active", None, {"value": 93.4}, "The alarm went active, value 93.4"),
        ("alarm.acknowledged", None, {"via": "auto"}, "Acknowledged by itself, as it returned to normal"),
        ("alarm.acknowledged", "maria", {"via": "sms", "note": ""}, "Maria Lind acknowledged it by text"),
        ("alarm.partly-acknowledged", "maria", {"via": "sms", "note": "", "acknowledged": 1, "needed": 2},
         "Maria Lind acknowledged it by text, 1 of 2; it waits for 1 more"),
        ("alarm.acknowledged", "jon", {"via": "voice", "note": "on my way", "acknowledged": 2, "needed": 2},
         "Jon Berg acknowledged it by telephone, 2 of 2: “on my way”"),
        ("alarm.shelved", "jon", {"until_ms": 5000}, "Jon Berg shelved it until 12:05"),
        ("alarm.shelved", None, {"until_ms": 5000, "via": "clock"},
         "The clock was set; it is shelved until 12:05"),
        ("run.step", "jon", {"by": "voice", "because": "maria: busy"},
         "Jon Berg is told now, by voice (Maria Lind: busy)"),
        ("run.waiting", None, {"for_ms": 300_000, "because": ""}, "The pipeline waits 5 min"),
        ("run.nobody-reached", None, {"why": "nobody could be reached"},
         "NOBODY REACHED (nobody could be reached)"),
        ("run.nobody-reached", None, {"why": "1 of 2 people has acknowledged", "acknowledged": ["maria"]},
         "TOO FEW HAVE ACKNOWLEDGED (1 of 2 people has acknowledged)"),
        ("run.cancelled", "maria", {}, "Maria Lind cancelled the pipeline: nobody more is told"),
        ("note.added", "maria", {"text": "valve closed"}, "Note added by Maria Lind: valve closed"),
    ],
)  # fmt: skip
def test_the_journal_in_words(kind, person, data, text):
    """Kinds that are known have their sentence, any other is told in general."""
    assert told(journal=[Entry(1, 1000, kind, "e1", person, data)]) == [text]


def turn(number, action, params="{}", failure="{}", at_ms=2500):
    return {
        "call_id": "c1", "number": number, "action": action, "at_ms": at_ms, "params": params,
        "failure": failure, "answered": "default",
    }  # fmt: skip


def test_a_call_tells_what_the_person_did():
    """Each step once where they only listened, every key, no PIN."""
    turns = [
        turn(1, "answer"), turn(2, "menu"), turn(3, "menu"), turn(4, "menu", '{"Digits": "1"}'), turn(5, "ack"),
        turn(6, "pin", '{"Digits": "PIN#1"}'), turn(7, "menu", '{"SpeechResult": "repeat"}'),
    ]  # fmt: skip

    assert told(calls={"c1": CALL}, turns=turns) == [
        "Maria Lind heard the greeting", "Maria Lind heard the alarms", "Maria Lind pressed 1",
        "Maria Lind typed a PIN", "Maria Lind said “repeat”",
    ]  # fmt: skip


def test_a_machine_presses_nothing():
    """What a machine was read is left out, but for the short message it got."""
    machine = {**CALL, "answered_by": "machine_end_beep"}
    status = {"account": "AC1", "sid": "CA1", "status": "in-progress", "at_ms": 2000}

    assert told(
        calls={"c1": machine}, statuses=[status], turns=[turn(1, "answer"), turn(2, "voicemail")]
    ) == [
        "Maria Lind's phone was answered by a machine",
        "Maria Lind reached a machine, which got the short message",
    ]


def test_a_failing_script_is_told_with_its_place():
    """Whoever reads the story learns why it sounded as it did."""
    failure = {"kind": "exception", "file": "10_menu.py", "line": 3, "message": "ZeroDivisionError"}
    assert turn_in_words("Jon", "menu", {"Digits": "4"}, failure) == (
        "Jon pressed 4; 10_menu.py, line 3 failed and the default answered: ZeroDivisionError"
    )
