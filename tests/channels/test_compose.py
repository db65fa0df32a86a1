"""A text about alarms fits one segment where that can be, and what matters most is never cut."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.channels.compose import MOST_CODES, Alarm, compose, composed, digest
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


def test_what_no_telephone_shows_is_left_out():
    """A value as a controller pads it costs neither the alphabet of SMS nor a second segment."""
    text = compose("River\x1bside", [Alarm("High", "Boiler\x00 2", "03:08", "hi\x00\x00")])
    assert text == "River side HIGH Boiler 2 hi 03:08"
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


def test_an_alarm_with_a_code_says_how_to_answer():
    """What to type stands in the text itself, so that nobody has to remember anything at night."""
    alarm = Alarm("High", "Boiler 2 feed", "03:08", "87", "47")
    assert compose("Riverside", [alarm]) == (
        "Riverside HIGH Boiler 2 feed 87 03:08. Reply 47 to ack, 47E pass, ? help"
    )
    assert composed("Riverside", [alarm], pin=True).text.endswith(
        ". Reply 47 and PIN to ack, 47E pass, ? help"
    )


def test_where_no_answer_can_come_back_the_text_says_what_to_do_instead():
    """No code is shown that nobody could use."""
    text = composed(
        "Riverside", [Alarm("High", "Boiler 2 feed", "03:08")], instead="Call +15005550006 to ack"
    )
    assert text.text == "Riverside HIGH Boiler 2 feed 03:08. Call +15005550006 to ack"


def test_many_alarms_are_a_digest_with_a_code_each_and_one_for_all():
    """Five at most are named; the others are counted, and no code stands for them."""
    alarms = [Alarm("Critical", "Pump 2 high level", "03:08", "92", "47")]
    alarms += [
        Alarm("High", f"Tank {number} low pressure", "03:09", "1.2", str(20 + number)) for number in range(6)
    ]
    told = composed("Riverside", alarms, all_code="90")
    assert told == digest("Riverside", alarms, all_code="90")
    assert gsm7.segments(told.text) == 1
    assert told.named == MOST_CODES
    assert told.text.startswith(
        "Riverside: 7 alarms. CRITICAL 47 Pump 2 hi.., HIGH 20 Tank 0 lo.., 21 Tank 1"
    )
    assert told.text.endswith(", +2 more (2 High). ALL 90 acks these, ? help")


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


codes = st.lists(st.from_regex(r"[1-9][0-9]{1,3}", fullmatch=True), min_size=31, max_size=31, unique=True)


@given(site=words, told=st.lists(alarms, min_size=1, max_size=30), numbers=codes, pin=st.booleans())
def test_no_name_pushes_out_a_code(site, told, numbers, pin):
    """Every alarm that is named has its code in the text, whole; of the others none is shown."""
    *own, all_code = numbers
    coded = [replace(one, code=code) for one, code in zip(told, own, strict=False)]
    found = composed(site, coded, all_code=all_code, pin=pin)
    assert 1 <= found.named <= min(len(told), MOST_CODES)
    shown = re.findall(r"[0-9]+", found.text)
    assert {one.code for one in coded[: found.named]} <= set(shown)
    assert gsm7.segments(found.text) <= 2
    assert ("PIN" in found.text) >= pin
