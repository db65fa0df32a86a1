"""What the emulator costs, as `bench/emulator.py` measures it: PIN conversations, the product on another core."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench" / "emulator.py"


def measured(*options: str) -> dict[tuple[str, str], float]:
    """Run the measurement, which ends with 1 where a conversation did not end as it should."""
    done = subprocess.run(
        [sys.executable, str(BENCH), "--json", *options],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return {(one["case"], one["what"]): one["value"] for one in json.loads(done.stdout)}


def test_a_conversation_costs_at_most_fifteen_milliseconds() -> None:
    """CPU of the emulator per PIN conversation: one REST call, two documents, four callbacks."""
    found = measured("--calls", "150", "--against", "bare")

    assert found["emulator", "processor time of the emulator, each"] < 15


def test_the_real_gateway_takes_all_of_them() -> None:
    """Forty at once, each asked for the PIN by a script in a locked worker; none is lost."""
    assert measured("--short", "--against", "gateway")


@pytest.mark.soak
def test_a_thousand_calls_at_once_make_sixty_conversations_a_second() -> None:
    """The product on another core."""
    cores = os.cpu_count() or 1
    if cores < 2 or os.getloadavg()[0] > cores:
        pytest.skip("the machine is busy with something else: a rate measured now would mean nothing")
    found = measured("--against", "bare")

    assert found["emulator", "processor time of the emulator, each"] < 15
    assert found["emulator", "PIN conversations a second"] >= 60
