"""The benchmark runs: servers start, answer alike, take load, and ratios come out. How fast is not asked."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).parents[2] / "bench"


def bench(*arguments: str, program: str = "runtime.py") -> str:
    """Run the short form and return what it prints."""
    done = subprocess.run(
        [sys.executable, str(BENCH / program), "--short", *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_short_form_prints_ratios_and_never_fails_on_them():
    """A figure stands beside its target, met or missed, and the exit code is 0 either way."""
    told = bench("--only", "throughput")

    ratio = re.search(
        r"of a plain function's requests/s, 16 connections +([\d.]+) +>= 0.95 +(met|MISSED)", told
    )
    assert ratio, told
    assert 0 < float(ratio[1]) < 20
    assert re.search(r"\d+ targets missed", told), told


def test_the_load_maker_of_our_own_gets_answers(tmp_path):
    """Where wrk is not installed, the same load comes from a small program of ours."""
    script = f"""
import sys
from pathlib import Path
sys.path[:0] = [{str(BENCH)!r}, {str(BENCH.parent / "runtime")!r}]
import burst
from hosts import running
from plants import MENU, write_plant
from webhooks import menu_calls
burst.WRK = None
folder = Path({str(tmp_path)!r})
requests = burst.write_requests(folder / "requests", menu_calls(50))
with running("tocsin", write_plant(folder / "plant", {{"20_menu.py": MENU}})) as host:
    found = burst.burst(host.port, requests, connections=4, seconds=1)
    print(found.requests, found.wrong)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    requests, wrong = map(int, done.stdout.split())
    assert requests > 10
    assert wrong == 0


def test_a_flood_of_alarms_reaches_everybody():
    """A thousand alarms in ten seconds onto fifty people: none refused, all acknowledged, on a movable clock."""
    told = bench("--only", "flood", program="notify.py")

    assert re.search(r"alarms accepted, of 1000 +1000 ", told), told
    assert "never" not in told
    calls = re.search(r"flood +calls +(\d+)", told)
    assert calls, told
    assert int(calls[1]) <= 100, told
