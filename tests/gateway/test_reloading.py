"""A saved configuration is taken over whole, at rest, or not at all; what waits for a restart is said."""

from __future__ import annotations

import asyncio

import pytest
import structlog
from tests.plant import MARIA, TOML, open_line, write_project

from tocsin.gateway import binding, readiness
from tocsin.people import PinKey

LARGER = "\n[scripts]\nmemory_mb = 96\n"


def events(logged, name):
    return [line for line in logged if line["event"] == name]


async def saved(line, text):
    """Save the plant's file and reload; return what is wrong with it."""
    (line.gateway.folder / "tocsin.toml").write_text(text)
    return [str(one) for one in await line.gateway.reload()]


async def test_what_waits_for_a_restart_is_held_against_the_start(tmp_path):
    """Another save does not make the gateway forget; taking the change back does."""
    async with open_line(write_project(tmp_path / "plant"), watch=False) as line:
        moved = TOML.replace("[gateway]", '[gateway]\nlisten = "127.0.0.1:9999"')
        assert await saved(line, moved + LARGER) == []
        assert line.gateway.at_restart == ("gateway.listen", "scripts.memory_mb")
        assert await saved(line, moved + LARGER + "\n# a word\n") == []
        assert line.gateway.at_restart == ("gateway.listen", "scripts.memory_mb")

        assert [code for code, _ in readiness.notes(line.gateway)] == ["restart-needed"]
        assert readiness.reasons(line.gateway) == []

        assert await saved(line, TOML) == []
        assert line.gateway.at_restart == ()


@pytest.mark.parametrize(
    "half", ["", TOML.partition("[users.maria]")[0], TOML.partition("[voice_profiles")[0]]
)
async def test_a_file_cut_off_between_two_tables_takes_nobody_away(tmp_path, half):
    """It names the file and the way out, and everybody keeps their PIN."""
    async with open_line(write_project(tmp_path / "plant"), watch=False) as line:
        found = await saved(line, half)

        assert any(
            one.startswith("tocsin.toml: users: there is no user any more (maria, jon)") for one in found
        )
        assert all("half saved" in one and "restart" in one for one in found)
        assert line.gateway.refused
        caller = await line.call_from(MARIA).dials()
        assert "PIN" in caller.hears


async def test_a_file_is_taken_over_once_nobody_writes_to_it(tmp_path):
    """An editor that writes in pieces is waited for; what it had half way is never in force."""
    async with open_line(write_project(tmp_path / "plant"), watch=False) as line:
        path = line.gateway.folder / "tocsin.toml"
        path.write_text(TOML.replace('name = "Riverside"', 'name = "Half"'))
        reloading = asyncio.ensure_future(line.gateway.reload())
        await asyncio.sleep(0.05)
        path.write_text(TOML.replace('name = "Riverside"', 'name = "Whole"'))

        assert await reloading == []
        assert line.gateway.configuration.gateway.name == "Whole"


async def test_a_reload_that_breaks_changes_nothing_and_ends_nothing(tmp_path, monkeypatch):
    """The fault is in the log, the configuration before stays, and the next save is taken over."""
    async with open_line(write_project(tmp_path / "plant")) as line:
        gateway = line.gateway
        await asyncio.sleep(0.1)  # until the watch looks
        with structlog.testing.capture_logs() as logged, monkeypatch.context() as broken:
            broken.setattr(binding, "lines_of", None)
            (gateway.folder / "tocsin.toml").write_text(TOML.replace('"Riverside"', '"Broken"'))
            await until(lambda: events(logged, "configuration-not-taken-over"))
        assert gateway.configuration.gateway.name == "Riverside"
        assert (await line.call_from(MARIA).dials()).status == 200

        (gateway.folder / "tocsin.toml").write_text(TOML.replace('"Riverside"', '"Mended"'))
        await until(lambda: gateway.configuration.gateway.name == "Mended")


async def until(holds):
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.02)


async def test_a_pin_of_another_key_is_told_at_the_start(tmp_path):
    """Nobody can enter it, so it is said before somebody tries at night."""
    (tmp_path / "elsewhere").mkdir()
    foreign = PinKey.load(tmp_path / "elsewhere").hash_pin("4712")
    folder = write_project(tmp_path / "plant")
    (folder / "tocsin.toml").write_text(TOML.replace('pin = "4711"', f'pin = "{foreign}"'))

    with structlog.testing.capture_logs() as logged:
        async with open_line(folder, watch=False):
            pass

    (told,) = [one["finding"] for one in events(logged, "configuration-doubt") if "pin.key" in one["finding"]]
    assert "users.maria.pin" in told
    assert "tocsin pin set maria" in told


async def test_profiles_on_the_emulator_are_told_at_the_start_and_every_hour(tmp_path, clock):
    """Outside development nobody shall believe that a telephone would ring."""
    from tocsin.gateway.gateway import Gateway

    gateway = Gateway(write_project(tmp_path / "plant"), clock=clock, watch=False, notify=False)
    with structlog.testing.capture_logs() as logged:
        await gateway.start()
        try:
            assert [one["names"] for one in events(logged, "profiles-on-emulator")] == [["plant"]]
            await asyncio.sleep(0)  # the sweep begins
            await clock.advance(3660)
            assert len(events(logged, "profiles-on-emulator")) == 2
        finally:
            await gateway.stop()


async def test_a_development_gateway_is_not_reminded(tmp_path):
    """There the emulator is what one wants."""
    with structlog.testing.capture_logs() as logged:
        async with open_line(write_project(tmp_path / "plant"), watch=False):
            pass

    assert events(logged, "profiles-on-emulator") == []
