"""The operations guide tells what the running gateway can say: its readiness codes and its log events."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs/operations.md").read_text(encoding="utf-8")


def between(mark):
    return GUIDE.partition(f"<!-- {mark}: begin -->")[2].partition(f"<!-- {mark}: end -->")[0]


def test_the_unit_keeps_trying_and_no_check_keeps_the_gateway_from_starting():
    """A slip in a script, or a database that starts slowly after a power cut, must not leave nobody called."""
    unit = GUIDE.partition("```ini\n# /etc/systemd/system/tocsin.service")[2].partition("```")[0]

    assert re.search(r"^\[Unit\]\n(?:(?!\[).*\n)*StartLimitIntervalSec=0$", unit, re.MULTILINE)
    assert "Restart=always" in unit
    assert not re.search(r"^ExecStartPre=(?!-)", unit, re.MULTILINE)


def sources():
    return "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "runtime/tocsin").rglob("*.py"))


def test_every_readiness_code_is_explained_and_none_is_invented():
    """What `/readyz` can answer and what the table lists are the same codes."""
    source = (ROOT / "runtime/tocsin/gateway/readiness.py").read_text(encoding="utf-8")

    assert set(re.findall(r"^\| `([a-z-]+)` \|", between("readiness"), re.MULTILINE)) == set(
        re.findall(r'\(\(?"([a-z-]+)", ', source)
    )


def test_every_metric_is_explained_and_none_is_invented():
    """Who writes a rule for a monitor finds the name, and finds it in `/metrics` too."""
    named = re.findall(r"^\| `(tocsin_\w+)` \|", between("metrics"), re.MULTILINE)
    source = (ROOT / "runtime/tocsin/gateway/measuring.py").read_text(encoding="utf-8")

    assert named == re.findall(r'"(tocsin_\w+)"', source)


def test_every_log_event_in_the_guide_is_one_that_is_written():
    """An operator who searches the log for an event from the guide searches for the right word."""
    written = set(re.findall(r'(?:log\.\w+\(\s*|failed=)"([a-z-]+)"', sources()))
    first_cells = re.findall(r"^\| (.+?) \|", between("events"), re.MULTILINE)
    named = set(re.findall(r"`([a-z-]+)`", " ".join(first_cells)))

    assert named
    assert named - written == set()
