"""The main job, whole: a caller is greeted, hears the alarm, types the PIN, and the alarm is acknowledged."""

from __future__ import annotations

from tests.plant import MARIA, open_line, write_project


async def test_greeting_pin_acknowledged(tmp_path):
    """Maria calls in, proves who she is, hears the alarm, presses 1: acknowledged, under her name, on record."""
    async with open_line(write_project(tmp_path / "plant")) as line:
        episode = await line.raise_alarm(value=93.4)
        maria = line.call_from(MARIA)

        await maria.dials()
        assert "Riverside" in maria.hears
        assert "Enter your PIN" in maria.hears

        await maria.presses("4711#")
        assert "1 alarm, priority high." in maria.hears

        await maria.stays_silent()
        assert "Pump 2 high level" in maria.hears
        assert "Press 1 to acknowledge" in maria.hears

        await maria.presses("1")
        assert maria.hears == "Acknowledged. Goodbye.", maria.story()
        assert maria.is_over

        found = await line.gateway.services.board.find(episode)
        assert found is not None
        assert (found.acked_by, found.acked_via) == ("maria", "voice")
        await maria.hangs_up()
