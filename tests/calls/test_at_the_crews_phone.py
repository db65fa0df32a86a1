"""Calling in from the telephone that a crew shares: the PIN tells which of them it is."""

from __future__ import annotations

from tests.plant import TOML, open_line, write_project

CREW = "+46700000000"


async def test_a_stand_in_acknowledges_at_the_crews_phone(tmp_path):
    """Maria is away and Jon, who is on no roster, stands in: he is on call, and his PIN is right there."""
    folder = write_project(tmp_path / "plant")
    away = 'id = 1\naway = [{ from = "1970-01-01", to = "2099-01-01", instead = "jon" }]'
    text = TOML.replace("id = 1", away).replace('["maria", "jon"]', f'["maria"]\nshared_phone = "{CREW}"')
    (folder / "tocsin.toml").write_text(text)
    async with open_line(folder) as line:
        episode = await line.raise_alarm(value=93)
        crew = await line.call_from(CREW).dials()
        await crew.presses("9163#")
        await crew.stays_silent()
        await crew.presses("1")
        assert crew.hears == "Acknowledged. Goodbye.", crew.story()
        found = await line.gateway.services.board.find(episode)
        assert (found.acked_by, found.acked_via) == ("jon", "voice")
