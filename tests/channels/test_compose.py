"""A text about alarms fits one segment where that can be, and what matters most is never cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.channels.compose import Alarm, compose
from tocsin.telephony import gsm7


def test_one_alarm_says_site_priority_name_value_and_time():
    """Everything that fits on the screen of a locked phone, in that order."""
    assert compose("Riverside", [Alarm("High", "Boiler 2 feed", "03:08", "87 °C")]) == (
        "Riverside HIGH Boiler 2 feed 87 C 03:08"
    )


def test_what_does_not_fit_is_counted():
    """Forty-one alarms make one segment: the worst by name, the others by number and priority."""
    alarms = [Alarm("Critical", "Pump 2 high level", "03:08", "92")]
    alarms += [Alarm("High", f"Tank {number} low pressure", "03:09") for number in range(40)]
    text = compose("Riverside pumping station", alarms)
    assert gsm7.segments(text) == 1
    assert text.startswith(
        "Riverside pumping station: 41 alarms. CRITICAL Pump 2 high level 92 03:08, HIGH Tank 0"
    )
    assert text.endswith("High)")


def test_a_letter_outside_the_alphabet_of_sms_is_written_as_people_would():
    """Quotation marks, dashes and accents that would double the price are written plainly."""
    text = compose("Ångström \N{EN DASH} väst", [Alarm("High", "Kessel „Łódź“ zu heiß", "03:08", "3 µS²")])
    assert text == 'Ångström - väst HIGH Kessel "Lodz" zu heiß 3 uS2 03:08'
    assert gsm7.encoding(text) == "GSM-7"


def test_another_script_stays_readable_and_fits_the_smaller_segment():
    """Cyrillic is not transliterated; names are shortened to its 70 characters instead."""
    text = compose("Насосная", [Alarm("High", "Уровень высокий " * 10, "03:08")])
    assert gsm7.encoding(text) == "UCS-2"
    assert gsm7.segments(text) == 1
    assert text.endswith("03:08")


def test_nothing_to_tell_is_a_mistake_of_the_caller():
    """A text about no alarm is never sent by accident."""
    with pytest.raises(ValueError, match="at least one alarm"):
        compose("Riverside", [])


words = st.text(min_size=1, max_size=200)
alarms = st.builds(
    Alarm,
    priority=st.sampled_from(["Critical", "High", "Medium", "Low", "Diagnostic"]),
    name=words,
    at=st.sampled_from(["03:08", "23:59"]),
    value=st.one_of(st.just(""), st.text(max_size=30)),
)


@given(site=words, told=st.lists(alarms, min_size=1, max_size=30))
def test_whatever_the_names_the_text_is_short_on_one_line_and_says_when_and_how_urgent(site, told):
    """No name can push out the time, the priority or the count, or start a second line."""
    text = compose(site, told)
    assert gsm7.segments(text) <= 2
    assert "\n" not in text
    assert told[0].at in text
    assert told[0].priority.upper() in text
    if len(told) > 1:
        assert f"{len(told)} alarms" in text
