"""The default dialogue from the answer to the last word: one story for each thing that a call may meet."""

from __future__ import annotations

import pytest
from tests.default_script.phone import Phone, Plant, alarm, minutes_later

PUMP = "Pump 2 high level"
OIL = "Gearbox low oil"
GAS = "Boiler gas detected"
URL = "https://a.example/main/system/twilio-voice/{action}/c1?turn=9#rc=2&rp=all"


def called(plant: Plant, **facts: object) -> Phone:
    """Let the phone ring, pick up, and listen until the first alarm has been read."""
    return Phone(plant, **facts).answers().stays_silent()


def test_answer_the_first_words_come_after_a_second_and_name_site_person_and_count():
    """Who calls, for whom, how many alarms and how bad: then a person knows whether to sit up."""
    maria = Phone(Plant([alarm(PUMP, priority="Critical"), alarm(OIL)])).answers()
    assert maria.verbs()[0] == "Pause"
    assert maria.hears(
        "alarm system of Riverside pumping station, calling Maria Lind. 2 alarms, the highest priority is critical."
    )


def test_answer_nothing_of_the_plant_is_said_before_a_pin_that_is_needed_to_hear():
    """Neither count nor priority."""
    maria = Phone(Plant([alarm(PUMP)], pin_policy="to-hear")).answers()
    assert maria.hears("Enter your PIN, then hash.")
    assert not maria.hears("alarm, priority")


def test_pin_keys_work_while_it_is_asked_for_and_star_begins_anew():
    """Eight seconds for the keys, hash ends them, star clears."""
    maria = called(Plant([alarm(PUMP)])).presses("1")
    gather = maria.verb("Gather")
    assert (gather.get("timeout"), gather.get("finishOnKey")) == ("8", "#")
    assert gather.find("Say") is not None  # inside, so that keys cut it short
    assert maria.presses("99*4711#").hears("Acknowledged. Goodbye.")


def test_nothing_pressed_is_asked_twice_more_and_shorter():
    """Then the call ends, and somebody else is told."""
    maria = called(Plant([alarm(PUMP)]))
    first = maria.transcript[-1]
    assert len(maria.stays_silent().transcript[-1]) < len(first)
    assert maria.stays_silent().stays_silent().hears("No entry. Goodbye.")


def test_wrong_pin_three_tries_in_a_call():
    """Nothing is acknowledged, and that is said."""
    plant = Plant([alarm(PUMP)])
    maria = called(plant).presses("1").presses("1111#").presses("2222#").presses("3333#")
    assert maria.hears("not recognised. Nothing was acknowledged. Goodbye.")
    assert not plant.acknowledged


def test_lockout_the_phone_rings_and_tells_all_the_same():
    """PIN entry alone is closed: every alarm is read, none is acknowledged."""
    plant = Plant([alarm(PUMP), alarm(OIL)], locked=True)
    maria = called(plant).presses("1").presses("4711#")
    assert maria.hears("PIN entry is locked on this phone. You may listen but not acknowledge")
    assert maria.presses("4").hears(OIL)
    assert not plant.acknowledged


def test_shared_phone_the_pin_tells_who_it_is():
    """Maria was called; Jon took the crew's phone and typed his own PIN."""
    plant = Plant([alarm(PUMP)])
    assert called(plant).presses("1").presses("5822#").hears("Acknowledged. Goodbye.")
    assert plant.acknowledged == {"id-of-pump-2-high-level": "jon"}


def test_shared_phone_somebody_without_the_right_may_listen():
    """And hears that the alarm stays open."""
    plant = Plant([alarm(PUMP)], forbidden=True)
    maria = called(plant).presses("1").presses("5822#")
    assert maria.hears("You may listen to this alarm but not acknowledge it. It stays open.")


def test_readout_name_value_and_age_in_the_order_of_urgency():
    """Number, priority, name, value, since when."""
    maria = called(Plant([alarm(PUMP), alarm(OIL)]))
    assert maria.hears("Alarm 1 of 2, high. Pump 2 high level. Value 93. 4 minutes ago.")


def areas(*counts: tuple[str, int]) -> list[dict[str, object]]:
    """Make alarms of areas: so many in each."""
    return [
        alarm(f"{area} {number}", path=f"Plant/{area}/Alarm {number}", displayPath="")
        for area, count in counts
        for number in range(count)
    ]


