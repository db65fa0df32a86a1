"""The default script when the PIN is wrong, nobody answers, somebody was quicker, or the record fails."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.default_script.phone import Phone, Plant, alarm

HIGH_LEVEL = "Pump 2 high level"
LOW_OIL = "Gearbox low oil"


def heard_the_alarm(plant: Plant, **facts: str) -> Phone:
    """Bring a call to the point where its first alarm has been read out."""
    return Phone(plant, **facts).answers().stays_silent()


def test_a_wrong_pin_may_be_tried_again():
    """The second try counts."""
    plant = Plant([alarm(HIGH_LEVEL)])
    maria = heard_the_alarm(plant).presses("1").presses("1111#")
    assert maria.hears("not recognised", "Your PIN, then hash")
    maria.presses("4711#")
    assert maria.hears("Acknowledged. Goodbye")


def test_three_wrong_pins_end_the_call():
    """Nothing is acknowledged, and the caller is told so."""
    plant = Plant([alarm(HIGH_LEVEL)])
    maria = heard_the_alarm(plant).presses("1").presses("1111#").presses("2222#").presses("3333#")
    assert maria.hears("Nothing was acknowledged. Goodbye")
    assert maria.over
    assert not plant.acknowledged


def test_a_locked_phone_may_listen():
    """The lock stops the PIN, not the alarm."""
    plant = Plant([alarm(HIGH_LEVEL)], locked=True)
    maria = heard_the_alarm(plant).presses("1").presses("4711#")
    assert maria.hears("You may listen but not acknowledge", "stays open")
    assert maria.presses("3").hears(HIGH_LEVEL)


def test_a_locked_phone_that_needs_a_pin_to_hear_hears_nothing():
    """There is nothing to listen to without the PIN."""
    maria = Phone(Plant([alarm(HIGH_LEVEL)], pin_policy="to-hear", locked=True)).answers().presses("4711#")
    assert maria.hears("PIN entry is locked", "stays open. Goodbye")
    assert maria.over


@pytest.mark.parametrize(
    ("trouble", "sentence"),
    [
        ("forbidden", "You may listen to this alarm but not acknowledge it"),
        ("broken", "That could not be recorded"),
    ],
)
def test_what_was_not_recorded_is_never_called_acknowledged(trouble, sentence):
    """The alarm stays open and the caller hears why."""
    plant = Plant([alarm(HIGH_LEVEL)], **{trouble: True})
    maria = heard_the_alarm(plant).presses("1").presses("4711#")
    assert maria.hears(sentence, "open")
    assert not maria.heard_so_far("Acknowledged.")


def test_a_record_that_failed_can_be_tried_again():
    """Pressing 1 once more works as soon as the gateway can write again."""
    plant = Plant([alarm(HIGH_LEVEL)], broken=True)
    maria = heard_the_alarm(plant).presses("1").presses("4711#")
    plant.broken = False
    assert maria.presses("1").hears("Acknowledged. Goodbye")


def test_somebody_else_was_quicker():
    """The loser of the race hears who was first and when, and is asked for no PIN any more."""
    facts = alarm(HIGH_LEVEL)
    plant = Plant([facts])
    maria = heard_the_alarm(plant)
    plant.someone_else_acknowledges(facts)
    maria.presses("1")
    assert maria.hears("Pump 2 high level was already acknowledged by Jon Berg at 3:10 AM. Goodbye")


def test_somebody_else_was_quicker_while_the_pin_was_typed():
    """The PIN was right; the alarm was acknowledged all the same, by somebody else."""
    facts = alarm(HIGH_LEVEL)
    plant = Plant([facts])
    maria = heard_the_alarm(plant).presses("1")
    plant.someone_else_acknowledges(facts)
    assert maria.presses("4711#").hears("Already acknowledged by Jon Berg at 3:10 AM. Goodbye")
    assert plant.acknowledged == {facts["id"]: "jon"}


def test_somebody_else_was_quicker_before_the_call_was_answered():
    """All there is left to say is which alarm, and who looks after it."""
    facts = alarm(HIGH_LEVEL)
    plant = Plant([facts])
    plant.someone_else_acknowledges(facts)
    maria = Phone(plant).answers()
    assert maria.hears(
        "nothing to acknowledge. 1 alarm is taken care of and still active: Pump 2 high level, by Jon"
    )
    assert maria.over


def test_an_alarm_that_is_gone_is_not_offered():
    """An alarm cleared and acknowledged during the call leaves the call with nothing to do."""
    plant = Plant([alarm(HIGH_LEVEL)])
    maria = heard_the_alarm(plant)
    plant.alarms.clear()
    assert maria.stays_silent().hears("nothing to acknowledge. Goodbye")


def test_an_alarm_that_comes_during_the_call_is_read():
    """It is read before the call ends, not only in a call of its own."""
    plant = Plant([alarm(HIGH_LEVEL)], pin_policy="none")
    maria = heard_the_alarm(plant)
    plant.alarms.append(alarm(LOW_OIL))
    maria.presses("1")
    assert maria.hears("1 alarm is still open")
    assert maria.stays_silent().hears(LOW_OIL)


def test_silence_is_asked_twice_more_and_then_the_call_ends():
    """Each question is shorter than the one before; then the gateway calls somebody else."""
    maria = heard_the_alarm(Plant([alarm(HIGH_LEVEL)]))
    maria.stays_silent()
    assert maria.hears("1 to acknowledge")
    assert not maria.hears(HIGH_LEVEL)
    maria.stays_silent()
    assert maria.hears("1 to acknowledge")
    maria.stays_silent()
    assert maria.hears("No entry. Goodbye")
    assert maria.over


def test_silence_at_the_pin_is_asked_twice_more_and_then_the_call_ends():
    """The same at every question."""
    maria = heard_the_alarm(Plant([alarm(HIGH_LEVEL)])).presses("1").stays_silent(2)
    assert maria.hears("Your PIN, then hash")
    assert maria.stays_silent().hears("No entry. Goodbye")


def test_hash_alone_is_no_entry():
    """An empty PIN is never sent to be checked."""
    maria = heard_the_alarm(Plant([alarm(HIGH_LEVEL)])).presses("1").presses("#")
    assert maria.hears("Your PIN, then hash")


def test_a_key_without_meaning_is_said_back():
    """Twice with the menu; the third one counts as nobody there, and says what is left."""
    maria = heard_the_alarm(Plant([alarm(HIGH_LEVEL)])).presses("6")
    assert maria.hears("Key 6 has no meaning here", "Press 1 to acknowledge")
    maria.presses("6").presses("6")
    assert maria.hears("No entry. 1 alarm is still open. Goodbye")


def test_keys_typed_blindly_never_come_back_as_speech():
    """A PIN typed into the menu by mistake is not read out: only single keys are said back."""
    maria = heard_the_alarm(Plant([alarm(HIGH_LEVEL)]))
    maria.goes_to("https://a.example/main/system/twilio-voice/menu/c1?turn=9#rc=2&rp=all", Digits="84711")
    assert not maria.hears("4711")


def test_silence_at_pass_and_shelve_changes_nothing():
    """What was not confirmed is not done."""
    plant = Plant([alarm(HIGH_LEVEL)])
    assert heard_the_alarm(plant).presses("5").stays_silent(3).hears("No entry. Goodbye")
    assert heard_the_alarm(plant).presses("7").stays_silent(3).hears("No entry. Goodbye")
    assert plant.passed == 0
    assert not plant.shelved


def test_a_pin_turn_without_a_question_before_it_still_acknowledges():
    """A project's own script may ask for the PIN itself and leave the rest to the default."""
    plant = Plant([alarm(HIGH_LEVEL)])
    maria = heard_the_alarm(plant)
    maria.goes_to("https://a.example/main/system/twilio-voice/pin/c1?turn=9#rc=2&rp=all", Digits="4711")
    assert maria.hears("Acknowledged. Goodbye")


