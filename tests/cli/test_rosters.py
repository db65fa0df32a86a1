"""`tocsin roster`: the same with a gateway that runs, which takes it over at once, and without one."""

from __future__ import annotations

import contextlib
import json
import re
import shlex
from pathlib import Path

import pytest
from tests.cli.beside import beside
from tests.plant import write_project

from tocsin.gateway.gateway import Gateway
from tocsin.gateway.serving import bound, running

NIGHT = """
[rosters.night]   # whoever has the turn
[[rosters.night.rotations]]
users = ["maria", "jon"]
start = "2026-01-05T08:00"

[audit_profiles.plant]
"""
CHRISTMAS = ("--from", "2096-12-23T16:00", "--to", "2096-12-27T08:00")


def gateway_over(folder):
    """Run a gateway over a folder beside the test; it notices saved files by itself."""
    return beside(lambda _: running(Gateway(folder, dev=True, notify=False), bound("127.0.0.1:0")))


@pytest.fixture(params=["gateway", "files"])
def project(request, tmp_path):
    folder = write_project(tmp_path / "plant", more=NIGHT)
    with gateway_over(folder) if request.param == "gateway" else contextlib.nullcontext():
        yield folder


@pytest.fixture
def roster(tocsin, project, monkeypatch):
    monkeypatch.chdir(project)

    def run(*words):
        return tocsin("roster", *words)

    return run


def test_a_christmas_is_given_away_and_taken_back(roster, project):
    """Seen, overridden in somebody's name, refused where it overlaps, insisted on, undone step by step."""
    before = (project / "tocsin.toml").read_text()
    listed = roster("list")
    assert "operations  maria, jon" in listed.out
    assert roster("who", "night", "--at", "2096-12-24T12:00").code == 0

    made = roster("override", "night", "jon", *CHRISTMAS, "--why", "Christmas", "--by", "maria")
    assert (made.code, made.err) == (0, "")
    assert "Sun 2096-12-23 16:00 to Thu 2096-12-27 08:00  jon\n" in made.out
    assert "back with: tocsin roster undo night" in made.out
    assert '[[rosters.night.overrides]]\nfrom = "2096-12-23T16:00"' in (project / "tocsin.toml").read_text()
    assert roster("who", "night", "--at", "2096-12-24T12:00").out.startswith("jon")

    again = roster("override", "night", "maria", *CHRISTMAS)
    assert (again.code, again.out) == (1, "")
    assert again.err.endswith("; remove that one first; add --anyway to have it all the same\n")
    insisted = json.loads(roster("override", "night", "maria", *CHRISTMAS, "--anyway", "--json").out)
    assert insisted["shifts"][0]["people"] == ["maria"]

    shown = roster("show", "night").out
    assert "Christmas" in shown
    assert insisted["change"]["id"] in shown
    removed = roster("remove", "night", insisted["change"]["id"])
    assert (removed.code, "is removed" in removed.out) == (0, True)
    assert roster("undo", "night").code == roster("undo", "night").code == roster("undo", "night").code == 0
    assert (project / "tocsin.toml").read_text() == before
    assert roster("undo", "night").code == 1

    told = [line for line in roster("history", "night").out.splitlines() if not line.startswith(" ")]
    assert [re.sub(r"^\S+ \S+  | [0-9a-f]{6}", "", line) for line in told] == [
        "cli undone override: jon", "cli undone override: maria", "cli undone override: maria",
        "cli removed override: maria", "cli made override: maria", "maria made override: jon",
    ]  # fmt: skip
    newest = json.loads(roster("history", "night", "--last", "1", "--json").out)["changes"]
    assert [(one["what"], one["via"]) for one in newest] == [("undone", "cli")]


