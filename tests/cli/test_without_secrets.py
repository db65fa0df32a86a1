"""An administrator's shell holds none of the service's secrets; commands that need none work in it."""

from __future__ import annotations

import re

import pytest
from tests.plant import TOML, write_project

HASHED = f'pin = "hash:1:0011aabb:{"A" * 43}"'
NOT_SET = "the environment variable TWILIO_OF_THE_SERVICE is not set"


def in_service(text: str) -> str:
    """Return a configuration as it is after the emulator: an account, its token in the environment."""
    return text.replace('api_base = "emulator"\n', "").replace(
        'auth_token = "0123456789abcdef0123456789abcdef"', 'auth_token = { env = "TWILIO_OF_THE_SERVICE" }'
    )


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A plant in service, seen from a shell without its secrets; one person's PIN is a secret too."""
    monkeypatch.delenv("TWILIO_OF_THE_SERVICE", raising=False)
    folder = write_project(tmp_path / "plant")
    pins = in_service(TOML).replace('pin = "4711"', 'pin = { env = "PIN_OF_MARIA" }')
    (folder / "tocsin.toml").write_text(pins.replace('pin = "9163"', HASHED))
    return folder


@pytest.mark.parametrize(
    "command",
    [
        "user list",
        "pin unlock maria",
        "user forget nobody-any-more --yes",
        "token create hmi",
        "token list",
        "token revoke hmi",
        "audit verify",
        "audit export",
        "db check",
        "db prune",
        "db backup copy.db",
        "roster list",
        "roster history operations",
        "roster override operations jon --for 1h",
        "oncall",
        "oncall --calendar operations",
        "call answer",
    ],
)
def test_a_command_that_needs_no_secret_works_without(tocsin, folder, monkeypatch, command):
    """Somebody who is locked out at three in the morning waits for no token of Twilio's."""
    monkeypatch.chdir(folder)
    assert tocsin("token", "create", "other").code == 0  # makes the database
    tocsin(*(["token", "create", "hmi"] if "revoke" in command else ["--version"]))

    done = tocsin(*command.split())

    assert NOT_SET not in done.all
    assert done.code == 0 or "nobody-any-more" in done.all, done.all


@pytest.mark.parametrize("command", ["check", "serve", "doctor"])
def test_what_looks_whether_all_is_there_says_what_is_missing(tocsin, folder, command):
    """The service itself, and those that examine its configuration."""
    done = tocsin(command, folder)

    assert (done.code, NOT_SET in done.all) == (1, True)


def test_without_the_address_of_the_database_what_opens_it_says_so(tocsin, folder):
    """Nothing is looked up in a made-up database; who is on call is in the files."""
    text = (folder / "tocsin.toml").read_text()
    (folder / "tocsin.toml").write_text(
        text.replace("[gateway]", '[gateway]\ndatabase = { env = "DATABASE_OF_THE_SERVICE" }')
    )

    done = tocsin("token", "list", "--project", folder)

    assert done.code == 1
    assert (
        "tocsin.toml:3: gateway.database: the environment variable DATABASE_OF_THE_SERVICE is not" in done.err
    )
    assert tocsin("oncall", "--project", folder).code == 0


# ------------------------------------------------------------------ from the emulator to the real Twilio


def test_pins_can_be_set_whatever_is_said_against_them(tocsin, tmp_path, monkeypatch):
    """With a real account, PINs that stand in the open are refused: that must not keep anybody from setting them."""
    monkeypatch.setattr("getpass.getpass", lambda *_: "803511")
    folder = write_project(tmp_path / "plant")
    (folder / "tocsin.toml").write_text(in_service(TOML))
    monkeypatch.setenv("TWILIO_OF_THE_SERVICE", "0123456789abcdef0123456789abcdef")
    refused = tocsin("check", folder)
    assert refused.out.count("a PIN in the open") == 2

    added = tocsin("user", "add", "eva", "--name", "Eva Holm", "--project", folder)
    listed = tocsin("user", "list", "--project", folder)
    assert (added.code, listed.code) == (0, 0), added.all + listed.all
    assert "Eva Holm" in listed.out
    assert tocsin("pin", "set", "maria", "--project", folder).code == 0
    monkeypatch.setattr("getpass.getpass", lambda *_: "914622")
    assert tocsin("pin", "set", "jon", "--project", folder).code == 0

    assert tocsin("check", folder).code == 0


def test_the_sample_goes_into_service_as_its_readme_says(tocsin, tmp_path, monkeypatch):
    """Its steps one after the other."""
    plant = tmp_path / "plant"
    tocsin("new", plant)
    steps = re.findall(
        r"^\d\. (.*)", (plant / "README.md").read_text().partition("## For real")[2], re.MULTILINE
    )
    words = ["`last_resort`", "`tocsin pin set`", "`api_base`", "`tocsin doctor`", "`tocsin serve`"]
    for number, word in enumerate(words):
        assert word in steps[number]

    for name, chosen in (("maria", "803511"), ("jon", "914622")):
        monkeypatch.setattr("getpass.getpass", lambda *_, chosen=chosen: chosen)
        assert tocsin("pin", "set", name, "--project", plant).code == 0
    text = (plant / "tocsin.toml").read_text()
    text = re.sub(
        r"^api_base.*\n", 'external_hostname = "https://alarms.example.com"\n', text, flags=re.MULTILINE
    )
    text = re.sub(r"^auth_token.*", 'auth_token = { env = "TWILIO_AUTH_TOKEN" }', text, flags=re.MULTILINE)
    (plant / "tocsin.toml").write_text(text)
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "0123456789abcdef0123456789abcdef")

    done = tocsin("check", plant)
    assert done.code == 0, done.all
