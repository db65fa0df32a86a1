"""Who acknowledged over the REST interface is in the audit beside those who did it by telephone."""

from __future__ import annotations

import pytest
from tests.plant import TOML, open_line, write_project

from tocsin.config import ConfigRefused
from tocsin.gateway import checks
from tocsin.journal.tables import audit

ONE = TOML + "\n[audit_profiles.plant]\n"
TWO = ONE + "[audit_profiles.office]\n"


async def acknowledged(tmp_path, toml, *, by):
    """Raise an alarm, acknowledge it over the API, and return what the audits hold."""
    tmp_path.mkdir(exist_ok=True)
    folder = write_project(tmp_path / "plant")
    (folder / "tocsin.toml").write_text(toml)
    async with open_line(folder) as line:
        episode = await line.raise_alarm()
        token = (line.gateway.state / "cli-token").read_text().strip()
        answer = await line.client.post(
            f"/api/v1/alarms/{episode}/acknowledge",
            headers={"authorization": f"Bearer {token}"},
            json={"note": "on my way"} | ({"by": by} if by else {}),
        )
        assert answer.status_code == 200, answer.text
        found = await line.gateway.services.db.read(
            lambda conn: [dict(row) for row in conn.execute(audit.select()).mappings()]
        )
    return [(row["profile"], row["action"], row["result"], row["person"], row["via"]) for row in found]


async def test_an_acknowledgement_over_the_api_is_audited(tmp_path):
    """In the only audit there is; the person named is on record."""
    assert await acknowledged(tmp_path, ONE, by="maria") == [("plant", "acknowledge", "ok", "maria", "api")]


async def test_a_token_that_acts_as_itself_is_no_person(tmp_path):
    """A program is named by its token's name, not as one of the people."""
    assert await acknowledged(tmp_path, ONE, by=None) == [("plant", "acknowledge", "ok", None, "api")]


async def test_the_audit_is_chosen_among_several(tmp_path):
    """With two of them the gateway says which; without a word it is none of them."""
    chosen = TWO.replace("[gateway]\n", '[gateway]\naudit_profile = "office"\n', 1)
    assert await acknowledged(tmp_path / "a", chosen, by="jon") == [
        ("office", "acknowledge", "ok", "jon", "api")
    ]
    assert await acknowledged(tmp_path / "b", TWO, by="jon") == []


def test_an_audit_that_is_not_there_is_refused(tmp_path):
    """With the file, the key and what there is."""
    tmp_path.mkdir(exist_ok=True)
    folder = write_project(tmp_path / "plant")
    wrong = ONE.replace("[gateway]\n", '[gateway]\naudit_profile = "plent"\n', 1)
    (folder / "tocsin.toml").write_text(wrong)

    with pytest.raises(
        ConfigRefused, match=r'gateway.audit_profile: there is no audit profile "plent".*"plant"'
    ):
        checks.read(folder)
