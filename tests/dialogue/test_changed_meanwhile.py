"""An alarm changes between being heard and being acknowledged: a key counts for what was heard, nothing newer.

The caller hears how the alarm is now, and the same key acknowledges that.
"""

from __future__ import annotations

HIGH, MAINS = "Plant/Pump 2/High level", "Plant/Power/Mains failure"


def on_the_line(phone):
    """Maria has picked up and heard the first alarm, and what the keys do."""
    return phone("maria").answers().hears("Press 1")


def acknowledges(maria):
    """The key, the PIN, and the word that it is on record."""
    return maria.presses("1").hears("PIN").presses("4711#").hears("Acknowledged")


def test_returned_to_normal(told, phone):
    """She hears when, is asked for no PIN in vain, and acknowledges what she knows now."""
    alarm = told.raises(HIGH, value=93)
    maria = on_the_line(phone)
    told.clears(HIGH)
    maria.presses("1").hears("Pump 2 high level has returned to normal at", "Press 1 to acknowledge")
    assert alarm.is_not_acknowledged()

    acknowledges(maria).is_hung_up()
    assert alarm.is_acknowledged(by="maria")


def test_more_urgent_than_she_heard(told, phone):
    """A key for an alarm of high priority acknowledges no critical one."""
    alarm = told.raises(HIGH, value=93)
    maria = on_the_line(phone)
    told.raises(HIGH, priority="Critical")
    maria.presses("1").hears("Pump 2 high level now has priority critical", "Press 1 to acknowledge")
    assert alarm.is_not_acknowledged()

    acknowledges(maria).is_hung_up()
    assert alarm.is_acknowledged(by="maria")


def test_it_is_read_again(told, phone):
    """What has changed is said before the alarm, and what is acknowledged is what was said last."""
    alarm = told.raises(HIGH, value=93)
    maria = on_the_line(phone)
    told.raises(HIGH, priority="Critical")
    maria.presses("3").hears("Pump 2 high level now has priority critical", "Value 93", "Press 1")

    acknowledges(maria).is_hung_up()
    assert alarm.is_acknowledged(by="maria")


def test_another_value_or_less_urgent(told, phone):
    """That is the alarm she heard: values change all the time, and lower is no news to hold her up with."""
    alarm = told.raises(HIGH, value=93)
    maria = on_the_line(phone)
    told.raises(HIGH, value=97, priority="Medium")

    acknowledges(maria).is_hung_up()
    assert alarm.is_acknowledged(by="maria")


def test_told_anew(told, phone):
    """The time came to tell everybody again while she was listening: what she heard before counts no more."""
    told.configure(("alarms", HIGH, "re_alarm_seconds"), 60.0)
    alarm = told.raises(HIGH, value=93)
    raised_ms = told.now_ms
    maria = on_the_line(phone)
    while told.now_ms < raised_ms + 45_000:
        maria.presses("3").hears("Press 1")
    told.waits((raised_ms + 61_000 - told.now_ms) / 1000)
    maria.presses("1").hears("Pump 2 high level waits again for an acknowledgement", "Press 1 to acknowledge")
    assert alarm.is_not_acknowledged()

    acknowledges(maria)
    assert alarm.is_acknowledged(by="maria")


def test_active_again_after_it_cleared(told, phone):
    """That is another alarm: what she heard is over, and the new one is read to her before a key counts for it."""
    first = told.raises(HIGH, value=93)
    maria = on_the_line(phone)
    told.clears(HIGH)
    second = told.raises(HIGH, value=95)
    maria.presses("1").hears("has returned to normal", "Press 1")
    maria = acknowledges(maria).hears("1 new alarm")
    assert first.is_acknowledged(by="maria")
    assert second.is_not_acknowledged()

    maria.presses("3").hears("Pump 2 high level", "Press 1").presses("1").hears("Acknowledged").is_hung_up()
    assert second.is_acknowledged(by="maria")


def test_one_of_several(told, phone):
    """The key for all acknowledges those that are as they were heard; the other one is told, and read anew."""
    told.configure("voice_profiles.phone.pin", "none")
    mains = told.raises(MAINS, priority="High", label="Mains failure")
    pump = told.raises(HIGH, value=93)
    maria = (
        phone("maria").answers().hears("Mains failure", "Pump 2 high level", "for all that you have heard")
    )
    told.raises(MAINS, priority="Critical")
    maria.presses("2").hears(
        "Mains failure now has priority critical", "Acknowledged", "1 alarm is still open"
    )
    assert pump.is_acknowledged(by="maria")
    assert mains.is_not_acknowledged()

    maria.hears("Mains failure", "Press 1").presses("1").hears("Acknowledged").is_hung_up()
    assert mains.is_acknowledged(by="maria")


def test_the_news_come_with_the_question_for_the_pin(told, phone):
    """Where a PIN is asked for anyway, she hears there what has changed, and the PIN counts for all of it."""
    mains = told.raises(MAINS, priority="High", label="Mains failure")
    pump = told.raises(HIGH, value=93)
    maria = (
        phone("maria").answers().hears("Mains failure", "Pump 2 high level", "for all that you have heard")
    )
    told.raises(MAINS, priority="Critical")
    maria.presses("2").hears("Mains failure now has priority critical", "PIN").presses("4711#")
    maria.hears("2 alarms acknowledged").is_hung_up()
    assert pump.is_acknowledged(by="maria")
    assert mains.is_acknowledged(by="maria")


def test_while_the_pin_is_typed(told, phone):
    """The PIN counts, and is not asked for again; the acknowledgement waits until she has heard the news."""
    alarm = told.raises(HIGH, value=93)
    maria = on_the_line(phone).presses("1").hears("PIN")
    told.raises(HIGH, priority="Critical")
    maria.presses("4711#").hears("now has priority critical", "Press 1")
    assert alarm.is_not_acknowledged()

    maria.presses("1").hears("Acknowledged").is_hung_up()
    assert alarm.is_acknowledged(by="maria")


def test_now_behind_a_pin(told, phone):
    """What may only be heard after a PIN by now is read after it, once, and then acknowledged."""
    told.configure("voice_profiles.phone.pin", {"default": "none", "Critical": "to-hear"})
    alarm = told.raises(HIGH, value=93)
    maria = on_the_line(phone)
    told.raises(HIGH, priority="Critical")
    maria.presses("1").hears("PIN").presses("4711#").hears(
        "Thank you", "1 alarm, priority critical", "Press 1"
    )
    assert alarm.is_not_acknowledged()

    maria.presses("1").hears("Acknowledged").is_hung_up()
    assert alarm.is_acknowledged(by="maria")


def test_a_script_of_the_project_learns_which(told, phone):
    """`changed` of the result holds their ids, and of the alarm whether it is another than was heard."""
    told.saves(
        "10_own.py",
        "turn = VoiceResponse()\n"
        'if callAction == "answer":\n'
        "    heard(alarms[0])\n"
        '    turn.gather(num_digits=1, action=call.url("mine")).say("Hello. Press a key.")\n'
        'elif callAction == "mine":\n'
        "    result = call.acknowledge()\n"
        '    turn.say(f"{result.reason}, {len(result.changed)}, {alarms[0].heard}, {alarms[0].changed}.")\n'
        "response = turn\n",
    )
    alarm = told.raises(HIGH, value=93)
    maria = phone("maria").answers().hears("Press a key")
    told.raises(HIGH, priority="Critical")
    maria.presses("1").hears("nothing_open, 1, False, True.")
    maria.is_hung_up()
    assert alarm.is_not_acknowledged()
