"""Every turn of every conversation, with anything that may happen in between: what the dialogue promises holds.

A person presses any key, says nothing, hangs up or enters any PIN, while alarms come, clear, are
acknowledged or shelved by others, the database refuses for a moment, scripts are saved and webhooks come
twice. Whoever is left on the line and stays silent reaches the end of the call from wherever that is.
"""

from __future__ import annotations

import os
from collections import Counter

import pytest
from tests.dialogue import claims, walk
from tests.dialogue.leg import Broken
from tests.dialogue.stage import opened
from tests.soak.reporting import scale, tell

FIRST = int(os.environ.get("TOCSIN_DIALOGUE_SEED", "1"))


@pytest.mark.parametrize("walks", scale("TOCSIN_DIALOGUE_WALKS", short=40, long=5000))
def test_whatever_happens_in_a_call(tmp_path, monkeypatch, capsys, walks):
    """No dead end, no claim without a record, nothing acknowledged unheard, one outcome, no PIN kept."""
    phrases = claims.tables()
    outcomes, deeds = Counter(), Counter()
    with opened(tmp_path / "plant", monkeypatch, claims.marked(phrases)) as stage:
        for seed in range(FIRST, FIRST + walks):
            beginning, steps = walk.drawn(seed)
            try:
                played, taken = walk.play(stage, phrases, beginning, steps)
            except Broken as broken:
                found = walk.shortest(stage, phrases, beginning, broken)
                pytest.fail(f"walk {seed}: {found.args[0]}")
            outcomes[played.leg.outcome] += 1
            deeds.update(step.name for step in taken)
    missing = walk.DEEDS.keys() - deeds.keys() - {"the dial ends", "the other side answers"}
    assert not missing, f"never happened: {missing}"
    if walks > 1000:
        tell(capsys, "dialogue", f"{walks} walks, {sum(deeds.values())} steps\n{outcomes}\n{deeds}")
