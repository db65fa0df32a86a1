"""Alarm in, people called and texted, escalated by how it went, acknowledged: as phones live through it."""

from __future__ import annotations

HIGH = "Plant/Pump 2/High level"


def test_the_first_on_the_roster_is_called_and_acknowledges(told, phone):
    """One phone rings, nobody else is bothered."""
    alarm = told.raises(HIGH, value=93)

    maria = phone("maria").answers().hears("Pump 2 high level", "Press 1").presses("1")
    maria.hears("PIN").presses("4711#").hears("Acknowledged").is_hung_up()

    assert alarm.is_acknowledged(by="maria")


def test_voicemail_is_nobody_so_the_next_is_called_at_once(told, phone):
    """The machine hears no detail; its owner gets a text; who acknowledges stops what was still to come."""
    maria = phone("maria").has_voicemail()
    alarm = told.raises(HIGH, value=93)

    jon = phone("jon").answers(within=60)
    maria.gets_sms("Pump 2 high level")
    jon.hears("Pump 2 high level", "Press 1").presses("1").hears("PIN").presses("9163#")
    jon.hears("Acknowledged").is_hung_up()

    assert alarm.is_acknowledged(by="jon")
    told.waits(minutes=10)  # she would have been called once more after three


def test_nobody_at_home_is_called_again_before_the_next(told, phone):
    """No answer: a text at the first miss, one redial after half a minute, then the next person."""
    alarm = told.raises(HIGH, value=93)
    maria, jon = phone("maria"), phone("jon")

    maria.does_not_answer().gets_sms("Pump 2 high level")
    maria.does_not_answer(within=90)

    jon.answers(within=60).hears("Press 1").presses("1").hears("PIN").presses("9163#").hears("Acknowledged")
    assert alarm.is_acknowledged(by="jon")


def test_a_busy_phone_is_tried_twice_more(told, phone):
    """45 seconds apart; then it is somebody else's turn."""
    phone("maria").is_busy()
    alarm = told.raises(HIGH, value=93)

    jon = phone("jon").answers(within=180)
    jon.hears("Press 1").presses("1").hears("PIN").presses("9163#").hears("Acknowledged")
    assert alarm.is_acknowledged(by="jon")


def test_somebody_who_answers_and_says_nothing_was_not_told(told, phone):
    """A child, a pocket: silence is no acknowledgement, and no reason to wait five minutes."""
    alarm = told.raises(HIGH, value=93)

    maria = phone("maria").answers()
    for _ in range(4):
        maria.stays_silent()
    maria.is_hung_up()
    phone("maria").gets_sms("Pump 2 high level")

    phone("jon").answers(within=30).hears("Press 1").presses("1").hears("PIN").presses("9163#").hears("Ack")
    assert alarm.is_acknowledged(by="jon")


def test_three_wrong_pins_and_the_next_is_called(told, phone):
    """Whoever does not know the PIN is not the person; the alarm goes on."""
    alarm = told.raises(HIGH, value=93)
    maria = phone("maria").answers().hears("Press 1").presses("1")
    for wrong in ("0007", "0008", "0009"):
        maria.hears("PIN").presses(f"{wrong}#")
    maria.is_hung_up()

    phone("jon").answers(within=30).hears("Press 1").presses("1").hears("PIN").presses("9163#").hears("Ack")
    assert alarm.is_acknowledged(by="jon")


def test_passing_on_calls_the_next_person_now(told, phone):
    """And says that somebody is called, because somebody is."""
    alarm = told.raises(HIGH, value=93)
    maria = phone("maria").answers().hears("5 to pass it on").presses("5")
    maria.hears("Press 5 again").presses("5").is_hung_up()

    phone("jon").answers(within=30).hears("Press 1").presses("1").hears("PIN").presses("9163#").hears("Ack")
    assert alarm.is_acknowledged(by="jon")


def test_an_alarm_that_clears_is_not_called_about(told, phone):
    """The pipeline's condition ends with the alarm: a phone that rings for nothing teaches not to answer."""
    told.raises(HIGH, value=93)
    phone("maria").rings()
    told.clears(HIGH)
    phone("maria").is_hung_up()
    told.waits(minutes=30)


def test_two_alarms_are_one_call(told, phone):
    """All that waits for a person is in the one call they get."""
    first = told.raises(HIGH, value=93)
    second = told.raises("Plant/Power/Mains failure", priority="Critical", label="Mains failure")

    maria = phone("maria").answers().hears("Mains failure").presses("1")
    maria.hears("PIN").presses("4711#").hears("Acknowledged", "Pump 2 high level").presses("1")
    maria.hears("Acknowledged").is_hung_up()

    assert first.is_acknowledged(by="maria")
    assert second.is_acknowledged(by="maria")
