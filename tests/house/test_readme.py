"""The first screen of the README is what happens."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SHOWN = README.partition("<!-- transcript: begin -->")[2].partition("<!-- transcript: end -->")[0]


LIVED = re.compile(r" *\d+s (\w+) +(.*)")
RECORDED = re.compile(r" +\d\d:\d\d:\d\d  (.  .*)")
HOURLY = re.compile(r"“Good | ago\.”|“It is dark|\d\d:\d\d(\. Reply .*)?$")


def lived(text):
    """Give what each telephone lived through, less the moments and what depends on the hour."""
    found = {}
    for name, what in LIVED.findall(text):
        if not HOURLY.search(what):
            found.setdefault(name, []).append(what)
    return found


def recorded(text):
    """Give the lines of the timeline, less the moments."""
    return [line.rstrip() for line in RECORDED.findall(text)]


def test_the_transcript_is_what_the_demo_prints(tmp_path):
    """Anyone who runs the command in the README sees the conversation in the README."""
    tocsin = [sys.executable, "-c", "from tocsin.cli import main; main()"]
    done = subprocess.run(
        [*tocsin, "demo", "--script"],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT / "runtime")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert lived(done.stdout) == lived(SHOWN)
    assert len(lived(SHOWN)["Jon"]) > 10
    # Two things of one moment may stand either way round.
    assert set(recorded(SHOWN)) <= set(recorded(done.stdout)), done.stdout
    assert len(recorded(SHOWN)) > 6
