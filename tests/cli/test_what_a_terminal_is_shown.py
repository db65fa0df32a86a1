"""What comes from outside is shown, and never obeyed by the terminal it is shown on."""

import json
import re

import click
import pytest
from tests.cli.test_who_has_acknowledged import ALARM

from tocsin.cli import output, story
from tocsin.errors import Finding

ODD = "dry\x1b[2J\x1b]0;owned\x07\x9b31m\r\x00"
SHOWN = "dry [2J ]0;owned  31m"
CLICKS_OWN = re.compile(r"\x1b\[[0-9;]*m")
STEERS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f]")


@pytest.fixture
def terminal(capsys):
    """A terminal that shows colours; give what was written to it, without click's own."""

    def written():
        out = capsys.readouterr().out
        assert "\x1b[" in out
        return CLICKS_OWN.sub("", out)

    with click.Context(click.Command("tocsin")) as context:
        context.color = True
        yield written


def test_an_alarm_with_a_note_that_would_clear_the_screen(terminal):
    """Label, value, notes and story: nothing of it paints over who acknowledged."""
    entry = {
        "at_ms": 0,
        "kind": "alarm.acknowledged",
        "text": f"maria acknowledged by text: {ODD}",
        "data": {},
    }
    story.show(ALARM | {"label": ODD, "value": ODD, "notes": ODD, "timeline": [entry]})

    out = terminal()
    assert f"maria acknowledged by text: {SHOWN[:7]}" in out
    assert not STEERS.search(out)


def test_tables_verdicts_and_findings_are_shown_in_the_same_way(terminal):
    """A cell keeps its line."""
    output.table(["id", "what"], [["1", f"{ODD}\n2  forged"]])
    output.verdict(ok=False, text=ODD)
    output.good(ODD)
    output.findings([Finding("people.toml", 3, ODD, source=ODD)])

    out = terminal()
    assert out.count("\n") == 6
    assert out.count(SHOWN) == 5
    assert not STEERS.search(out)


def test_json_holds_the_same_text_and_steers_nothing(capsys):
    """A program reads what was there; a person who looks at it is safe."""
    output.emit({"note": ODD, "name": "Måns"})

    out = capsys.readouterr().out
    assert json.loads(out) == {"note": ODD, "name": "Måns"}
    assert "Måns" in out
    assert not STEERS.search(out)