def test_an_acknowledgement_of_all_without_reading_counts_nothing_wrongly():
    """Where only the gateway knows what was heard, it says what was acknowledged."""
    plant = Plant([alarm(HIGH_LEVEL), alarm(LOW_OIL)])
    plant.heard = [facts["id"] for facts in plant.alarms]
    maria = Phone(plant)
    maria.goes_to("https://a.example/main/system/twilio-voice/pin/c1?turn=9#rc=2&rp=all", Digits="4711")
    assert maria.hears("2 alarms acknowledged. Goodbye")


KEYS = st.one_of(
    st.sampled_from([*"0123456789*", "silence", "4711", "1111", "jon", "clear"]), st.just("silence")
)


@settings(max_examples=150, deadline=None)
@given(
    moves=st.lists(KEYS, max_size=40),
    policy=st.sampled_from(["none", "to-acknowledge", "to-hear"]),
    digits=st.sampled_from(["ignition", "pagerduty"]),
    count=st.integers(0, 4),
    action=st.sampled_from(["answer", "inbound", "menu", "pin", "ack", "pass", "shelve"]),
)
def test_whatever_is_pressed_the_call_stays_sound(moves, policy, digits, count, action):
    """No dead end, no "acknowledged" without one, no acknowledgement of an unheard alarm, and silence ends it."""
    plant = Plant([alarm(f"Alarm {number}") for number in range(count)], pin_policy=policy)
    phone = Phone(plant, digits=digits).answers(action)
    for move in moves:
        if phone.over:
            break
        turns, before = len(phone.transcript), acknowledged_by_maria(plant)
        act(phone, plant, move)
        if len(phone.transcript) > turns and "Acknowledged." in phone.transcript[-1]:
            assert acknowledged_by_maria(plant) > before
    assert acknowledged_by_maria(plant) <= set(plant.heard)
    for _ in range(2 * count + 8):
        if not phone.over:
            phone.stays_silent()
    assert phone.over


def acknowledged_by_maria(plant: Plant) -> set[str]:
    """Return what this caller has acknowledged so far."""
    return {one for one, by in plant.acknowledged.items() if by == "maria"}


def act(phone: Phone, plant: Plant, move: str) -> None:
    """Make one move of the walk: a key, a PIN, silence, or something that happens at the plant meanwhile."""
    if move == "jon":
        for facts in plant.alarms[:1]:
            if facts["id"] not in plant.acknowledged:
                plant.someone_else_acknowledges(facts)
        return
    if move == "clear":
        plant.alarms = plant.alarms[1:]
        return
    gather = next((verb for verb in phone._verbs if verb.tag == "Gather"), None)
    if move == "silence" or gather is None:
        phone.stays_silent()
    elif gather.get("finishOnKey") == "#":
        phone.presses(f"{move}#")
    else:
        phone.presses(move[0])
