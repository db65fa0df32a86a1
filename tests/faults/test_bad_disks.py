"""A disk that is full, and one that cannot be written: refused loudly, never claimed, taken up again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest
from tests.faults.reporting import tell
from tests.serving import ROOT


def test_a_full_disk_is_said_aloud_and_costs_no_accepted_alarm(tmp_path, capsys):
    """503 with Retry-After, not ready, the last resort rings; what was accepted is told once there is room."""
    unshare, mount = shutil.which("unshare"), shutil.which("mount")
    if not unshare or not mount:
        pytest.skip("unshare and mount are needed for a disk of one's own")
    words = [sys.executable, "-m", "tests.faults.on_a_small_disk", tmp_path]
    done = subprocess.run(
        [unshare, "--user", "--map-root-user", "--mount", *words],
        check=False,
        capture_output=True,
        text=True,
        timeout=400,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'runtime'}:{ROOT}"},
    )
    if done.stderr.startswith(("mount:", "unshare:")):
        pytest.skip(f"no disk of one's own here: {done.stderr.splitlines()[0]}")
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    tell(capsys, "disk full", f"{told['told']} refused={told['full']['refused']}")
    full = told["full"]
    assert full["refused"] >= 10
    assert full["other answers"] == []
    assert "" not in full["retry after"]
    assert full["last resort rung"] >= 1
    assert full["ready"][0] == 503
    assert told["read only"]["status"] != 0
    assert "read-only" in told["read only"]["said"].lower()
    assert told["findings"] == []
    assert told["left"] == {}
