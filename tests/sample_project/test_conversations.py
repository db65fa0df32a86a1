"""The sample plant's own conversation tests, run as its owner runs them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tocsin.config import shipped

ROOT = Path(__file__).resolve().parents[2]


def test_the_sample_plant_passes_its_own_tests(tmp_path):
    """`tocsin test` on a copy, as `tocsin new` makes one; a script that is broken makes it fail."""
    plant = tmp_path / "plant"
    shutil.copytree(shipped("sample_project"), plant, ignore=shutil.ignore_patterns(".tocsin", "__pycache__"))

    done = tried(plant)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout

    greeting = plant / "twilio_scripts" / "10_greeting.py"
    greeting.write_text(greeting.read_text().replace("needs you", "wants you"))
    done = tried(plant, "-k", "several_alarms")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "expected  Pump 2 needs you: it reports 93 percent." in done.stdout


def tried(plant, *options):
    """Run the command from nowhere near the project."""
    return subprocess.run(
        [sys.executable, "-m", "tocsin", "test", str(plant), "-q", "-p", "no:cacheprovider", *options],
        cwd=plant.parent,
        env={"PYTHONPATH": str(ROOT / "runtime"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
