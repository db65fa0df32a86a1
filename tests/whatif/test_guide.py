"""docs/what-if.md shows what the commands print, and names the outcomes there are."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

from click.testing import CliRunner

from tocsin.cli.oncall import oncall
from tocsin.pipelines.simulating.endings import CALL_OUTCOMES, TEXT_OUTCOMES

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "what-if.md").read_text(encoding="utf-8")


def typed(tmp_path, *words):
    """Type `tocsin oncall` in the sample project, while no gateway runs there."""
    folder = tmp_path / "sample"
    if not folder.exists():
        folder.mkdir()
        for file in (ROOT / "sample_project").glob("*.toml"):
            shutil.copy(file, folder)
    return CliRunner().invoke(oncall, [*words, "--project", str(folder)], terminal_width=110)


def test_the_example_is_what_the_command_prints(tmp_path):
    """Word by word, for the sample plant, in the night in which the clocks go forward."""
    shown = re.search(r"^\$ tocsin oncall (--at [^\n]*)\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)

    done = typed(tmp_path, *shlex.split(shown[1]))

    assert done.exit_code == 0
    assert [line.rstrip() for line in done.stdout.splitlines()] == shown[2].splitlines()


def test_every_outcome_is_named():
    """In the guide's list, of calls and of texts."""
    listed = next(line for line in GUIDE.splitlines() if line.startswith("- Outcomes of calls:"))

    assert tuple(re.findall(r"`([a-z-]+)`", listed)) == (*CALL_OUTCOMES, *TEXT_OUTCOMES)


def test_the_sample_plant_has_no_gaps(tmp_path):
    """Somebody can be told of each of its alarms all year; the command says so, and ends well."""
    done = typed(tmp_path, "--gaps")

    assert done.exit_code == 0
    assert "somebody can be told of every alarm at every moment" in done.stdout


def test_gaps_are_shown_with_when_why_and_remedy(tmp_path):
    """A roster that is off at night: the first nights, how many more, and exit code 1."""
    typed(tmp_path, "--gaps")
    people = tmp_path / "sample" / "people.toml"
    people.write_text(people.read_text() + '[rosters.dam]\nusers = ["jon"]\nschedule = "days"\n')

    done = typed(tmp_path, "--gaps", "--days", "30")

    assert done.exit_code == 1
    assert "roster dam  has nobody on call" in done.stdout
    assert re.search(r"^  and \d+ times more, \d+ hours in all$", done.stdout, re.MULTILINE)
    assert "roster dam is off by its schedule days" in done.stdout
