"""What follows each way in which a call can end: one story per outcome, as the telephones live through it.

Maria is first on the roster and Jon second. The step timer is five minutes.
"""

from __future__ import annotations

HIGH, MAINS = "Plant/Pump 2/High level", "Plant/Power/Mains failure"


def acknowledges(phone, pin):
    """Take the call, hear the alarm, and acknowledge it."""
    return phone.hears("Press 1").presses("1").hears("PIN").presses(f"{pin}#").hears("Acknowledged")


def on_record(plant, statement):
    """Return what a statement finds in the gateway's database, as the first column of each row."""
    db = plant.running.gateway.services.db
    return plant.do(db.read(lambda conn: [row[0] for row in conn.exec_driver_sql(statement)]))


def told_whom_it_concerns(plant):
    """Return which outcomes were put down for whoever looks after contacts."""
    return on_record(plant, "select data ->> 'outcome' from ts_journal where kind = 'contact.trouble'")


def rung(phone):
    """Return how often a telephone has rung."""
    return sum(one["kind"] == "ring" for one in phone._telephone.transcript)


def test_acked(told, phone):
    """Told, and all is over: no telephone rings any more, no text is sent."""
    alarm = told.raises(HIGH, value=93)
    acknowledges(phone("maria").answers(), "4711").is_hung_up()

    assert alarm.is_acknowledged(by="maria")
    told.waits(minutes=15)


def test_partly_acked(told, phone):
    """Only what is open goes on, and after the step timer: Maria was told of both."""
    first = told.raises(MAINS, priority="High", label="Mains failure")
    second = told.raises(HIGH, value=93)
    maria = phone("maria").answers().hears("Mains failure").presses("1").hears("PIN").presses("4711#")
    maria.hears("Acknowledged", "Pump 2 high level").presses("9").is_hung_up()
    assert first.is_acknowledged(by="maria")

    told.waits(minutes=4)  # nobody rings meanwhile: whoever did would be an unexpected call
    jon = (
        phone("jon").answers(within=120).hears("1 alarm", "Pump 2 high level").does_not_hear("Mains failure")
    )
    acknowledges(jon.presses("3"), "9163").is_hung_up()
    assert second.is_acknowledged(by="jon")


def test_notified_no_ack(told, phone):
    """She knows, so there is time: the next person after the step timer, and not before."""
    alarm = told.raises(HIGH, value=93)
    phone("maria").answers().hears("Pump 2 high level", "Press 1").presses("9").is_hung_up()

    told.waits(minutes=4)
    acknowledges(phone("jon").answers(within=120), "9163").is_hung_up()
    assert alarm.is_acknowledged(by="jon")


def test_notified_no_ack_of_a_critical_alarm(told, phone):
    """The same person is called again at half time."""
    alarm = told.raises(MAINS, priority="Critical", label="Mains failure")
    phone("maria").answers().hears("Mains failure", "Press 1").presses("9").is_hung_up()

    told.waits(minutes=2)
    acknowledges(phone("maria").answers(within=60), "4711").is_hung_up()
    assert alarm.is_acknowledged(by="maria")


def test_passed(told, phone):
    """The next person at once, and the alarm stays unacknowledged until somebody does."""
    alarm = told.raises(HIGH, value=93)
    maria = phone("maria").answers().hears("pass").presses("5").hears("again").presses("5")
    maria.hears("Passed on").is_hung_up()

    jon = phone("jon").answers(within=30)
    assert not alarm.episode.acked
    acknowledges(jon, "9163").is_hung_up()
    assert alarm.is_acknowledged(by="jon")


def test_answered_silent(told, phone):
    """Nobody was told: a text to her, and the next person at once."""
    alarm = told.raises(HIGH, value=93)
    phone("maria").answers().is_hung_up(patience=30)
    phone("maria").gets_sms("Pump 2 high level")

    acknowledges(phone("jon").answers(within=30), "9163").is_hung_up()
    assert alarm.is_acknowledged(by="jon")


def test_hung_up_before_the_pin(told, phone):
    """The same, for whoever hangs up without a key: it may have been a child."""
    alarm = told.raises(HIGH, value=93)
    phone("maria").answers().hears("alarm system").hangs_up()
    phone("maria").gets_sms("Pump 2 high level")

    acknowledges(phone("jon").answers(within=30), "9163").is_hung_up()
    assert alarm.is_acknowledged(by="jon")