def test_readout_more_than_five_alarms_are_told_by_area():
    """How many, and the worst of each; 2 acknowledges all that were told."""
    plant = Plant(areas(("Boiler house", 4), ("Intake", 3)), pin_policy="none")
    maria = called(plant)
    assert maria.hears("Boiler house: 4, the worst is Boiler house 0, priority high.", "Intake: 3")
    assert maria.hears("Press 2 to acknowledge all of these, 4 to hear them one by one")
    assert maria.presses("2").hears("7 alarms acknowledged. Goodbye.")
    assert len(plant.acknowledged) == 7


def test_readout_told_by_area_and_then_one_by_one():
    """4 begins with the worst; 1 is about that one alone."""
    plant = Plant(areas(("Boiler house", 4), ("Intake", 3)), pin_policy="none")
    maria = called(plant).presses("4")
    assert maria.hears("Alarm 1 of 7, high. Boiler house 0.")
    assert maria.presses("1").hears("Acknowledged.", "6 alarms are still open")
    assert list(plant.acknowledged) == ["id-of-boiler-house-0"]


def test_readout_told_by_area_no_key_is_about_a_single_alarm():
    """Before any was read, 1 has no meaning."""
    plant = Plant(areas(("Boiler house", 4), ("Intake", 3)), pin_policy="none")
    assert called(plant).presses("1").hears("Key 1 has no meaning here. Press 2 to acknowledge all of these")
    assert not plant.acknowledged


def test_flood_is_said_first():
    """More than ten within ten minutes: nobody needs to count along."""
    maria = Phone(Plant(areas(("Boiler house", 7), ("Intake", 5)))).answers()
    assert maria.hears(
        "calling Maria Lind. Alarm flood: 12 alarms within ten minutes. 12 alarms, the highest"
    )


def test_flood_areas_are_told_a_few_at_a_time():
    """What was not told stays open, and comes next."""
    plant = Plant(areas(*((f"Area {number}", 1) for number in range(9))), pin_policy="none")
    maria = called(plant)
    assert maria.hears("Area 4: 1", "4 more in other areas")
    assert maria.presses("2").hears("5 alarms acknowledged. 4 alarms are still open.")
    assert maria.stays_silent().hears("Alarm 1 of 4, high. Area 5 0.")


def test_flood_of_a_thousand_fits_into_the_memory_of_a_call():
    """A hundred are told and acknowledged at a time; the script never fails over its own size."""
    plant = Plant(areas(("Boiler house", 600), ("Intake", 400)), pin_policy="none")
    for facts in plant.alarms:
        facts["id"] += "-0123456789"
    maria = called(plant)
    assert maria.presses("2").hears("100 alarms acknowledged. 900 alarms are still open.")
    assert maria.stays_silent().presses("2").hears("100 alarms acknowledged. 800 alarms are still open.")


def test_unheard_alarms_are_never_acknowledged():
    """ "All" covers what was read in this call, not what is waiting."""
    plant = Plant([alarm(PUMP), alarm(OIL), alarm(GAS)], pin_policy="none")
    called(plant).stays_silent().presses("2")
    assert list(plant.acknowledged) == ["id-of-pump-2-high-level", "id-of-gearbox-low-oil"]


def test_commit_what_could_not_be_recorded_stays_open_and_is_said_to():
    """Nothing is called acknowledged that is not on disk."""
    plant = Plant([alarm(PUMP)], pin_policy="none", broken=True)
    maria = called(plant).presses("1")
    assert maria.hears("could not be recorded. The alarm stays open.")
    assert not maria.heard_so_far("Acknowledged.")


def test_concurrent_acknowledgement_is_told_at_the_next_prompt():
    """Maria still listens to the second alarm when Jon acknowledges the first."""
    pump = alarm(PUMP)
    plant = Plant([pump, alarm(OIL)])
    maria = called(plant)
    plant.someone_else_acknowledges(pump)
    maria.stays_silent()
    assert maria.hears("Pump 2 high level was already acknowledged by Jon Berg at 3:10 AM. Gearbox low oil.")
    assert not maria.stays_silent().hears("already")  # once is enough


def test_concurrent_acknowledgement_in_the_same_moment():
    """The loser hears who was first; that counts as told."""
    pump = alarm(PUMP)
    plant = Plant([pump], pin_policy="none")
    maria = called(plant)
    plant.someone_else_acknowledges(pump)
    maria.goes_to(URL.format(action="ack"))
    assert maria.hears("Already acknowledged by Jon Berg at 3:10 AM.")


