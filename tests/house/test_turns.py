"""A test that measures time has the machine for itself where several processes run the tests."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLAYED = """
import json, os, time
from pathlib import Path
import pytest

def played(name):
    began = time.monotonic()
    time.sleep(0.7)
    Path(__file__).with_name(name).write_text(json.dumps([began, time.monotonic()]))
"""
ALONE = """
@pytest.mark.alone
def test_measures():
    played("alone.json")
"""
BESIDE = """
@pytest.fixture(scope="module")
def costly():
    played("made.json")

def test_uses(costly):
    pass
"""


def test_nothing_runs_beside_a_test_that_is_alone(tmp_path):
    """Not even what another process makes for a whole file of tests."""
    (tmp_path / "conftest.py").write_text("from tests.turns import pytest_runtest_protocol\n")
    (tmp_path / "test_alone.py").write_text(PLAYED + ALONE)
    (tmp_path / "test_beside.py").write_text(PLAYED + BESIDE)
    outside = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}

    run = "-c /dev/null -p no:cacheprovider -W ignore -n 2 --dist loadfile --rootdir . --basetemp made ."
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *run.split()],
        cwd=tmp_path,
        env=outside | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    spans = sorted(json.loads((tmp_path / name).read_text()) for name in ("alone.json", "made.json"))
    assert spans[0][1] <= spans[1][0], spans
