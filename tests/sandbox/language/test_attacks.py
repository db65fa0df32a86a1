"""The hostile scripts whose end the language alone decides: refused, or an exception, or harmless.

What limits on processor time, memory of the process, host calls or output decide is tested with real
workers elsewhere.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import tocsin

ATTACKS = Path(__file__).parents[4] / "shared" / "data" / "attacks"
DECIDED_ELSEWHERE = ("out_response", "rpc_", "twiml_")
OUTCOMES = {"rejected at compile": "rejected", "exception": "exception", "harmless": "harmless"}


def expected(path):
    """Read the outcome that the first line of an attack states."""
    return OUTCOMES.get(path.read_text("utf-8").splitlines()[0].rpartition("expected: ")[2].strip())


@pytest.fixture(scope="module")
def attacks():
    if not ATTACKS.is_dir():
        pytest.skip("the collection of hostile scripts is not on this machine")
    found = {path.stem: path for path in sorted(ATTACKS.glob("*.py"))}
    return {
        name: path
        for name, path in found.items()
        if expected(path) and not name.startswith(DECIDED_ELSEWHERE)
    }


@pytest.fixture(scope="module")
def outcomes(attacks):
    runner = Path(__file__).with_name("attack_runner.py")
    done = subprocess.run(
        [sys.executable, runner, *attacks.values()],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={"PYTHONPATH": str(Path(tocsin.__file__).parents[1])},
    )
    assert done.stderr == ""
    return {
        name: (kind, text) for name, kind, text in (line.split("\t") for line in done.stdout.splitlines())
    }


def test_every_attack_ends_as_its_first_line_says(attacks, outcomes):
    """In one of the three ways, and no process dies."""
    assert len(attacks) > 90

    assert {name: outcomes[name][0] for name in attacks} == {
        name: expected(path) for name, path in attacks.items()
    }


def test_no_attack_leaves_its_mark(outcomes):
    """A script that succeeds leaves a response that begins with this word."""
    assert [name for name, (_, text) in outcomes.items() if "PWNED" in text] == []


def test_every_refusal_tells_its_author_where_and_why(outcomes):
    """`file:line: sentence.` wherever a line is at fault."""
    for name, (kind, text) in outcomes.items():
        if kind == "rejected":
            assert text.startswith(f"{name}.py:"), text
            assert text.endswith("."), text
