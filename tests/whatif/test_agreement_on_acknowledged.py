"""The simulator and the running gateway agree where an alarm counts as acknowledged and is told all the same."""

from __future__ import annotations

import pytest
from tests.plant import JON, MARIA
from tests.whatif.lived import PATH, live

NEEDS_NONE = {"alarms": {PATH: {"priority": "High", "ackMode": "Unused"}}}
GOES_ON = {
    "alarms": {PATH: {"priority": "High", "pipeline": "goes-on"}},
    "pipelines": {
        "goes-on": {
            "drop_out": ["cleared"],
            "blocks": [{"type": "notification", "roster": "operations", "step": "2m"}],
        }
    },
}


@pytest.mark.parametrize(
    ("settings", "second"),
    [(NEEDS_NONE, "silent"), (NEEDS_NONE, "no-answer"), (GOES_ON, "acks"), (GOES_ON, "no-answer")],
)
def test_whoever_has_to_be_told_is_told_in_both(tocsin_stand, riverside, settings, second):
    """It needs no acknowledgement, or its pipeline goes on behind one: no call counts as taken back."""
    phones = {("ada", MARIA): "no-answer", ("bo", JON): second}
    lived = live(tocsin_stand, riverside, settings, phones, at="2026-01-05 03:00", hours=1)
    assert lived.simulated == lived.engine
    assert lived.simulated_journal == lived.engine_journal
    assert "cancelled-by-ack" not in str(lived.engine)
