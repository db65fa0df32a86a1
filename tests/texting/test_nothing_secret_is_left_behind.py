"""What is secret is found nowhere afterwards: not on disk, in a log, an address, or what the terminal shows.

PINs right and wrong, in calls and in texts, whole and spelled; Twilio's credentials; bodies of texts outside
their own table; whole telephone numbers in logs. Each has a value here that nothing else could have.
"""

from __future__ import annotations

import json

import pytest
from sqlalchemy import inspect, text

from tocsin.calls.on_request import OnRequest
from tocsin.testing.harmless import AUTH_TOKEN
from tocsin.testing.story import Story

HIGH = "Plant/Pump 2/High level"
MAINS = "Plant/Power/Mains failure"
RIGHT, WRONG, TYPED, STRANGE = "73915584", "60283719", "58201947", "91736482"
BODY, NOTE, ASKED = "canary body of a text", "canary note of a person", "canary text on request"
SCRIPT = """
if callAction == "pin":
    print("typed", Digits)
    session["typed"] = Digits
    if Digits.startswith("58"):
        raise ValueError("what is " + Digits)
"""


@pytest.fixture
def logged(monkeypatch):
    """Everything that the gateway logs, loud or not, as one text."""
    lines = []
    take = Story.logged

    def also(self, logger, name, event):
        lines.append(json.dumps(dict(event), default=repr, ensure_ascii=False))
        return take(self, logger, name, event)

    monkeypatch.setattr(Story, "logged", also)
    return lines


def spelled(secret):
    """Give a secret as it might stand somewhere: as it is, and digit by digit."""
    return (secret, " ".join(secret))


def rows(plant, *, but=()):
    """Give all that stands in the database, without some tables, as one text."""

    def read(conn):
        return {
            name: repr([tuple(row) for row in conn.execute(text(f'SELECT * FROM "{name}"'))])
            for name in inspect(conn).get_table_names()
            if name not in but
        }

    return plant.do(plant.running.gateway.services.db.read(read))


def a_night(plant, phone):
    """Let people answer rightly and wrongly, a script fail, Twilio stumble, and strangers write."""
    plant.configure("users.maria.pin", RIGHT).tells_people()
    plant.saves("10_leak.py", SCRIPT)
    gateway, emulator = plant.running.gateway, plant.running.emulator
    plant.raises(HIGH, value=93, label="Pump 2 high level")
    maria = phone("maria").gets_sms("Reply 47 and PIN")
    maria.sends_sms(f"47 {WRONG}").gets_sms("That PIN was not recognised")
    maria.sends_sms(f"47 n {NOTE} {RIGHT}").gets_sms("Acknowledged")
    maria.sends_sms(f"{BODY} {WRONG}").gets_sms("Not understood")
    phone("+46709999999").sends_sms(f"47 {STRANGE}")
    plant.raises(MAINS)
    emulator.faults.add("500", match={"path": "/Messages.json", "method": "POST"})
    maria.dials().hears("PIN").presses(f"{TYPED}#").hears("not recognised").presses(f"{RIGHT}#")
    maria.hears("Mains failure").presses("1").hears("Acknowledged").hangs_up()
    asked = OnRequest(lambda: gateway.services, gateway.ledger)
    plant.do(asked.send("+46701234567", ASKED, by="hmi"))
    emulator.faults.add("429", match={"path": "/Messages.json", "method": "POST"})
    plant.do(asked.send("+46707654321", ASKED, by="hmi"))
    plant.waits(minutes=2)
    plant.do(gateway.services.db.flush())


def test_nothing_secret_is_left_behind(plant, phone, logged, caplog, capsys):
    """The whole night is played once, then every place is searched."""
    caplog.set_level("DEBUG")
    a_night(plant, phone)
    gateway = plant.running.gateway
    pins = [one for pin in (RIGHT, WRONG, TYPED, STRANGE) for one in spelled(pin)]
    on_disk = b"".join(one.read_bytes() for one in gateway.state.rglob("*") if one.is_file())
    told = "\n".join([*logged, caplog.text, *capsys.readouterr()])
    tables = rows(plant)
    addresses = "\n".join(one.url for one in plant.running.emulator.webhooks)

    # The night has left its traces: what is searched is not empty.
    assert b"PIN#1" in on_disk
    assert NOTE in tables["ts_journal"]
    assert BODY in tables["ts_message"]
    assert ASKED in tables["ts_message"]
    assert "script-failed" in told
    assert "/twilio-voice/pin/" in addresses

    for pin in pins:
        assert pin.encode() not in on_disk
        assert pin not in told
        assert pin not in addresses
    assert AUTH_TOKEN.encode() not in on_disk
    assert AUTH_TOKEN not in told + addresses
    others = "\n".join(body for name, body in tables.items() if name != "ts_message")
    for body in (BODY, ASKED):
        assert body not in others
        assert body not in told + addresses
    assert NOTE not in told + addresses
    for number in ("+46701234567", "+46707654321", "+46709999999"):
        assert number not in told
