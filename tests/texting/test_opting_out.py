"""STOP and START: the contact is off at once, the person is called, and an empty roster is an alarm."""

from __future__ import annotations

from tests.plant import ACCOUNT, MARIA, NUMBER

from tocsin.channels import contacts

NOTHING = "{} has stopped texts and has no other contact that works"
HIGH = "Plant/Pump 2/High level"


def own_alarms(plant):
    """Give the gateway's own alarms that are open."""
    found = plant.running.gateway.services.board.open()
    return [one.label for one in found if one.path.startswith("System/Gateway/")]


def test_stop_turns_texts_off_and_the_person_is_called_about_it(told, phone):
    """By another channel than the one that is off; whoever looks after the gateway finds an alarm of its own."""
    maria = phone("maria").sends_sms("STOP").gets_sms("You are unsubscribed")
    maria.answers(within=10).hears("You have stopped its texts", "Text START to get texts again").is_hung_up()
    assert own_alarms(told) == ["maria wants no more texts"]

    alarm = told.raises(HIGH)
    jon = phone("jon").gets_sms("Pump 2 high level", within=60)
    jon.sends_sms("47 9163").gets_sms("Acknowledged")
    assert alarm.is_acknowledged(by="jon")
    assert maria.unexpected() == []


def test_start_turns_them_on_again(told, phone):
    """From the next alarm on."""
    maria = phone("maria").sends_sms("STOP").gets_sms("You are unsubscribed").answers().is_hung_up()
    maria.sends_sms("START").gets_sms("You are subscribed again")
    told.raises(HIGH)
    maria.gets_sms("Pump 2 high level")


def test_stop_twice_is_stop_once(told, phone):
    """Nobody is called a second time."""
    maria = phone("maria").sends_sms("STOP").gets_sms("unsubscribed").answers().is_hung_up()
    told.waits(minutes=5)
    maria.sends_sms("STOP").gets_sms("unsubscribed")
    told.waits(minutes=5)
    assert maria.unexpected() == []


def test_stop_in_another_language_is_answered_by_us(told, phone):
    """Twilio does not know the word; German does."""
    told.configure("users.maria.language", "de-DE")
    maria = phone("maria").sends_sms("Stopp").gets_sms("START").answers().is_hung_up()
    told.raises(HIGH)
    phone("jon").gets_sms("Pump 2 high level", within=60)
    assert maria.unexpected() == []


def test_a_roster_on_which_nobody_can_be_told_any_more_is_an_alarm(plant, phone):
    """Both have texts only, and both stop them; it is over when one of them starts again."""
    plant.configure("users.maria.opt_out", ["phone"]).configure("users.jon.opt_out", ["phone"]).tells_people()
    maria, jon = phone("maria").sends_sms("STOP").gets_sms("unsubscribed"), phone("jon")
    assert sorted(own_alarms(plant)) == [NOTHING.format("maria"), "maria wants no more texts"]
    jon.sends_sms("STOP").gets_sms("unsubscribed")
    nobody = "nobody on the roster operations can be called or texted"
    assert nobody in own_alarms(plant)
    maria.sends_sms("START").gets_sms("subscribed again")
    standing = {one.label: one.state for one in plant.running.gateway.services.board.open()}
    assert (standing[nobody], standing[NOTHING.format("maria")]) == ("cleared", "cleared")
    assert standing[NOTHING.format("jon")] == "active"


def test_a_person_with_nothing_but_texts_who_stops_them_is_an_alarm_of_its_own(plant, phone):
    """Nobody can call and say so: whoever looks after the gateway hears of it, until START, also hours later."""
    plant.configure("users.maria.opt_out", ["phone"]).tells_people()
    maria = phone("maria").sends_sms("STOP").gets_sms("unsubscribed")
    gateway = plant.running.gateway
    (alarm,) = [one for one in gateway.services.board.open() if one.path.startswith("System/Gateway/Reach/")]
    assert (alarm.path, alarm.priority, alarm.label) == (
        "System/Gateway/Reach/people/maria", "Medium", NOTHING.format("maria"),
    )  # fmt: skip
    plant.waits(minutes=61)
    assert own_alarms(plant).count(NOTHING.format("maria")) == 1
    maria.sends_sms("START").gets_sms("subscribed again")
    (found,) = [one for one in gateway.services.board.open() if one.path == alarm.path]
    assert found.state == "cleared"


def test_what_was_stopped_while_nobody_looked_is_found_within_the_hour(plant, phone):
    """A contact taken out of the files leaves a person with texts only, who stopped them long ago."""
    plant.configure("users.maria.opt_out", ["phone"]).tells_people()
    gateway = plant.running.gateway

    def stopped(conn):
        contacts.opted_out_in(conn, MARIA, why="texted STOP", now_ms=plant.running.clock.now_ms())

    gateway.services.db.write_now(stopped)
    assert own_alarms(plant) == []
    plant.waits(minutes=61)
    assert own_alarms(plant) == [NOTHING.format("maria")]


def test_a_stop_of_which_only_twilio_knew_is_learned_from_its_refusal(told, phone):
    """The alarm goes to the next person; the contact is off and said to be, without a call in its way."""
    account = told.running.emulator.world.accounts.get(ACCOUNT)
    account.opted_out.add((NUMBER, MARIA))
    told.raises("Plant/Pump 2/High level")
    phone("jon").gets_sms("Pump 2 high level", within=60)
    assert "maria wants no more texts" in own_alarms(told)
    assert phone("maria").unexpected() == []
