"""Nobody is called without end, nothing is held back in silence: as phones live through it."""

from __future__ import annotations

from itertools import pairwise

from tests.throttling.reading import held_runs, timeline

HIGH = "Plant/Pump 2/High level"


def acknowledge(person, *, pin="4711#"):
    """Acknowledge all that is read out."""
    person.hears("PIN").presses(pin).hears("Acknowledged").is_hung_up()


def test_one_call_and_the_rest_in_the_next(told, phone):
    """Three alarms within the minute after a call do not ring three times: the next call carries them all."""
    told.raises(HIGH, value=93)
    maria = phone("maria").answers()
    acknowledge(maria)

    more = [told.raises(f"Plant/Pump {n}/Flow low", priority="High", label=f"Flow {n}") for n in (3, 4, 5)]
    told.waits(seconds=45)
    assert rings(told, "maria") == 1

    acknowledge(phone("maria").answers(within=30))
    assert all(alarm.is_acknowledged(by="maria") for alarm in more)
    assert rings(told, "maria") == 2


def test_what_is_held_back_says_why_and_until_when(told, phone):
    """While the phone is left in peace, the alarm's story and the list of what waits tell so."""
    told.raises(HIGH, value=93)
    maria = phone("maria").answers()
    acknowledge(maria)
    alarm = told.raises("Plant/Pump 3/Flow low", priority="High", label="Flow 3")
    told.waits(seconds=5)

    (held,) = held_runs(told, alarm)
    assert (held["person"], held["channel"]) == ("maria", "voice")
    assert held["why"] == "told a moment ago of something as urgent; 1 min of quiet follow"
    assert told.now_ms < held["until_ms"] <= told.now_ms + 60_000
    (said,) = [one["text"] for one in timeline(told, alarm) if one["kind"] == "notice.held"]
    assert said.startswith("Maria Lind is not called yet: told a moment ago")

    acknowledge(phone("maria").answers())
    assert held_runs(told, alarm) == []
    assert [one["kind"] for one in timeline(told, alarm)].count("notice.held") == 1


def test_something_more_urgent_rings_at_once_and_takes_the_rest_along(told, phone):
    """A Critical alarm does not wait for the minute that the High ones wait for."""
    told.raises(HIGH, value=93)
    maria = phone("maria").answers()
    acknowledge(maria)
    flow = told.raises("Plant/Pump 3/Flow low", priority="High", label="Flow 3")
    told.waits(seconds=5)
    mains = told.raises("Plant/Power/Mains failure", priority="Critical", label="Mains failure")

    maria = phone("maria").answers(within=5).hears("Mains failure")
    acknowledge(maria)
    assert mains.is_acknowledged(by="maria")
    assert flow.is_acknowledged(by="maria")


def test_what_has_become_more_urgent_rings_as_if_it_had_been_so_from_the_beginning(told, phone):
    """Held back as High, then reported as Critical: the minute is not waited for, and the story says no more so."""
    told.raises(HIGH, value=93)
    acknowledge(phone("maria").answers())
    flow = told.raises("Plant/Pump 3/Flow low", priority="High", label="Flow 3")
    told.waits(seconds=5)
    assert held_runs(told, flow)

    told.raises("Plant/Pump 3/Flow low", priority="Critical")
    maria = phone("maria").answers(within=5).hears("Flow 3")
    assert held_runs(told, flow) == []
    acknowledge(maria)


def test_no_throttle_where_none_is_wanted(told, phone):
    """pause = 0: the phone rings again as soon as there is something to tell."""
    told.configure("throttles.calls.pause", "0s").raises(HIGH, value=93)
    maria = phone("maria").answers()
    acknowledge(maria)
    told.raises("Plant/Pump 3/Flow low", priority="High", label="Flow 3")

    acknowledge(phone("maria").answers(within=5))


def test_an_unanswered_phone_rings_once_a_minute_at_most(told, phone):
    """Alarms keep coming while nobody answers: no phone rings again within a minute of its last ring."""
    for number in ("maria", "jon"):
        told.running.emulator.put_phone(phone(number).number, {"answer": "no-answer"})
    for number in range(40):
        told.raises(f"Plant/Pump {number}/Flow low", priority="High", label=f"Flow {number}")
        told.waits(seconds=5)
    for person in ("maria", "jon"):
        began = ring_times(told, person)
        assert len(began) >= 2
        assert all(later - earlier >= 60 for earlier, later in pairwise(began))


def test_texts_are_digests_while_a_person_is_left_in_peace(told, phone):
    """The first text goes at once; what comes within the minute is one text that counts it all."""
    told.configure("voice_profiles", {})
    told.raises(HIGH, value=93)
    phone("maria").gets_sms("Pump 2 high level")
    for number in range(6):
        told.raises(f"Plant/Pump {number}/Flow low", priority="Medium", label=f"Flow {number}")
    told.waits(seconds=40)
    phone("maria").gets_sms("6 alarms", within=30)


def test_a_text_in_a_flood_begins_with_it(told, phone):
    """Twelve alarms of an area are a flood: the text says so first, and what is cut is the site's name."""
    told.configure("voice_profiles", {})
    told.raises(HIGH, value=93)
    phone("maria").gets_sms("Pump 2 high level")
    for number in range(11):
        told.raises(f"Plant/Pump {number}/Flow low", priority="Medium", label=f"Flow {number}")
    phone("maria").gets_sms("FLOOD Plant 12, Rivers", within=70)


def rings(plant, person):
    return len(ring_times(plant, person))


def ring_times(plant, person):
    number = plant.phone(person).number
    return [call.created for call in plant.running.emulator.calls if call.to == number]
