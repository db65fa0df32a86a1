"""A long greeting takes half of the alarms before detection knows it for a machine: nobody has heard them."""

from __future__ import annotations

from tests.dialogue.test_needs_no_acknowledgement import story_of

HIGH, LOW = "Plant/Pump 2/High level", "Plant/Pump 1/Low flow"
GREETING = (
    "You have reached the voice mailbox of Maria Lind. I cannot take your call at the moment because I am in a "
    "meeting, on the road, or asleep. Please leave your name, your number and a short message after the tone, and "
    "I will call you back as soon as I can. If it is urgent, please call the office at the main number, where "
    "somebody will be glad to help you."
)


def test_nobody_is_said_to_have_heard_it(told, phone):
    """Neither in the story of the alarm nor where notices are kept; and the next person is called."""
    phone("maria").has_voicemail(GREETING)
    alarm, beside = told.raises(HIGH, value=93), told.raises(LOW, value=2)
    jon = phone("jon").answers(within=120)
    for one in (alarm, beside):
        words = story_of(told, one)
        assert [
            text for text in words if "Voicemail answered for maria" in text or "reached a machine" in text
        ]
        assert not [text for text in words if "maria heard" in text]
    jon.hears("Press 1").presses("9").is_hung_up()
    assert [text for text in story_of(told, alarm) if "jon heard" in text]
    phone("maria").gets_sms("Pump 2")
