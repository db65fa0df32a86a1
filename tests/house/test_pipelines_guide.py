"""The guide to pipelines: its examples are sound, and it names every block and every word of expressions."""

from __future__ import annotations

import re
import typing
from pathlib import Path

import pytest
from tests.pipelines.test_checks_of_pipelines import PLANT

from tocsin.gateway.checks import read
from tocsin.pipelines.block_sections import Block
from tocsin.pipelines.facts import NAMES
from tocsin.pipelines.outcomes import DEFAULTS

GUIDE = (Path(__file__).parents[2] / "docs" / "pipelines.md").read_text()
EXAMPLES = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)


def row(rule):
    """Give what follows an outcome, as the guide's table has it."""
    redials = f"{rule.redial_times}, after {rule.redial_ms // 1000} s" if rule.redial_times else ""
    again = f"after {rule.again_ms // 60_000} min" if rule.again_ms else ""
    marks = [
        "yes" if rule.told else "",
        redials,
        "yes" if rule.other_numbers else "",
        "yes" if rule.text else "",
    ]
    return [*marks, again, "after the step" if rule.next == "after-step" else "now"]


@pytest.fixture
def checked(tmp_path):
    def checked_(text):
        (tmp_path / "tocsin.toml").write_text(PLANT)
        (tmp_path / "pipelines.toml").write_text(text)
        (tmp_path / "pipeline_scripts").mkdir()
        (tmp_path / "pipeline_scripts" / "who_is_near.py").write_text("")
        return [str(one) for one in read(tmp_path)[1] if "pipelines" in str(one)]

    return checked_


def test_its_examples_pass_the_check_together(checked):
    """All of them, side by side in one project; the check has nothing to say of any."""
    assert len(EXAMPLES) > 10
    assert checked("\n".join(EXAMPLES)) == []


def test_what_follows_each_outcome_is_what_the_table_in_force_says():
    """Who plans an escalation reads what happens after a busy line, and that is what happens."""
    table = GUIDE.partition("<!-- outcomes: begin -->")[2].partition("<!-- outcomes: end -->")[0]
    shown = {}
    for line in table.splitlines():
        cells = [one.strip() for one in line.strip("| ").split("|")]
        if cells[0].startswith("`"):
            shown[cells[0].strip("`")] = cells[2:]

    assert shown == {outcome: row(rule) for outcome, rule in DEFAULTS.items()}


def test_it_names_every_block_and_every_name():
    """What the configuration takes is described; a heading or a table row at least."""
    union = typing.get_args(Block)[0]
    kinds = {typing.get_args(one.model_fields["type"].annotation)[0] for one in typing.get_args(union)}
    assert len(kinds) == 12
    for kind in kinds:
        assert re.search(rf"^### .*\b{kind}\b", GUIDE, re.MULTILINE), kind
    for name in NAMES:
        assert f"`{name}" in GUIDE, name
