"""Answering alarms by text, as phones live through it: one story per thing that can be written."""

from __future__ import annotations

HIGH = "Plant/Pump 2/High level"
MAINS = "Plant/Power/Mains failure"
WELL = "Plant/Well/Low level"
SMOKE = "Plant/Fire/Smoke"
TANK = "Plant/Tank"


def test_a_text_says_what_to_answer_and_the_answer_acknowledges(told, phone):
    """Code and PIN in one text; what is said is on record before it is said."""
    alarm = told.raises(HIGH, value=93)
    maria = phone("maria").gets_sms(
        "HIGH Pump 2 high level 93 14:00. Reply 47 and PIN to ack, 47E pass, ? help"
    )

    maria.sends_sms("47 4711").gets_sms("Acknowledged: 47 Pump 2 high level.")

    assert alarm.is_acknowledged(by="maria")
    assert alarm.episode.acked_via == "sms"


def test_the_code_alone_is_enough_where_no_pin_is_asked_for(open_told, phone):
    """As `ack 47` is, in any case, with whatever a telephone puts around it."""
    alarm = open_told.raises(HIGH)
    phone("maria").gets_sms("Reply 47 to ack").sends_sms(' "ACK #47" ').gets_sms("Acknowledged: 47")
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


def test_a_question_is_forgotten_after_five_minutes(told, phone):
    """A PIN that comes later answers nothing, and is not looked at."""
    alarm = told.raises(HIGH)
    maria = phone("maria").gets_sms("Reply 47").sends_sms("47").gets_sms("Send your PIN")
    told.waits(minutes=5, seconds=1)
    phone("jon").gets_sms("Pump 2 high level")
    maria.sends_sms("4711").gets_sms("No PIN was asked for. 1 open: HIGH 47 Pump 2 high level.")
    assert alarm.is_not_acknowledged()


def two_alarms(plant, phone):
    """Let Maria be told of two alarms, one text each."""
    first = plant.raises(HIGH)
    maria = phone("maria").gets_sms("Pump 2 high level")
    second = plant.raises(MAINS)
    maria.gets_sms("Mains failure")
    return maria, first, second


def test_several_codes_in_one_text(open_told, phone):
    """Each is named in the answer."""
    maria, first, second = two_alarms(open_told, phone)
    maria.sends_sms("47, 84").gets_sms("Acknowledged: 47 Pump 2 high level, 84 Mains failure.")
    assert first.is_acknowledged(by="maria")
    assert second.is_acknowledged(by="maria")


def test_one_of_several_leaves_the_other(open_told, phone):
    """And the answer says that one is left."""
    maria, first, second = two_alarms(open_told, phone)
    maria.sends_sms("84").gets_sms("Acknowledged: 84 Mains failure. 1 still open.")
    assert first.is_not_acknowledged()
    assert second.is_acknowledged(by="maria")


def test_all_is_all_that_this_telephone_was_told_of(open_told, phone):
    """An alarm that nobody texted to Maria is not hers to acknowledge unseen."""
    maria, first, second = two_alarms(open_told, phone)
    unseen = open_told.raises(WELL)  # its text waits for a minute
    maria.sends_sms("all").gets_sms("Acknowledged: 47 Pump 2 high level, 84 Mains failure.")
    assert first.is_acknowledged(by="maria")
    assert second.is_acknowledged(by="maria")
    assert unseen.is_not_acknowledged()
    maria.gets_sms("Well low level", within=300)


def test_bare_ack_is_enough_where_one_is_open(open_told, phone):
    """There is nothing it could be mistaken for."""
    alarm = open_told.raises(HIGH)
    phone("maria").gets_sms("Pump 2").sends_sms("ok").gets_sms("Acknowledged: 47 Pump 2 high level.")
    assert alarm.is_acknowledged(by="maria")


def test_bare_ack_with_two_open_brings_the_list(open_told, phone):
    """Nothing is guessed."""
    maria, first, second = two_alarms(open_told, phone)
    maria.sends_sms("ack").gets_sms("2 open: CRITICAL 84 Mains failure, HIGH 47 Pump 2 high level.")
    assert first.is_not_acknowledged()
    assert second.is_not_acknowledged()


def test_passing_on_tells_the_next_person_now(told, phone):
    """It takes no PIN: somebody else is told, nobody is silenced."""
    alarm = told.raises(HIGH)
    phone("maria").gets_sms("47E pass").sends_sms("47e").gets_sms(
        "Passed on: 47 Pump 2 high level. The next person is told now."
    )
    jon = phone("jon").gets_sms("Reply 47 and PIN", within=10)
    jon.sends_sms("47 9163").gets_sms("Acknowledged")
    assert alarm.is_acknowledged(by="jon")