def test_cleared_meanwhile_the_alarm_can_still_be_acknowledged():
    """It is said once, with the time; then 1 acknowledges it."""
    pump = alarm(PUMP)
    plant = Plant([pump], pin_policy="none")
    maria = called(plant)
    pump |= {"state": "Cleared, Unacknowledged", "clearedAt": minutes_later(1)}
    maria.stays_silent()
    assert maria.hears("Pump 2 high level has returned to normal at 3:11 AM.", "1 to acknowledge")
    assert maria.presses("1").hears("Acknowledged. Goodbye.")


def test_cleared_before_the_call_was_answered():
    """The readout says so in the place of its age."""
    facts = alarm(PUMP, state="Cleared", clearedAt=minutes_later(2))
    assert called(Plant([facts])).hears("Pump 2 high level. Value 93. It has returned to normal at 3:12 AM.")


@pytest.mark.parametrize(
    ("state", "by", "sentence"),
    [
        ("normal", "", "Pump 2 high level has returned to normal; no action is needed."),
        ("shelved", "Jon Berg", "Pump 2 high level has been shelved by Jon Berg."),
        ("suppressed", "Jon Berg", "Pump 2 high level has been suppressed by Jon Berg."),
        ("out of service", "Jon Berg", "Pump 2 high level has been taken out of service by Jon Berg."),
    ],
)
def test_gone_meanwhile_the_caller_hears_which_and_by_whom(state, by, sentence):
    """Where nothing else is open the call is over."""
    pump = alarm(PUMP)
    plant = Plant([pump])
    maria = called(plant)
    plant.goes(pump, state, by)
    assert maria.stays_silent().hears(sentence, "Goodbye.")
    assert maria.over


def test_new_alarms_during_the_call_are_offered_at_its_end():
    """Instead of a second call: 3 reads them, and so does waiting."""
    plant = Plant([alarm(PUMP)], pin_policy="none")
    maria = called(plant)
    plant.alarms += [alarm(OIL, activeAt=minutes_later(1)), alarm(GAS, activeAt=minutes_later(2))]
    assert maria.presses("1").hears("Acknowledged. 2 new alarms. Press 3 to hear them")
    assert maria.presses("3").hears("Alarm 1 of 2, high. Gearbox low oil.")


def test_new_alarms_during_the_call_may_be_left_for_later():
    """9 ends the call, and says what is left."""
    plant = Plant([alarm(PUMP)], pin_policy="none")
    maria = called(plant)
    plant.alarms.append(alarm(OIL, activeAt=minutes_later(1)))
    assert maria.presses("1").presses("9").hears("1 acknowledged, 1 still open. Goodbye.")


def test_a_new_critical_alarm_interrupts_at_the_next_prompt():
    """Whatever else is still to be read."""
    plant = Plant([alarm(PUMP), alarm(OIL)])
    maria = called(plant)
    plant.alarms.insert(0, alarm(GAS, priority="Critical", activeAt=minutes_later(1)))
    assert maria.stays_silent().hears("A new critical alarm. Alarm 1 of 3, critical. Boiler gas detected.")
    assert maria.stays_silent().hears(OIL)


def test_a_note_that_is_required_is_given_by_one_key():
    """It is stored with the acknowledgement."""
    plant = Plant([alarm(PUMP, noteRequired=True)])
    maria = called(plant).presses("1")
    assert maria.hears("needs a note. Press 1 for on my way, 2 for fixed remotely")
    assert maria.presses("2").presses("4711#").hears("Acknowledged. Goodbye.")
    assert plant.notes == ["Fixed remotely"]


def test_without_the_note_nothing_is_acknowledged_and_that_is_said():
    """Silence at the question leaves the alarm open."""
    plant = Plant([alarm(PUMP, noteRequired=True)], pin_policy="none")
    maria = called(plant).presses("1").stays_silent()
    assert maria.hears("Not acknowledged yet. 1 for on my way")
    assert maria.stays_silent(2).hears("No entry.")
    assert not plant.acknowledged


def test_a_key_that_is_no_note_goes_back_to_the_menu():
    """And says that nothing was acknowledged."""
    plant = Plant([alarm(PUMP, noteRequired=True)], pin_policy="none")
    assert called(plant).presses("1").presses("8").hears("Not acknowledged: the note is missing. Press 1")
    assert not plant.acknowledged


def test_bad_keys_the_third_counts_as_nobody_there_and_keeps_what_was_acknowledged():
    """The key is said back with the menu alone, twice."""
    plant = Plant([alarm(PUMP), alarm(OIL)], pin_policy="none")
    maria = called(plant).presses("1").stays_silent()
    assert maria.presses("6").hears("Key 6 has no meaning here. Press 1")
    assert maria.presses("6").presses("6").hears("No entry. 1 acknowledged, 1 still open. Goodbye.")
    assert plant.given_up
    assert len(plant.acknowledged) == 1


