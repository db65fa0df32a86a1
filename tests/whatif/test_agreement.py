"""The simulator and the running gateway agree, event for event, whatever the plant.

The plants are the same in every run, so that the suite does not depend on chance: `TOCSIN_WHATIF_SEED=random`
chooses others, `TOCSIN_WHATIF_SEED=1234` those of another seed (a failure names its own), and
`TOCSIN_WHATIF_EXAMPLES=100` makes it longer.
"""

from __future__ import annotations

import os
import secrets

from hypothesis import HealthCheck, Phase, given, note, seed, settings
from tests.whatif.lived import live
from tests.whatif.worlds import worlds

_CHOSEN = os.environ.get("TOCSIN_WHATIF_SEED") or "808443"
SEED = secrets.randbelow(1_000_000) if _CHOSEN == "random" else int(_CHOSEN)
EXAMPLES = int(os.environ.get("TOCSIN_WHATIF_EXAMPLES") or 4)


def test_the_simulator_and_the_running_gateway_agree(tocsin_stand, riverside):
    """Every notice with its times and its outcome, and every word in the journal, on any night."""
    print(f"TOCSIN_WHATIF_SEED={SEED}")

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(worlds())
    def agree(world):
        plant, phones, at, priority, zone = world
        note(f"TOCSIN_WHATIF_SEED={SEED}\n{world!r}")
        plant = plant | {"gateway.timezone": zone}
        lived = live(tocsin_stand, riverside, plant, phones, at=at, hours=0.5, priority=priority)
        assert lived.simulated == lived.engine
        assert lived.simulated_journal == lived.engine_journal

    agree()
