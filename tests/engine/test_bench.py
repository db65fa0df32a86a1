"""The engine's benchmark runs: it prints its figures beside their targets. How fast is not asked."""

import os
import re
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).parents[2] / "bench" / "engine.py"


def test_the_short_form_prints_what_waiting_jobs_cost():
    """Ten thousand wait beside the jobs that are timed; the exit code is 0 whether targets are met or not."""
    environment = {**os.environ, "TOCSIN_TEST_DATABASE_URL": ""}
    done = subprocess.run(
        [sys.executable, str(BENCH), "--short"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=environment,
    )

    assert done.returncode == 0, done.stderr
    assert re.search(r"10000 jobs waiting: share of a core +[\d.]+ % +<= 2 +(met|MISSED)", done.stdout)
    assert re.search(r"CPU per job: enqueued, claimed, completed +[\d.]+ ms", done.stdout)
