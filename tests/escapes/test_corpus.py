"""The corpus of hostile scripts against a real gateway: signed webhooks, releases, locked workers.

Each file's first line says what it tries and how that ends. Held for every one of them: that kind of end,
no loot in any answer, the default's voice in the same turn, a plain message for its author, and other calls
(of its own project and of another) that go on as if nothing had been.
"""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from tests.escapes.attacks import all_attacks
from tests.escapes.judging import faults
from tests.escapes.siege import besiege

ATTACKS = {attack.name: attack for attack in all_attacks()}


@pytest.fixture(scope="module")
def verdicts(request, tmp_path_factory):
    """Run the attacks that this test run asks for."""
    asked = {item.callspec.params.get("name") for item in request.session.items if hasattr(item, "callspec")}
    chosen = [attack for name, attack in ATTACKS.items() if name in asked]

    found = {}

    def keep(verdict):
        found[verdict.attack.name] = verdict

    asyncio.run(besiege(chosen, tmp_path_factory.mktemp("siege"), keep))
    return found


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_ends_as_its_first_line_says(verdicts, name):
    """And nobody else notices."""
    assert faults(verdicts[name]) == []


def test_the_corpus_is_what_we_say_it_is():
    """At least 200 scripts beside those that were given, in every class."""
    groups = Counter(attack.group for attack in ATTACKS.values())

    assert groups["given"] == 128
    assert sum(groups.values()) - groups["given"] >= 200
    assert set(groups) == {"given", "language", "resources", "bindings", "raw", "twiml", "pins", "neighbours"}
