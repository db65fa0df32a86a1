"""Somebody calls in and raises an alarm by a key, where the voice profile says which alarm that is."""

from __future__ import annotations

import pytest
from tests.dialogue.test_each_outcome import acknowledges, on_record
from tests.plant import STRANGER

from tocsin.telephony.section import RaisingSection

HIGH, MAINS = "Plant/Pump 2/High level", "Plant/Power/Mains failure"
WHO_RAISED = "select person || ' ' || subject from ts_journal where kind = 'alarm.raised' order by id"


@pytest.fixture
def plant_that_listens(told):
    """Callers may raise the alarm of pump 2, as a critical one."""
    return told.configure("voice_profiles.phone.raise_alarm", RaisingSection(path=HIGH, priority="Critical"))


def dials_in(phone, who="maria", pin="4711"):
    """Call the plant and say by PIN who it is."""
    return phone(who).dials().hears("PIN").presses(f"{pin}#")


def the_alarm(plant):
    """Return the open episode of pump 2, of which there is one at most."""
    found = [one for one in plant.running.gateway.services.board.open() if one.path == HIGH]
    return found[0] if found else None


def test_a_caller_raises_an_alarm(plant_that_listens, phone):
    """By the key and the key again; the people on call are told, and the journal says who raised it."""
    jon = dials_in(phone, "jon", "9163").hears("nothing to acknowledge", "Press 6 to raise an alarm")
    jon.presses("6").hears("Press 6 again to raise this alarm: Pump 2 high level").presses("6")
    jon.hears("The alarm is raised. The people on call are told now").is_hung_up()
    raised = the_alarm(plant_that_listens)
    assert (raised.priority, raised.acked) == ("Critical", False)
    assert on_record(plant_that_listens, WHO_RAISED) == [f"jon {raised.id}"]
    outcome = "select outcome from ts_call where direction = 'inbound'"
    assert on_record(plant_that_listens, outcome) == ["notified-no-ack"]

    acknowledges(phone("maria").answers(), "4711").is_hung_up()
    assert on_record(plant_that_listens, "select acked_by from ts_episode") == ["maria"]


def test_nothing_is_raised_by_mistake(plant_that_listens, phone):
    """One key does not, nor does any other after it, nor silence."""
    maria = dials_in(phone).hears("Press 6").presses("6").hears("again").presses("*")
    maria.hears("Press 6 to raise").presses("6").hears("again").stays_silent()
    maria.hears("again").presses("9").hears("Press 6").presses("9").is_hung_up()

    assert the_alarm(plant_that_listens) is None


def test_an_alarm_that_waits_already_is_not_raised_twice(plant_that_listens, phone):
    """The second caller hears that it is, and the journal knows of both."""
    told = plant_that_listens
    told.raises(HIGH, value=93)
    phone("maria").answers().hears("Press 1").presses("9").is_hung_up()
    jon = (
        dials_in(phone, "jon", "9163").hears("1 alarm", "Press 6 to raise an alarm").presses("6").presses("6")
    )
    jon.hears("raised already and waits for somebody").hangs_up()

    assert on_record(told, "select count(*) from ts_episode") == [1]
    assert len(on_record(told, WHO_RAISED)) == 1


def test_an_alarm_that_was_acknowledged_and_never_cleared_is_raised_anew(plant_that_listens, phone):
    """It was acknowledged then and is over: people are told of this one."""
    told = plant_that_listens
    first = told.raises(HIGH, value=93)
    acknowledges(phone("maria").answers(), "4711").is_hung_up()
    told.waits(minutes=2)
    jon = dials_in(phone, "jon", "9163").hears("taken care of", "Press 6").presses("6").hears("again")
    jon.presses("6").hears("The alarm is raised").is_hung_up()

    assert the_alarm(told).id != first.episode.id
    assert first.episode.state == "cleared"
    acknowledges(phone("maria").answers(), "4711").is_hung_up()


def test_the_other_keys_have_it_on_three(plant_that_listens, phone):
    """With the digits of pagerduty, where 6 acknowledges all."""
    plant_that_listens.configure("voice_profiles.phone.digits", "pagerduty")
    maria = dials_in(phone).hears("Press 3 to raise an alarm").presses("3").hears("Press 3 again")
    maria.presses("3").hears("The alarm is raised").is_hung_up()

    assert the_alarm(plant_that_listens) is not None
    phone("maria").answers().hangs_up()
    phone("jon").answers(within=60).hangs_up()


