"""The first screen of the README is what happens."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SHOWN = README.partition("<!-- transcript: begin -->")[2].partition("<!-- transcript: end -->")[0]


def events(text):
    """Keep the lines of the call and around it, without the moments, which depend on the machine."""
    lines = [re.sub(r"^ *[\d.]+s ", "", line).strip() for line in text.splitlines()]
    return [
        line for line in lines if line and not re.match(r"```|\$ make| *“|Its files|.* watched over at", line)
    ]


def sentences(text):
    """Give what was spoken, less the two sentences that depend on the hour."""
    return {one for one in re.findall(r"“(.*?)”", text) if not one.startswith(("Good ", "It is dark"))}


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
    assert events(done.stdout) == events(SHOWN)
    assert sentences(done.stdout) == sentences(SHOWN)
    assert len(sentences(SHOWN)) > 8
