"""`tocsin check` finds what would keep people from being told, and names file, line and remedy."""

from __future__ import annotations

import re

import pytest
from tests.cli.test_check import tocsin
from tests.plant import TOML, open_line, write_project

ENDLESS = """
[[pipelines.round.blocks]]
id = "again"
type = "delay"
for = "1m"
[[pipelines.round.blocks]]
type = "expression"
expression = "priority >= Low"
then = "again"
[[pipelines.round.blocks]]
type = "notification"
roster = "operations"
"""

DOUBTFUL = (
    ENDLESS
    + """
[[pipelines.night.blocks]]
type = "splitter"
branches = ["tell"]
[[pipelines.night.blocks]]
type = "delay"
for = "5m"
[[pipelines.night.branches.tell]]
type = "notification"
roster = "night"
[schedules.days]
days = ["mon-sun"]
from = "06:00"
to = "18:00"
[users.eva]
id = 9
[[users.eva.contacts]]
type = "email"
value = "eva@example.com"
[rosters.night]
users = ["eva", "maria"]
schedule = "days"
[alarms."Plant/Dam/Level"]
pipeline = "night"
"""
)

FOUND = {
    "an unreachable block": (
        "[[pipelines.night.blocks]]", 1,
        "pipelines.night.blocks[1]: is never reached: nothing comes behind a splitter; remove it, or lead to it",
    ),
    "an endless loop": (
        "[[pipelines.round.blocks]]", 0,
        "pipelines.round: has no end: it goes in circles at again without telling anybody or coming to an end",
    ),
    "empty nights": (
        'schedule = "days"', 0, "rosters.night.schedule: nobody is on call from",
    ),
    "a contact no profile can reach": (
        "[[users.eva.contacts]]", 0, "users.eva.contacts: cannot be told of anything: has no contact that these profiles can reach; add a",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """What the program prints of a plant with four faults: its lines, where each stands, and its exit code."""
    folder = write_project(tmp_path_factory.mktemp("doubtful") / "plant")
    text = (folder / "tocsin.toml").read_text().replace('project = "."\n', "")
    (folder / "tocsin.toml").write_text(text)
    (folder / "routing.toml").write_text(DOUBTFUL)
    done = tocsin("check", at=folder)
    return done.stdout.splitlines(), DOUBTFUL.splitlines(), done.returncode


@pytest.mark.parametrize("fault", FOUND)
def test_what_is_doubtful_is_named_with_its_place_and_its_remedy(said, fault):
    """One line each; nothing of it keeps the gateway from starting, so the exit code stays 0."""
    lines, file, code = said
    table, which, words = FOUND[fault]
    place = [number for number, line in enumerate(file, 1) if line == table][which]
    (found,) = [line for line in lines if words in line]

    assert found.startswith("routing.toml:")
    assert abs(int(found.split(":")[1]) - place) <= 1
    assert code == 0


def test_a_loop_is_told_with_its_remedy(said):
    """What to change, in the same line."""
    (found,) = [line for line in said[0] if "has no end" in line]
    assert found.endswith("give it a block that tells people on the way round, or fewer jumps")


def test_empty_nights_are_told_with_when_and_what_to_do(said):
    """The first night, or what is left of this one, and that it comes again."""
    (found,) = [line for line in said[0] if "rosters.night.schedule" in line]
    night = r"from (now|\w{3} [\d-]{10} 18:00) to \w{3} [\d-]{10} 06:00, and 36\d times more within a year"
    assert re.search(night, found), found
    assert "may_be_empty = true" in found


def test_an_unknown_name_is_refused_with_what_was_meant(tmp_path):
    """A roster that is none: the gateway would not take it, and neither does the check."""
    folder = write_project(tmp_path / "plant")
    (folder / "routing.toml").write_text(ENDLESS.replace('"operations"', '"operatoins"'))

    done = tocsin("check", at=folder)

    assert done.returncode == 1
    assert (
        "routing.toml:12: pipelines.round.blocks[2].roster: there is no roster "
        '"operatoins"; did you mean "operations"?' in done.stdout
    )


async def test_saving_a_loop_without_an_end_says_so(tmp_path):
    """It is taken over, as a warning is, and told with file and line as at the check."""
    async with open_line(write_project(tmp_path / "plant"), watch=False) as line:
        (line.gateway.folder / "tocsin.toml").write_text(TOML + ENDLESS)
        told = [str(one) for one in await line.gateway.reload()]

    (found,) = [one for one in told if "has no end" in one]
    assert found.startswith("tocsin.toml:")
    assert "pipelines.round: has no end: it goes in circles at again" in found