def test_shelving_for_half_an_hour(told, phone):
    """The answer says until when."""
    alarm = told.raises(HIGH)
    phone("maria").gets_sms("47").sends_sms("47s30 4711").gets_sms(
        "Shelved until 14:30: 47 Pump 2 high level."
    )
    assert alarm.is_shelved()
    told.waits(minutes=29)
    assert alarm.is_shelved()
    told.waits(minutes=2)
    assert alarm.is_not_shelved()
    phone("maria").gets_sms("Pump 2 high level", within=120)
    phone("jon").gets_sms("Pump 2 high level", within=600)


def test_a_note_goes_with_the_acknowledgement(told, phone):
    """Word for word, without the PIN."""
    alarm = told.raises(HIGH)
    phone("maria").gets_sms("47").sends_sms("47 n Pump runs dry, on my way 4711").gets_sms("Acknowledged: 47")
    assert alarm.episode.note == "Pump runs dry, on my way"


def test_a_question_mark_lists_what_is_open_with_codes(told, phone):
    """Also what was told to nobody by text; from then on it has a code."""
    told.raises(HIGH)
    maria = phone("maria").gets_sms("47")
    mains = told.raises(SMOKE, priority="Critical", label="Smoke")
    phone("maria").rings()
    maria.sends_sms("?").gets_sms(
        "2 open: CRITICAL 84 Smoke, HIGH 47 Pump 2 high level. Reply code to ack, ? help."
    )
    maria.sends_sms("84 4711").gets_sms("Acknowledged: 84 Smoke. 1 still open.")
    assert mains.is_acknowledged(by="maria")


def test_help_says_what_can_be_written(told, phone):
    """In one segment; Twilio answers the word itself, too."""
    told.raises(HIGH)
    maria = (
        phone("maria").gets_sms("47").sends_sms("help").gets_sms("Reply STOP to receive no further messages")
    )
    maria.gets_sms("47 acks, 47 48 both, ALL, 47E passes, 47S30 shelves 30 min, 47 N note, ? lists.")


def test_what_is_not_understood_does_nothing_and_says_so(told, phone):
    """With the list, so that the next text is right."""
    alarm = told.raises(HIGH)
    maria = phone("maria").gets_sms("47").sends_sms("not 47")
    maria.gets_sms(
        "Not understood, nothing was done. 1 open: HIGH 47 Pump 2 high level. Reply code to ack, ? help."
    )
    assert alarm.is_not_acknowledged()


def test_a_code_that_names_nothing(open_told, phone):
    """A slip of the finger acknowledges nothing else."""
    alarm = open_told.raises(HIGH)
    phone("maria").gets_sms("47").sends_sms("48").gets_sms("48 is no code of yours. 1 open: HIGH 47 Pump 2")
    assert alarm.is_not_acknowledged()


def test_the_second_to_acknowledge_hears_who_was_first(open_told, phone):
    """And when."""
    alarm = open_told.raises(HIGH)
    maria = phone("maria").gets_sms("47")
    open_told.waits(minutes=5)
    phone("jon").gets_sms("47").sends_sms("47").gets_sms("Acknowledged: 47 Pump 2 high level.")
    open_told.waits(minutes=5)
    maria.sends_sms("47").gets_sms("47 already acknowledged by Jon Berg at 14:05.")
    assert alarm.is_acknowledged(by="jon")


def test_the_answer_says_how_many_others_need_not_be_told_any_more(open_told, phone):
    """Whoever acknowledges knows that Maria's telephone has stopped ringing."""
    alarm = open_told.raises(SMOKE, priority="Critical", label="Smoke")
    maria = phone("maria").rings()
    jon = phone("jon").sends_sms("?").gets_sms("1 open: CRITICAL 47 Smoke.")
    jon.sends_sms("47").gets_sms("Acknowledged: 47 Smoke. 1 other stopped.")
    assert alarm.is_acknowledged(by="jon")
    maria.is_hung_up()


def test_an_alarm_that_has_returned_to_normal_can_still_be_acknowledged(open_told, phone):
    """As in ISA-18.2: it went away unseen, and somebody should know."""
    alarm = open_told.raises(HIGH)
    maria = phone("maria").gets_sms("47")
    alarm.clears()
    maria.sends_sms("47").gets_sms("Acknowledged: 47 Pump 2 high level.")
    assert alarm.is_acknowledged(by="maria")


def test_a_wrong_pin_says_no_more_than_that(told, phone):
    """The question stays, so that the right one needs no code."""
    alarm = told.raises(HIGH)
    maria = phone("maria").gets_sms("47").sends_sms("47 0815").gets_sms("That PIN was not recognised.")
    assert alarm.is_not_acknowledged()
    maria.sends_sms("4711").gets_sms("Acknowledged: 47")
    assert alarm.is_acknowledged(by="maria")


