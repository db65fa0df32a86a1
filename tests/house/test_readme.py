"""The first screen of the README is what happens."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SHOWN = README.partition("<!-- transcript: begin -->")[2].partition("<!-- transcript: end -->")[0]


def outline(text):
    """Keep what does not depend on the day: everything but addresses and the sentences spoken."""
    spoken = re.sub(r"  “.*?”\n", "  “...”\n", text, flags=re.DOTALL)
    lines = [line.rstrip() for line in spoken.splitlines()]
    return [
        line for line in lines if line and not re.match(r"```|\$ make|Its files|.* watched over at", line)
    ]


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
    assert outline(done.stdout) == outline(SHOWN)
    assert done.stdout.count("“") == SHOWN.count("“") == 4
