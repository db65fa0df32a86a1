"""The doctor asks Twilio and comes back as Twilio would, before a night finds what is wrong."""

from __future__ import annotations

import contextlib
import re

import pytest
from tests.plant import ACCOUNT, BASE, NUMBER, TOKEN, TOML, open_line, write_project

from tocsin.channels.contacts import bad_in
from tocsin.emulator import Emulator
from tocsin.emulator.serve import listening, served
from tocsin.gateway.doctor import examined
from tocsin.gateway.serving import application

REAL = re.sub(r'^pin = "[0-9]+"\n', "", TOML, flags=re.MULTILINE).replace(
    f'"{TOKEN}"', '{ env = "TRY_TOKEN" }'
)
"""Without the emulator no secret may stand in the file."""


@pytest.fixture(autouse=True)
def _token(monkeypatch):
    monkeypatch.setenv("TRY_TOKEN", TOKEN)


@contextlib.asynccontextmanager
async def plant(tmp_path, *, token=TOKEN, hostname=None):
    """A Twilio on one port, a gateway on another, and a project that names both."""
    emulator = Emulator(auth_token=token)
    folder = write_project(tmp_path / "plant")
    async with served(emulator, port=0) as api, contextlib.AsyncExitStack() as stack:

        def write(outside):
            text = REAL.replace('api_base = "emulator"', f'api_base = "{api}"').replace(BASE, outside)
            (folder / "tocsin.toml").write_text(text)

        write(BASE)
        line = await stack.enter_async_context(open_line(folder))
        base = await stack.enter_async_context(listening(application(line.gateway), port=0))
        write(hostname or base)
        await line.gateway.reload()
        yield emulator, folder, hostname or base


async def told(folder, check, **options):
    return [(one.verdict, one.message) for one in await examined(folder, **options) if one.check == check]


async def test_all_is_well(tmp_path):
    """Credentials, number, reachability, signature and clock: one good word each."""
    async with plant(tmp_path) as (emulator, folder, base):
        voice, text = f"{base}/main/system/twilio-voice", f"{base}/main/system/twilio-message"
        emulator.add_number(
            ACCOUNT, NUMBER, voice_url=f"{voice}/inbound/0", voice_fallback_url=f"{voice}/fallback/0/",
            status_callback=f"{voice}/status/0", sms_url=f"{text}/inbound/0#rc=2",
        )  # fmt: skip
        for check in ("account", "number", "reachability", "signature", "clock"):
            found = await told(folder, check)
            assert [verdict for verdict, _ in found] == ["ok"], found


async def test_a_number_that_leads_elsewhere_is_found_and_mended(tmp_path):
    """Each address that is wrong has its sentence; --fix sets them, and the next look finds nothing."""
    async with plant(tmp_path) as (emulator, folder, base):
        emulator.add_number(ACCOUNT, NUMBER, voice_url="https://demo.twilio.com/welcome/voice/")

        found = await told(folder, "number")
        assert [verdict for verdict, _ in found] == ["bad"] * 4
        assert f"calls go to https://demo.twilio.com/welcome/voice/ instead of {base}" in found[0][1]
        assert "texts go to nowhere" in found[3][1]

        ((verdict, said),) = await told(folder, "number", fix=True)
        assert (verdict, "was set up: voice_url, voice_fallback_url" in said) == ("ok", True), said
        assert [one for one, _ in await told(folder, "number")] == ["ok"]


async def test_a_net_that_somebody_has_put_off_this_host_stays(tmp_path):
    """Where no `fallback_url` is configured, a TwiML Bin under "Primary handler fails" is right as it is."""
    there = "https://handler.twilio.com/twiml/EH5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e"
    async with plant(tmp_path) as (emulator, folder, _base):
        emulator.add_number(ACCOUNT, NUMBER, voice_fallback_url=there)
        assert not [said for _, said in await told(folder, "number") if "while this host is down" in said]

        ((verdict, said),) = await told(folder, "number", fix=True)
        assert (verdict, "voice_fallback_url" in said) == ("ok", False), said
        ((verdict, said),) = await told(folder, "number")
        assert (verdict, f"calls go to {there} while this host is down" in said) == ("ok", True), said


async def test_a_net_on_this_host_that_is_none_is_mended(tmp_path):
    """It would fall with the host, and is no address of tocsin's."""
    async with plant(tmp_path) as (emulator, folder, base):
        emulator.add_number(ACCOUNT, NUMBER, voice_fallback_url=f"{base}/old/fallback")
        said = [said for _, said in await told(folder, "number") if "while this host is down" in said]
        assert len(said) == 1


async def test_wrong_credentials(tmp_path):
    """Twilio's own words are shown; nothing else is asked of it."""
    async with plant(tmp_path, token="f" * 32) as (_, folder, _base):
        ((verdict, said),) = await told(folder, "account")
        assert (verdict, "Authenticate" in said) == ("bad", True), said
        assert await told(folder, "number") == []


async def test_a_number_of_somebody_else(tmp_path):
    """The account answers, but does not hold the number."""
    async with plant(tmp_path) as (_, folder, _base):
        file = folder / "tocsin.toml"
        file.write_text(file.read_text().replace(NUMBER, "+46855500001"))
        ((verdict, said),) = await told(folder, "number")
        assert (verdict, "has no number +4685…01" in said) == ("doubt", True), said


async def test_a_hostname_that_leads_to_somebody_else(tmp_path):
    """A proxy that answers, but not with this gateway."""
    async with plant(tmp_path) as (_emulator, folder, base):
        file = folder / "tocsin.toml"
        file.write_text(
            file.read_text().replace(f'external_hostname = "{base}"', f'external_hostname = "{base}/nowhere"')
        )
        ((verdict, said),) = await told(folder, "reachability")
        assert (verdict, "is not tocsin (404)" in said) == ("bad", True), said


async def test_a_gateway_with_another_token_refuses_what_is_signed(tmp_path, monkeypatch):
    """The token that the doctor reads is not the one the gateway runs with."""
    async with plant(tmp_path) as (_emulator, folder, _base):
        monkeypatch.setenv("TRY_TOKEN", "e" * 32)
        ((verdict, said),) = await told(folder, "signature")
        assert (verdict, "is refused; external_hostname must be what Twilio calls" in said) == ("bad", True)


async def test_numbers_that_are_left_out_for_now_are_told(tmp_path):
    """Whose number it is, for what it is not used, and why; the number itself is masked."""
    folder = write_project(tmp_path / "plant")
    async with open_line(folder) as line:
        now_ms = line.gateway.clock.now_ms()
        await line.gateway.services.db.write(
            lambda conn: bad_in(conn, "voice", "+46701234567", why="not in service (21211)", now_ms=now_ms)
        )

    assert await told(folder, "contacts") == [
        ("doubt", "maria's number +4670…67 is not used for calls now: not in service (21211)")
    ]
