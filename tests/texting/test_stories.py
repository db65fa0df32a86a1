"""Answering alarms by text, as phones live through it: one story per thing that can be written."""

from __future__ import annotations

HIGH = "Plant/Pump 2/High level"
MAINS = "Plant/Power/Mains failure"


def test_a_text_says_what_to_answer_and_the_answer_acknowledges(told, phone):
    """Code and PIN in one text; what is said is on record before it is said."""
    alarm = told.raises(HIGH, value=93)
    maria = phone("maria").gets_sms(
        "HIGH Pump 2 high level 93 14:00. Reply 47 and PIN to ack, 47E pass, ? help"
    )

    maria.sends_sms("47 4711").gets_sms("Acknowledged: 47 Pump 2 high level.")

    assert alarm.is_acknowledged(by="maria")


def test_without_a_pin_it_is_asked_for_and_the_pin_alone_answers(told, phone):
    """Within five minutes four digits are enough."""
    alarm = told.raises(HIGH)
    maria = phone("maria").gets_sms("Reply 47 and PIN to ack")

    maria.sends_sms("47").gets_sms("Send your PIN for 47.")
    assert alarm.is_not_acknowledged()
    told.waits(minutes=4)
    maria.sends_sms("4711").gets_sms("Acknowledged: 47 Pump 2 high level.")

    assert alarm.is_acknowledged(by="maria")