def test_hanging_up_keeps_what_was_acknowledged():
    """The alarm acknowledged before the phone was put down is; the one just read is not."""
    plant = Plant([alarm(PUMP), alarm(OIL)], pin_policy="none")
    called(plant).presses("1").stays_silent()
    assert list(plant.acknowledged) == ["id-of-pump-2-high-level"]
    assert "id-of-gearbox-low-oil" not in plant.heard


def test_voicemail_twice_the_site_and_the_number_and_no_detail():
    """And that a text comes, where one does."""
    maria = Phone(Plant([alarm(PUMP)]), texts=True).answers("voicemail")
    assert maria.transcript[-1].count("Call back 1 5 0 0 5 5 5 0 0 0 6, or answer the text message.") == 2
    assert not maria.hears(PUMP)


def test_pass_is_confirmed_once_and_the_alarm_stays_open():
    """5, then 5 again."""
    plant = Plant([alarm(PUMP)])
    maria = called(plant).presses("5").presses("5")
    assert maria.hears("Passed on. The next person is told now. Goodbye.")
    assert (plant.passed, plant.acknowledged) == (1, {})


LEAD = {"name": "Ada Holm", "number": "+46701740605"}


def test_talk_the_lead_must_accept_so_that_a_voicemail_box_cannot():
    """0 rings the lead on call, who hears who it is and presses 1; then the two are connected."""
    maria = called(Plant([alarm(PUMP)], lead=LEAD)).presses("0")
    assert maria.hears("Calling Ada Holm.")
    dial = maria.verb("Dial")
    number = dial.find("Number")
    assert number is not None
    assert number.text == "+46701740605"

    maria.goes_to(number.get("url", ""))
    assert maria.hears("Riverside pumping station has a call for you from Maria Lind. Press 1 to accept.")
    assert not maria.hears(PUMP)
    maria.goes_to(maria.verb("Gather").get("action", ""), Digits="1")
    assert maria.verbs() == []  # an empty document connects
    maria.goes_to(dial.get("action", ""), DialCallStatus="completed")
    assert maria.hears("Press 1 to acknowledge")


def test_talk_a_lead_who_does_not_accept_is_not_connected():
    """Maria hears so, and goes on where she was."""
    maria = called(Plant([alarm(PUMP)], lead=LEAD)).presses("0")
    dial = maria.verb("Dial")
    number = dial.find("Number")
    assert number is not None
    maria.goes_to(number.get("url", ""))
    assert maria.verbs() == ["Gather", "Hangup"]
    maria.over = False  # that was the lead's part of the call
    maria.goes_to(dial.get("action", ""), DialCallStatus="completed")
    assert maria.hears("The lead could not be reached. Press 1 to acknowledge")


def test_talk_without_a_lead_on_call():
    """The menu goes on."""
    assert (
        called(Plant([alarm(PUMP)])).presses("0").hears("no lead on call to talk to. Press 1 to acknowledge")
    )


def test_dial_in_a_known_phone_gives_its_pin():
    """Then how things stand, then the alarms."""
    taken = alarm(OIL, state="Active", ackedBy="Jon Berg")
    taken["state"] = "Active, Acknowledged"
    plant = Plant([alarm(PUMP), taken], called=None)
    maria = Phone(plant, direction="inbound").answers("inbound").presses("4711#")
    assert maria.hears(
        "1 alarm, priority high. 1 alarm is taken care of and still active: Gearbox low oil, by Jon Berg."
    )
    assert maria.stays_silent().hears(PUMP)


def test_dial_in_another_phone_gives_user_number_and_pin():
    """Whoever is away from their own phone can still take an alarm."""
    plant = Plant([alarm(PUMP)], called=None)
    maria = Phone(plant, direction="inbound", known=False).answers("inbound")
    assert maria.hears("Enter your user number, star, your PIN, then hash.")
    assert maria.presses("1*4711#").hears("1 alarm, priority high.")
    assert maria.stays_silent().presses("1").hears("Acknowledged. Goodbye.")
    assert plant.acknowledged == {"id-of-pump-2-high-level": "maria"}


