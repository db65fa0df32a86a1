"""A saved configuration is taken over whole, at rest, or not at all; what waits for a restart is said."""

from __future__ import annotations

import asyncio
import re

import pytest
import structlog
from tests.plant import MARIA, TOML, open_line, write_project

from tocsin.gateway import binding, checks, readiness, reloading
from tocsin.gateway.configuration import Configuration
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


@pytest.mark.parametrize(
    ("table", "kind"),
    [("rosters", "roster"), ("alarms", "alarm rule"), ("message_profiles", "message profile")],
)
async def test_a_file_that_was_emptied_takes_no_kind_of_thing_away(tmp_path, table, kind):
    """A full disk or a slip in a shell leaves nobody without rosters, rules or texts, and it is said."""
    folder = write_project(tmp_path / "plant", more='[message_profiles.text]\ntwilio_profile = "plant"\n')
    whole = (folder / "tocsin.toml").read_text()
    async with open_line(folder, watch=False) as line:
        blocks = re.split(r"\n(?=\[)", whole)
        found = await saved(line, "\n".join(one for one in blocks if not one.startswith(f"[{table}.")))

        (told,) = found
        assert told.startswith(f"tocsin.toml: {table}: there is no {kind} any more (")
        assert getattr(line.gateway.configuration, table)


async def test_a_start_without_rosters_is_told(tmp_path):
    """Such a project is whole, but an alarm would ring nobody."""
    folder = write_project(tmp_path / "plant")
    (folder / "tocsin.toml").write_text(TOML.replace('[rosters.operations]\nusers = ["maria", "jon"]', ""))
    with structlog.testing.capture_logs() as logged:
        async with open_line(folder, watch=False):
            pass

    assert any("rosters: there is none" in one["finding"] for one in events(logged, "configuration-doubt"))


async def test_what_is_saved_while_the_gateway_starts_is_taken_over(tmp_path):
    """The files were read before all else; the watch looks at the end."""
    folder = write_project(tmp_path / "plant")
    read = checks.read(folder)
    (folder / "tocsin.toml").write_text(TOML.replace('"Riverside"', '"Saved"'))
    async with open_line(folder, loaded=read) as line:
        assert line.gateway.configuration.gateway.name == "Riverside"
        await until(lambda: line.gateway.configuration.gateway.name == "Saved")


async def test_a_secret_written_while_the_gateway_starts_is_taken_over(tmp_path):
    """Nothing in the TOML files tells of it."""
    folder = write_project(tmp_path / "plant")
    (folder / "tocsin.toml").write_text(TOML.replace('pin = "4711"', 'pin = { file = "pin" }'))
    (folder / "pin").write_text("4711")
    read = checks.read(folder)
    (folder / "pin").write_text("8036")
    async with open_line(folder, loaded=read) as line:
        await until(lambda: line.gateway.configuration.users["maria"].pin.reveal() == "8036")


async def test_a_start_that_nobody_disturbs_reads_once(tmp_path):
    """Nothing is taken over that is in force already."""
    with structlog.testing.capture_logs() as logged:
        async with open_line(write_project(tmp_path / "plant")):
            await asyncio.sleep(0.5)  # time enough for a reload, which waits for 0.1 s of rest

    assert events(logged, "configuration-taken-over") == []


async def test_a_secret_that_was_missing_is_read_once_it_is_there(tmp_path):
    """Whoever does what the refusal says has done enough."""
    async with open_line(write_project(tmp_path / "plant")) as line:
        gateway = line.gateway
        (gateway.folder / "tocsin.toml").write_text(TOML.replace('pin = "4711"', 'pin = { file = "pin" }'))
        await until(lambda: gateway.refused)
        (gateway.folder / "pin").write_text("8036")
        await until(lambda: not gateway.refused)
        assert gateway.configuration.users["maria"].pin.reveal() == "8036"


async def test_a_projects_folder_that_was_missing_is_taken_up_once_it_is_there(tmp_path):
    """In either order of saving and making it."""
    more = '[voice_profiles.two]\ntwilio_profile = "plant"\nproject = "north"\n'
    inbound = TOML.replace("[twilio_profiles.plant]", '[twilio_profiles.plant]\ninbound = "phone"')
    async with open_line(write_project(tmp_path / "plant")) as line:
        gateway = line.gateway
        (gateway.folder / "tocsin.toml").write_text(inbound + more)
        await until(lambda: gateway.refused)
        with structlog.testing.capture_logs() as logged:
            (gateway.folder / "north" / "twilio_scripts").mkdir(parents=True)
            await until(lambda: "two" in gateway.configuration.voice_profiles)
        assert not gateway.refused
        assert len(events(logged, "configuration-taken-over")) == 1


async def test_whatever_keeps_a_save_from_being_taken_over_shows(tmp_path):
    """An error that nobody foresaw is a refusal like any other to whoever looks at /readyz."""
    broken = []

    def read(folder):
        if broken:
            raise RuntimeError("nobody foresaw it")
        return checks.read(folder)

    async with open_line(write_project(tmp_path / "plant"), read=read) as line:
        gateway = line.gateway
        broken.append(True)
        (gateway.folder / "tocsin.toml").write_text(TOML + "# a word")
        await until(lambda: "config-refused" in [code for code, _ in readiness.reasons(gateway)])
        broken.clear()
        (gateway.folder / "tocsin.toml").write_text(TOML + "# another word")
        await until(lambda: not gateway.refused)


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


def test_every_key_that_waits_for_a_restart_says_so_where_it_is_described():
    """The reference is where one looks before changing it."""
    fields = Configuration.model_fields
    for section, keys in reloading._AT_RESTART.items():
        described = fields[section].annotation.model_fields
        silent = [key for key in keys if "at restart" not in (described[key].description or "")]
        assert silent == []
