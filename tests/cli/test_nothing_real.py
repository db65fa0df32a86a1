"""`check`, `call` and `demo` reach nobody and keep nothing, whatever a project is set up for."""

from __future__ import annotations

import asyncio
import http.server
import json
import threading
from pathlib import Path

import pytest
from tests.plant import TOML, write_project

from tocsin.gateway import checks, harmless
from tocsin.gateway.gateway import Gateway
from tocsin.people import PinKey

UNREACHABLE = "postgresql://tocsin:x@127.0.0.1:1/tocsin"


@pytest.fixture
def twilio():
    """A server in Twilio's place, which is never to be asked for anything; `asked` lists what was."""
    asked: list[str] = []

    class Recording(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append(f"{self.command} {self.path}")
            self.send_error(500)

        do_GET = do_POST  # noqa: N815  the name that the library calls

        def log_message(self, *_):
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recording)
    server.asked = asked
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def real(tmp_path, twilio, monkeypatch):
    """A plant set up for real: an account, hashed PINs, a database and a heartbeat elsewhere."""
    folder = write_project(tmp_path / "plant", {"10.py": 'print("ours")\n'})
    (folder / ".tocsin").mkdir(mode=0o700)
    key = PinKey.load(folder / ".tocsin")
    text = (
        TOML.replace('api_base = "emulator"', f'api_base = "{twilio.url}"')
        .replace('auth_token = "0123456789abcdef0123456789abcdef"', 'auth_token = { env = "TWILIO" }')
        .replace('pin = "4711"', f'pin = "{key.hash_pin("4711")}"')
        .replace('pin = "9163"', f'pin = "{key.hash_pin("9163")}"')
    )
    more = f'[gateway]\ndatabase = {{ env = "DATABASE" }}\nheartbeat_url = "{twilio.url}/ping"'
    (folder / "tocsin.toml").write_text(text.replace("[gateway]", more))
    monkeypatch.setenv("TWILIO", "the token of a real account")
    monkeypatch.setenv("DATABASE", f"sqlite:///{tmp_path / 'production.db'}")
    return folder


def test_a_check_and_a_rehearsed_turn_leave_the_database_alone(tocsin, real, twilio):
    """Made-up alarms and wrong PINs in it would ring people and lock them out."""
    assert tocsin("check", real).code == 0
    done = tocsin("call", "pin", "-p", "Digits=0000", "--project", real)

    assert done.code == 0
    assert not (real.parent / "production.db").exists()
    assert [one.name for one in (real / ".tocsin").iterdir()] == ["pin.key"]
    assert twilio.asked == []


def test_a_rehearsed_turn_knows_the_real_pins(tocsin, real):
    """The key comes along, and nothing goes back."""
    wrong = json.loads(tocsin("call", "pin", "-p", "Digits=0000", "--project", real, "--json").out)
    right = json.loads(tocsin("call", "pin", "-p", "Digits=4711", "--project", real, "--json").out)

    assert wrong["twiml"] != right["twiml"]


def test_a_check_needs_no_database_server(tocsin, real, monkeypatch):
    """A configuration is looked at where the server that it names cannot be reached."""
    monkeypatch.setenv("DATABASE", UNREACHABLE)

    done = tocsin("check", real, "--json")

    assert (done.code, json.loads(done.out), done.err) == (0, [], "")


@pytest.mark.parametrize(
    ("address", "says"),
    [("mysql", "the database address is not a URL"), ("mysql://x@y/z", "of the kind 'mysql' is not known")],
)
def test_an_address_that_leads_to_no_database_is_a_finding(tocsin, real, monkeypatch, address, says):
    """At its key like everything else, for a program too."""
    monkeypatch.setenv("DATABASE", address)

    (found,) = json.loads(tocsin("check", real, "--json").out)

    assert (found["file"], found["line"], found["severity"]) == ("tocsin.toml", 3, "error")
    assert found["message"].startswith("gateway.database: ")
    assert says in found["message"]


def test_a_demonstration_rings_nobody_real(tocsin, real, twilio):
    """The people of a plant that is in service have phones of the emulator, and PINs that are made up."""
    done = tocsin("demo", real, "--script", "--speed", 40)

    assert done.code == 0, done.all
    assert "Jon Berg acknowledged it by telephone" in done.out
    assert twilio.asked == []
    assert not (real.parent / "production.db").exists()
    assert [one.name for one in (real / ".tocsin").iterdir()] == ["pin.key"]


def test_a_demonstration_stays_harmless_when_a_file_is_saved(real, tmp_path):
    """What is edited while it runs is taken over in the same way as at its start."""

    def read(folder: Path):
        loaded, findings = checks.read_beside(folder)
        return harmless.at_home(loaded), findings

    async def edited():
        state = tmp_path / "state"
        state.mkdir()
        gateway = Gateway(real, state=state, dev=True, read=read, watch=False, notify=False)
        await gateway.start()
        try:
            text = (real / "tocsin.toml").read_text()
            (real / "tocsin.toml").write_text(text.replace("Riverside", "Lakeside"))
            await gateway.reload()
            return gateway.configuration, gateway.profiles.twilio["plant"]
        finally:
            await gateway.stop()

    value, profile = asyncio.run(edited())

    assert value.gateway.name == "Lakeside"
    assert value.gateway.database.reveal() == "sqlite"
    assert value.gateway.heartbeat_url is None
    assert (profile.section.on_emulator, profile.tokens) == (True, (harmless.AUTH_TOKEN,))
    assert profile.webhook_base == "http://127.0.0.1:8088"


def test_a_demonstration_without_a_telephone_line_says_so(tocsin, tmp_path):
    """Nobody would ever be called."""
    (tmp_path / "tocsin.toml").write_text('[gateway]\nname = "x"\n')

    done = tocsin("demo", tmp_path, "--script")

    assert done.code == 2
    assert "no voice profile" in done.err