def test_five_wrong_pins_lock_acknowledging_and_alarms_still_come(told, phone):
    """Nobody types through a list; and a thief of a telephone silences nothing."""
    first = told.raises(HIGH)
    maria = phone("maria").gets_sms("47")
    for wrong in ("0815", "0816", "0817", "0818"):
        maria.sends_sms(f"47 {wrong}").gets_sms("That PIN was not recognised. Nothing was done.")
    maria.sends_sms("47 0819").gets_sms("PIN entry is locked until 14:15. Alarms still reach you.")
    told.waits(minutes=9)
    phone("jon").gets_sms("Pump 2 high level")
    second = told.raises(MAINS)
    maria.gets_sms("CRITICAL Mains failure").sends_sms("84 4711")
    told.waits(minutes=4)
    assert second.is_not_acknowledged()
    told.waits(minutes=2)
    phone("jon").gets_sms("Mains failure", within=300)
    maria.sends_sms("47 84 4711").gets_sms("Acknowledged: 47 Pump 2 high level, 84 Mains failure.")
    assert first.is_acknowledged(by="maria")
    assert second.is_acknowledged(by="maria")


def test_a_pin_that_stood_in_the_note_before_it_was_asked_for_is_not_stored(told, phone):
    """Only the PIN that follows tells that the number in the note was one."""
    alarm = told.raises(HIGH)
    maria = phone("maria").gets_sms("47").sends_sms("47 n 4711 pump is dry").gets_sms("Send your PIN")
    maria.sends_sms("4711").gets_sms("Acknowledged")
    assert alarm.episode.note == "PIN# pump is dry"
    assert not any("4711" in kept for kept in told.do(told.running.gateway.services.db.read(_notes)))


def test_no_pin_is_stored_whatever_stands_around_it(told, phone):
    """Neither in the text nor in the note."""
    alarm = told.raises(HIGH)
    phone("maria").gets_sms("47").sends_sms("47 n it is 4711, really 4711").gets_sms("Acknowledged")
    assert "4711" not in alarm.episode.note
    kept = told.do(told.running.gateway.services.db.read(_bodies))
    assert any(body.startswith("47 n it is PIN#") for body in kept)
    assert not any("4711" in body for body in kept)


def _notes(conn):
    from sqlalchemy import text

    tables = ("ts_journal", "ts_audit", "ts_text_dialogue", "ts_episode")
    return [repr(conn.execute(text(f"SELECT * FROM {table}")).all()) for table in tables]


def _bodies(conn):
    from sqlalchemy import select

    from tocsin.calls.tables import messages

    return list(conn.scalars(select(messages.c.body)))


def test_an_acknowledgement_by_text_stops_the_telephone_that_rings(told, phone):
    """The same person's call, and everybody else's."""
    alarm = told.raises(SMOKE, priority="Critical", label="Smoke")
    maria = phone("maria").rings()
    maria.sends_sms("?").gets_sms("1 open: CRITICAL 47 Smoke.")
    maria.sends_sms("47 4711").gets_sms("Acknowledged: 47 Smoke.")
    assert alarm.is_acknowledged(by="maria")
    maria.is_hung_up()
    told.waits(minutes=15)


def test_many_alarms_are_one_text_with_one_code_for_all(open_told, phone):
    """The code stands for those that the text names, and for no other."""
    first = open_told.raises(MAINS)
    maria = phone("maria").gets_sms("Mains failure")
    named = [open_told.raises(HIGH), open_told.raises(WELL)]
    named += [open_told.raises(f"{TANK} {number}/Level") for number in (1, 2, 3)]
    more = open_told.raises(f"{TANK} 4/Level")
    maria.gets_sms("Riverside: 6 alarms. HIGH 84 Pump 2 high level", within=90)

    maria.sends_sms("ALL 89").gets_sms("Acknowledged: 84 Pump 2 high level, 31 Well low level, 68 Tank 1")

    assert all(one.is_acknowledged(by="maria") for one in named)
    assert first.is_not_acknowledged()
    assert more.is_not_acknowledged()


def test_where_several_must_acknowledge_the_first_is_told_that_others_are_waited_for(plant, phone):
    """The alarm is acknowledged once the second has done so, and nobody's telephone is stopped before."""
    block = {"id": "first", "type": "notification", "roster": "operations", "profiles": ["text"]}
    block |= {"must_acknowledge": 2, "step": "1m"}
    plant.configure(("pipelines", "texts", "blocks"), [block])
    plant.configure(("message_profiles", "text", "pin"), "none").tells_people()
    alarm = plant.raises(HIGH)
    maria = phone("maria").gets_sms("Pump 2 high level")
    maria.sends_sms("47").gets_sms(
        "Acknowledged: 47 Pump 2 high level. 47 waits for more people to acknowledge."
    )
    assert alarm.is_not_acknowledged()
    jon = phone("jon").gets_sms("Pump 2 high level", within=120)
    jon.sends_sms("47").gets_sms("Acknowledged: 47 Pump 2 high level.")
    assert alarm.is_acknowledged()
