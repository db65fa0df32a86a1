"""The doctor finds PINs that nobody can enter here, and makes no key while it looks."""

from __future__ import annotations

import pytest
from tests.plant import TOML, write_project

from tocsin.gateway.doctor import examined
from tocsin.people import PinKey


@pytest.fixture
def folder(tmp_path):
    """A plant whose PIN of Maria was hashed with the key of another gateway."""
    (tmp_path / "elsewhere").mkdir()
    hashed = PinKey.load(tmp_path / "elsewhere").hash_pin("4712")
    folder = write_project(tmp_path / "plant")
    (folder / "tocsin.toml").write_text(TOML.replace('pin = "4711"', f'pin = "{hashed}"'))
    return folder


async def bad(folder):
    return [one.message for one in await examined(folder) if (one.check, one.verdict) == ("people", "bad")]


async def test_a_pin_of_another_key_is_bad(folder):
    """It names the person and the command."""
    (folder / ".tocsin").mkdir()
    PinKey.load(folder / ".tocsin")

    (told,) = await bad(folder)

    assert told.startswith("the PIN of maria was set with another pin.key")
    assert "tocsin pin set maria" in told


async def test_a_lost_key_is_bad_and_not_made_anew(folder):
    """A fresh key would hide that the old one has to be restored."""
    (told,) = await bad(folder)

    assert "pin.key is missing" in told
    assert not (folder / ".tocsin").exists()