def test_a_pin_is_needed_whatever_the_rule_for_alarms_is(plant_that_listens, phone):
    """Who raises an alarm is on record, so a known telephone alone is not enough."""
    plant_that_listens.configure("voice_profiles.phone.pin", "none")
    maria = phone("maria").dials().hears("Press 6").presses("6").hears("again").presses("6").hears("PIN")
    assert the_alarm(plant_that_listens) is None
    maria.presses("4711#").hears("The alarm is raised").is_hung_up()

    assert on_record(plant_that_listens, WHO_RAISED) == [f"maria {the_alarm(plant_that_listens).id}"]
    phone("maria").answers().hangs_up()
    phone("jon").answers(within=60).hangs_up()


def test_a_stranger_is_offered_nothing(plant_that_listens, phone):
    """Before a user number and a PIN nothing of the plant is said, and no key raises anything."""
    stranger = phone(STRANGER).dials().hears("user number").does_not_hear("raise")
    stranger.presses("6#").hears("user number").hangs_up()

    assert the_alarm(plant_that_listens) is None


def test_only_in_one_s_own_areas(plant_that_listens, phone):
    """Whoever may not acknowledge an alarm may not raise it, and is not offered to."""
    plant_that_listens.configure("users.jon.areas", ("Elsewhere/*",))
    dials_in(phone, "jon", "9163").hears("nothing to acknowledge", "Goodbye").does_not_hear(
        "raise"
    ).is_hung_up()


def test_without_the_key_in_the_profile_nobody_can(told, phone):
    """Off unless a project says so; the key has no meaning then, and no script gets around it."""
    told.saves(
        "10_own.py",
        'if callAction == "mine":\n'
        "    turn = VoiceResponse()\n"
        '    turn.say(f"{call.raiseAlarm().reason}, {call.raises!r}.")\n'
        "    response = turn\n"
        'elif Digits == "4711":\n'
        "    call.identify(Digits)\n"
        "    turn = VoiceResponse()\n"
        '    turn.redirect(call.url("mine"))\n'
        "    response = turn\n".replace("{call.raises!r}", "{len(call.raises)}"),
    )
    dials_in(phone).hears("not_allowed, 0.").is_hung_up()
    assert the_alarm(told) is None


def test_people_who_are_called_are_not_asked_to_raise_anything(plant_that_listens, phone):
    """It is for who calls in: whoever is called has an alarm to deal with."""
    plant_that_listens.raises(MAINS, priority="High", label="Mains failure")
    maria = phone("maria").answers().hears("Press 1").does_not_hear("raise").presses("6").hears("no meaning")
    acknowledges(maria.presses("3"), "4711").is_hung_up()


def test_a_shelved_alarm_is_raised_and_the_caller_knows_that_nobody_is_told(plant_that_listens, phone):
    """Somebody has taken it off the table; then it is better to ring that person."""
    told = plant_that_listens
    alarm = told.raises(HIGH, value=93)
    phone("maria").answers().hears("Press 1").presses("9").is_hung_up()
    board = told.running.gateway.services.board
    told.do(board.shelve([alarm.episode.id], by="maria", via="api", minutes=60))
    jon = dials_in(phone, "jon", "9163").hears("Press 6").presses("6").hears("again").presses("6")
    jon.hears("nobody is told", "Pump 2 high level has been shelved by Maria Lind").is_hung_up()


def test_where_pin_entry_is_locked_the_caller_knows_that_nobody_is_told(plant_that_listens, phone):
    """Another way has to be found, and the call says so."""
    told = plant_that_listens.configure("voice_profiles.phone.pin", "none")
    for guesses in (3, 2):
        maria = phone("maria").dials().hears("Press 6").presses("6").hears("again").presses("6")
        for _ in range(guesses):
            maria.hears("PIN").presses("0007#")
        maria.hears("not recognised").hangs_up() if guesses == 2 else maria.is_hung_up()
    maria = phone("maria").dials().hears("Press 6").presses("6").hears("again").presses("6").hears("PIN")
    maria.presses("4711#").hears(
        "PIN entry is locked", "No alarm is raised; tell somebody yourself"
    ).hangs_up()
    assert the_alarm(told) is None