def test_pin_failed(told, phone):
    """Whoever does not know the PIN is not the person: the next one at once, and the admin is to know."""
    alarm = told.raises(HIGH, value=93)
    maria = phone("maria").answers().hears("Press 1").presses("1")
    for wrong in ("0007", "0008", "0009"):
        maria.hears("PIN").presses(f"{wrong}#")
    maria.is_hung_up()

    acknowledges(phone("jon").answers(within=30), "9163").is_hung_up()
    assert alarm.is_acknowledged(by="jon")
    assert told_whom_it_concerns(told) == ["pin-failed"]


def test_voicemail(told, phone):
    """A machine is nobody: a text, the next person at once, and the same person once more after three minutes."""
    alarm = told.raises(HIGH, value=93)
    phone("maria").has_voicemail().gets_sms("Pump 2 high level", within=120)
    phone("jon").answers(within=60).hears("Pump 2 high level", "Press 1").presses("9").is_hung_up()

    before = rung(phone("maria"))
    told.waits(minutes=3.5)
    assert rung(phone("maria")) == before + 1
    assert not alarm.episode.acked


def test_busy(told, phone):
    """Twice more, 45 seconds apart, then the next person."""
    phone("maria").is_busy()
    alarm = told.raises(HIGH, value=93)
    jon = phone("jon").answers(within=180)

    assert on_record(told, "select outcome from ts_call where person = 'maria'") == ["busy"] * 3
    acknowledges(jon, "9163").is_hung_up()
    assert alarm.is_acknowledged(by="jon")


def test_no_answer(told, phone):
    """A text at the first miss, once more after half a minute, then the next person."""
    alarm = told.raises(HIGH, value=93)
    phone("maria").does_not_answer().gets_sms("Pump 2 high level")
    phone("maria").does_not_answer(within=60)

    acknowledges(phone("jon").answers(within=30), "9163").is_hung_up()
    assert alarm.is_acknowledged(by="jon")


def test_failed_number(told, phone):
    """The next person at once, and an alarm of the gateway says whose number is bad."""
    phone("maria").is_unreachable()
    alarm = told.raises(HIGH, value=93)

    acknowledges(phone("jon").answers(within=60), "9163").hears(
        "a number of maria cannot be reached"
    ).hangs_up()
    assert alarm.is_acknowledged(by="jon")
    assert told_whom_it_concerns(told) == ["failed-number"]


def test_cancelled_by_ack(told, phone):
    """Somebody acknowledges elsewhere while a telephone rings: it stops ringing, and nobody else is bothered."""
    alarm = told.raises(HIGH, value=93)
    phone("maria").rings()
    told.do(told.running.gateway.services.board.acknowledge([alarm.episode.id], by="jon", via="api"))

    told.waits(seconds=5)
    assert phone("maria")._telephone.state == "idle"
    told.waits(minutes=15)


def test_cancelled_by_clear(told, phone):
    """The condition ends while a telephone rings: the same."""
    told.raises(HIGH, value=93)
    phone("maria").rings()
    told.clears(HIGH)

    told.waits(seconds=5)
    assert phone("maria")._telephone.state == "idle"
    told.waits(minutes=15)


def test_locked(told, phone):
    """No PIN is taken on her telephone: it rings and tells all the same, and the next person is called at once."""
    maria = phone("maria")
    for wrong in (("0007", "0008", "0009"), ("0010", "0011")):
        maria.dials()
        for pin in wrong:
            maria.hears("PIN").presses(f"{pin}#")
        maria.hears("not recognised").hangs_up()
    alarm = told.raises(HIGH, value=93)
    maria.answers().hears("Pump 2 high level").presses("1").hears("PIN").presses("4711#").hears(
        "locked"
    ).hangs_up()

    acknowledges(phone("jon").answers(within=30), "9163").is_hung_up()
    assert alarm.is_acknowledged(by="jon")
    assert told_whom_it_concerns(told) == ["locked"]


LAST_RESORT = "+46700000300"


def test_roster_exhausted(told, phone):
    """Round after round, then the last resort rings, and an alarm says that nobody was reached."""
    told.configure("gateway.last_resort", [LAST_RESORT])
    phone("maria").is_busy()
    phone("jon").is_busy()
    alarm = told.raises(HIGH, value=93)

    told.phone(LAST_RESORT).answers(within=3600).hears("nobody").hangs_up()
    assert "System/Gateway/Nobody reached" in {one.path for one in told.running.gateway.services.board.open()}
    rounds = on_record(told, "select count(*) from ts_call where person = 'jon'")
    assert rounds[0] >= 3
    assert not alarm.episode.acked