def test_what_is_wrong_is_said_in_one_line(roster):
    """With an exit code that scripts can tell apart: 1 for what is so, 2 for how it was asked."""
    for words, code, said in (
        (("override", "night", "--for", "8h"), 2, "name at least one USER"),
        (("override", "night", "jon", "--for", "8h", "--also", "--off"), 2, "exclude each other"),
        (("override", "day", "jon", "--for", "8h"), 2, 'there is no roster "day"; defined are: night, operations'),
        (("override", "night", "jan", "--for", "8h"), 2, 'there is no user "jan"; did you mean "jon"?'),
        (("override", "night", "jon", "--for", "8h", "--by", "eve"), 2, "there is no user"),
        (("swap", "night", "maria", "jon", "--from", "now", "--for", "8h"), 2, '"now" is no time'),
        (("swap", "night", "maria", "jon"), 1, "say until when, or for how long"),
        (("remove", "night", "abcdef"), 2, "has no override or swap 'abcdef'"),
        (("show", "day"), 2, "there is no roster 'day'; configured are: operations, night"),
        (("who", "day"), 2, 'there is no roster "day"'),
        (("history", "day"), 2, 'there is no roster "day"'),
    ):  # fmt: skip
        done = roster(*words)
        assert (done.code, done.out) == (code, ""), (words, done)
        assert said in done.err, (words, done)


def test_without_a_gateway_the_files_say_who_is_on_call(tocsin, tmp_path):
    """In calling order, with a word on where that comes from; times are the plant's."""
    folder = write_project(tmp_path / "plant", more=NIGHT)
    done = tocsin("oncall", "--project", folder, "--at", "2026-01-13T12:00")

    assert done.code == 0
    assert done.err == "no gateway runs here; this is what the files say\n"
    assert done.out.startswith("Tuesday 2026-01-13 12:00  Europe/Stockholm\n\noperations\n  1  Maria Lind")
    assert "night  until Mon 2026-01-19 08:00\n  1  Jon Berg" in done.out
    assert tocsin("oncall", "--project", folder, "--at", "noon").code == 2


ABROAD = """
[schedules.office]
days = ["mon-fri"]
from = "08:00"
to = "16:00"
[rosters.newyork]
users = ["jon"]
schedule = "office"
timezone = "America/New_York"
[pipelines.abroad]
drop_out = ["acknowledged"]
[[pipelines.abroad.blocks]]
type = "notification"
roster = "newyork"
profiles = ["phone"]
[alarms."Plant/Link"]
priority = "Low"
pipeline = "abroad"
"""


def test_a_crew_abroad_is_told_by_its_own_clock(tocsin, tmp_path):
    """While America has changed its clocks and Europe has not, eight in New York is one in the afternoon here."""
    folder = write_project(tmp_path / "plant", more=ABROAD)

    def told(at):
        done = tocsin("oncall", "--project", folder, "--alarm", "Plant/Link", "--at", at, "--json")
        steps = json.loads(done.out)["what_if"]["steps"]
        return [one["at"][:16] for one in steps if one["kind"] == "call"][:1]

    assert told("2026-03-20T13:00") == ["2026-03-20T13:00"]
    assert told("2026-03-20T12:59") == []
    assert told("2026-04-01T13:30") == []
    assert told("2026-04-01T14:00") == ["2026-04-01T14:00"]
    shown = tocsin("roster", "show", "newyork", "--project", folder).out
    assert shown.startswith("newyork  America/New_York\n")
    assert " 08:00 to " in shown


def test_the_guides_commands_are_understood(tocsin, tmp_path, monkeypatch):
    """Each command of the guide, in the guide's own plant: nothing in it is misspelt or refused as it stands."""
    guide = (Path(__file__).resolve().parents[2] / "docs/oncall.md").read_text(encoding="utf-8")
    plant = re.search(r"```toml\n(.*?)```", guide, re.DOTALL)[1]
    contact = 'contacts = [{{ type = "phone", value = "+4670174060{0}" }}]'
    crew = [
        f"[users.{name}]\nid = {number}\n{contact.format(number)}\n"
        for number, name in enumerate(("maria", "jon", "eva", "ola"), 1)
    ]
    (tmp_path / "tocsin.toml").write_text('[gateway]\ntimezone = "Europe/Stockholm"\n' + "".join(crew))
    (tmp_path / "people.toml").write_text(plant)
    monkeypatch.chdir(tmp_path)
    typed = re.findall(r"^tocsin (roster [^#\n]+)", guide, re.MULTILINE)
    assert len(typed) > 7
    for words in typed:
        done = tocsin(*shlex.split(words))
        # Whether Maria has the turn just now, and what the id was, the guide cannot know.
        by_chance = "for 8h" in words or "remove" in words
        assert done.code == 0 or by_chance, (words, done)
        assert "Usage" not in done.err
    assert (tmp_path / "people.toml").read_text().startswith(plant.rstrip("\n")[:400])
