"""The configuration of a real plant, as its tests may run it: nothing real is read, called or written."""

from __future__ import annotations

import json

import pytest
from tests.plant import BASE, JON, write_project

from tocsin.testing import harmless
from tocsin.testing.plant import Plant
from tocsin.testing.stand import WrongUse

REAL = f"""
[gateway]
name = "Riverside"
database = {{ env = "DATABASE_URL_OF_NOBODY" }}
heartbeat_url = "https://heartbeat.example.com/1"

[twilio_profiles.plant]
account_sid = "AC5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e"
auth_token = {{ env = "TWILIO_AUTH_TOKEN_OF_NOBODY" }}
api_key_sid = "SK5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e"
api_key_secret = {{ file = "/run/secrets/of/nobody" }}
external_hostname = "{BASE}/plant"
fallback_url = "https://elsewhere.example.com/twiml"
phone_number = "+15005550006"

[voice_profiles.phone]
twilio_profile = "plant"
project = "../scripts"

[users.jon]
id = 2
pin = "hash:1:0011aabb:{"A" * 43}"
[[users.jon.contacts]]
type = "phone"
value = "{JON}"

[alarms."Plant/Door"]
"""


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """A plant behind a proxy, with secrets that are not here and scripts in another folder."""
    root = tmp_path_factory.mktemp("real")
    write_project(root / "scripts", {"10_talk.py": 'print("ours")'})
    folder = root / "plant"
    folder.mkdir()
    (folder / "tocsin.toml").write_text(REAL)
    return folder


def test_no_secret_is_read_and_nobody_outside_is_known(real):
    """Neither the token nor the database of the real plant is in what a test runs with."""
    loaded, _ = harmless.read(real, {})
    profile = loaded.value.twilio_profiles["plant"]

    assert profile.on_emulator
    assert profile.auth_token.reveal() == harmless.AUTH_TOKEN
    assert (profile.api_key_sid, profile.api_key_secret, profile.auth_token_secondary) == (None, None, None)
    assert loaded.value.gateway.database.reveal() == "sqlite"
    assert loaded.value.gateway.heartbeat_url is None
    assert profile.external_hostname == f"{BASE}/plant"


def test_a_real_plant_is_tested_behind_its_own_address(real, tocsin_stand):
    """Signed over the external hostname with its prefix; a hashed PIN is a made-up one; scripts of a sibling."""
    plant = Plant(tocsin_stand, real)
    try:
        alarm = plant.raises("Plant/Pump 2/High level")
        jon = plant.calls("jon").answers().stays_silent().hears("Press 1").presses("1").hears("PIN")
        jon.presses(f"{plant.pin('jon')}#").hears("Acknowledged").is_hung_up()

        assert alarm.is_acknowledged(by="jon")
        assert plant.ends() == ""
        asked = plant.running.emulator.webhooks
        assert {one.url[: len(BASE) + 7] for one in asked} == {f"{BASE}/plant/"}
        assert {one.status for one in asked} == {200, 204}
        assert "log: 10_talk.py:1: ours" in plant.told()
        assert not (real / ".tocsin").exists()
        assert "TWILIO_AUTH_TOKEN_OF_NOBODY" not in json.dumps([one.url for one in asked])
    finally:
        plant.close()


def test_a_plant_whose_calls_would_run_no_script_is_not_rehearsed(real, tmp_path, tocsin_stand):
    """Without a hostname calls only announce in service: a story with keys would promise what nobody gets."""
    written = (real / "tocsin.toml").read_text().replace("external_hostname", "# external_hostname")
    (tmp_path / "tocsin.toml").write_text(written.replace('project = "../scripts"', ""))
    key = "twilio_profiles.plant.external_hostname"

    with pytest.raises(WrongUse, match=f"^{key} is missing: in service its calls only announce"):
        Plant(tocsin_stand, tmp_path).raises("Plant/Pump 2/High level")
    named = Plant(tocsin_stand, tmp_path).configure(key, f"{BASE}/plant")
    try:
        named.calls("jon").answers().hears("This is the alarm system").hangs_up()
        assert named.ends() == ""
    finally:
        named.close()


@pytest.mark.parametrize(
    ("key", "value", "found"),
    [
        (("scripts", "cpu_ms"), 100, lambda value: value.scripts.cpu_ms),
        (("voice_profiles", "phone", "pin"), "none", lambda value: value.voice_profiles["phone"].pin),
        (("users", "jon", "language"), "sv-SE", lambda value: value.users["jon"].language),
        (
            ("alarms", "Plant/Door", "ackNotesReqd"),
            True,
            lambda value: value.alarms["Plant/Door"].ack_notes_required,
        ),
    ],
)
def test_one_key_may_be_otherwise_in_a_story(real, key, value, found):
    """Wherever it stands; the rest stays as it is."""
    loaded, _ = harmless.read(real, {key: value})

    assert found(loaded.value) == value
    assert loaded.value.users["jon"].contacts[0].value == JON


def test_a_key_that_is_set_is_checked_as_in_a_file(real):
    """A story cannot run with a value that the gateway would refuse."""
    with pytest.raises(ValueError, match="cpu_ms"):
        harmless.read(real, {("scripts", "cpu_ms"): "a lot"})