def test_dial_in_another_phone_has_three_tries():
    """A wrong number and a wrong PIN are answered alike."""
    maria = Phone(Plant([alarm(PUMP)], called=None), direction="inbound", known=False).answers("inbound")
    assert maria.presses("7*4711#").hears("That number or PIN was not recognised. Your user number, star")
    assert maria.presses("1*5822#").hears("not recognised")
    assert maria.presses("1*1111#").hears("not recognised. Nothing was acknowledged. Goodbye.")


def test_dial_in_another_phone_that_says_nothing_of_use_is_left_alone():
    """A PIN without a user number is nobody's; asked three times, told nothing."""
    maria = Phone(Plant([alarm(PUMP)], called=None), direction="inbound", known=False).answers("inbound")
    assert maria.stays_silent().hears("Your user number, star, your PIN, then hash.")
    assert maria.presses("4711#").hears("Your user number, star")
    assert maria.stays_silent().hears("No entry. Goodbye.")
    assert not maria.heard_so_far("priority")


def test_a_step_that_a_script_has_spoilt_goes_on_with_the_default():
    """The default answers in the middle of a call as if it had spoken all along."""
    plant = Plant([alarm(PUMP)], pin_policy="none")
    maria = called(plant)
    maria.goes_to(URL.format(action="menu"), Digits="1")
    assert maria.hears("Acknowledged. Goodbye.")


def test_shelving_is_about_the_alarm_that_was_read():
    """Not about those read before it."""
    plant = Plant([alarm(PUMP), alarm(OIL)], pin_policy="none")
    maria = called(plant).stays_silent().presses("7")
    assert maria.hears("1 for 15 minutes, 2 for 1 hour, 3 for 4 hours")
    assert maria.presses("1").hears("Shelved for 15 minutes. 1 alarm is still open.")
    assert plant.shelved == [("id-of-gearbox-low-oil", 15)]


def test_an_alarm_that_may_not_be_shelved():
    """Says so, and stays open."""
    plant = Plant([alarm(PUMP)], pin_policy="none", forbidden=True)
    assert called(plant).presses("7").presses("1").hears("may not be shelved. It stays open.")


def test_details_are_all_there_is_and_all_the_keys():
    """Since when, the note of the rule, and every key."""
    maria = called(Plant([alarm(PUMP, notes="Start the spare.")])).presses("8")
    assert maria.hears("Active since 3:10 AM. Note: Start the spare.", "7 to shelve", "0 to talk to the lead")


def test_the_last_words_count():
    """What was acknowledged in this call, and what is left."""
    plant = Plant([alarm(PUMP), alarm(OIL), alarm(GAS)], pin_policy="none")
    maria = called(plant).presses("1").stays_silent().presses("1").stays_silent().presses("9")
    assert maria.hears("2 acknowledged, 1 still open. Goodbye.")


def test_a_priority_that_needs_no_pin_to_be_heard_is_told_at_once():
    """The rest waits for the PIN, and the caller hears that there is more."""
    urgent, other = alarm(GAS, priority="Critical"), alarm(PUMP)
    plant = Plant([urgent], pin_policy="to-hear")
    plant.audible = lambda: [urgent] if plant.identified is None else [urgent, other]  # type: ignore[method-assign]
    plant.call_acknowledge = acknowledging(plant)  # type: ignore[method-assign]
    maria = called(plant)
    assert maria.hears(GAS)
    assert maria.presses("1").hears("Acknowledged. There is more. Enter your PIN to hear it, then hash.")
    assert maria.presses("4711#").stays_silent().hears(PUMP)


def acknowledging(plant: Plant):
    """Acknowledge without a PIN, as for a priority that needs none."""

    def done(_pin, ids, _note, _hears):
        for facts in plant.alarms:
            if facts["id"] in ids:
                facts["state"] = facts["state"].replace("Unacknowledged", "Acknowledged")
        return {"reason": "ok", "alarms": ids}

    return done


@pytest.mark.parametrize("key", ["1", "2", "3", "4", "5", "7", "8", "9", "0", "*"])
def test_every_key_of_the_preset_does_something(key):
    """None of them is said to have no meaning."""
    maria = called(Plant([alarm(PUMP), alarm(OIL)], lead=LEAD)).presses(key)
    assert not maria.hears("has no meaning")


@pytest.mark.parametrize(("key", "sentence"), [("4", "Enter your PIN"), ("6", "Enter your PIN"), ("*", PUMP)])
def test_the_pagerduty_preset_acknowledges_with_4_and_6(key, sentence):
    """Star repeats."""
    assert called(Plant([alarm(PUMP), alarm(OIL)]), digits="pagerduty").presses(key).hears(sentence)
